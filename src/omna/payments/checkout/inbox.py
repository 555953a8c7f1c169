"""What payment services tell us: each event once, committed with its effect, or kept as failed until it has one.

Nothing in an event is believed but what it is about: the service is asked for the truth, outside of any transaction.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

from omna.db.pool import borrow, transaction
from omna.errors import NotFound, OmnaError, ServiceUnavailable
from omna.observability.logs import get_logger
from omna.payments.checkout import applying, store
from omna.payments.checkout.processor import Event, Facts, Processor, RefusedDelivery
from omna.payments.checkout.registry import Registry

log = get_logger(__name__)

#: Before a failed event is tried again by ourselves; grows with each try.
RETRY_PAUSE = timedelta(seconds=30)
LONGEST_RETRY_PAUSE = timedelta(hours=6)

_LONGEST_ERROR = 500


class Outcome(Enum):
    """What becomes of a delivery; the value is the status it is answered with."""

    #: Its effect is committed, or it has none.
    DONE = 200
    #: Not believed; nothing was changed.
    REFUSED = 400
    #: There is no such webhook here.
    CLOSED = 404
    #: It must come again.
    FAILED = 503


async def receive(registry: Registry, name: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Take a delivery in. headers: lower-case names. Errors: ServiceUnavailable when the database is away."""
    processor = registry.named(name)
    if processor is None or not processor.listens:
        await refuse(registry, name, "no_secret")
        return Outcome.CLOSED
    try:
        event = processor.read_event(body, headers)
    except RefusedDelivery as refused:
        await refuse(registry, name, refused.cause)
        return Outcome.REFUSED
    return await handle(registry, processor, event)


async def refuse(registry: Registry, name: str, cause: str) -> None:
    """Count a delivery that was turned away. Nothing in it is kept: nothing in it is known to be true."""
    log.warning("payment event refused", processor=name, cause=cause)
    async with transaction(registry.pool) as connection:
        await store.count_refused(connection, name, cause)


async def handle(registry: Registry, processor: Processor, event: Event) -> Outcome:
    """Bring about what a proven event means. Errors: ServiceUnavailable."""
    async with borrow(registry.pool) as connection:
        state = await store.state_of_event(connection, processor.name, event.external_id)
    if state is not None and state != "failed":
        return Outcome.DONE
    try:
        facts = await truth(registry, processor, event)
        if facts is None:
            await _keep(registry, processor, event, "unknown")
        else:
            await _book(registry, processor, event, facts)
    except Exception as error:  # noqa: BLE001 - whatever it was, the event is kept and comes again
        await _fail(registry, processor, event, error)
        return Outcome.FAILED
    return Outcome.DONE


async def truth(registry: Registry, processor: Processor, event: Event) -> Facts | None:
    """Return the facts of the order that an event is about, None when it is about none of ours."""
    if not event.known:
        return None
    session_id = event.session_id
    if session_id is None and event.payment_id is not None:
        async with borrow(registry.pool) as connection:
            session_id = await store.session_of_payment(connection, processor.name, event.payment_id)
        session_id = session_id or await processor.session_of(event.payment_id)
    if session_id is None:
        return None
    facts = await processor.fetch(session_id)
    return None if facts.recharge_id is None else facts


async def _book(registry: Registry, processor: Processor, event: Event, facts: Facts) -> None:
    async with transaction(registry.pool) as connection:
        # First the row, then the effect, one commit: a delivery at the same time waits here and finds it done.
        if not await store.put_event(
            connection,
            processor=processor.name,
            external_id=event.external_id,
            kind=event.kind,
            livemode=event.livemode,
            payload=event.payload,
            state="handled",
            session_id=facts.session_id,
            payment_id=event.payment_id,
            recharge_id=facts.recharge_id,
        ):
            return
        await applying.apply(connection, facts, freeze=registry.freezes, actor=registry.actor)


async def _keep(registry: Registry, processor: Processor, event: Event, state: str, error: str = "") -> None:
    async with transaction(registry.pool) as connection:
        await store.put_event(
            connection,
            processor=processor.name,
            external_id=event.external_id,
            kind=event.kind,
            livemode=event.livemode,
            payload=event.payload,
            state=state,
            error=error,
            session_id=event.session_id,
            payment_id=event.payment_id,
            recharge_id=event.recharge_id,
            pause=RETRY_PAUSE,
        )


async def _fail(registry: Registry, processor: Processor, event: Event, error: Exception) -> None:
    """Keep an event whose effect did not come about, and say why. Errors: ServiceUnavailable."""
    if isinstance(error, ServiceUnavailable):
        raise error
    if isinstance(error, OmnaError):
        reason = error.message
        level = log.error if isinstance(error, NotFound) else log.warning
        level(
            "payment event failed",
            processor=processor.name,
            kind=event.kind,
            external_id=event.external_id,
            error=reason,
        )
    else:
        reason = f"Omna failed ({type(error).__name__})."
        log.error(
            "payment event failed",
            processor=processor.name,
            kind=event.kind,
            external_id=event.external_id,
            exc_info=error,
        )
    await _keep(registry, processor, event, "failed", reason[:_LONGEST_ERROR])
