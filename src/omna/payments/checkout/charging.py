"""Charge a kept method for an automatic recharge. The order is committed before the service hears of it."""

from omna.db.pool import Connection, borrow, transaction
from omna.errors import PaymentServiceRefused
from omna.ids import RechargeId
from omna.payments.checkout import applying, opening, store, top_up_store, top_ups
from omna.payments.checkout.registry import Registry
from omna.payments.checkout.store import OpenOrder
from omna.payments.recharges import service as recharges
from omna.workspaces import service as workspaces


async def charge(registry: Registry, recharge_id: RechargeId) -> None:
    """Charge the kept method for an order, once: the same order again is recognised by the service.

    What became of it is asked for afterwards, as with every order. While recharges are stopped, or the workspace is
    frozen, nothing is charged: the order waits, and ends with its time.
    Errors  PaymentServiceUnavailable (the order stays and is tried again), PaymentServiceRefused (it has failed)
    """
    async with borrow(registry.pool) as connection:
        order = await store.order(connection, recharge_id)
        kept = None if order is None else await top_up_store.get(connection, order.workspace_id)
        waits = order is not None and await _must_wait(connection, order)
    if order is None or order.state != "created" or order.session_id is not None or waits:
        return
    saved = None if kept is None else top_ups.saved_of(kept, order.processor)
    try:
        processor = opening.processor_of(registry, order)
        if saved is None:
            raise PaymentServiceRefused("The payment method is not kept any more.")
        session_id = await processor.charge_saved(opening.order_of(order), saved)
    except PaymentServiceRefused:
        async with transaction(registry.pool) as connection:
            locked = await store.lock(connection, recharge_id)
            assert locked is not None, "rows of orders are never deleted"
            if locked.session_id is None:
                await applying.change(connection, locked, "failed", "refused", actor=registry.actor)
        raise
    async with transaction(registry.pool) as connection:
        await store.lock(connection, recharge_id)
        await store.set_session(connection, recharge_id, session_id, None, applying.FIRST_PAUSE)


async def _must_wait(connection: Connection, order: OpenOrder) -> bool:
    """Return whether no money may be taken now, although it could be when the order was made."""
    if await recharges.pause(connection) is not None:
        return True
    return (await workspaces.get(connection, order.workspace_id)).frozen_reason is not None
