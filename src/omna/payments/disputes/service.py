"""Disputes as people act on them: look, note one that came by letter, answer it, give a debt up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, InvalidValue, NotFound
from omna.http.principal import Person
from omna.ids import DisputeId, RechargeId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.ledger.model import Wallet
from omna.money import Nanocredits, format_credits
from omna.payments import steps
from omna.payments.checkout.processor import DisputeFacts
from omna.payments.disputes import applying, store
from omna.payments.disputes.model import OVER, RISK_REVIEW, STATES, Dispute
from omna.payments.recharges.quote import format_minor
from omna.payments.refunds import lots
from omna.payments.refunds.model import Order
from omna.risk import four_eyes
from omna.workspaces import service as workspaces

__all__ = [
    "Dispute",
    "Outcome",
    "close_by_hand",
    "find",
    "list_of",
    "note_by_hand",
    "note_evidence",
    "page",
    "require_foreign",
    "write_off",
]

#: What a dispute by hand begins as; from `open` on, the money is away.
Beginning = Literal["inquiry", "open", "lost"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did. waiting: a second person has to agree before anything is booked."""

    dispute: Dispute
    audit_seq: int
    waiting: bool = False
    alone: bool = False


async def list_of(connection: Connection, workspace_id: WorkspaceId) -> Sequence[Dispute]:
    """Return the disputes of a workspace, newest first."""
    return await store.of_workspace(connection, workspace_id)


async def page(
    connection: Connection, states: Sequence[str] | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Dispute]:
    """Return disputes of every workspace, newest first. states: None is any"""
    return await store.page(connection, STATES if states is None else states, after, limit)


async def find(connection: Connection, dispute_id: DisputeId) -> Dispute:
    """Return a dispute of any workspace. Errors: NotFound."""
    dispute = await store.by_id(connection, dispute_id)
    if dispute is None:
        raise NotFound("There is no such dispute.")
    return dispute


async def note_by_hand(
    connection: Connection,
    workspace_id: WorkspaceId,
    recharge_id: RechargeId,
    state: Beginning,
    amount_minor: int,
    *,
    freeze: bool,
    reason: str,
    by: Person,
    actor: audit.Actor,
) -> Outcome:
    """Note a dispute of a payment by hand, of which a bank wrote.

    Errors  NotFound, Conflict, InvalidValue, Forbidden for one's own workspace
    """
    await require_foreign(connection, workspace_id, by)
    order = await _locked(connection, workspace_id, recharge_id)
    if order.channel != "manual":
        raise Conflict("Disputes of this payment come from its payment service by themselves.")
    found = await lots.payments(connection, workspace_id, recharge_id)
    if not found:
        raise Conflict("No payment of this recharge was credited.")
    payment = found[-1]
    if not 0 < amount_minor <= payment.amount_minor:
        raise InvalidValue(
            f"A dispute is about at most {format_minor(payment.amount_minor, payment.currency)}.", param="amount_minor"
        )
    fact = DisputeFacts(
        dispute_id=f"manual-{new_id().hex}",
        status=state,
        reason=reason,
        amount_minor=amount_minor,
        currency=payment.currency,
        withdrawn_minor=0 if state == "inquiry" else amount_minor,
    )
    await applying.prepare(connection, payment.processor, [fact], freeze=freeze)
    # Before anything is recorded, like everywhere.
    await ledger.locked_wallet(connection, workspace_id)
    dispute = await applying.apply_one(connection, payment, fact, freeze=freeze, by="staff", actor=actor)
    return await _acted(connection, dispute, "dispute.enter", reason, actor)


async def close_by_hand(
    connection: Connection,
    dispute_id: DisputeId,
    outcome: Literal["won", "lost", "closed"],
    *,
    reason: str,
    by: Person,
    actor: audit.Actor,
) -> Outcome:
    """Say how a dispute by hand ended, or put aside a warning or an inquiry of which nothing came.

    Above the threshold, that one was won takes two people.

    Errors  NotFound, Conflict, Forbidden for one's own workspace
    """
    dispute = await find(connection, dispute_id)
    await require_foreign(connection, dispute.workspace_id, by)
    if dispute.processor != "manual" and (dispute.state, outcome) != ("warned", "closed"):
        raise Conflict("The payment service says how this dispute ends.")
    if (outcome == "closed") != (dispute.booked == "nothing"):
        raise Conflict("A dispute is won or lost when money was taken for it, and else closed.")
    await _locked(connection, dispute.workspace_id, dispute.recharge_id)
    dispute = await find(connection, dispute_id)
    if dispute.state in OVER:
        raise Conflict(f"This dispute is {dispute.state} already.")
    payment = await lots.payment(connection, dispute.workspace_id, dispute.payment_key)
    assert payment is not None, "a dispute has its payment"
    fact = DisputeFacts(
        dispute_id=dispute.external_id,
        status=outcome,
        reason=dispute.reason,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
        withdrawn_minor=dispute.withdrawn_minor,
        returned_minor=dispute.withdrawn_minor if outcome == "won" else 0,
    )
    facts: dict[str, object] = {}
    if outcome == "won" and dispute.clawed:
        # That the money came back is one person's word, and gives its Credits back.
        await four_eyes.lock(connection)
        judgement = await four_eyes.judge(connection, dispute.clawed, actor.name)
        first = dispute.first_approver if dispute.first_amount == dispute.clawed else None
        if judgement.second_person and first is None:
            await store.set_first_approver(connection, dispute, by.user_id, dispute.clawed)
            done = await _acted(connection, dispute, "dispute.close_first", reason, actor, dispute.clawed)
            return Outcome(done.dispute, done.audit_seq, waiting=True)
        if judgement.second_person and first == by.user_id:
            raise Conflict("You have approved this already; a second person has to agree.")
        facts = {
            "amount": format_credits(dispute.clawed),
            four_eyes.SECOND: None if first is None else show("usr", first),
            "without_second_person": judgement.alone,
        }
    dispute = await applying.apply_one(connection, payment, fact, freeze=False, by="staff", actor=actor)
    # Who agreed that it was won has not agreed to give a debt up.
    await store.forget_first_approver(connection, dispute)
    seq = await audit.record(
        connection,
        actor,
        "dispute.close",
        show("dsp", dispute_id),
        reason=reason,
        after={"state": dispute.state, **facts},
    )
    return Outcome(await find(connection, dispute_id), seq)


