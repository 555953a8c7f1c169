"""Periodic jobs, each turn run by one worker of the cluster."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.core.executors import AsyncCrontab
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.models import Schedule
from pgqueuer.queries import Queries

from omna.db.job_tables import job_settings
from omna.db.migrate import MigrationError
from omna.db.pool import Connection
from omna.jobs import runs
from omna.observability.logs import get_logger

logger = get_logger(__name__)

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

#: Seconds between tries while the database is away.
FIRST_RETRY, LAST_RETRY = 0.2, 30.0

# What a lost or refusing server raises, in the library and in the driver.
_DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,
)


@dataclass(frozen=True)
class Periodic:
    """One row of a schedule.

    name    stands in the database; a renamed job starts anew
    cron    minute hour day month weekday in UTC, optionally with seconds as a sixth field
    run     takes the pool, opens its own transactions, and may run twice without harm
    """

    name: str
    cron: str
    run: Callable[[Pool], Awaitable[None]]


async def run_periodic(pool: Pool, jobs: Sequence[Periodic], stop: asyncio.Event) -> None:
    """Run the jobs when they are due, together with all other workers of this database, until `stop` is set.

    Returns when the jobs it has begun are done. A job that fails is logged and comes again at its next turn.
    Errors  MigrationError when the schema has no job tables
    """
    delay = FIRST_RETRY
    while not stop.is_set():
        started = time.monotonic()
        try:
            if await pool.fetchval("SELECT to_regclass('pgqueuer_schedules')") is None:
                raise MigrationError("the schema has no job tables; run `omna migrate`")
            await _manager(pool, jobs, stop).run()
        except _DATABASE_AWAY as error:
            if time.monotonic() - started > LAST_RETRY:
                delay = FIRST_RETRY
            logger.warning("database away, jobs wait", error=str(error), retry_seconds=round(delay, 1))
            with suppress(TimeoutError):
                # Spread, so that the workers of a cluster do not all come back in the same instant.
                await asyncio.wait_for(stop.wait(), delay * random.uniform(0.5, 1.0))  # noqa: S311
            delay = min(delay * 2, LAST_RETRY)


async def overdue(connection: Connection, names: Sequence[str], minutes: int) -> dict[str, int]:
    """Return the jobs whose turn nobody has taken for so many minutes, and since how many."""
    rows = await connection.fetch(
        "SELECT entrypoint, floor(extract(epoch FROM now() - next_run) / 60)::integer AS late FROM pgqueuer_schedules"
        " WHERE entrypoint = ANY ($1) AND next_run < now() - make_interval(mins => $2)"
        " AND (status = 'queued' OR heartbeat < now() - make_interval(mins => $2)) ORDER BY entrypoint",
        list(names),
        minutes,
    )
    return {row["entrypoint"]: row["late"] for row in rows}


def _manager(pool: Pool, jobs: Sequence[Periodic], stop: asyncio.Event) -> SchedulerManager:
    queries = Queries(AsyncpgPoolDriver(pool))
    queries.qbe.settings = queries.qbq.settings = queries.qbs.settings = job_settings()
    manager = SchedulerManager(queries)
    manager.shutdown = stop
    for job in jobs:
        manager.schedule(job.name, job.cron, accepts_context=False)(_turn(job, pool))
    return manager


def _turn(job: Periodic, pool: Pool) -> AsyncCrontab:
    async def run(_schedule: Schedule) -> None:
        started = time.monotonic()
        try:
            await job.run(pool)
        except Exception as error:
            with suppress(*_DATABASE_AWAY, asyncpg.PostgresError):
                await runs.note_failure(pool, job.name, error)
            raise
        await runs.note_success(pool, job.name)
        logger.debug("job done", job=job.name, seconds=round(time.monotonic() - started, 3))

    return run
