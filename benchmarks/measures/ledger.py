"""The ledger alone: holds and their settlements through the natural batcher, every batch a durable commit.

Beside it the same bookings in batches made beforehand: the difference is what the batcher and its callers cost.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import uvloop

from benchmarks.bench import MICROSECONDS, Bench
from benchmarks.figures import spread
from benchmarks.processes import cpu_seconds
from benchmarks.report import Finding, Outcome, Table, show_spread
from omna.config import Database, Gateway
from omna.db.batcher import NaturalBatcher
from omna.db.embedded import running_url
from omna.db.migrate import migrate
from omna.db.pool import Connection, open_pool
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service
from omna.ledger.model import Code
from omna.money import Nanocredits

TARGET_PER_SECOND = 25_000
DATABASE = "bench_ledger"
WALLETS = (1, 64)
FUNDS = Nanocredits(10**18)
HELD = Nanocredits(1_000_000)
CHARGED = Nanocredits(600_000)
LEASE = timedelta(seconds=30)
QUEUED_BATCHES = 4
CALLERS = 1024
BATCHER, PREPARED = "through the batcher", "batches made beforehand"

Batch = tuple[list[TransferId], list[WorkspaceId]]
Item = tuple[TransferId, WorkspaceId]
Rounds = dict[tuple[str, int], list["Booked"]]


@dataclass(frozen=True, slots=True)
class Booked:
    """What one round booked: holds and settlements that were committed."""

    operations: int
    seconds: float
    database_seconds: float
    client_seconds: float

    @property
    def per_second(self) -> float:
        return self.operations / self.seconds


def measure_ledger(bench: Bench) -> Outcome:
    """Book in a database of its own on the same server, on one wallet and on many."""
    bench.installation.query(f"CREATE DATABASE {DATABASE}")
    url = running_url(bench.installation.data, database=DATABASE)
    assert url is not None
    found = uvloop.run(_measure(url, bench.installation.postmaster, bench.plan.rounds, bench.plan.ledger_seconds))
    most = spread([one.per_second for one in found[BATCHER, WALLETS[-1]]])
    outcome = Outcome()
    outcome.findings = [
        Finding(
            f"ledger alone, {WALLETS[-1]} wallets, holds + settles",
            f"≥ {TARGET_PER_SECOND:,} operations/s",
            show_spread(most, "{:,.0f}", " operations/s"),
            most.median >= TARGET_PER_SECOND,
        )
    ]
    note = (
        f"Batches of at most {Gateway.batch_limit}, one connection that holds, one that settles. Through the batcher:"
        f" {CALLERS:,} callers, each with one operation in flight. Processor time is per operation; the client is the"
        " process that books. The books were verified afterwards."
    )
    columns = ("", "wallets", "operations/s (low … high)", "database", "client", "rounds")
    rows = tuple(_row(how, wallets, rounds) for (how, wallets), rounds in found.items())
    outcome.tables = [Table("Ledger alone", columns, rows, note)]
    return outcome


def _row(how: str, wallets: int, rounds: list[Booked]) -> tuple[str, ...]:
    rates = show_spread(spread([one.per_second for one in rounds]), "{:,.0f}")
    database, client = (
        spread([seconds / one.operations * MICROSECONDS for seconds, one in zip(spent, rounds, strict=True)]).median
        for spent in ([one.database_seconds for one in rounds], [one.client_seconds for one in rounds])
    )
    return (how, str(wallets), rates, f"{database:.0f} µs", f"{client:.0f} µs", str(len(rounds)))


async def _measure(url: str, postmaster: int, rounds: int, seconds: float) -> Rounds:
    await migrate(url)
    found: Rounds = {}
    async with _pool(url) as pool:
        for wallets in WALLETS:
            workspaces = [await _open_wallet(pool) for _ in range(wallets)]
            for how, book in ((BATCHER, _book_through_batcher), (PREPARED, _book_prepared)):
                await book(pool, workspaces, seconds / 2)
                found[how, wallets] = []
                for _ in range(rounds):
                    before, client, started = cpu_seconds(postmaster), time.process_time(), time.perf_counter()
                    operations = await book(pool, workspaces, seconds)
                    lasted = time.perf_counter() - started
                    spent = (cpu_seconds(postmaster) - before, time.process_time() - client)
                    found[how, wallets].append(Booked(operations, lasted, *spent))
        async with pool.acquire() as connection:
            # The numbers count only when the books are right.
            broken = await service.verify(connection)
            if broken:
                raise AssertionError(f"the ledger does not verify: {broken[0]}")
    return found


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(url, Database(url=url), min_size=2, max_size=3)
    try:
        yield pool
    finally:
        await pool.close()


async def _open_wallet(pool: asyncpg.Pool) -> WorkspaceId:
    workspace_id = WorkspaceId(new_id())
    async with pool.acquire() as connection, connection.transaction():
        await service.open_wallet(connection, workspace_id)
        await service.adjust(
            connection,
            transfer_id=TransferId(new_id()),
            workspace_id=workspace_id,
            amount=FUNDS,
            actor="bench",
            reason="benchmark",
        )
    return workspace_id


async def _book_through_batcher(pool: asyncpg.Pool, workspaces: list[WorkspaceId], seconds: float) -> int:
    """Let many callers hold and settle one by one, as requests do; return how many operations were committed."""
    ends = time.perf_counter() + seconds
    async with pool.acquire() as holding, pool.acquire() as settling:

        async def hold(batch: list[Item]) -> list[Code]:
            return await _hold_batch(holding, *_columns(batch))

        async def settle(batch: list[Item]) -> list[Code]:
            return await _settle_batch(settling, *_columns(batch))

        holds: NaturalBatcher[Item, Code] = NaturalBatcher(hold, limit=Gateway.batch_limit, queue_limit=CALLERS)
        settles: NaturalBatcher[Item, Code] = NaturalBatcher(settle, limit=Gateway.batch_limit, queue_limit=CALLERS)

        async def call(workspace: WorkspaceId) -> int:
            operations = 0
            while time.perf_counter() < ends:
                item = (TransferId(new_id()), workspace)
                assert await holds.ask(item) is Code.HELD
                assert await settles.ask(item) is Code.SETTLED
                operations += 2
            return operations

        return sum(await asyncio.gather(*(call(workspaces[number % len(workspaces)]) for number in range(CALLERS))))


async def _book_prepared(pool: asyncpg.Pool, workspaces: list[WorkspaceId], seconds: float) -> int:
    """Hold and settle whole batches on two connections; return how many operations were committed."""
    ends = time.perf_counter() + seconds
    held: asyncio.Queue[Batch | None] = asyncio.Queue(QUEUED_BATCHES)
    async with pool.acquire() as holding, pool.acquire() as settling, asyncio.TaskGroup() as group:
        group.create_task(_hold_until(holding, workspaces, ends, held))
        settled = group.create_task(_settle_all(settling, held))
    return 2 * settled.result()


async def _hold_until(
    connection: Connection, workspaces: list[WorkspaceId], ends: float, held: asyncio.Queue[Batch | None]
) -> None:
    size = Gateway.batch_limit
    while time.perf_counter() < ends:
        batch = ([TransferId(new_id()) for _ in range(size)], [workspaces[n % len(workspaces)] for n in range(size)])
        assert await _hold_batch(connection, *batch) == [Code.HELD] * size
        await held.put(batch)
    await held.put(None)


async def _settle_all(connection: Connection, held: asyncio.Queue[Batch | None]) -> int:
    settled = 0
    while (batch := await held.get()) is not None:
        assert await _settle_batch(connection, *batch) == [Code.SETTLED] * len(batch[0])
        settled += len(batch[0])
    return settled


def _columns(batch: list[Item]) -> Batch:
    return [hold for hold, _ in batch], [workspace for _, workspace in batch]


async def _hold_batch(connection: Connection, holds: list[TransferId], owners: list[WorkspaceId]) -> list[Code]:
    return await service.hold(
        connection, hold_ids=holds, workspace_ids=owners, amounts=[HELD] * len(holds), lease=LEASE
    )


async def _settle_batch(connection: Connection, holds: list[TransferId], owners: list[WorkspaceId]) -> list[Code]:
    return await service.settle(
        connection,
        transfer_ids=[TransferId(new_id()) for _ in holds],
        hold_ids=holds,
        workspace_ids=owners,
        charges=[CHARGED] * len(holds),
    )
