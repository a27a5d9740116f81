"""PostgreSQL, with one pool for each service's schema as the services have. Statements are prepared on first use and kept
(asyncpg does that).

There are two peers. The *lighter* one belongs to the owner of the tables and has no second wall to get through. The
*equal* one promises what the services promise: it logs in with their roles, row-level security decides, and PostgreSQL
is told who asks, for that transaction only. asyncpg cannot pipeline, so these are four round trips where the services
need one: BEGIN, who asks, the statement, COMMIT."""
import os
import re
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg

EQUAL = os.environ["PEER"] == "equal"
ROLES = [name.lower() for name in re.findall(r"DATABASE_URL_([A-Z]+)_FILE", " ".join(os.environ))]
CONNECTIONS = 4  # of each worker process and role

WHO_ASKS = ("SELECT set_config('mnemos.role', $1, true), set_config('mnemos.account', $2, true),"
            " set_config('mnemos.request', $3, true)")
WHO_READS = WHO_ASKS + ", set_config('synchronous_commit', 'off', true)"


class Actor(NamedTuple):
    """On whose behalf statements run. The entry in the access log of one who reads need not be waited for."""
    role: str
    account: str
    request: str  # action, id and address
    reads: bool


@asynccontextmanager
async def acting(pool, actor: Actor | None):
    """A connection for statements of the actor; in the equal peer they are one transaction."""
    async with pool.acquire() as connection:
        if not EQUAL:
            yield connection
            return
        async with connection.transaction():
            await connection.execute(WHO_READS if actor.reads else WHO_ASKS, actor.role, actor.account, actor.request)
            yield connection


class Connection(asyncpg.Connection):
    async def reset(self, *, timeout=None):
        """Nothing here changes the state of a connection, so releasing one needs no round trip."""


def options(role: str) -> dict:
    with open(os.environ[f"DATABASE_URL_{role.upper()}_FILE"]) as file:
        url = file.read().strip()
    settings = {"application_name": f"{os.environ['PEER']}-{role}", "TimeZone": "UTC"}
    if not EQUAL:  # Row-level security shows nothing to nobody, so it is a professional all the time.
        settings["mnemos.role"] = "healthpro"
    return {"dsn": url, "server_settings": settings}


async def connect(role: str) -> asyncpg.Connection:
    return await asyncpg.connect(**options(role))


async def open_pools() -> dict:
    return {role: await asyncpg.create_pool(**options(role), min_size=CONNECTIONS, max_size=CONNECTIONS,
                                            connection_class=Connection) for role in ROLES}
