"""Recharge the workspaces that asked for it when their balance is low."""

from datetime import timedelta

from omna.db.pool import borrow, transaction
from omna.documents.legal import terms_version
from omna.errors import OmnaError, ServiceUnavailable
from omna.ids import RechargeId, WorkspaceId, new_id, show
from omna.money import Nanocredits
from omna.observability.logs import get_logger
from omna.payments.checkout import top_up_store, top_ups
from omna.payments.checkout.registry import Registry
from omna.payments.checkout.syncing import sync
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
        await top_up_store.land_all(connection)
        due = await top_up_store.due(connection, BATCH)
    made = 0
    for workspace_id in due:
        recharge_id = await _order(registry, workspace_id)
        if recharge_id is not None:
            made += 1
            await _try(registry, recharge_id)
    return made


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
                offer=offer_of(settings.payments, settings.credits.usd_per_credit, terms_version(settings.legal)),
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
        await sync(registry, recharge_id)
    except ServiceUnavailable:
        raise
    except OmnaError as error:
        log.warning("automatic recharge not charged", recharge=show("rch", recharge_id), error=error.message)
    except Exception as error:
        log.error("automatic recharge not charged", recharge=show("rch", recharge_id), exc_info=error)
