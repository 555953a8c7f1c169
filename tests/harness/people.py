"""People with accounts on a test installation, signed in, as programs and as browsers."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import ClassVar

import httpx2

from omna.accounts import service as accounts
from omna.accounts import sign_in
from omna.accounts.desk import Desk
from omna.accounts.model import Client
from omna.accounts.sign_in import Entered
from omna.config import Database, Risk
from omna.db.pool import open_pool
from omna.http.principal import RIGHTS, Member, Role
from omna.ids import ProposalId, UserId, WorkspaceId, show
from omna.keys import management
from omna.money import Nanocredits, parse_credits
from omna.risk import manual
from omna.workspaces import invitations
from omna.workspaces import service as workspaces
from tests.harness.browser import Visitor
from tests.harness.installation import Installation

PASSWORD = "correct horse battery staple 9"
#: What our own pages send with every request that changes something.
OURS = {"sec-fetch-site": "same-origin", "x-omna-request": "1", "content-type": "application/json"}

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


class Remembered(accounts.Passwords):
    """Hashes each password once in a run: thousands of people here have the same one, and hashing is slow on purpose."""

    _known: ClassVar[dict[str, str]] = {}

    async def hash(self, password: str) -> str:
        if password not in self._known:
            self._known[password] = await super().hash(password)
        return self._known[password]


class People:
    """Makes people on an installation and signs them in."""

    def __init__(self, house: Installation, desk: Desk) -> None:
        self.house = house
        self.desk = desk

    async def arrive(self, name: str = "Ada", *, password: str | None = None) -> Somebody:
        """Make a person; with a password they can also sign in on the page."""
        email = f"{name.lower()}{next(_numbers)}@example.com"
        async with self.house.connection.transaction():
            user = await accounts.create_user(
                self.house.connection, email, actor=self.house.actor, name=name,
                password=password, passwords=None if password is None else self.desk.passwords,
            )  # fmt: skip
            space = await workspaces.create_personal(
                self.house.connection, user.user_id, f"{name}'s workspace", risk=Risk(), actor=self.house.actor
            )  # fmt: skip
        return Somebody(email, name, user.user_id, space.workspace_id, await self.sign_in(user.user_id))

    async def found_team(self, owner: Somebody, name: str = "Team") -> WorkspaceId:
        """Make a team workspace."""
        async with self.house.connection.transaction():
            space = await workspaces.create_team(
                self.house.connection, owner.user_id, name, verified=True, risk=Risk(), actor=self.house.actor
            )
        return space.workspace_id

    async def invite(self, workspace_id: WorkspaceId, owner: Somebody, email: str, role: Role) -> None:
        """Send an invitation."""
        by = Member(workspace_id, owner.user_id, Role.OWNER, RIGHTS[Role.OWNER], None, None, "127.0.0.1")
        async with self.house.connection.transaction():
            await invitations.invite(self.house.connection, email, role, by=by, actor=self.house.actor)

    async def join(self, workspace_id: WorkspaceId, owner: Somebody, somebody: Somebody, role: Role) -> None:
        """Make a person a member: invited by an owner, accepted with the link of the mail."""
        connection = self.house.connection
        await self.invite(workspace_id, owner, somebody.email, role)
        token = (await self.last_mail(somebody.email)).rpartition("/invite/")[2].split()[0]
        async with connection.transaction():
            await invitations.accept(connection, token, somebody.user_id, somebody.email, actor=self.house.actor)

    async def management_key(self, workspace_id: WorkspaceId, maker: Somebody, has: Role, role: Role) -> str:
        """Return a new management key of somebody who has a role in the workspace."""
        by = Member(workspace_id, maker.user_id, has, RIGHTS[has], None, None, "127.0.0.1")
        async with self.house.connection.transaction():
            _, text = await management.create(self.house.connection, "automation", role, by=by, actor=self.house.actor)
        return text

    async def last_mail(self, email: str) -> str:
        """Return the text of the newest mail to an address."""
        text: str = await self.house.connection.fetchval(
            "SELECT text FROM mail_outbox WHERE recipient = $1 ORDER BY mail_id DESC LIMIT 1", email
        )
        return text

    async def sign_in(self, user_id: UserId) -> str:
        """Return the token of a new session."""
        async with self.house.connection.transaction():
            entered = await sign_in.enter(
                self.house.connection, self.desk, user_id, "test", Client("127.0.0.1", "tests"), second_factor=True
            )
        assert isinstance(entered, Entered)
        return entered.session_token

    async def give(self, workspace_id: WorkspaceId, amount: str) -> ProposalId:
        """Put Credits on the balance of a workspace."""
        async with self.house.connection.transaction():
            # By somebody new each time: what one person gives in a day counts together.
            actor = replace(self.house.actor, name=f"cli:giver{next(_numbers)}")
            given = await manual.give_credits(
                self.house.connection, workspace_id, Nanocredits(parse_credits(amount)), reason="test", actor=actor
            )
            assert given.state == "booked", "more than one person may give alone"
        return given.proposal_id


async def enter(person: Visitor, somebody: Somebody, path: str) -> None:
    """Open a page of the app as somebody who is signed in."""
    await person.context.add_cookies([{"name": "omna_session", "value": somebody.session, "url": person.origin}])
    await person.go(path)


@asynccontextmanager
async def people_of(house: Installation) -> AsyncIterator[People]:
    """Lend somebody who makes people."""
    pool = await open_pool(house.url, Database(), max_size=2)
    passwords = Remembered(threads=1)
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
    # Plain HTTP on this machine: reading the machine's certificates would take longer than most tests.
    async with httpx2.AsyncClient(
        base_url=address, headers=headers, cookies=cookies, timeout=30, verify=False
    ) as client:
        yield client
