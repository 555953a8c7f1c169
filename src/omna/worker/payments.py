"""Jobs that do not depend on being told: ask payment services, compare lists, recharge by itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from omna.alerts import service as alerts
from omna.config import Settings
from omna.db.pool import Connection, borrow, transaction
from omna.errors import PaymentServiceRefused, PaymentServiceUnavailable
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger
from omna.payments.checkout import polling, topping_up
from omna.payments.checkout.processor import Processor
from omna.payments.checkout.registry import Registry, check
from omna.payments.refunds import payout
from omna.vault import service as vault
from omna.vault.keyring import Keyring

logger = get_logger(__name__)

#: The alert of lists that do not agree.
DIFFER = "payments.differ"


class Checkout:
    """Opens the payment services for a turn of a job."""

    def __init__(self, settings: Settings) -> None:
        """Errors: ConfigError."""
        check(settings)
        self._settings = settings
        self._keyring: Keyring | None = None

    @asynccontextmanager
    async def open(self, pool: Pool) -> AsyncIterator[Registry]:
        if self._keyring is None:
            async with borrow(pool) as connection:
                self._keyring = await vault.open_keyring(connection, self._settings)
        registry = Registry(self._settings, pool, self._keyring)
        try:
            yield registry
        finally:
            await registry.close()


def ask_processors(checkout: Checkout) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that asks about orders nothing was heard of, and tries failed events again."""

    async def ask(pool: Pool) -> None:
        """Ask payment services about orders they are silent on, and try failed events again."""
        async with checkout.open(pool) as registry:
            asked = await polling.poll(registry)
            retried = await polling.retry_events(registry)
        if asked or retried:
            logger.info("payment services asked", orders=asked, events=retried)

    return ask


def compare_payments(checkout: Checkout) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that compares the lists of payment services with our own."""

    async def compare(pool: Pool) -> None:
        """Compare the payments of the last days with the services' own lists, both ways."""
        async with checkout.open(pool) as registry:
            for name in ("stripe", "sandbox"):
                processor = registry.named(name)
                if processor is not None:
                    await _compare(registry, processor)

    return compare


def top_up(checkout: Checkout) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that recharges workspaces whose balance is low."""

    async def recharge(pool: Pool) -> None:
        """Recharge the workspaces that asked for it when their balance is low."""
        async with checkout.open(pool) as registry:
            made = await topping_up.top_up_all(registry)
        if made:
            logger.info("automatic recharges made", orders=made)

    return recharge


def pay_refunds(checkout: Checkout) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that pays approved refunds out."""

    async def pay(pool: Pool) -> None:
        """Ask payment services for the refunds that are approved."""
        async with checkout.open(pool) as registry:
            tried = await payout.pay_out(pool, registry.processors, actor=registry.actor)
        if tried:
            logger.info("refunds asked for", refunds=tried)

    return pay


async def _compare(registry: Registry, processor: Processor) -> None:
    try:
        found = await polling.compare(registry, processor)
    except (PaymentServiceUnavailable, PaymentServiceRefused) as error:
        logger.error("payments not compared", processor=processor.name, error=error.message)
        return
    async with transaction(registry.pool) as connection:
        await _tell(connection, processor.name, found)
    logger.info(
        "payments compared",
        processor=processor.name,
        missing=len(found.missing),
        unknown=len(found.unknown),
        looked_after=found.touched,
    )


async def _tell(connection: Connection, name: str, found: polling.Differences) -> None:
    if not found.missing and not found.unknown:
        await alerts.resolve(connection, DIFFER, name)
        return
    await alerts.raise_alert(
        connection,
        DIFFER,
        name,
        severity="critical",
        facts={
            "missing": len(found.missing),
            "unknown": len(found.unknown),
            "payments": [*found.missing, *found.unknown][:10],
        },
        message=f"Payments differ from the list of {name}: {len(found.missing)} not credited here, "
        f"{len(found.unknown)} not known there",
    )
