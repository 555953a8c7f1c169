"""Jobs that tell people of alerts."""

from collections.abc import Awaitable, Callable

from omna.accounts.alerting import audience
from omna.alerts import deliveries, telling, webhook
from omna.alerts.outcome import Verdict
from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger
from omna.vault import service as vault
from omna.vault.keyring import Keyring

logger = get_logger(__name__)

#: Deliveries of one turn: what is left comes a few seconds later, perhaps to another worker.
TURN = 50


def tell_alerts(configuration: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that writes mails and deliveries of alerts that are due."""

    async def tell(pool: Pool) -> None:
        async with transaction(pool) as connection:
            told = await telling.tell(connection, await audience(connection), configuration.server.public_url)
        if told:
            logger.info("alerts told", alerts=told)

    return tell


def deliver_alerts(configuration: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that sends deliveries to the webhook."""
    opened: list[Keyring] = []

    async def run(pool: Pool) -> None:
        if not opened:
            async with borrow(pool) as connection:
                opened.append(await vault.open_keyring(connection, configuration))
        await deliver(pool, opened[0])

    return run


async def deliver(pool: Pool, keyring: Keyring) -> None:
    """Send the deliveries that are due. Where the receiver cannot be reached, the others wait for the next turn."""
    for _ in range(TURN):
        # No connection to the database is held while the receiver thinks.
        async with borrow(pool) as connection:
            parcel = await deliveries.claim(connection, keyring)
        if parcel is None:
            return
        outcome = await webhook.send(parcel.url, parcel.allowed, parcel.headers, parcel.delivery.body)
        async with transaction(pool) as connection:
            await deliveries.settle(connection, parcel.delivery, outcome)
        fields = {"delivery": deliveries.message_id(parcel.delivery.delivery_id), "status": outcome.status}
        if outcome.verdict is Verdict.SENT:
            logger.info("alert delivered", **fields)
        else:
            logger.warning("alert not delivered", error=outcome.error, **fields)
            if outcome.status is None:
                return


async def sweep_alerts(pool: Pool) -> None:
    """Delete alerts and notices that are old."""
    async with transaction(pool) as connection:
        swept = await telling.sweep(connection)
    if swept:
        logger.info("alerts swept", rows=swept)
