"""Jobs that let deleted chats go for good."""

from omna.chat.library import history
from omna.db.pool import transaction
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger

logger = get_logger(__name__)


async def purge_chats(pool: Pool) -> None:
    """Delete chats that nobody can take back any more, and files that no message names."""
    purged = 0
    while True:
        # One transaction a step: a chat may have thousands of messages, and files of ten megabytes.
        async with transaction(pool) as connection:
            step = await history.purge(connection)
        if not step:
            break
        purged += step
    if purged:
        logger.info("deleted chats purged", rows=purged)
