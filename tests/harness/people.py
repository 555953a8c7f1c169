"""People with accounts on a test installation, signed in, as programs and as browsers."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from omna.accounts import service as accounts
from omna.accounts import sign_in
from omna.accounts.desk import Desk
from omna.accounts.model import Client
from omna.accounts.sign_in import Entered
from omna.config import Database, Risk
from omna.db.pool import open_pool
from omna.ids import UserId, WorkspaceId, show
from omna.workspaces import service as workspaces
from tests.harness.installation import Installation

PASSWORD = "correct horse battery staple 9"
#: What our own pages send with every request that changes something.
OURS = {"sec-fetch-site": "same-origin", "x-omna-request": "1"}

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Somebody:
    """A person with an account and a personal workspace. `session` is the value of the session cookie."""

    email: str
    name: str
    user_id: UserId
    personal: WorkspaceId
    session: str

    @property
    def workspace(self) -> str:
        return show("ws", self.personal)


class People:
    """Makes people on an installation and signs them in."""

    def __init__(self, house: Installation, desk: Desk) -> None:
        self._house = house
        self.desk = desk

    async def arrive(self, name: str = "Ada", *, verified: bool = True, password: str | None = None) -> Somebody:
        """Make a person; with a password they can also sign in on the page."""
        email = f"{name.lower()}{next(_numbers)}@example.com"
        async with self._house.connection.transaction():
            user = await accounts.create_user(
                self._house.connection, email, actor=self._house.actor, name=name, verified=verified,
                password=password, passwords=None if password is None else self.desk.passwords,
            )  # fmt: skip
            space = await workspaces.create_personal(
                self._house.connection, user.user_id, f"{name}'s workspace", risk=Risk(), actor=self._house.actor,
                pending=None if verified else "verification",
            )  # fmt: skip
        return Somebody(email, name, user.user_id, space.workspace_id, await self.sign_in(user.user_id))

    async def sign_in(self, user_id: UserId) -> str:
        """Return the token of a new session."""
        async with self._house.connection.transaction():
            entered = await sign_in.enter(
                self._house.connection, self.desk, user_id, "test", Client("127.0.0.1", "tests"), second_factor=True
            )
        assert isinstance(entered, Entered)
        return entered.session_token


@asynccontextmanager
async def people_of(house: Installation) -> AsyncIterator[People]:
    """Lend somebody who makes people."""
    pool = await open_pool(house.url, Database(), max_size=2)
    passwords = accounts.Passwords(threads=1)
    try:
        yield People(house, Desk(pool, house.keyring, passwords, house.settings))
    finally:
        passwords.close()
        pool.terminate()


@asynccontextmanager
async def program(
    address: str, *, session: str | None = None, key: str | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """Lend an HTTP client that speaks to /api as somebody's browser does, or with a management key."""
    headers = dict(OURS) if key is None else {"authorization": f"Bearer {key}"}
    cookies = {} if session is None else {"omna_session": session}
    async with httpx2.AsyncClient(base_url=address, headers=headers, cookies=cookies, timeout=30) as client:
        yield client
