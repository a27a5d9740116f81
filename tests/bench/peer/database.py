"""One pool for each service's schema, as the services have. Statements are prepared on first use and kept (asyncpg does
that). All of them belong to the owner of the tables: the peer has no second wall to get through."""
import os

import asyncpg

ROLES = ("auth", "users", "analytics", "imaging")
CONNECTIONS = 4  # of each worker process and role


class Connection(asyncpg.Connection):
    async def reset(self, *, timeout=None):
        """Nothing here changes the state of a connection, so releasing one needs no round trip."""


def options(role: str) -> dict:
    with open(os.environ[f"DATABASE_URL_{role.upper()}_FILE"]) as file:
        url = file.read().strip()
    # Row-level security shows nothing to nobody, so the peer is a professional all the time.
    settings = {"application_name": f"peer-{role}", "TimeZone": "UTC", "mnemos.role": "healthpro"}
    return {"dsn": url, "server_settings": settings}


async def connect(role: str) -> asyncpg.Connection:
    return await asyncpg.connect(**options(role))


async def open_pools() -> dict:
    return {role: await asyncpg.create_pool(**options(role), min_size=CONNECTIONS, max_size=CONNECTIONS,
                                            connection_class=Connection) for role in ROLES}
