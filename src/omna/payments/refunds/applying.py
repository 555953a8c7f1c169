"""What a payment service says about refunds becomes bookings. The same again changes nothing, in whatever order.

A refund only moves forward: pending, succeeded, failed. One that the service carried out without being asked here was
made on its own pages: it gets a row of its own, and takes as many Credits back as are there.
"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.ids import RechargeId, RefundId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.money import Nanocredits, format_credits
from omna.payments import steps
from omna.payments.checkout.processor import RefundFacts, RefundStatus
from omna.payments.disputes.booking import catch_up
from omna.payments.refunds import booking, lots, store
from omna.payments.refunds.model import Order, Payment, Refund
from omna.payments.refunds.refundable import credits_of
from omna.payments.refunds.service import get, tell_orders

#: Why a person should look at a refund.
MADE_ELSEWHERE = "made_elsewhere"
CREDITS_MISSING = "credits_missing"
PAID_AFTER_FAILURE = "paid_after_failure"


class Paid(Protocol):
    """A payment, as far as its facts need to know it."""

    @property
    def workspace_id(self) -> WorkspaceId: ...
    @property
    def recharge_id(self) -> RechargeId: ...
    @property
    def payment_key(self) -> UUID: ...


async def apply_refund_facts(
    connection: Connection, payment: Paid, facts: Sequence[RefundFacts], *, actor: audit.Actor
) -> None:
    """Book what a payment service says about the refunds of a payment that is credited."""
    if not facts:
        return
    order = await lots.lock_order(connection, payment.workspace_id, payment.recharge_id)
    ours = await lots.payment(connection, payment.workspace_id, payment.payment_key)
    assert order is not None, "a payment has its recharge"
    assert ours is not None, "facts are applied to payments that are credited"
    for fact in facts:
        await apply_one(connection, order, ours, fact, actor=actor)
    # What a refund gave back that failed belongs to a dispute of the same payment.
    await catch_up(connection, ours.workspace_id, ours.payment_key, actor=actor)


async def apply_one(
    connection: Connection, order: Order, payment: Payment, fact: RefundFacts, *, actor: audit.Actor
) -> None:
    """Book what a payment service says about one refund. The order is locked."""
    refund = await _known(connection, order.workspace_id, fact)
    if refund is None:
        if fact.ours is None and fact.status is not RefundStatus.FAILED:
            await _adopt(connection, order, payment, fact, actor)
        return
    if refund.processor_refund not in (None, fact.refund_id):
        return  # of an earlier round, which is over
    match fact.status:
        case RefundStatus.PENDING:
            await booking.note_sent(connection, refund, fact.refund_id)
        case RefundStatus.SUCCEEDED:
            if refund.state in ("approved", "sent"):
                await _pay(connection, refund, fact, actor)
            elif refund.state == "failed" and refund.processor_refund is None:
                # We were told that it would not be paid, and it was: its Credits came back and may be spent.
                await _flag(connection, refund, fact, actor)
        case RefundStatus.FAILED:
            await _fail(connection, refund, fact, actor)


async def _known(connection: Connection, workspace_id: WorkspaceId, fact: RefundFacts) -> Refund | None:
    refund = await store.by_processor_refund(connection, workspace_id, fact.refund_id)
    if refund is None and fact.ours is not None:
        refund = await store.by_payout_key(connection, workspace_id, fact.ours)
    return refund


async def _fail(connection: Connection, refund: Refund, fact: RefundFacts, actor: audit.Actor) -> None:
    if refund.state not in ("approved", "sent", "paid"):
        return
    if refund.approved_credits is None:
        # Nothing was booked for it, so nothing comes back.
        await store.move(connection, refund, "failed", {"failure": fact.failure, "flag": ""})
        return
    await booking.give_back(
        connection, refund, failure=fact.failure or "The payment service could not pay it.", by="processor", actor=actor
    )


async def _flag(connection: Connection, refund: Refund, fact: RefundFacts, actor: audit.Actor) -> None:
    if await store.set_flag(connection, refund, PAID_AFTER_FAILURE, fact.refund_id):
        await audit.record(
            connection,
            actor,
            "refund.flag",
            show("rfd", refund.refund_id),
            after={"flag": PAID_AFTER_FAILURE, "processor_refund": fact.refund_id, "money": fact.amount_minor},
        )


async def _adopt(connection: Connection, order: Order, payment: Payment, fact: RefundFacts, actor: audit.Actor) -> None:
    """Book a refund that was made at the payment service, as far as there are Credits to take back."""
    every = await lots.of_workspace(connection, order.workspace_id)
    lot = next(one for one in every if one.payment_key == payment.payment_key)
    wallet = await ledger.locked_wallet(connection, order.workspace_id)
    share = min(credits_of(lot, fact.amount_minor), max(lot.left, 1))
    taken = max(0, min(share, lot.left, wallet.available_paid))
    flag = MADE_ELSEWHERE if taken == share and lot.left else CREDITS_MISSING
    refund_id = RefundId(new_id())
    await store.add(
        connection,
        order,
        refund_id,
        kind="unused",
        preference="refund",
        state="sent",
        requested_by=None,
        client_token=f"processor-{refund_id.hex}",
        reason="Made at the payment service",
        asked=share,
        payment_key=payment.payment_key,
        approved_credits=taken or None,
        amount_minor=fact.amount_minor,
        payout="processor",
        processor_refund=fact.refund_id,
        flag=flag,
    )
    refund = await get(connection, order.workspace_id, refund_id)
    if taken:
        await booking.withdraw_bonus(connection, refund, payment, actor)
        await ledger.approve_refund(
            connection,
            transfer_id=refund.transfer("approve"),
            workspace_id=order.workspace_id,
            amount=Nanocredits(taken),
            actor=actor.name,
            reason=f"Refund of recharge {order.reference}",
        )
    await steps.add(connection, order.workspace_id, refund_id, "sent", "processor")
    await tell_orders(connection, refund, "refund_approved", "processor")
    await audit.record(
        connection,
        actor,
        "refund.adopt",
        show("rfd", refund_id),
        after={
            "processor_refund": fact.refund_id,
            "money": fact.amount_minor,
            "share": format_credits(share),
            "taken": format_credits(taken),
            "flag": flag,
        },
    )
    refund = await get(connection, order.workspace_id, refund_id)
    if fact.status is RefundStatus.SUCCEEDED:
        await _pay(connection, refund, fact, actor)


async def _pay(connection: Connection, refund: Refund, fact: RefundFacts, actor: audit.Actor) -> None:
    if refund.approved_credits is not None:
        await booking.pay(connection, refund, by="processor", actor=actor, processor_refund=fact.refund_id)
        return
    # Money went back, and there were no Credits to take for it: the flag says so.
    await store.move(connection, refund, "paid")
    await steps.add(connection, refund.workspace_id, refund.refund_id, "paid", "processor")
