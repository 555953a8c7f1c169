"""A provisioned installation on a test database: workspace, keys, provider, models; and the proof of its books."""

import asyncio
import contextlib
import itertools
import json
import os
import secrets
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import asyncpg

from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.catalog import service as catalog
from omna.catalog.model import Rates, rates
from omna.config import Database, Risk, Settings
from omna.config import Secrets as SecretSettings
from omna.db.embedded import EmbeddedServer
from omna.db.migrate import migrate
from omna.db.pool import open_connection
from omna.gateway import verification
from omna.ids import KeyId, WorkspaceId, parse
from omna.keys import service as keys
from omna.keys.model import ApiKey
from omna.ledger import service as ledger
from omna.ledger.model import Wallet
from omna.money import Nanocredits, parse_credits
from omna.risk import manual
from omna.vault import service as vault
from omna.vault.keyring import Purpose
from omna.workspaces import service as workspaces
from tests.harness.replica import POLL_SECONDS, Replica
from tests.upstream.server import Upstream

#: 2 and 8 Credits per million tokens: a prompt token costs 2,000 nanocredits, a completion token 8,000.
PRICES = rates(2_000_000_000, 8_000_000_000)
PROMPT_TOKEN, COMPLETION_TOKEN = 2_000, 8_000

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Tenant:
    """A workspace with a key."""

    email: str
    workspace_id: WorkspaceId
    key: str
    key_id: KeyId


@dataclass(frozen=True)
class Result:
    """What a command said."""

    code: int
    output: str
    error: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.error
        return json.loads(self.output)


