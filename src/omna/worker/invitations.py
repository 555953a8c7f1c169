"""Jobs that keep the table of invitations small."""

from omna.db.pool import transaction
from omna.jobs.periodic import Pool
from omna.membership import admitting
from omna.observability.logs import get_logger
from omna.workspaces import invitations

logger = get_logger(__name__)


async def sweep_invitations(pool: Pool) -> None:
    """Delete invitations that ended long ago: most are for people who never had an account."""
    async with transaction(pool) as connection:
        swept = await invitations.sweep(connection) + await admitting.sweep(connection)
    if swept:
        logger.info("old invitations deleted", rows=swept)
