"""POST /login"""
import asyncio
import hashlib
import os
import secrets
import time
import uuid
from ipaddress import ip_address, ip_network
from typing import NamedTuple

import jwt
import nacl.exceptions
import nacl.pwhash
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from nacl.secret import SecretBox

from database import acting
from reply import Refusal

ACCOUNT = "SELECT id, name, role, specialty, password_hash, disabled, version FROM auth.account_of_name($1)"
SESSION = "SELECT auth.open_session($1::uuid, $2::uuid, $3::bigint, $4::bigint, decode($5, 'hex'), NULL, NULL)"
KEY = ("SELECT id, private_key_sealed FROM auth.signing_key WHERE use_from <= now()"
       " AND (retired_at IS NULL OR retired_at > now()) ORDER BY use_from DESC LIMIT 1")
# What the equal peer asks besides.
NAME_KEY = "SELECT shared.name_key($1) AS name_key"
WAIT = "SELECT auth.login_wait(failures, failed_at) AS wait FROM auth.failed_login WHERE key = decode($1, 'hex')"
SECOND_FACTOR = """SELECT CASE WHEN confirmed_at IS NULL THEN 'begun' ELSE 'active' END AS state, sealed,
 confirmed_at, last_step, recovery_codes_left FROM auth.second_factor_of($1::uuid)"""
FORGET = """WITH mine AS (SELECT key, auth.login_wait(failures, failed_at) AS wait FROM auth.failed_login
 WHERE key = decode($1, 'hex') FOR UPDATE),
 forgotten AS (DELETE FROM auth.failed_login f USING mine WHERE f.key = mine.key AND mine.wait = 0)
 SELECT wait FROM mine WHERE wait > 0"""
FAILED = """WITH old AS (SELECT key FROM auth.failed_login
 WHERE failed_at < now() - interval '1 hour' AND key <> decode($1, 'hex')
 ORDER BY failed_at LIMIT 2 FOR UPDATE SKIP LOCKED),
 swept AS (DELETE FROM auth.failed_login f USING old WHERE f.key = old.key),
 counted AS (INSERT INTO auth.failed_login AS f (key) VALUES (decode($1, 'hex')) ON CONFLICT (key) DO UPDATE
 SET failed_at = now(),
 failures = CASE WHEN f.failed_at < now() - interval '1 hour' THEN 1 ELSE f.failures + 1 END
 WHERE auth.login_wait(f.failures, f.failed_at) = 0 RETURNING f.key)
 SELECT CASE WHEN $2::text IS NOT NULL THEN auth.log_failed_login($2) END FROM counted"""
SESSION_WITHOUT_FACTOR = """SELECT WHERE CASE WHEN $8::boolean OR NOT EXISTS
 (SELECT FROM auth.second_factor_of($2::uuid) f WHERE f.confirmed_at IS NOT NULL)
 THEN auth.open_session($1::uuid, $2::uuid, $3::bigint, $4::bigint, decode($5, 'hex'), $6::text, $7::inet) END"""

LIFETIME = 1800
SESSION_LIFETIME = 43200


class Session(NamedTuple):
    id: uuid.UUID
    ends: int
    refresh: str

    @classmethod
    def new(cls):
        return cls(uuid.uuid4(), int(time.time()) + SESSION_LIFETIME, secrets.token_urlsafe(32))

    def row(self, account) -> tuple:
        refresh_hash = hashlib.blake2b(self.refresh.encode(), digest_size=32).hexdigest()
        return self.id, account["id"], account["version"], self.ends, refresh_hash


