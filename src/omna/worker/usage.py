"""Jobs that keep the usage tables in shape."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg

from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.errors import ServiceUnavailable
from omna.gateway import idempotency
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger

logger = get_logger(__name__)

#: Partitions made ahead: a worker may be away for two months before requests land in the default partition.
MONTHS_AHEAD = 2

#: How far back the sums are compared with their requests every night.
MENDED = timedelta(days=3)

#: Seconds that the sums of one busy hour may take.
_LONG = 300
#: Tries to drop a month: each gives up at once rather than make requests wait.
_TRIES, _PAUSE_SECONDS = 20, 3.0


async def make_partitions(pool: Pool) -> None:
    """Make the monthly partitions of the usage table that are not there yet."""
    async with borrow(pool) as connection:
        made = await connection.fetchval("SELECT usage_make_partitions($1)", MONTHS_AHEAD)
    if made:
        logger.info("usage partitions made", partitions=made)


async def forget_answers(pool: Pool) -> None:
    """Delete the answers kept for retries that are a day old."""
    async with borrow(pool) as connection:
        forgotten = await idempotency.forget_old(connection)
    if forgotten:
        logger.info("stored answers forgotten", answers=forgotten)


async def roll_up(pool: Pool) -> None:
    """Sum every hour that is closed and has no sums yet, each in a transaction of its own."""
    hours, until = 0, None
    while True:
        async with transaction(pool) as connection:
            await connection.execute("SET LOCAL statement_timeout = '5min'")
            reached = await connection.fetchval("SELECT usage_roll_up()", timeout=_LONG)
        if reached is None:
            break
        hours, until = hours + 1, reached
    if hours:
        logger.info("usage summed", hours=hours, until=until)


async def mend(pool: Pool) -> None:
    """Sum again the hours of the last days into which a request came late."""
    async with transaction(pool) as connection:
        await connection.execute("SET LOCAL statement_timeout = '5min'")
        hours = await connection.fetchval("SELECT usage_mend(clock_timestamp() - $1)", MENDED, timeout=_LONG)
    if hours:
        logger.warning("usage summed again: requests came late, is a clock wrong?", hours=hours)


def forget_requests(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that removes single requests older than `usage.retention_months`; 0 keeps them for ever."""
    months = settings.usage.retention_months

    async def forget(pool: Pool) -> None:
        """Remove the oldest months of single requests, each once all its hours are summed."""
        tries = 0
        while months and tries < _TRIES:
            try:
                month = await _forget_month(pool, months)
            except ServiceUnavailable as away:
                if not isinstance(away.__cause__, asyncpg.LockNotAvailableError):
                    raise
                tries += 1
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            if month is None:
                return
            logger.info("single requests of a month removed, their sums stay", month=f"{month.astimezone(UTC):%Y-%m}")

    return forget


async def _forget_month(pool: Pool, months: int) -> datetime | None:
    async with transaction(pool) as connection:
        await connection.execute("SET LOCAL statement_timeout = '5min'")
        month: datetime | None = await connection.fetchval(
            """SELECT usage_forget(timezone('UTC', date_trunc('month', timezone('UTC', now()))
                                   - make_interval(months => $1)))""",
            months,
            timeout=_LONG,
        )
    return month
