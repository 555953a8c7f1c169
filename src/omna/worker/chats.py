"""Jobs of the chat: deleted ones go for good, and answers whose server is gone end."""

from omna.chat.runs import resolving
from omna.chat.shelf import history
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


async def resolve_answers(pool: Pool) -> None:
    """End answers of processes that are gone."""
    async with transaction(pool) as connection:
        ended = await resolving.resolve(connection)
    if ended:
        logger.info("answers_ended", rows=ended)
