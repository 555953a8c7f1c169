"""Charge a kept method for an automatic recharge: the order first, then the service, as with every order."""

from datetime import timedelta

from omna.db.pool import borrow, transaction
from omna.errors import OmnaError, PaymentServiceRefused, ServiceUnavailable
from omna.ids import RechargeId, WorkspaceId, new_id, show
from omna.money import Nanocredits
from omna.observability.logs import get_logger
from omna.payments.checkout import applying, opening, store, top_up_store, top_ups
from omna.payments.checkout.registry import Registry
from omna.payments.recharges import service as recharges
from omna.payments.recharges.quote import offer_of
from omna.payments.recharges.service import Wish

log = get_logger(__name__)

#: Workspaces of one turn.
BATCH = 50

#: Before the next try where no order could be made: frozen, stopped, too many orders.
_PAUSE = timedelta(hours=1)


async def top_up_all(registry: Registry) -> int:
    """Recharge every workspace whose balance is low; returns how many orders were made. Errors: ServiceUnavailable."""
    async with borrow(registry.pool) as connection:
        due = await top_up_store.due(connection, BATCH)
    made = 0
    for workspace_id in due:
        recharge_id = await _order(registry, workspace_id)
        if recharge_id is not None:
            made += 1
            await _try(registry, recharge_id)
    return made


async def charge(registry: Registry, recharge_id: RechargeId) -> None:
    """Charge the kept method for an order, once: the same order again is recognised by the service.

    Errors  PaymentServiceUnavailable (the order stays and is tried again), PaymentServiceRefused (it has failed)
    """
    async with borrow(registry.pool) as connection:
        order = await store.order(connection, recharge_id)
        kept = None if order is None else await top_up_store.get(connection, order.workspace_id)
    if order is None or order.state != "created" or order.session_id is not None:
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
    facts = await processor.fetch(session_id)
    if facts.payment is None and not facts.pending:
        # A declined charge must not come to life later: the next try is an order of its own.
        await processor.expire(session_id)
    async with transaction(registry.pool) as connection:
        await applying.apply(connection, facts, freeze=registry.freezes, actor=registry.actor)


async def _order(registry: Registry, workspace_id: WorkspaceId) -> RechargeId | None:
    """Make the one order in flight, None when there is one, or no need."""
    settings = registry.settings
    try:
        async with transaction(registry.pool) as connection:
            top_up = await top_up_store.lock(connection, workspace_id)
            if top_up is None or not await top_up_store.is_low(connection, workspace_id):
                return None
            if not top_ups.has_room(top_up):
                await top_up_store.wait(connection, workspace_id, top_ups.CEILING)
                return None
            order, _ = await recharges.create(
                connection,
                Wish(f"top-up-{new_id().hex}", "top_up", Nanocredits(top_up.credits)),
                workspace_id=workspace_id,
                user_id=None,
                offer=offer_of(settings.payments, settings.credits.usd_per_credit),
                actor=registry.actor,
            )
            taken = await top_up_store.take_off(connection, workspace_id, order.recharge_id)
            assert taken, "the row is locked and nothing is in flight"
            return order.recharge_id
    except ServiceUnavailable:
        raise
    except OmnaError as error:
        log.warning("automatic recharge not made", workspace=show("ws", workspace_id), error=error.message)
        async with transaction(registry.pool) as connection:
            await top_up_store.pause(connection, workspace_id, error.code, _PAUSE)
        return None


async def _try(registry: Registry, recharge_id: RechargeId) -> None:
    try:
        await charge(registry, recharge_id)
    except ServiceUnavailable:
        raise
    except OmnaError as error:
        log.warning("automatic recharge not charged", recharge=show("rch", recharge_id), error=error.message)
