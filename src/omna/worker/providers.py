"""Jobs about providers."""

from omna.db.pool import transaction
from omna.gateway import vitals
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger

logger = get_logger(__name__)


async def sweep_vitals(pool: Pool) -> None:
    """Remove what gateways saw of providers more than a week ago."""
    async with transaction(pool) as connection:
        minutes = await vitals.sweep(connection)
    if minutes:
        logger.info("minutes of providers removed", minutes=minutes)
