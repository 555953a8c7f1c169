"""The real engine under a state machine: a database of its own, and connections that may break at any moment."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from omna.config import Database
from omna.db.embedded import EmbeddedServer
from omna.db.pool import open_connection

Result = TypeVar("Result")
Command = Callable[[asyncpg.Connection], Awaitable[Result]]

_numbers = itertools.count(1)


class Engine:
    """One fresh migrated database. Machines are synchronous, so the engine brings a loop of its own."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._name = f"machine_{next(_numbers)}"
        self._administrator: asyncpg.Connection = self.wait(asyncpg.connect(server.url(database="postgres")))
        self.wait(self._administrator.execute(f"CREATE DATABASE {self._name} TEMPLATE omna STRATEGY file_copy"))
        self.url = server.url(database=self._name)
        self.connection = self.wait(open_connection(self.url, Database()))
        #: Has every right: it lets time pass, which no customer and no gateway can.
        self.owner: asyncpg.Connection = self.wait(
            asyncpg.connect(self.url, server_settings={"search_path": "omna", "timezone": "UTC"})
        )

    def wait(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return self._loop.run_until_complete(coroutine)

    def call(self, command: Command[Result]) -> Result:
        """Run a command as the product does."""
        return self.wait(_awaited(command(self.connection)))

    def transact(self, command: Command[Result]) -> Result:
        """Run a command in a transaction of its own."""

        async def run() -> Result:
            async with self.connection.transaction():
                return await command(self.connection)

        return self.wait(run())

    def lose(self, command: Command[Any], turns: int) -> None:
        """Send a command and break the connection `turns` turns of the loop later: its outcome is unknown."""

        async def run() -> None:
            backend = self.connection.get_server_pid()
            task = asyncio.ensure_future(_awaited(command(self.connection)))
            for _ in range(turns):
                await asyncio.sleep(0)
            self.connection.terminate()
            await asyncio.gather(task, return_exceptions=True)
            # The server ends what it had begun, one way or the other, before anybody may ask.
            while await self._administrator.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", backend):
                await asyncio.sleep(0)
            self.connection = await open_connection(self.url, Database())

        self.wait(run())

    def let_pass(self, statement: str, *arguments: Any) -> None:
        """Change what only time changes."""
        self.wait(self.owner.execute(statement, *arguments))

    def rows(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        return self.wait(self.connection.fetch(query, *arguments))

    def wallets(self) -> dict[UUID, dict[str, int]]:
        names = ("available_paid", "available_promo", "held_paid", "held_promo", "debt", "refund_pending")
        return {
            row["workspace_id"]: {name: row[name] for name in names}
            for row in self.rows(f"SELECT workspace_id, {', '.join(names)} FROM wallets")
        }

    def grants(self) -> dict[UUID, int]:
        return {row["grant_id"]: row["remaining"] for row in self.rows("SELECT grant_id, remaining FROM promo_grants")}

    def holds(self) -> dict[UUID, tuple[int, int]]:
        rows = self.rows("SELECT hold_id, paid, promo FROM holds")
        return {row["hold_id"]: (row["paid"], row["promo"]) for row in rows}

    def platform(self) -> dict[str, int]:
        rows = self.rows(
            "SELECT account::text, sum(amount)::bigint AS total FROM entries WHERE version IS NULL GROUP BY account"
        )
        return {row["account"]: row["total"] for row in rows if row["total"]}

    def close(self) -> None:
        self.connection.terminate()
        self.wait(self.owner.close())
        self.wait(self._administrator.execute(f"DROP DATABASE {self._name} WITH (FORCE)"))
        self.wait(self._administrator.close())
        self._loop.close()


async def _awaited(awaitable: Awaitable[Result]) -> Result:
    return await awaitable
