"""Jobs that end orders nobody acted on in time."""

from collections.abc import Awaitable, Callable

from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger
from omna.payments.recharges import expiry
from omna.vault import service as vault
from omna.vault.keyring import Purpose

logger = get_logger(__name__)


def expire_recharges(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that ends orders by hand whose proof or answer did not come."""

    async def expire(pool: Pool) -> None:
        async with borrow(pool) as connection:
            keyring = await vault.open_keyring(connection, settings)
        actor = Actor("system:recharges", "", keyring.derive(Purpose.AUDIT_CHAIN))
        ended = expiry.BATCH
        while ended >= expiry.BATCH:
            async with transaction(pool) as connection:
                ended = await expiry.expire(connection, actor=actor)
            if ended:
                logger.info("recharges expired", orders=ended)

    return expire
