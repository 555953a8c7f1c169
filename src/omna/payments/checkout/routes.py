"""/api/workspaces/{ws}: ask the payment service about an order; recharge by itself."""

from typing import Annotated

from fastapi import Request

from omna.audit.acting import Act
from omna.db.pool import Connection, transaction
from omna.http.access import AtPool, Can, Reading, Work
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import WorkspaceId, show
from omna.money import parse_credits
from omna.payments.checkout import schemas, top_ups
from omna.payments.checkout.registry import AtCheckout, Registry
from omna.payments.checkout.syncing import sync
from omna.payments.recharges import routes as recharges
from omna.payments.recharges import schemas as recharge_schemas
from omna.payments.recharges import service

router = Router(prefix="/api/workspaces/{workspace}", tags=["payments"])

Buyer = Annotated[Member, Can(Right.BILLING)]
#: What became of an order that is there is followed to its end, also while everything else is frozen.
Payer = Annotated[Member, Can(Right.BILLING, while_frozen=True)]


@router.post("/recharges/{recharge}/check")
async def check_recharge(
    recharge: recharges.RechargePath, http: Request, who: Payer, pool: AtPool, checkout: AtCheckout, act: Act
) -> recharge_schemas.Recharge:
    """Ask the payment service about an order now, and return where it stands: what the return page shows.

    Nothing that a browser brings along is believed. Asked again within two seconds, it answers what is known.
    """
    recharge_id = recharges.recharge_id_of(recharge)
    async with transaction(pool) as connection:
        order = await service.get(connection, who.workspace_id, recharge_id)
    if order.may("check") and checkout.is_time_to_ask(recharge_id):
        await sync(checkout, recharge_id, actor=act(who))
    async with transaction(pool) as connection:
        order = await service.get(connection, who.workspace_id, recharge_id)
        return await recharges.recharge_body(http, connection, order, who)


@router.get("/auto-top-up")
async def get_auto_top_up(who: Buyer, connection: Reading, checkout: AtCheckout) -> schemas.AutoTopUp:
    """Return how the workspace recharges by itself."""
    return await _body(connection, who.workspace_id, checkout)


@router.put("/auto-top-up")
async def change_auto_top_up(
    body: schemas.AutoTopUpChange, http: Request, who: Buyer, connection: Work, checkout: AtCheckout, act: Act
) -> schemas.AutoTopUp:
    """Say when to recharge by itself, or not to. It needs a payment method that was kept at a checkout."""
    await top_ups.change(
        connection,
        enabled=body.enabled,
        threshold=parse_credits(body.threshold),
        credits=parse_credits(body.credits),
        monthly_ceiling=parse_credits(body.monthly_ceiling),
        tariff=recharges.offer_here(http).tariff,
        by=who,
        actor=act(who),
    )
    return await _body(connection, who.workspace_id, checkout)


@router.delete("/auto-top-up/saved-method")
async def forget_saved_method(who: Payer, connection: Work, checkout: AtCheckout, act: Act) -> schemas.AutoTopUp:
    """Keep the payment method no longer. Automatic recharges are off then."""
    await top_ups.forget_method(connection, by=who, actor=act(who))
    return await _body(connection, who.workspace_id, checkout)


async def _body(connection: Connection, workspace_id: WorkspaceId, checkout: Registry) -> schemas.AutoTopUp:
    processor = checkout.active
    available = processor is not None and processor.can_save
    found = await top_ups.get(connection, workspace_id)
    if found is None:
        return schemas.AutoTopUp(
            enabled=False,
            threshold=None,
            credits=None,
            monthly_ceiling=None,
            spent_this_month=0,
            saved_method=None,
            in_flight=None,
            last_failure=None,
            next_try_at=None,
            available=available,
        )
    return schemas.AutoTopUp(
        enabled=found.enabled,
        threshold=found.threshold,
        credits=found.credits,
        monthly_ceiling=found.monthly_ceiling,
        spent_this_month=found.spent,
        saved_method=None if found.saved_method is None else schemas.SavedMethodOut(label=found.method_label),
        in_flight=None if found.recharge_id is None else show("rch", found.recharge_id),
        last_failure=found.last_failure or None,
        next_try_at=found.next_try_at,
        available=available,
    )
