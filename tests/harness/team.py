"""A team with people in every role who use /api as their browsers do, on a real database and without a server."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2

from omna.accounts import service as accounts
from omna.accounts import sessions, step_up
from omna.accounts.model import Client
from omna.api import create_api
from omna.audit.service import Actor
from omna.config import Risk, Settings
from omna.db.pool import borrow, transaction
from omna.http.application import set_pool
from omna.http.principal import RIGHTS, Member, Person, Role
from omna.ids import SessionId, TransferId, UserId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.money import Nanocredits, parse_credits
from omna.vault.keyring import Keyring, Purpose
from omna.workspaces import service as workspaces
from tests.harness.staff import employ, open_console

ORIGIN = "http://localhost:5108"
_OURS = {"sec-fetch-site": "same-origin", "x-omna-request": "1", "content-type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """What /api said."""

    status: int
    json: Any

    @property
    def code(self) -> tuple[int, str]:
        """Status and code of an error."""
        return self.status, self.json["error"]["code"]


class Browser:
    """Somebody who is signed in."""

    def __init__(
        self, team: "Team", user_id: UserId, email: str, personal: WorkspaceId, token: str, session: SessionId
    ):
        self.team = team
        self.user_id = user_id
        self.email = email
        self.personal = personal
        self.session = session
        self.token = token
        self.cookie = {"cookie": f"omna_session={token}"}

    @property
    def id(self) -> str:
        return show("usr", self.user_id)

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Ask for a path below the team's workspace, or for one that begins with /api."""
        return await self.team.call(method, path, body, headers=self.cookie, **options)

    async def prove(self, action: str, target: str = "") -> None:
        """Prove freshly who it is, for one act."""
        async with transaction(self.team.pool) as connection:
            await step_up.grant(connection, self.session, action, target)

    def member(self, role: Role) -> Member:
        """Return who acts, as a service of the team is told."""
        return Member(self.team.workspace_id, self.user_id, role, RIGHTS[role], self.session, None, "192.0.2.1")


class Team:
    """One team workspace. `owner`, `admin`, `billing` and `member` are in it; `stranger` is not."""

    def __init__(self, pool: asyncpg.Pool, keyring: Keyring, settings: Settings) -> None:
        self.pool = pool
        self.keyring = keyring
        self.settings = settings
        self.actor = Actor("cli:tester", "test", keyring.derive(Purpose.AUDIT_CHAIN))
        self.api = api = create_api(settings)
        set_pool(api, pool, keyring)
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN)
        self.workspace_id = WorkspaceId(new_id())

    async def open(self) -> "Team":
        self.owner = await self.person("owner@example.com")
        self.stranger = await self.person("stranger@example.com")
        async with transaction(self.pool) as connection:
            made = await workspaces.create_team(
                connection, self.owner.user_id, "Acme", verified=True, risk=Risk(), actor=self.actor
            )
        self.workspace_id = made.workspace_id
        self.admin = await self.join("admin@example.com", "admin")
        self.billing = await self.join("billing@example.com", "billing")
        self.member = await self.join("member@example.com", "member")
        return self

    @property
    def id(self) -> str:
        return show("ws", self.workspace_id)

    async def person(self, email: str, *, name: str | None = None) -> Browser:
        """Make a person with a personal workspace, and sign them in."""
        async with transaction(self.pool) as connection:
            user = await accounts.create_user(
                connection, email, actor=self.actor, name=name or email.partition("@")[0].capitalize()
            )
            personal = await workspaces.create_personal(
                connection, user.user_id, "Personal", risk=Risk(), actor=self.actor
            )
            started = await sessions.start(connection, user.user_id, "password", Client("192.0.2.1"))
            # Who has just signed in needs no further proof; these people have been here for a while.
            await connection.execute("UPDATE sessions SET created_at = created_at - interval '1 hour'")
        return Browser(self, user.user_id, email, personal.workspace_id, started.token, started.session_id)

    async def hire(self, role: str, name: str = "") -> Browser:
        """Make somebody of the staff with a second factor, and open the console to them."""
        browser = await self.person(f"{name.lower() or role}@staff.example.com", name=name or role.capitalize())
        async with transaction(self.pool) as connection:
            await employ(connection, self.keyring, browser.user_id, role)
            await open_console(connection, browser.session)
        return browser

    async def identify(self, connection: asyncpg.Connection, browser: Browser) -> Person:
        """Return somebody as a route would be told."""
        return await sessions.resolve(connection, browser.token, "192.0.2.1")

    async def sign_in_again(self, browser: Browser) -> Browser:
        """Return the same person in another browser."""
        async with transaction(self.pool) as connection:
            started = await sessions.start(connection, browser.user_id, "password", Client("192.0.2.2"))
        return Browser(self, browser.user_id, browser.email, browser.personal, started.token, started.session_id)

    async def join(self, email: str, role: str) -> Browser:
        """Make a person who is a member of the team."""
        browser = await self.person(email)
        async with borrow(self.pool) as connection:
            await connection.execute(
                "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3)",
                self.workspace_id,
                browser.user_id,
                role,
            )
        return browser

    async def recharge(self, amount: str, *, promo: str = "0") -> None:
        """Give the team Credits."""
        async with transaction(self.pool) as connection:
            common: dict[str, Any] = {"workspace_id": self.workspace_id, "actor": "test", "reason": "test"}
            await ledger.recharge(
                connection,
                transfer_id=TransferId(new_id()),
                amount=Nanocredits(parse_credits(amount)),
                **common,
            )
            if parse_credits(promo):
                await ledger.grant_promo(
                    connection,
                    transfer_id=TransferId(new_id()),
                    amount=Nanocredits(parse_credits(promo)),
                    expires_at=None,
                    **common,
                )

    async def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **options: Any
    ) -> Answer:
        address = path if path.startswith("/api") else f"/api/workspaces/{self.id}{path}"
        answer = await self.http.request(method, address, json=body, headers={**_OURS, **(headers or {})}, **options)
        return Answer(answer.status_code, answer.json() if answer.content else None)

    async def query(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        async with borrow(self.pool) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
            return rows
