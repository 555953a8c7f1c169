"""Jobs about providers."""

from collections.abc import Awaitable, Callable

from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.gateway import vitals
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger
from omna.risk.reconciliation import model
from omna.risk.reconciliation import service as reconciliation
from omna.vault import service as vault

logger = get_logger(__name__)


async def sweep_vitals(pool: Pool) -> None:
    """Remove what gateways saw of providers more than a week ago."""
    async with transaction(pool) as connection:
        minutes = await vitals.sweep(connection)
    if minutes:
        logger.info("minutes of providers removed", minutes=minutes)


def reconcile_providers(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that compares our costs with the reports of providers. Errors: ConfigError."""
    model.allowed(settings.risk)

    async def reconcile(pool: Pool) -> None:
        """Compare what was recorded with what providers report: days that are over, or the day so far near its end."""
        async with borrow(pool) as connection:
            keyring = await vault.open_keyring(connection, settings)
        days = await reconciliation.reconcile_all(pool, keyring, settings)
        if days:
            logger.info("costs of providers compared", **days)

    return reconcile
