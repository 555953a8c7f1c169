"""Jobs that keep the tables of accounts small."""

from omna.accounts import sweeping
from omna.db.pool import borrow
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger

logger = get_logger(__name__)


async def sweep_accounts(pool: Pool) -> None:
    """Delete sessions, links, second steps, grants and tries that are over."""
    async with borrow(pool) as connection:
        swept = await sweeping.sweep(connection)
    if swept:
        logger.info("ended sessions and links deleted", rows=swept)
