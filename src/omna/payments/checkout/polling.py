"""Not to depend on being told: ask about orders nothing was heard of, try failed events again, compare whole lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from omna.audit import service as audit
from omna.db.pool import borrow, transaction
from omna.errors import OmnaError, PaymentServiceRefused, ServiceUnavailable
from omna.ids import RechargeId, show
from omna.observability.logs import get_logger
from omna.payments.checkout import inbox, store
from omna.payments.checkout.processor import Event, Processor, Received
from omna.payments.checkout.registry import Registry
from omna.payments.checkout.syncing import sync

log = get_logger(__name__)

#: Orders or events of one turn.
BATCH = 50

#: The longest pause between two questions about an order.
LONGEST_PAUSE = timedelta(hours=1)

#: How far back lists are compared, and how long a payment may be on its way to us before its absence is a difference.
COMPARED = timedelta(days=3)
_GRACE = timedelta(minutes=15)

#: A payment that the service knows nothing of.
UNKNOWN_THERE = "not_at_processor"


async def poll(registry: Registry) -> int:
    """Ask about the orders it is time for; returns how many were asked about. Errors: ServiceUnavailable."""
    pause = timedelta(seconds=registry.settings.payments.poll_seconds)
    async with transaction(registry.pool) as connection:
        due = await store.claim_polls(connection, pause, LONGEST_PAUSE, BATCH)
    for recharge_id in due:
        await _ask(registry, recharge_id)
    return len(due)


async def retry_events(registry: Registry) -> int:
    """Try failed events again; returns how many. Errors: ServiceUnavailable."""
    async with transaction(registry.pool) as connection:
        due = await store.claim_failed(connection, inbox.RETRY_PAUSE, inbox.LONGEST_RETRY_PAUSE, BATCH)
    for row in due:
        processor = registry.named(row["processor"])
        if processor is not None:
            await inbox.handle(registry, processor, event_of(row))
    return len(due)


def event_of(row: object) -> Event:
    """Return an event as it was proven when it came in. row: of payment_events."""
    values: dict[str, object] = dict(row)  # type: ignore[call-overload]
    return Event(**{name: values[name] for name in _EVENT_FIELDS})  # type: ignore[arg-type]


_EVENT_FIELDS = ("external_id", "kind", "livemode", "payload", "session_id", "payment_id", "recharge_id")


@dataclass(frozen=True, slots=True)
class Differences:
    """What lists do not agree on. `missing`: there and not credited here; `unknown`: credited here and not there."""

    missing: Sequence[str]
    unknown: Sequence[str]
    touched: int


async def compare(registry: Registry, processor: Processor) -> Differences:
    """Compare the payments of the last days with the service's own list, both ways, and look after what was given
    back or disputed there. What can be put right is; the rest is flagged and logged as an error.

    Errors  ServiceUnavailable, PaymentServiceUnavailable, PaymentServiceRefused
    """
    async with borrow(registry.pool) as connection:
        now = await store.moment(connection)
    there = await processor.received_since(now - COMPARED)
    touched = await processor.touched_since(now - COMPARED)
    async with borrow(registry.pool) as connection:
        known = await store.payments_named(connection, processor.name, [one.payment_id for one in there])
        ours = await store.payments_since(connection, processor.name, now - COMPARED)
        orders = set((await store.payments_named(connection, processor.name, list(touched))).values())
        orders |= await store.unsettled(connection, processor.name)
    missing = [one for one in there if one.payment_id not in known]
    for one in missing:
        if one.recharge_id is not None:
            await _ask(registry, one.recharge_id)
    for recharge_id in orders:
        await _ask(registry, recharge_id)
    listed = {one.payment_id for one in there}
    # The service lists payments by when they began, and those of slow methods began long ago: they are asked for.
    unknown = [
        row["payment_id"]
        for row in ours
        if row["payment_id"] not in listed and row["received_at"] < now - _GRACE
        and not await _is_there(registry, processor, row["recharge_id"], row["payment_id"])
    ]  # fmt: skip
    return Differences(await _still_missing(registry, processor, missing), unknown, len(orders))


async def _still_missing(registry: Registry, processor: Processor, missing: Sequence[Received]) -> list[str]:
    async with borrow(registry.pool) as connection:
        known = await store.payments_named(connection, processor.name, [one.payment_id for one in missing])
    still = [one for one in missing if one.payment_id not in known]
    for one in still:
        log.error(
            "payment is not credited", processor=processor.name, payment=one.payment_id, amount=one.amount_minor,
            currency=one.currency, recharge=None if one.recharge_id is None else show("rch", one.recharge_id),
        )  # fmt: skip
    return [one.payment_id for one in still]


async def _is_there(registry: Registry, processor: Processor, recharge_id: RechargeId, payment_id: str) -> bool:
    """Return whether the service knows of a payment; one that it does not know is flagged."""
    try:
        if await processor.session_of(payment_id) is not None:
            return True
    except PaymentServiceRefused:
        pass
    log.error("credited payment is not known to its service", processor=processor.name, payment=payment_id)
    async with transaction(registry.pool) as connection:
        order = await store.lock(connection, recharge_id)
        if order is not None and await store.set_flag(connection, recharge_id, UNKNOWN_THERE):
            await audit.record(
                connection,
                registry.actor,
                "recharge.flag",
                show("rch", recharge_id),
                after={"flag": UNKNOWN_THERE, "payment": payment_id},
            )
    return False


async def _ask(registry: Registry, recharge_id: RechargeId) -> None:
    """Ask about one order. That one cannot be asked about must not keep the others from it."""
    try:
        await sync(registry, recharge_id)
    except ServiceUnavailable:
        raise
    except OmnaError as error:
        log.warning("order not asked about", recharge=show("rch", recharge_id), error=error.message)
    except Exception as error:
        log.error("order not asked about", recharge=show("rch", recharge_id), exc_info=error)
