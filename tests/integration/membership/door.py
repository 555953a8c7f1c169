"""/api for one person of a test, signed in for real, with every proof of identity given or none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx2

from omna.accounts import sessions, step_up
from omna.accounts.desk import Desk
from omna.accounts.model import Client
from omna.accounts.passwords import Passwords
from omna.api import create_api
from omna.config import Settings
from omna.db.pool import transaction
from omna.http.application import set_pool
from omna.ids import SessionId, UserId
from omna.vault.keyring import Keyring

ORIGIN = "http://localhost:5108"


class Visitor:
    """A signed-in person's browser."""

    def __init__(self, client: httpx2.AsyncClient, pool: asyncpg.Pool, session_id: SessionId) -> None:
        self.client = client
        self._pool = pool
        self._session_id = session_id

    async def prove(self, action: str, target: str = "") -> None:
        """Give the proof of identity that an act asks for."""
        async with transaction(self._pool) as connection:
            await step_up.grant(connection, self._session_id, action, target)


@asynccontextmanager
async def visiting(pool: asyncpg.Pool, keyring: Keyring, data: Path, user_id: UserId) -> AsyncIterator[Visitor]:
    """Lend the browser of a person."""
    settings = Settings(data=data)
    api = create_api(settings)
    set_pool(api, pool, keyring)
    passwords = Passwords(threads=1)
    api.state.desk = Desk(pool, keyring, passwords, settings)
    async with transaction(pool) as connection:
        started = await sessions.start(connection, user_id, "password", Client("192.0.2.1", "tests"))
    headers = {"sec-fetch-site": "same-origin", "x-omna-request": "1", "content-type": "application/json"}
    cookies = {api.state.cookies.session: started.token}
    try:
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(api), base_url=ORIGIN, headers=headers, cookies=cookies
        ) as client:
            yield Visitor(client, pool, started.session_id)
    finally:
        passwords.close()
