"""Jobs that tell people of low balances and of limits."""

from collections.abc import Awaitable, Callable

from omna.db.pool import Connection, transaction
from omna.jobs.periodic import Pool
from omna.membership import notices
from omna.observability.logs import get_logger

logger = get_logger(__name__)


async def tell_low_balances(pool: Pool) -> None:
    """Write the mails of balances that fell below their threshold."""
    await _in_batches(pool, "low balances told", notices.tell_low_balances)


async def tell_limits(pool: Pool) -> None:
    """Write the mails of limits that are nearly used, or used up."""
    await _in_batches(pool, "limits told", notices.tell_limits)


async def _in_batches(pool: Pool, event: str, tell: Callable[[Connection], Awaitable[int]]) -> None:
    told = notices.BATCH
    while told >= notices.BATCH:
        async with transaction(pool) as connection:
            told = await tell(connection)
        if told:
            logger.info(event, count=told)
