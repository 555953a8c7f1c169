"""What a payment service says about disputes becomes bookings. The same again changes nothing, in whatever order."""

from collections.abc import Sequence

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.ids import DisputeId, new_id, show
from omna.payments import steps
from omna.payments.checkout.processor import DisputeFacts, WarningFacts
from omna.payments.disputes import booking, store
from omna.payments.disputes.model import (
    OVER,
    PARTLY_RETURNED,
    RANK,
    RETURNED_AFTER_LOSS,
    Dispute,
    Movement,
    later,
    next_booking,
    steps_to,
)
from omna.payments.recharges.quote import format_minor
from omna.payments.refunds import lots
from omna.payments.refunds.applying import Paid
from omna.payments.refunds.model import Payment
from omna.payments.steps import StepActor
from omna.risk import service as risk


async def prepare(connection: Connection, processor: str, facts: Sequence[DisputeFacts], *, freeze: bool) -> None:
    """Take the locks that a freeze needs, first in a transaction that may book other things before it."""
    for fact in facts if freeze else ():
        if fact.withdrawn_minor and await store.state_of(connection, processor, fact.dispute_id) in (None, "nothing"):
            await risk.lock_controls(connection)
            return


async def apply_dispute_facts(
    connection: Connection, payment: Paid, facts: Sequence[DisputeFacts], *, freeze: bool, actor: audit.Actor
) -> None:
    """Book what a payment service says about the disputes of a payment that is credited."""
    if not facts:
        return
    await lots.lock_order(connection, payment.workspace_id, payment.recharge_id)
    ours = await lots.payment(connection, payment.workspace_id, payment.payment_key)
    assert ours is not None, "facts are applied to payments that are credited"
    await prepare(connection, ours.processor, facts, freeze=freeze)
    for fact in facts:
        await apply_one(connection, ours, fact, freeze=freeze, by="processor", actor=actor)
    # A refund of this payment may have failed since.
    await booking.catch_up(connection, ours.workspace_id, ours.payment_key, actor=actor)


async def apply_one(
    connection: Connection, payment: Payment, fact: DisputeFacts, *, freeze: bool, by: StepActor, actor: audit.Actor
) -> Dispute:
    """Book what is known of one dispute. The recharge is locked."""
    dispute = await _row(connection, payment, fact, by, actor)
    word = fact.status if fact.status in RANK else dispute.state
    now = Movement(
        state=later(dispute.state, word),  # type: ignore[arg-type]
        withdrawn_minor=max(dispute.withdrawn_minor, fact.withdrawn_minor),
        # What comes back after a loss is not booked by itself: a person decides, and the books stay as they are.
        returned_minor=dispute.returned_minor
        if dispute.booked == "lost"
        else max(dispute.returned_minor, fact.returned_minor),
    )
    await _note(connection, dispute, fact, now, by)
    dispute = await _again(connection, dispute)
    for step in steps_to(dispute.booked, next_booking(dispute.booked, now)):
        dispute = await booking.book(connection, dispute, step, freeze=freeze, by=by, actor=actor)
    await _doubts(connection, dispute, fact, actor)
    return await _again(connection, dispute)


async def apply_warnings(
    connection: Connection, payment: Paid, facts: Sequence[WarningFacts], *, actor: audit.Actor
) -> None:
    """Keep the warnings of a payer's bank: no money moves, a person should look before it does."""
    ours = await lots.payment(connection, payment.workspace_id, payment.payment_key) if facts else None
    if ours is None:
        return
    for fact in facts:
        if await store.by_external(connection, ours.processor, fact.warning_id) is not None:
            continue
        warned = DisputeFacts(fact.warning_id, "warned", fact.fraud_type, ours.amount_minor, ours.currency)
        await apply_one(connection, ours, warned, freeze=False, by="processor", actor=actor)


async def _row(
    connection: Connection, payment: Payment, fact: DisputeFacts, by: StepActor, actor: audit.Actor
) -> Dispute:
    known = await store.by_external(connection, payment.processor, fact.dispute_id)
    if known is not None:
        return known
    dispute_id = DisputeId(new_id())
    await store.add(
        connection,
        workspace_id=payment.workspace_id,
        dispute_id=dispute_id,
        recharge_id=payment.recharge_id,
        payment_key=payment.payment_key,
        processor=payment.processor,
        external_id=fact.dispute_id,
        state="warned",
        reason=fact.reason,
        amount_minor=max(1, fact.amount_minor),
        currency=fact.currency,
        evidence_due=fact.evidence_due,
    )
    added = await store.by_external(connection, payment.processor, fact.dispute_id)
    assert added is not None, "it was just added, by us or beside us"
    if fact.status not in RANK or fact.status == "warned":
        # Every other word is a step beyond the first, and is noted as one.
        await steps.add(connection, payment.workspace_id, added.dispute_id, "warned", by)
    await audit.record(
        connection,
        actor,
        "dispute.note",
        show("dsp", added.dispute_id),
        after={
            "recharge": show("rch", payment.recharge_id),
            "external": fact.dispute_id,
            "state": fact.status,
            "money": format_minor(fact.amount_minor, fact.currency),
        },
    )
    if fact.status != "warned":
        await _close_warnings(connection, payment, added)
    return added


async def _close_warnings(connection: Connection, payment: Payment, dispute: Dispute) -> None:
    """A warning is over once the payer has disputed the payment."""
    for other in await store.of_payment(connection, payment.workspace_id, payment.payment_key):
        if other.state == "warned" and other.dispute_id != dispute.dispute_id and other.withdrawn_minor == 0:
            await store.note_facts(
                connection,
                other,
                state="closed",
                reason=other.reason,
                amount_minor=other.amount_minor,
                withdrawn_minor=0,
                returned_minor=0,
                evidence_due=None,
                over=True,
            )


async def _note(connection: Connection, dispute: Dispute, fact: DisputeFacts, now: Movement, by: StepActor) -> None:
    await store.note_facts(
        connection,
        dispute,
        state=now.state,
        reason=fact.reason or dispute.reason,
        amount_minor=max(1, fact.amount_minor),
        withdrawn_minor=now.withdrawn_minor,
        returned_minor=now.returned_minor,
        evidence_due=fact.evidence_due,
        over=now.state in OVER,
    )
    if now.state != dispute.state:
        await steps.add(connection, dispute.workspace_id, dispute.dispute_id, now.state, by)


async def _doubts(connection: Connection, dispute: Dispute, fact: DisputeFacts, actor: audit.Actor) -> None:
    """Leave to a person what no rule covers."""
    flag = ""
    if dispute.booked == "lost" and fact.returned_minor > dispute.returned_minor:
        flag = RETURNED_AFTER_LOSS
    elif dispute.booked == "opened" and 0 < dispute.returned_minor < dispute.withdrawn_minor:
        flag = PARTLY_RETURNED
    if flag and dispute.flag != flag:
        await store.set_flag(connection, dispute, flag)
        await audit.record(
            connection,
            actor,
            "dispute.flag",
            show("dsp", dispute.dispute_id),
            after={"flag": flag, "returned": format_minor(fact.returned_minor, dispute.currency)},
        )


async def _again(connection: Connection, dispute: Dispute) -> Dispute:
    found = await store.by_id(connection, dispute.dispute_id)
    assert found is not None, "disputes are never deleted"
    return found