async def note_evidence(connection: Connection, dispute_id: DisputeId, *, reason: str, actor: audit.Actor) -> Outcome:
    """Note that the bank was answered. Errors: NotFound, Conflict."""
    dispute = await find(connection, dispute_id)
    if not await store.note_evidence_sent(connection, dispute):
        raise Conflict("The bank was answered already.")
    await steps.add(connection, dispute.workspace_id, dispute_id, "evidence_sent", "staff")
    return await _acted(connection, dispute, "dispute.evidence_sent", reason, actor)


async def note_review(connection: Connection, dispute: Dispute, reason: str, actor: audit.Actor) -> Outcome:
    """Note that a person looked at the workspace: what asked for it is done."""
    if dispute.flag == RISK_REVIEW:
        await store.set_flag(connection, dispute, "")
    return await _acted(connection, dispute, "dispute.review", reason, actor)


async def plan_write_off(
    connection: Connection, dispute_id: DisputeId, amount: int, actor: str
) -> tuple[Dispute, Wallet, four_eyes.Judgement]:
    """Return what giving up a debt would begin from. Errors: NotFound, Conflict, InvalidValue."""
    dispute = await find(connection, dispute_id)
    if dispute.booked != "lost":
        raise Conflict("A debt is given up when its dispute is lost.")
    wallet = await ledger.wallet(connection, dispute.workspace_id)
    most = min(-wallet.debt, dispute.clawed - dispute.written_off)
    if not 0 < amount <= most:
        raise InvalidValue(f"At most {format_credits(most)} Credits of this dispute are owed.", param="credits")
    return dispute, wallet, await four_eyes.judge(connection, amount, actor)


async def write_off(
    connection: Connection, dispute_id: DisputeId, amount: Nanocredits, *, reason: str, by: Person, actor: audit.Actor
) -> Outcome:
    """Give up what a lost dispute left as a debt, or agree to it as the first of two.

    Errors  NotFound, Conflict, InvalidValue, Forbidden for one's own workspace
    """
    dispute = await find(connection, dispute_id)
    await require_foreign(connection, dispute.workspace_id, by)
    await _locked(connection, dispute.workspace_id, dispute.recharge_id)
    await four_eyes.lock(connection)
    dispute, _, judgement = await plan_write_off(connection, dispute_id, amount, actor.name)
    first = dispute.first_approver if dispute.first_amount == amount else None
    if judgement.second_person and first is None:
        await store.set_first_approver(connection, dispute, by.user_id, amount)
        done = await _acted(connection, dispute, "debt.write_off_first", reason, actor, amount)
        return Outcome(done.dispute, done.audit_seq, waiting=True)
    if judgement.second_person and first == by.user_id:
        raise Conflict("You have approved this already; a second person has to agree.")
    await ledger.write_off_debt(
        connection,
        transfer_id=dispute.transfer(f"write-off:{dispute.written_off}"),
        workspace_id=dispute.workspace_id,
        amount=amount,
        actor=actor.name,
        reason=f"Debt of recharge {dispute.reference} given up",
    )
    await store.add_written_off(connection, dispute, amount)
    await steps.add(connection, dispute.workspace_id, dispute_id, "written_off", "staff")
    seq = await audit.record(
        connection,
        actor,
        "debt.write_off",
        show("dsp", dispute_id),
        reason=reason,
        after={
            "amount": format_credits(amount),
            four_eyes.SECOND: None if first is None else show("usr", first),
            "without_second_person": judgement.alone,
        },
    )
    return Outcome(await find(connection, dispute_id), seq, alone=judgement.alone)


async def require_foreign(connection: Connection, workspace_id: WorkspaceId, by: Person) -> None:
    """Errors: Forbidden for who would decide about a workspace of their own."""
    if await workspaces.belongs(connection, workspace_id, by.user_id):
        raise Forbidden("You are a member of this workspace, so somebody else has to decide.")


async def _acted(
    connection: Connection, dispute: Dispute, action: str, reason: str, actor: audit.Actor, amount: int | None = None
) -> Outcome:
    seq = await audit.record(
        connection,
        actor,
        action,
        show("dsp", dispute.dispute_id),
        reason=reason,
        before={"state": dispute.state},
        after={} if amount is None else {"proposed": format_credits(amount)},
    )
    return Outcome(await find(connection, DisputeId(dispute.dispute_id)), seq)


async def _locked(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> Order:
    order = await lots.lock_order(connection, workspace_id, recharge_id)
    if order is None:
        raise NotFound("There is no such recharge.")
    return order