class Logins:
    """Those of the lighter peer: look up the account, check the password, open a session."""

    def __init__(self, pool):
        self.pool = pool
        self.issuer = os.environ.get("TOKEN_ISSUER", "mnemos")
        self.audience = os.environ.get("TOKEN_AUDIENCE", "mnemos")
        self.decoy = nacl.pwhash.argon2id.str(os.urandom(16), opslimit=2, memlimit=19 * 1024 * 1024)
        with open(os.environ["SIGNING_KEY_SECRET_FILE"]) as file:
            self.secret = file.read().strip()

    async def start(self):
        row = await self.pool.fetchrow(KEY)
        if row is None:
            raise RuntimeError("there is no signing key yet: the auth service makes it at its start")
        self.key_id = row["id"]
        box = SecretBox(bytes.fromhex(self.secret))
        self.key = load_pem_private_key(box.decrypt(row["private_key_sealed"]), None)

    async def login(self, given: dict, actor, request) -> dict:
        account = await self.pool.fetchrow(ACCOUNT, given["name"])
        if not await self.proven(account, given["password"]):
            raise wrong()
        session = Session.new()
        await self.pool.fetchrow(SESSION, *session.row(account))
        return self.answer(account, session)

    async def proven(self, account, password: str) -> bool:
        known = account is not None and not account["disabled"]
        hashed = account["password_hash"].encode() if known else self.decoy
        # In a thread: libsodium works without the interpreter's lock.
        return await asyncio.get_running_loop().run_in_executor(None, verify, hashed, password.encode()) and known

    def answer(self, account, session: Session) -> dict:
        now = session.ends - SESSION_LIFETIME
        claims = {"token_use": "access", "iss": self.issuer, "aud": self.audience, "sub": account["id"].hex,
                  "sid": session.id.hex, "role": account["role"], "iat": now, "exp": now + LIFETIME}
        if account["specialty"]:
            claims["specialty"] = account["specialty"]
        return {"access_token": jwt.encode(claims, self.key, "ES256", {"kid": self.key_id}), "token_type": "Bearer",
                "expires_in": LIFETIME, "refresh_token": session.refresh, "refresh_expires_in": SESSION_LIFETIME,
                "account": {"id": account["id"].hex, "name": account["name"], "role": account["role"],
                            "specialty": account["specialty"]}}


class EqualLogins(Logins):
    """Those of the equal peer, which also makes failed ones wait and looks for a second factor, with the statements of the
    service in two transactions: one before the password is checked and one after."""

    async def login(self, given: dict, actor, request) -> dict:
        async with acting(self.pool, actor) as connection:
            account = await connection.fetchrow(ACCOUNT, given["name"])
            name_key = await connection.fetchval(NAME_KEY, given["name"])
            key = self.throttle_key(name_key, request.client.host)
            must_wait(await connection.fetchval(WAIT, key))
        if not await self.proven(account, given["password"]):
            async with acting(self.pool, actor) as connection:
                await connection.fetchrow(FAILED, key, name_key)
            raise wrong()
        session = Session.new()
        seen = (request.headers.get("user-agent", "")[:200] or None, ip_address(request.client.host), False)
        async with acting(self.pool, actor) as connection:
            factor = await connection.fetchrow(SECOND_FACTOR, account["id"])
            if factor is not None and factor["confirmed_at"]:
                raise Refusal(401, "A code of the second factor is needed.")
            must_wait(await connection.fetchval(FORGET, key))
            if await connection.fetchrow(SESSION_WITHOUT_FACTOR, *session.row(account), *seen) is None:
                raise wrong()
        return self.answer(account, session)

    def throttle_key(self, name_key: str, address: str) -> str:
        network = str(ip_network((address, 24 if "." in address else 48), strict=False))
        key = hashlib.blake2b(self.secret.encode(), digest_size=32, key=b"failed logins").digest()
        return hashlib.blake2b(f"{network}\0{name_key}".encode(), digest_size=32, key=key).hexdigest()


def wrong() -> Refusal:
    return Refusal(401, "The name or the password is wrong.")


def must_wait(seconds):
    if seconds:
        raise Refusal(429, f"Too many logins failed; try again in {seconds} seconds.")


def verify(hashed: bytes, password: bytes) -> bool:
    try:
        return nacl.pwhash.verify(hashed, password)
    except nacl.exceptions.InvalidkeyError:
        return False
