"""Jobs that keep the usage tables in shape."""

from omna.db.pool import borrow
from omna.gateway import idempotency
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger

logger = get_logger(__name__)

#: Partitions made ahead: a worker may be away for two months before requests land in the default partition.
MONTHS_AHEAD = 2


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
