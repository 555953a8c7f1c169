"""The pages on a real database, visited by browsers without JavaScript."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from starlette.applications import Starlette

from omna.accounts.desk import Desk
from omna.accounts.passwords import Passwords
from omna.config import Accounts, Legal, Settings
from omna.vault.keyring import Keyring
from omna.website.routes import routes
from tests.harness.pages import Browser

PASSWORD = "correct horse battery"
PERSON = {"name": "Bea", "email": "bea@example.com", "password": PASSWORD, "consent": "yes"}

Open = Callable[..., Browser]


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    opened = Passwords(threads=1)
    yield opened
    opened.close()


@pytest.fixture
def desk(pool: asyncpg.Pool, keyring: Keyring, passwords: Passwords, tmp_path: Path) -> Desk:
    settings = Settings(data=tmp_path, accounts=Accounts(starter_credits="5"))
    return Desk(pool, keyring, passwords, settings)


@pytest.fixture
async def visit(desk: Desk) -> AsyncIterator[Open]:
    """Open a browser: `visit()`, `visit(language="zh")`, `visit(sign_up="invite")`."""
    opened: list[Browser] = []

    def come(language: str = "en", address: str = "192.0.2.10", legal: str = "", **accounts: Any) -> Browser:
        settings = replace(desk.settings, accounts=replace(desk.settings.accounts, **accounts), legal=Legal(legal))
        app = Starlette(routes=routes(settings))
        app.state.desk = replace(desk, settings=settings)
        opened.append(Browser(app, language=language, address=address))
        return opened[-1]

    yield come
    for browser in opened:
        await browser.client.aclose()


class Mailbox:
    """The mails of an address, newest first."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def kinds(self, address: str) -> list[str]:
        rows = await self._connection.fetch(
            "SELECT kind FROM mail_outbox WHERE recipient = $1 ORDER BY mail_id", address
        )
        return [row["kind"] for row in rows]

    async def link(self, address: str) -> str:
        """Return the path that the newest mail leads to."""
        text = await self._connection.fetchval(
            "SELECT text FROM mail_outbox WHERE recipient = $1 ORDER BY mail_id DESC LIMIT 1", address
        )
        found = re.search(r"(/[a-z/-]+(?:\?token=|/)[A-Za-z0-9_.~-]+)", text.replace("\ue000", ""))
        assert found is not None, text
        return found[1]


@pytest.fixture
def mailbox(connection: asyncpg.Connection) -> Mailbox:
    return Mailbox(connection)
