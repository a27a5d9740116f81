"""Access tokens: ES256 by a published key, issuer, audience, expiry and claims, not of an ended session.

Verified tokens are remembered by their hash, as many as the services in C remember, so that most requests cost one hash
and a look-up."""
import hashlib
import os
import time

import jwt

from database import connect
from reply import Refusal

REMEMBERED_MAX = 4096
NOT_VALID = "The access token is invalid or has expired; log in again."
CLAIMS = ["exp", "iss", "aud", "sub", "sid", "role", "token_use"]


class Trust:
    def __init__(self):
        self.issuer = os.environ.get("TOKEN_ISSUER", "mnemos")
        self.audience = os.environ.get("TOKEN_AUDIENCE", "mnemos")
        self.keys = {}
        self.ended = set()
        self.remembered = {}  # hash of a token: its claims, oldest first

    async def start(self):
        self.listener = await connect("users")
        await self.listener.add_listener("session_ended", self.session_ended)
        await self.listener.add_listener("signing_key", self.keys_changed)
        await self.load_keys()
        rows = await self.listener.fetch("SELECT id FROM auth.published_ended_session")
        self.ended.update(row["id"].hex for row in rows)

    async def load_keys(self):
        rows = await self.listener.fetch("SELECT id, public_key FROM auth.published_signing_key")
        self.keys = {row["id"]: row["public_key"] for row in rows}

    async def keys_changed(self, *_):
        await self.load_keys()

    def session_ended(self, connection, pid, channel, payload):
        self.ended.add(payload.partition(" ")[0].replace("-", ""))

    def verify(self, token: str) -> dict:
        digest = hashlib.blake2b(token.encode(), digest_size=16).digest()
        claims = self.remembered.get(digest)
        if claims is None:
            claims = self.check(token)
            if len(self.remembered) >= REMEMBERED_MAX:
                del self.remembered[next(iter(self.remembered))]
            self.remembered[digest] = claims
        if claims["exp"] <= time.time() or claims["sid"] in self.ended:
            raise Refusal(401, NOT_VALID)
        return claims

    def check(self, token: str) -> dict:
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, self.keys[header["kid"]], algorithms=["ES256"], issuer=self.issuer,
                                audience=self.audience, options={"require": CLAIMS})
        except (jwt.InvalidTokenError, KeyError):
            raise Refusal(401, NOT_VALID)
        if header.get("typ") != "JWT" or claims["token_use"] != "access":
            raise Refusal(401, NOT_VALID)
        return claims
