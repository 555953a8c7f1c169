"""Jobs that keep the table of uploads small."""

from omna.chat.files import service as chat_files
from omna.db.pool import transaction
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger
from omna.uploads import service as uploads

logger = get_logger(__name__)


async def sweep_uploads(pool: Pool) -> None:
    """Delete files that were handed in and then not used, and what was read of them."""
    swept = 0
    while True:
        # One transaction a step: each row may be ten megabytes.
        async with transaction(pool) as connection:
            step = await chat_files.sweep(connection) + await uploads.sweep(connection)
        if not step:
            break
        swept += step
    if swept:
        logger.info("unused files deleted", rows=swept)
