"""A workspace with keys of two members, requests as settlement would leave them, and /api as either of them sees it."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx2
import pytest

from omna.catalog import routes as catalog
from omna.config import Settings
from omna.db.pool import Connection
from omna.errors import NotFound, Unauthenticated
from omna.gateway import receipts
from omna.http.application import application, build, set_pool
from omna.http.principal import RIGHTS, Member, Person, Role
from omna.ids import SessionId, UserId, WorkspaceId, new_id, show
from omna.ledger import routes as ledger_routes
from omna.usage import ledger_export, overview, routes
from omna.vault.keyring import Keyring

ORIGIN = "http://localhost:5108"
OUTCOMES = ("completed",) * 6 + ("client_left", "exhausted", "failed", "interrupted")


@dataclass
class Tenant:
    """A workspace: ann owns it, bob is a member; each has made keys."""

    workspace_id: WorkspaceId
    ann: UserId
    bob: UserId
    ann_keys: list[UUID]
    bob_keys: list[UUID]
    provider_id: UUID
    price_version_id: UUID = field(default_factory=new_id)

    @property
    def public(self) -> str:
        return show("ws", self.workspace_id)


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()


@pytest.fixture
async def tenant(superuser: asyncpg.Connection) -> Tenant:
    return await make_tenant(superuser)


async def make_tenant(superuser: asyncpg.Connection) -> Tenant:
    workspace_id, ann, bob, provider = new_id(), new_id(), new_id(), new_id()
    for user_id, name in ((ann, "Ann"), (bob, "=Bob")):
        await superuser.execute(
            "INSERT INTO users (user_id, email, email_normalized, name) VALUES ($1, $2, $2, $3)",
            user_id,
            f"{user_id.hex}@example.com",
            name,
        )
    await superuser.execute(
        "INSERT INTO workspaces (workspace_id, kind, name) VALUES ($1, 'team', 'Lab')", workspace_id
    )
    await superuser.execute("INSERT INTO wallets (workspace_id) VALUES ($1)", workspace_id)
    await superuser.execute(
        "INSERT INTO providers (provider_id, name, kind, base_url) VALUES ($1, $2, 'openai', 'https://x.example')",
        provider,
        f"p{provider.hex}",
    )
    keys: dict[UUID, list[UUID]] = {ann: [], bob: []}
    for owner in (ann, ann, bob):
        key = new_id()
        keys[owner].append(key)
        await superuser.execute(
            """INSERT INTO api_keys (key_id, workspace_id, digest, prefix, last_four, name, created_by)
               VALUES ($1, $2, sha256($3), 'omna_abcd', 'wxyz', $4, $5)""",
            key,
            workspace_id,
            key.bytes,
            f"key {len(keys[owner])}",
            owner,
        )
    return Tenant(WorkspaceId(workspace_id), UserId(ann), UserId(bob), keys[ann], keys[bob], provider)


def id_at(moment: datetime, chance: random.Random) -> UUID:
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(
        int=(milliseconds << 80) | (0x7 << 76) | (chance.getrandbits(12) << 64) | (0b10 << 62) | chance.getrandbits(62)
    )


async def put_requests(
    superuser: asyncpg.Connection, tenant: Tenant, moments: Iterable[datetime], chance: random.Random
) -> list[dict[str, object]]:
    """Write one finished request per moment and return the rows."""
    rows = []
    for moment in moments:
        prompt, completion = chance.randrange(1, 5000), chance.randrange(0, 900)
        cost = prompt * 1500 + completion * 6000
        outcome = chance.choice(OUTCOMES)
        key = chance.choice([*tenant.ann_keys, *tenant.bob_keys, None])
        rows.append(
            {
                "workspace_id": tenant.workspace_id,
                "request_id": id_at(moment, chance),
                "key_id": key,
                # A chat has a person instead of a key; without either, Omna itself asked.
                "user_id": chance.choice([tenant.ann, tenant.bob, None]) if key is None else None,
                "provider_id": tenant.provider_id,
                "route_id": new_id(),
                "price_version_id": tenant.price_version_id,
                "settled_at": moment + timedelta(seconds=2),
                "held": cost * 2,
                "charge": 0 if outcome == "failed" else cost,
                "unrounded": 0 if outcome == "failed" else cost * 10**6,
                "provider_charge": cost // 2,
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "cached_tokens": chance.randrange(0, prompt),
                "cache_write_tokens": 0,
                "reasoning_tokens": chance.randrange(0, completion + 1),
                "first_delta_ms": None if outcome == "failed" else chance.randrange(20, 900),
                "duration_ms": chance.randrange(30, 9000),
                "outcome": outcome,
                "streamed": chance.random() < 0.5,
                "estimated": False,
                "source": "chat" if key is None else "api",
                "model_id": chance.choice(["alpha", "beta", "=gamma", "delta"]),
                "error_code": "provider_error" if outcome in ("failed", "interrupted") else None,
                "finish_reason": "stop",
            }
        )
    if rows:
        names = list(rows[0])
        await superuser.copy_records_to_table(
            "requests", schema_name="omna", columns=names, records=[tuple(row.values()) for row in rows]
        )
    return rows


async def roll_up(connection: asyncpg.Connection) -> int:
    hours = 0
    while await connection.fetchval("SELECT usage_roll_up()") is not None:
        hours += 1
    return hours


class Somebody:
    """Identity for tests: whoever the cookie names, in the role it names."""

    def __init__(self, tenants: list[Tenant]) -> None:
        self._tenants = tenants

    async def person(self, connection: Connection, token: str, origin: str) -> Person:
        role, _, user = token.partition(":")
        return Person(UserId(UUID(user)), SessionId(UUID(int=1)), f"{origin}|{role}", True, None)

    async def member(self, connection: Connection, person: Person, workspace_id: WorkspaceId) -> Member:
        for tenant in self._tenants:
            if tenant.workspace_id == workspace_id and person.user_id in (tenant.ann, tenant.bob):
                origin, _, name = person.origin.partition("|")
                role = Role(name)
                return Member(workspace_id, person.user_id, role, RIGHTS[role], person.session_id, None, origin)
        raise NotFound("There is no such workspace.")

    async def key(self, connection: Connection, text: str, workspace_id: WorkspaceId, origin: str) -> Member:
        raise Unauthenticated

    async def step_up(self, connection: Connection, session_id: SessionId, action: str, target: str) -> None:
        raise Unauthenticated


Browse = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
async def browse(pool: asyncpg.Pool, tenant: Tenant, tmp_path: Path, keyring: Keyring) -> AsyncIterator[Browse]:
    """GET an address of the workspace as its owner, or as whoever `role` and `user` say."""
    api = application(
        Settings(data=tmp_path),
        Somebody([tenant]),
        build(
            (
                routes.router,
                receipts.router,
                catalog.router,
                ledger_routes.router,
                ledger_export.router,
                overview.router,
            )
        ),
    )  # type: ignore[arg-type]
    set_pool(api, pool, keyring)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN) as client:

        async def get(path: str, *, role: str = "owner", user: UUID | None = None, **query: object) -> httpx2.Response:
            cookie = f"{api.state.cookies.session}={role}:{user or tenant.ann}"
            return await client.get(
                f"/api/workspaces/{tenant.public}{path}",
                params={name.rstrip("_"): value for name, value in query.items()},
                headers={"cookie": cookie},
            )

        yield get


NOW = datetime.now(UTC)
