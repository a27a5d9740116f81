"""POST /login"""
import asyncio
import hashlib
import os
import secrets
import time
import uuid

import jwt
import nacl.exceptions
import nacl.pwhash
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from nacl.secret import SecretBox

from reply import Refusal

ACCOUNT = "SELECT id, name, role, specialty, password_hash, version FROM auth.account_of_name($1)"
SESSION = "SELECT auth.open_session($1::uuid, $2::uuid, $3::bigint, $4::bigint, $5::bytea, NULL, NULL)"
KEY = "SELECT id, private_key_sealed FROM auth.signing_key WHERE retired_at IS NULL ORDER BY created_at DESC LIMIT 1"
LIFETIME = 1800
SESSION_LIFETIME = 43200


class Logins:
    def __init__(self, pool):
        self.pool = pool
        self.issuer = os.environ.get("TOKEN_ISSUER", "mnemos")
        self.audience = os.environ.get("TOKEN_AUDIENCE", "mnemos")
        self.decoy = nacl.pwhash.argon2id.str(os.urandom(16), opslimit=2, memlimit=19 * 1024 * 1024)

    async def start(self):
        with open(os.environ["SIGNING_KEY_SECRET_FILE"]) as file:
            secret = bytes.fromhex(file.read().strip())
        row = await self.pool.fetchrow(KEY)
        if row is None:
            raise RuntimeError("there is no signing key yet: the auth service makes it at its start")
        self.key_id = row["id"]
        self.key = load_pem_private_key(SecretBox(secret).decrypt(row["private_key_sealed"]), None)

    async def login(self, given: dict) -> dict:
        account = await self.pool.fetchrow(ACCOUNT, given["name"])
        hashed = account["password_hash"].encode() if account else self.decoy
        # In a thread: libsodium works without the interpreter's lock.
        matches = await asyncio.get_running_loop().run_in_executor(None, verify, hashed, given["password"].encode())
        if not account or not matches:
            raise Refusal(401, "The name or the password is wrong.")
        return await self.open_session(account)

    async def open_session(self, account) -> dict:
        now, session = int(time.time()), uuid.uuid4()
        claims = {"token_use": "access", "iss": self.issuer, "aud": self.audience, "sub": account["id"].hex,
                  "sid": session.hex, "role": account["role"], "iat": now, "exp": now + LIFETIME}
        if account["specialty"]:
            claims["specialty"] = account["specialty"]
        token = jwt.encode(claims, self.key, "ES256", {"kid": self.key_id})
        refresh = secrets.token_urlsafe(32)
        await self.pool.execute(SESSION, session, account["id"], account["version"], now + SESSION_LIFETIME,
                                hashlib.blake2b(refresh.encode(), digest_size=32).digest())
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME,
                "refresh_token": refresh, "refresh_expires_in": SESSION_LIFETIME,
                "account": {"id": account["id"].hex, "name": account["name"], "role": account["role"],
                            "specialty": account["specialty"]}}


def verify(hashed: bytes, password: bytes) -> bool:
    try:
        return nacl.pwhash.verify(hashed, password)
    except nacl.exceptions.InvalidkeyError:
        return False
