"""Ask the payment service about an order, and book what it says: the return page, the poller and staff all do this."""

from dataclasses import replace

from omna.audit import service as audit
from omna.db.pool import borrow, transaction
from omna.errors import NotFound, PaymentServiceRefused
from omna.ids import RechargeId, show
from omna.observability.logs import get_logger
from omna.payments.checkout import applying, charging, opening, store
from omna.payments.checkout.processor import Facts, Processor
from omna.payments.checkout.registry import Registry
from omna.payments.checkout.store import OpenOrder

log = get_logger(__name__)


async def sync(registry: Registry, recharge_id: RechargeId, *, actor: audit.Actor | None = None) -> None:
    """Bring an order to where its payment service says it is. Past its time, or cancelled, it is closed there.

    actor   who asked; None: the system
    Errors  NotFound, PaymentServiceUnavailable; PaymentServiceRefused when the service is off or knows no such order
    """
    async with borrow(registry.pool) as connection:
        order = await store.order(connection, recharge_id)
    if order is None:
        raise NotFound("There is no such order at a payment service.")
    by = actor or registry.actor
    session_id = order.session_id or await _begin(registry, order, by)
    if session_id is None:
        return
    try:
        facts = await _look(opening.processor_of(registry, order), order, session_id)
    except PaymentServiceRefused:
        # Nobody can be asked any more. What arrives later is credited all the same.
        if order.over:
            await _close(registry, order, by)
        raise
    async with transaction(registry.pool) as connection:
        await applying.apply(connection, facts, freeze=registry.freezes, actor=by)
        if order.state == "cancelled" and facts.status != "open":
            await store.forget_address(connection, recharge_id)


async def _look(processor: Processor, order: OpenOrder, session_id: str) -> Facts:
    facts = await processor.fetch(session_id)
    if facts.status == "open" and (order.over or order.state == "cancelled"):
        await processor.expire(session_id)
        facts = await processor.fetch(session_id)
    if order.channel == "top_up" and facts.failure and facts.status != "expired":
        # A declined charge must not come to life later: the next try is an order of its own.
        await processor.expire(session_id)
    if facts.recharge_id is None:
        # An order that we made there without our name on it cannot be; one in our table with its id is ours.
        log.error("order lost its name at the payment service", recharge=show("rch", order.recharge_id))
        facts = replace(facts, recharge_id=order.recharge_id)
    return facts


async def _begin(registry: Registry, order: OpenOrder, by: audit.Actor) -> str | None:
    """Go on with an order that the service may not have heard of, and return its session: None when there is none."""
    if order.state != "created":
        return None
    if order.over:
        await _close(registry, order, by)
        return None
    if order.channel == "top_up":
        await charging.charge(registry, order.recharge_id)
    else:
        await opening.open_checkout(registry, order.recharge_id)
    async with borrow(registry.pool) as connection:
        begun = await store.order(connection, order.recharge_id)
    return None if begun is None else begun.session_id


async def _close(registry: Registry, order: OpenOrder, by: audit.Actor) -> None:
    async with transaction(registry.pool) as connection:
        locked = await store.lock(connection, order.recharge_id)
        assert locked is not None, "rows of orders are never deleted"
        await applying.close(connection, locked, actor=by)
