"""The job that ends proposals of manual Credits which nobody decided about."""

from collections.abc import Awaitable, Callable

from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger
from omna.risk.proposals import service as proposals
from omna.vault import service as vault
from omna.vault.keyring import Purpose

logger = get_logger(__name__)


def expire_proposals(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that ends proposals seven days after they were made."""

    async def expire(pool: Pool) -> None:
        async with borrow(pool) as connection:
            keyring = await vault.open_keyring(connection, settings)
        actor = Actor("system:credits", "", keyring.derive(Purpose.AUDIT_CHAIN))
        ended = proposals.BATCH
        while ended >= proposals.BATCH:
            async with transaction(pool) as connection:
                ended = await proposals.expire(connection, actor=actor)
            if ended:
                logger.info("proposals of Credits expired", proposals=ended)

    return expire