class Installation:
    """Everything but the gateways. The upstream answers by model name; `model` puts one on sale."""

    def __init__(self, url: str, data: Path, upstream: Upstream) -> None:
        self.url = url
        self.data = data
        self.upstream = upstream
        self.master_key = secrets.token_hex(32)
        self.settings = Settings(data=data, secrets=SecretSettings(self.master_key))
        self._replicas = itertools.count(1)

    async def __aenter__(self) -> Self:
        await self.connect()
        async with self.connection.transaction():
            await catalog.add_provider(
                self.connection, "main", kind="openai", base_url=self.upstream.base_url, secret="sk-upstream-canary",
                allow_private=True, keyring=self.keyring, actor=self.actor,
            )  # fmt: skip
        self.tenant = await self.new_tenant()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.connection.terminate()

    async def connect(self) -> None:
        """Open the connection of the test itself; again after the database was away."""
        self.connection = await open_connection(self.url, Database(command_timeout=60))
        self.keyring = await vault.open_keyring(self.connection, self.settings)
        self.actor = Actor("cli:tester", "test", self.keyring.derive(Purpose.AUDIT_CHAIN))

    def replica(self, settings: Mapping[str, str], *, workers: int = 1) -> Replica:
        """Return a gateway on this installation, not started. Settings are OMNA_* without the prefix."""
        environment = {f"OMNA_{name}": value for name, value in settings.items()}
        environment |= {"OMNA_DATABASE_URL": self.url, "OMNA_SECRETS_MASTER_KEY": self.master_key}
        return Replica(environment, self.data / f"replica-{next(self._replicas)}", workers=workers)

    async def omna(self, *tokens: str) -> Result:
        """Run a command as an operator does, in a process of its own."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "omna.cli", *tokens,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.data),
                "OMNA_DATA": str(self.data),
                "OMNA_DATABASE_URL": self.url,
                "OMNA_SECRETS_MASTER_KEY": self.master_key,
            },
        )  # fmt: skip
        output, error = await process.communicate()
        assert process.returncode is not None
        return Result(process.returncode, output.decode(), error.decode())

    async def new_tenant(self, balance: str = "100", *, promo: bool = False, **key: Any) -> Tenant:
        """Make a person, a workspace with Credits, and a key with the given limits."""
        email = f"tenant{next(_numbers)}@example.com"
        async with self.connection.transaction():
            user = await accounts.create_user(self.connection, email, actor=self.actor, name="Tenant")
            space = await workspaces.create_personal(
                self.connection, user.user_id, "Tenant", risk=Risk(), actor=self.actor
            )
            if amount := parse_credits(balance):
                await manual.give_credits(
                    self.connection, space.workspace_id, Nanocredits(amount), reason="test", actor=self.actor,
                    promo=promo,
                )  # fmt: skip
        issued, text = await self.new_key(space.workspace_id, **key)
        return Tenant(email, space.workspace_id, text, issued.key_id)

    async def new_key(self, workspace_id: WorkspaceId, **options: Any) -> tuple[ApiKey, str]:
        async with self.connection.transaction():
            return await keys.issue(self.connection, workspace_id, "test", actor=self.actor, **options)

    async def add_provider(self, name: str, base_url: str, kind: str = "openai") -> None:
        async with self.connection.transaction():
            await catalog.add_provider(
                self.connection, name, kind=kind, base_url=base_url, secret="sk-other-canary", allow_private=True,
                keyring=self.keyring, actor=self.actor,
            )  # fmt: skip

    async def model(
        self,
        model_id: str,
        *,
        upstream_model: str | None = None,
        provider: str = "main",
        prices: Rates = PRICES,
        costs: Rates | None = None,
        context: int | None = None,
        max_output: int | None = 4096,
        **entry: Any,
    ) -> str:
        """Put a model on sale, by default the scenario of the same name; another provider is a further route.

        entry   what else catalog.add_model() takes
        """
        async with self.connection.transaction():
            await catalog.add_model(
                self.connection, model_id, provider=provider, upstream_model=upstream_model or model_id, prices=prices,
                costs=costs or prices, context_length=context, max_output_tokens=max_output, actor=self.actor,
                **entry,
            )  # fmt: skip
        return model_id

    async def wallet(self, tenant: Tenant | None = None) -> Wallet:
        return await ledger.wallet(self.connection, (tenant or self.tenant).workspace_id)

    async def request(self, request_id: str) -> asyncpg.Record:
        """Return the usage row of a request by its public id, once it is there."""
        wanted = parse(request_id, "req", "chatcmpl", "cmpl", "resp")

        async def find() -> asyncpg.Record | None:
            return await self.connection.fetchrow(
                """SELECT request_id, charge, held, prompt_tokens, completion_tokens, outcome, error_code, estimated,
                          finish_reason, streamed, provider_charge, attempts, model_id, wanted_model
                   FROM requests WHERE request_id = $1""",
                wanted,
            )

        return await until(find, f"no usage row for {request_id}")

    async def requests(self, tenant: Tenant | None = None) -> list[asyncpg.Record]:
        """Return the usage rows of a workspace, oldest first."""
        return await self.connection.fetch(
            """SELECT request_id, charge, held, outcome, model_id, estimated, error_code, completion_tokens, prompt_tokens
               FROM requests WHERE workspace_id = $1 ORDER BY request_id""",
            (tenant or self.tenant).workspace_id,
        )

    async def only_request(self, tenant: Tenant) -> asyncpg.Record:
        """Return the one usage row of a workspace, once it is there."""

        async def find() -> list[asyncpg.Record] | None:
            return await self.requests(tenant) or None

        rows = await until(find, "the request was not settled")
        assert len(rows) == 1
        row: asyncpg.Record = rows[0]
        return row

    async def revenue(self, tenant: Tenant | None = None) -> dict[uuid.UUID, int]:
        """Return what the ledger booked as revenue of every request of a workspace, by request."""
        rows = await self.connection.fetch(
            """SELECT t.hold_id, sum(e.amount)::bigint AS amount
               FROM transfers AS t JOIN entries AS e USING (workspace_id, transfer_id)
               WHERE t.workspace_id = $1 AND e.account = 'revenue' GROUP BY t.hold_id""",
            (tenant or self.tenant).workspace_id,
        )
        return {row["hold_id"]: row["amount"] for row in rows}

    async def use_up_rate(self, tenant: Tenant, admitted: int, seconds_ago: float) -> None:
        """Pretend that so many requests of a key were admitted together, so long ago."""
        administrator = await asyncpg.connect(self.url)
        try:
            await administrator.execute(
                """INSERT INTO omna.key_rates AS rate (workspace_id, key_id, latest, admitted)
                   VALUES ($1, $2, ARRAY[clock_timestamp() - $4 * interval '1 s'], ARRAY[$3::integer])
                   ON CONFLICT (workspace_id, key_id)
                   DO UPDATE SET latest = excluded.latest, admitted = excluded.admitted""",
                tenant.workspace_id, tenant.key_id, admitted, seconds_ago,
            )  # fmt: skip
        finally:
            await administrator.close()

    async def running(self) -> int:
        """Return how many holds are open."""
        count: int = await self.connection.fetchval("SELECT count(*) FROM holds")
        return count

    async def quiet(self, patience: float = 15.0) -> None:
        """Return when no hold is open."""

        async def nothing_held() -> bool | None:
            return None if await self.running() else True

        await until(nothing_held, "holds stay open", patience)

    async def books_are_right(self, patience: float = 15.0) -> None:
        """Wait until nothing runs, then prove the ledger and what the gateway keeps beside it."""
        await self.quiet(patience)
        assert await ledger.verify(self.connection) == []
        assert await verification.verify(self.connection) == []

    async def wait_for_running(self, count: int, patience: float = 15.0) -> None:
        async def enough() -> bool | None:
            return True if await self.running() == count else None

        await until(enough, f"there are not {count} open holds", patience)


async def until(look: Callable[[], Any], complaint: str, patience: float = 15.0) -> Any:
    """Return what `look` finds as soon as it is not None. For states that only a query can tell."""
    deadline = time.monotonic() + patience
    while (found := await look()) is None:
        assert time.monotonic() < deadline, complaint
        await asyncio.sleep(POLL_SECONDS)
    return found


@contextlib.asynccontextmanager
async def fresh_database(server: EmbeddedServer) -> AsyncIterator[str]:
    """Lend the URL of a migrated database of one's own."""
    name = f"harness_{next(_numbers)}"
    administrator = await asyncpg.connect(server.url(database="postgres"))
    try:
        await administrator.execute(f"CREATE DATABASE {name} TEMPLATE omna STRATEGY file_copy")
        yield server.url(database=name)
        await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await administrator.close()


@contextlib.asynccontextmanager
async def durable_server(data: Path) -> AsyncIterator[EmbeddedServer]:
    """Lend a server whose data survives being killed, with a migrated database `omna`."""
    with EmbeddedServer(data) as server:
        await migrate(server.url())
        yield server
