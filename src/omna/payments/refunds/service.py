"""Refunds as customers see them: ask, look, take back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.http.principal import Member
from omna.ids import RechargeId, RefundId, WorkspaceId, new_id, show
from omna.money import format_credits
from omna.payments import steps
from omna.payments.refunds import letters, lots, store
from omna.payments.refunds.model import Kind, Order, Preference, Refund
from omna.payments.refunds.standing import PAID_IN_VAIN, Standing, standing

__all__ = [
    "Refund",
    "Standing",
    "Wish",
    "cancel",
    "get",
    "list_of",
    "of_recharge",
    "open_request",
    "refundable",
    "request",
]

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer asks for. credits None: as much as can come back."""

    client_token: str
    recharge_id: RechargeId
    kind: Kind
    preference: Preference
    reason: str
    credits: int | None = None
    other_recharge: RechargeId | None = None


async def refundable(
    connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId, kind: Kind
) -> Standing:
    """Return what of a recharge can come back. Errors: NotFound."""
    return await standing(connection, _found(await lots.order(connection, workspace_id, recharge_id)), kind)


async def open_request(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> Refund | None:
    """Return the refund of a recharge about which something is still to do, None when there is none."""
    for refund in await store.of_recharge(connection, workspace_id, recharge_id):
        if refund.open and refund.recharge_id == recharge_id and refund.requested_by is not None:
            return refund
    return None


async def request(connection: Connection, wish: Wish, *, by: Member, actor: audit.Actor) -> tuple[Refund, bool]:
    """Ask for a refund; a person decides. Returns whether it is new: the same wish again is the same refund.

    Errors  NotFound, InvalidValue, Conflict with the reason why there can be none
    """
    reason = _checked(wish.reason)
    if wish.kind == "unused" and wish.preference == "convert":
        raise InvalidValue("Unused Credits are Credits already. Ask for a refund, or keep them.", param="preference")
    subject, other = await _orders(connection, by.workspace_id, wish)
    order = _found(await lots.lock_order(connection, by.workspace_id, subject))
    before = await store.by_token(connection, by.workspace_id, wish.client_token)
    if before is not None:
        if not _same(before, wish, order.recharge_id, reason):
            raise Conflict("This token was used for another refund.", param="client_token")
        return before, False
    running = await open_request(connection, by.workspace_id, order.recharge_id)
    if running is not None:
        raise Conflict(
            f"There is a refund of recharge {order.reference} already; wait for its end, or cancel it.",
            metadata={"refund": show("rfd", running.refund_id)},
        )
    stands = await standing(connection, order, wish.kind)
    if stands.obstacle is not None:
        raise Conflict(stands.obstacle)
    refund_id = RefundId(new_id())
    added = await store.add(
        connection,
        order,
        refund_id,
        kind=wish.kind,
        preference=wish.preference,
        state="requested",
        requested_by=by.user_id,
        client_token=wish.client_token,
        reason=reason,
        asked=_amount(wish, stands),
        payment_key=None if stands.lot is None else stands.lot.payment_key,
        other_recharge=other,
    )
    if not added:
        raise Conflict("This token was used for another refund.", param="client_token")
    await steps.add(connection, by.workspace_id, refund_id, "requested", "customer")
    refund = await get(connection, by.workspace_id, refund_id)
    await tell_orders(connection, refund, "refund_requested", "customer")
    await audit.record(
        connection,
        actor,
        "refund.request",
        show("rfd", refund_id),
        after={
            "recharge": show("rch", order.recharge_id),
            "kind": refund.kind,
            "preference": refund.preference,
            "credits": format_credits(refund.credits),
        },
    )
    await letters.requested(connection, refund)
    return refund, True


async def cancel(
    connection: Connection, workspace_id: WorkspaceId, refund_id: RefundId, *, actor: audit.Actor
) -> Refund:
    """Take a request back. Errors: NotFound, Conflict when it was decided meanwhile."""
    refund = await get(connection, workspace_id, refund_id)
    if refund.state != "requested" or not await store.move(connection, refund, "cancelled"):
        raise Conflict("This refund has been decided already; it cannot be taken back.")
    await steps.add(connection, workspace_id, refund_id, "cancelled", "customer")
    await tell_orders(connection, refund, "refund_cancelled", "customer")
    await audit.record(connection, actor, "refund.cancel", show("rfd", refund_id))
    return await get(connection, workspace_id, refund_id)


async def get(connection: Connection, workspace_id: WorkspaceId, refund_id: RefundId) -> Refund:
    """Return a refund of a workspace. Errors: NotFound."""
    refund = await store.find(connection, workspace_id, refund_id)
    if refund is None:
        raise NotFound("There is no such refund.")
    return refund


async def list_of(connection: Connection, workspace_id: WorkspaceId) -> Sequence[Refund]:
    """Return the refunds of a workspace, newest first."""
    return await store.of_workspace(connection, workspace_id)


async def of_recharge(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> Sequence[Refund]:
    """Return the refunds that name a recharge, oldest first."""
    return await store.of_recharge(connection, workspace_id, recharge_id)


async def tell_orders(
    connection: Connection, refund: Refund, step: str, actor: steps.StepActor, note: str = ""
) -> None:
    """Write a step into the timelines of the orders a refund names."""
    await steps.add(connection, refund.workspace_id, refund.recharge_id, step, actor, note)
    if refund.other_recharge is not None:
        await steps.add(connection, refund.workspace_id, refund.other_recharge, step, actor, note)


async def _orders(connection: Connection, workspace_id: WorkspaceId, wish: Wish) -> tuple[UUID, UUID | None]:
    """Return the order that is given back, and the one that counts when the payment was made twice."""
    named = _found(await lots.order(connection, workspace_id, wish.recharge_id))
    if wish.kind == "unused":
        if wish.other_recharge is not None:
            raise InvalidValue("Only a duplicate payment has another order.", param="other_recharge")
        return named.recharge_id, None
    if wish.other_recharge is None:
        if len(await lots.payments(connection, workspace_id, named.recharge_id)) < 2:
            raise InvalidValue("Name both orders: the one that counts, too.", param="other_recharge")
        return named.recharge_id, None
    if wish.other_recharge == wish.recharge_id:
        raise InvalidValue("These are one and the same order.", param="other_recharge")
    other = _found(await lots.order(connection, workspace_id, wish.other_recharge))
    # Whichever was paid in vain is the one to give back, whatever order they were named in.
    if named.state not in PAID_IN_VAIN and other.state in PAID_IN_VAIN:
        return other.recharge_id, named.recharge_id
    return named.recharge_id, other.recharge_id


def _amount(wish: Wish, stands: Standing) -> int:
    if wish.credits is None or stands.uncredited:
        return stands.most.credits
    if wish.credits <= 0:
        raise InvalidValue("Ask for more than zero Credits.", param="credits")
    if wish.credits > stands.most.credits:
        raise InvalidValue(
            f"At most {format_credits(stands.most.credits)} Credits of this recharge can come back.", param="credits"
        )
    return wish.credits


def _same(before: Refund, wish: Wish, subject: UUID, reason: str) -> bool:
    return (
        before.recharge_id == subject
        and before.kind == wish.kind
        and before.preference == wish.preference
        and before.reason == reason
        and (wish.credits is None or before.credits == wish.credits)
    )


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise InvalidValue("Say why you want it back.", param="reason")
    if len(reason) > LONGEST_REASON:
        raise InvalidValue(f"A reason has at most {LONGEST_REASON} characters.", param="reason")
    return reason


def _found(order: Order | None) -> Order:
    if order is None:
        raise NotFound("There is no such recharge.")
    return order
