"""The ledger's side of a dispute: Credits are taken back once a payment, counted together with its refunds."""

from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.ids import RefundId, TransferId, WorkspaceId, show, step_id
from omna.ledger import service as ledger
from omna.money import Nanocredits, format_credits
from omna.payments import steps
from omna.payments.disputes import letters, store
from omna.payments.disputes.model import RISK_REVIEW, Booked, Dispute
from omna.payments.recharges.quote import format_minor
from omna.payments.refunds import bonus, lots
from omna.payments.refunds import booking as refund_booking
from omna.payments.refunds.refundable import share_of
from omna.payments.refunds.service import get as get_refund
from omna.payments.steps import StepActor
from omna.risk import service as risk


async def book(
    connection: Connection, dispute: Dispute, step: Booked, *, freeze: bool, by: StepActor, actor: audit.Actor
) -> Dispute:
    """Take one step from `nothing` over `opened` to `won` or `lost`. The recharge is locked, and so is the dispute."""
    match step:
        case "opened":
            return await _open(connection, dispute, freeze=freeze, by=by, actor=actor)
        case "won":
            return await _win(connection, dispute, by=by, actor=actor)
        case "lost":
            return await _lose(connection, dispute, by=by, actor=actor)
        case "nothing":
            return dispute


async def catch_up(connection: Connection, workspace_id: WorkspaceId, payment_key: UUID, *, actor: audit.Actor) -> None:
    """Take back what a refund of a disputed payment left to it, after that refund failed. The recharge is locked."""
    for dispute in await store.of_payment(connection, workspace_id, payment_key):
        if dispute.booked in ("opened", "lost"):
            await claw(connection, dispute, actor=actor)


async def claw(connection: Connection, dispute: Dispute, *, actor: audit.Actor) -> Dispute:
    """Take back the Credits of the share that the bank took, less what refunds and disputes took already."""
    every = await lots.of_workspace(connection, dispute.workspace_id)
    lot = next(one for one in every if one.payment_key == dispute.payment_key)
    counted = dispute.clawed if dispute.booked in ("opened", "lost") else 0
    others = lot.clawed - counted
    target = min(share_of(lot, dispute.withdrawn_minor), lot.credits - lot.refunded - others)
    more = target - dispute.clawed
    if more <= 0:
        return dispute
    transfer_id = dispute.next_claw()
    await ledger.open_chargeback(
        connection,
        transfer_id=transfer_id,
        workspace_id=dispute.workspace_id,
        amount=Nanocredits(more),
        actor=actor.name,
        reason=f"Payment of recharge {dispute.reference} was taken back by the payer's bank",
    )
    await store.note_clawed(connection, dispute, more, transfer_id)
    if dispute.booked == "lost":
        # The case was over when a refund failed: what that left goes the same way at once.
        await ledger.lose_chargeback(
            connection,
            transfer_id=TransferId(step_id(transfer_id, "lost")),
            workspace_id=dispute.workspace_id,
            amount=Nanocredits(more),
            actor=actor.name,
            reason=f"Payment of recharge {dispute.reference} stays with the payer's bank",
        )
        await _follow_recharge(connection, dispute)
    return await _again(connection, dispute)


async def _follow_recharge(connection: Connection, dispute: Dispute) -> None:
    """Let the recharge say whether anything of it is left."""
    state = await lots.set_reversed(connection, dispute.workspace_id, dispute.recharge_id)
    if state is not None:
        await steps.add(connection, dispute.workspace_id, dispute.recharge_id, state, "omna")


async def _open(
    connection: Connection, dispute: Dispute, *, freeze: bool, by: StepActor, actor: audit.Actor
) -> Dispute:
    frozen, deleted = await store.frozen_of(connection, dispute.workspace_id)
    await _stop_refunds(connection, dispute, actor)
    dispute = await claw(connection, dispute, actor=actor)
    await store.note_booked(connection, dispute, "opened")
    payment = await lots.payment(connection, dispute.workspace_id, dispute.payment_key)
    assert payment is not None, "a dispute has its payment"
    reason = f"Bonus of recharge {dispute.reference}, whose payment is disputed"
    taken = await bonus.withdraw(connection, payment, dispute.dispute_id, "promo", actor=actor, reason=reason)
    await store.note_promo(connection, dispute, taken.amount, taken.expires_at)
    await store.set_flag(connection, dispute, RISK_REVIEW)
    # One that was deleted spends nothing any more.
    if freeze and frozen is None and not deleted:
        await risk.freeze(connection, dispute.workspace_id, reason=dispute.freeze_reason, actor=actor)
        await store.note_frozen(connection, dispute)
    dispute = await _again(connection, dispute)
    await _tell(connection, dispute, "dispute_opened", by)
    await _record(
        connection,
        dispute,
        "dispute.open",
        actor,
        {"clawed": format_credits(dispute.clawed), "froze": dispute.froze, "promo": format_credits(taken.amount)},
    )
    await letters.opened(connection, dispute, frozen=dispute.froze or frozen is not None)
    return dispute


