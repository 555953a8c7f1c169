"""Orders of customers: make one, look at it, cancel it. What is handed in for it is in proofs.py.

Making one is idempotent by the client's token, and is committed before anybody is paid: an order exists before its
money.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import (
    AccountFrozen,
    AwaitingApproval,
    Conflict,
    EmailNotVerified,
    EmergencyStop,
    InvalidValue,
    NotFound,
    ServerFault,
)
from omna.ids import RechargeId, UserId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.money import Nanocredits, format_credits
from omna.payments import steps
from omna.payments.recharges import methods, store
from omna.payments.recharges.model import LIVE, Recharge, State, describe, make_reference
from omna.payments.recharges.quote import Offer, Quote, format_minor, quote
from omna.risk import refusals
from omna.risk import service as risk
from omna.risk.model import Stop
from omna.workspaces import service as workspaces
from omna.workspaces.model import APPROVAL

Channel = Literal["manual", "checkout", "top_up"]

#: Orders of one workspace that wait for something: enough for people, too few for a flood.
MOST_LIVE = 20
#: How long a checkout can be paid.
CHECKOUT_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to buy. The same token with the same wish is the same order."""

    client_token: str
    channel: Channel
    credits: Nanocredits
    method_id: UUID | None = None
    save_method: bool = False


async def pause(connection: Connection) -> Stop | None:
    """Return the emergency stop that keeps new orders from being made, None when there is none."""
    return next((stop for stop in await risk.stops(connection) if stop.scope in ("all", "recharge")), None)


def stopped(stop: Stop) -> EmergencyStop:
    """Return the error of a stop that keeps an order from being made or paid, and count it."""
    refusals.note(stop.scope)
    return EmergencyStop(f"New recharges are stopped for now. {stop.message}".rstrip(), metadata={"scope": stop.scope})


async def price(
    connection: Connection, workspace_id: WorkspaceId, amount: Nanocredits, channel: Channel, offer: Offer
) -> Quote:
    """Return what an amount costs and brings now. Errors: InvalidValue."""
    wallet = await ledger.wallet(connection, workspace_id)
    return quote(offer.tariff, amount, with_fee=channel != "manual", wallet=wallet)


async def create(
    connection: Connection,
    wish: Wish,
    *,
    workspace_id: WorkspaceId,
    user_id: UserId | None,
    offer: Offer,
    actor: audit.Actor,
) -> tuple[Recharge, bool]:
    """Return the order of a wish, and whether it was made just now.

    user_id  None: an automatic top-up
    Errors   Conflict for a token of another wish, and when too many orders wait; InvalidValue; EmergencyStop with its
             reason; AccountFrozen, EmailNotVerified, AwaitingApproval
    """
    await store.lock_workspace(connection, workspace_id)
    earlier = await store.id_of_token(connection, workspace_id, wish.client_token)
    if earlier is not None:
        return await _same_wish(connection, earlier, wish), False
    await _require_open(connection, workspace_id)
    if await store.count_live(connection, workspace_id, [*LIVE]) >= MOST_LIVE:
        raise Conflict(f"{MOST_LIVE} orders of this workspace wait already. Finish or cancel one of them first.")
    method = None
    if wish.channel == "manual":
        if wish.method_id is None:
            raise InvalidValue("Choose a payment method.", param="method_id")
        offered = await methods.offered(connection, offer.tariff.currency)
        method = next((one for one in offered if one.method_id == wish.method_id), None)
        if method is None:
            raise InvalidValue(
                "This payment method is not offered. Reload the page for those that are.", param="method_id"
            )
    elif offer.checkout is None:
        raise InvalidValue("There is no automatic checkout here. Choose a payment method.", param="channel")
    priced = await price(connection, workspace_id, wish.credits, wish.channel, offer)
    recharge_id = RechargeId(new_id())
    checkout = None if wish.channel == "manual" else offer.checkout
    for _ in range(8):
        if await store.add(
            connection,
            workspace_id=workspace_id,
            recharge_id=recharge_id,
            created_by=user_id,
            channel=wish.channel,
            state=State.AWAITING_PROOF if checkout is None else State.CREATED,
            client_token=wish.client_token,
            reference=make_reference(),
            credits=priced.credits,
            bonus=priced.bonus,
            price_minor=priced.price_minor,
            fee_minor=priced.fee_minor,
            currency=priced.currency,
            terms_version=offer.terms_version,
            method_id=None if method is None else method.method_id,
            processor=None if checkout is None else checkout.processor,
            test_mode=checkout is not None and checkout.test_mode,
            save_method=wish.save_method,
            lifetime=timedelta(days=offer.manual_days) if checkout is None else CHECKOUT_LIFETIME,
        ):
            break
    else:
        raise ServerFault("No reference could be found for this order. Try again.")
    await steps.add(connection, workspace_id, recharge_id, "created", "omna" if user_id is None else "customer")
    made = await _get(connection, recharge_id)
    await audit.record(
        connection,
        actor,
        "recharge.create",
        show("rch", recharge_id),
        after={
            "workspace": show("ws", workspace_id),
            "channel": wish.channel,
            "credits": format_credits(made.credits),
            "total": format_minor(made.total_minor, made.currency),
            "reference": made.reference,
            "terms": made.terms_version,
        },
    )
    return made, True


