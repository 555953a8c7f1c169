"""From an order to the page where it is paid. The order is committed before the service hears of it."""

from datetime import timedelta

from omna.db.pool import borrow, transaction
from omna.errors import Conflict, NotFound, PaymentServiceRefused
from omna.ids import RechargeId, show
from omna.money import format_credits
from omna.observability.logs import get_logger
from omna.payments.checkout import applying, store
from omna.payments.checkout.processor import Order, Processor
from omna.payments.checkout.registry import Registry
from omna.payments.checkout.store import OpenOrder
from omna.payments.recharges import service as recharges

log = get_logger(__name__)

_MARGIN = timedelta(minutes=30)

_UNPAID = ("created", "open", "awaiting_payment")


async def open_checkout(registry: Registry, recharge_id: RechargeId) -> str:
    """Return the address where an order is paid, asking the service for it when it is not known.

    The same order again gives the same page, also after a crash in between: the id of the order is what the service
    recognises it by.
    Errors  NotFound, Conflict for an order that is over, PaymentServiceUnavailable (the order stays),
            PaymentServiceRefused (the order has failed), EmergencyStop while recharges are stopped
    """
    async with borrow(registry.pool) as connection:
        order = await store.order(connection, recharge_id)
        stop = await recharges.pause(connection)
    if order is None:
        raise NotFound("There is no such order.")
    if order.state not in _UNPAID or order.over:
        raise Conflict("This order is over; make a new one.")
    if order.session_url is not None:
        return order.session_url
    if stop is not None:
        raise recharges.stopped(stop)
    return await _open(registry, processor_of(registry, order), order)


def processor_of(registry: Registry, order: OpenOrder) -> Processor:
    """Return the service of an order. Errors: PaymentServiceRefused when it is switched off, or in another mode."""
    processor = registry.named(order.processor)
    if processor is None or processor.livemode == order.test_mode:
        raise PaymentServiceRefused("The payment service of this order is switched off.")
    return processor


def order_of(order: OpenOrder) -> Order:
    """Return an order in the words of the protocol. The same order gives the same words each time."""
    return Order(
        recharge_id=order.recharge_id,
        workspace_id=order.workspace_id,
        reference=order.reference,
        description=f"{format_credits(order.credits)} Credits",
        amount_minor=order.total_minor,
        currency=order.currency,
        email=order.email,
        language=order.language,
        # Services take a day at most, by their own clock: ours may be ahead.
        expires_at=order.expires_at - _MARGIN,
        save_method=order.save_method,
    )


def return_url(registry: Registry, order: OpenOrder) -> str:
    """Return where the browser comes back to: the page of the order, which asks what is true."""
    workspace, recharge = show("ws", order.workspace_id), show("rch", order.recharge_id)
    return f"{registry.settings.server.public_url.rstrip('/')}/app/w/{workspace}/orders/{recharge}?returned=1"


async def _open(registry: Registry, processor: Processor, order: OpenOrder) -> str:
    try:
        checkout = await processor.create_checkout(order_of(order), return_url(registry, order))
    except PaymentServiceRefused:
        async with transaction(registry.pool) as connection:
            locked = await store.lock(connection, order.recharge_id)
            # What is known there has a session: a refusal to make one more says nothing about it.
            if locked is not None and locked.session_id is None:
                await applying.change(connection, locked, "failed", "refused", actor=registry.actor)
        raise
    pause = timedelta(seconds=registry.settings.payments.poll_seconds)
    async with transaction(registry.pool) as connection:
        locked = await store.lock(connection, order.recharge_id)
        assert locked is not None, "rows of orders are never deleted"
        await store.set_session(connection, order.recharge_id, checkout.session_id, checkout.url, pause)
        await applying.change(connection, locked, "open", "", actor=registry.actor)
    return checkout.url