async def _win(connection: Connection, dispute: Dispute, *, by: StepActor, actor: audit.Actor) -> Dispute:
    if dispute.clawed:
        await ledger.win_chargeback(
            connection,
            transfer_id=dispute.transfer("won"),
            workspace_id=dispute.workspace_id,
            amount=Nanocredits(dispute.clawed),
            actor=actor.name,
            reason=f"Payment of recharge {dispute.reference} came back",
            corrects=TransferId(dispute.dispute_id),
        )
    await bonus.give_back(
        connection,
        dispute.workspace_id,
        bonus.Bonus(dispute.promo_withdrawn, dispute.promo_expires_at),
        TransferId(step_id(dispute.dispute_id, "promo_back")),
        actor=actor,
        reason=f"Bonus of recharge {dispute.reference}, back after its dispute",
    )
    return await _closed(connection, dispute, "won", by=by, actor=actor)


async def _lose(connection: Connection, dispute: Dispute, *, by: StepActor, actor: audit.Actor) -> Dispute:
    if dispute.clawed:
        await ledger.lose_chargeback(
            connection,
            transfer_id=dispute.transfer("lost"),
            workspace_id=dispute.workspace_id,
            amount=Nanocredits(dispute.clawed),
            actor=actor.name,
            reason=f"Payment of recharge {dispute.reference} stays with the payer's bank",
        )
    return await _closed(connection, dispute, "lost", by=by, actor=actor)


async def _closed(
    connection: Connection, dispute: Dispute, booked: Booked, *, by: StepActor, actor: audit.Actor
) -> Dispute:
    await store.note_booked(connection, dispute, booked)
    dispute = await _again(connection, dispute)
    await _tell(connection, dispute, f"dispute_{booked}", by)
    await _follow_recharge(connection, dispute)
    await _record(connection, dispute, f"dispute.{booked}", actor, {"credits": format_credits(dispute.clawed)})
    await letters.closed(connection, dispute)
    return dispute


async def _stop_refunds(connection: Connection, dispute: Dispute, actor: audit.Actor) -> None:
    """Give back the Credits of refunds that nobody has begun to pay: the bank took the money itself."""
    for refund_id in await store.unsent_refunds(connection, dispute.workspace_id, dispute.payment_key):
        refund = await get_refund(connection, dispute.workspace_id, RefundId(refund_id))
        await refund_booking.give_back(
            connection,
            refund,
            failure="Stopped: the payer's bank has taken this payment into dispute.",
            by="omna",
            actor=actor,
            flag="disputed",
        )


async def _tell(connection: Connection, dispute: Dispute, step: str, by: StepActor) -> None:
    note = format_minor(dispute.withdrawn_minor, dispute.currency)
    await steps.add(connection, dispute.workspace_id, dispute.dispute_id, step, by, note)
    await steps.add(connection, dispute.workspace_id, dispute.recharge_id, step, by, note)


async def _record(
    connection: Connection, dispute: Dispute, action: str, actor: audit.Actor, after: dict[str, object]
) -> None:
    await audit.record(
        connection,
        actor,
        action,
        show("dsp", dispute.dispute_id),
        after={
            "recharge": show("rch", dispute.recharge_id),
            "withdrawn": format_minor(dispute.withdrawn_minor, dispute.currency),
            "returned": format_minor(dispute.returned_minor, dispute.currency),
            **after,
        },
    )


async def _again(connection: Connection, dispute: Dispute) -> Dispute:
    found = await store.by_id(connection, dispute.dispute_id)
    assert found is not None, "disputes are never deleted"
    return found