async def get(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> Recharge:
    """Return an order of a workspace. Errors: NotFound."""
    return own(await store.get(connection, recharge_id), workspace_id)


async def list_of(connection: Connection, workspace_id: WorkspaceId, before: UUID | None, limit: int) -> list[Recharge]:
    """Return orders of a workspace, newest first; `before` continues a page."""
    return await store.newest(connection, workspace_id, before, limit)


async def cancel(
    connection: Connection,
    recharge_id: RechargeId,
    *,
    workspace_id: WorkspaceId,
    actor: audit.Actor,
) -> Recharge:
    """End an order that nobody decided on. Money that arrives for it all the same is credited.

    Errors  NotFound, Conflict
    """
    recharge = own(await store.lock(connection, recharge_id), workspace_id)
    if not recharge.may("cancel"):
        raise Conflict(f"This order cannot be cancelled any more: it {describe(recharge)}.")
    moved = await store.set_state(connection, recharge_id, recharge.state, State.CANCELLED)
    assert moved, "the row is locked"
    await steps.add(connection, workspace_id, recharge_id, "cancelled", "customer")
    await audit.record(
        connection,
        actor,
        "recharge.cancel",
        show("rch", recharge_id),
        before={"state": recharge.state},
        after={"state": State.CANCELLED},
    )
    return await _get(connection, recharge_id)


async def _require_open(connection: Connection, workspace_id: WorkspaceId) -> None:
    """Errors: EmergencyStop, AccountFrozen, EmailNotVerified, AwaitingApproval."""
    stop = await pause(connection)
    if stop is not None:
        raise stopped(stop)
    workspace = await workspaces.get(connection, workspace_id)
    if workspace.frozen_reason is not None:
        raise AccountFrozen(f"This workspace is frozen: {workspace.frozen_reason}. Ask support to have it reviewed.")
    if workspace.pending is not None:
        raise AwaitingApproval() if workspace.pending == APPROVAL else EmailNotVerified()


async def _same_wish(connection: Connection, recharge_id: RechargeId, wish: Wish) -> Recharge:
    order = await _get(connection, recharge_id)
    asked = (wish.channel, wish.credits, wish.method_id, wish.save_method)
    if asked != (order.channel, order.credits, order.method_id, order.save_method):
        raise Conflict(
            "This token was used for another order.",
            param="client_token",
            metadata={"recharge": show("rch", recharge_id)},
        )
    return order


async def _get(connection: Connection, recharge_id: RechargeId) -> Recharge:
    return there(await store.get(connection, recharge_id))


def own(recharge: Recharge | None, workspace_id: WorkspaceId) -> Recharge:
    """Return an order that belongs to a workspace. Errors: NotFound."""
    recharge = there(recharge)
    if recharge.workspace_id != workspace_id:
        raise _missing()
    return recharge


def there(recharge: Recharge | None) -> Recharge:
    """Return an order that is there. Errors: NotFound."""
    if recharge is None:
        raise _missing()
    return recharge


def _missing() -> NotFound:
    return NotFound("There is no such order.")
