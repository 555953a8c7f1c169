"""The ledger's side of a refund: Credits set aside, gone, or back. State and entries change together, once."""

from collections.abc import Mapping
from dataclasses import dataclass

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict
from omna.ids import UserId, show
from omna.ledger import service as ledger
from omna.money import Nanocredits, format_credits
from omna.payments import steps
from omna.payments.recharges.quote import format_minor
from omna.payments.refunds import bonus, letters, lots, store
from omna.payments.refunds.model import Payment, Payout, Refund
from omna.payments.refunds.service import get, tell_orders
from omna.payments.steps import StepActor

CHANGED = "This refund has changed meanwhile; load it again."


@dataclass(frozen=True, slots=True)
class Terms:
    """What is given back: Credits, the money for them, and how it goes out."""

    credits: int
    amount_minor: int
    payout: Payout


async def set_aside(
    connection: Connection,
    refund: Refund,
    payment: Payment,
    terms: Terms,
    *,
    number: int = 0,
    answer: str = "",
    decided_by: UserId | None,
    actor: audit.Actor,
) -> Refund:
    """Take the bonus back, move the Credits to where nobody can spend them, and let the payout begin.

    number  the round: 0, and one more for each payout that failed for good
    Errors  Conflict, InsufficientCredits
    """
    approved = await store.set_approved(
        connection,
        refund,
        payment_key=payment.payment_key,
        approved_credits=terms.credits,
        amount_minor=terms.amount_minor,
        payout=terms.payout,
        payout_key=refund.key_of_round(number),
        number=number,
        answer=answer,
        decided_by=decided_by,
    )
    if not approved:
        raise Conflict(CHANGED)
    refund = await get(connection, refund.workspace_id, refund.refund_id)
    await withdraw_bonus(connection, refund, payment, actor)
    await ledger.approve_refund(
        connection,
        transfer_id=refund.transfer("approve"),
        workspace_id=refund.workspace_id,
        amount=Nanocredits(terms.credits),
        actor=actor.name,
        reason=f"Refund of recharge {refund.reference}",
    )
    return await get(connection, refund.workspace_id, refund.refund_id)


async def withdraw_bonus(connection: Connection, refund: Refund, payment: Payment, actor: audit.Actor) -> None:
    """Take back what is left of the promo Credits that came with a payment."""
    reason = f"Bonus of recharge {refund.reference}, which is refunded"
    taken = await bonus.withdraw(
        connection, payment, refund.refund_id, f"promo:{refund.round}", actor=actor, reason=reason
    )
    await store.note_promo(connection, refund, taken.amount, taken.expires_at)


async def note_sent(connection: Connection, refund: Refund, processor_refund: str) -> Refund:
    """Note that the payment service has the payout in its hands. Nothing happens when that is known."""
    if refund.state != "approved":
        return refund
    if not await store.move(connection, refund, "sent", {"processor_refund": processor_refund, "failure": ""}):
        raise Conflict(CHANGED)
    await steps.add(connection, refund.workspace_id, refund.refund_id, "sent", "omna")
    return await get(connection, refund.workspace_id, refund.refund_id)


async def pay(
    connection: Connection,
    refund: Refund,
    *,
    by: StepActor,
    actor: audit.Actor,
    reason: str = "",
    payout_reference: str | None = None,
    processor_refund: str | None = None,
) -> int:
    """Book that the money went out; returns the number of the audit row. Errors: Conflict."""
    changes = {"payout_reference": payout_reference, "processor_refund": processor_refund, "failure": ""}
    if refund.state not in ("approved", "sent") or not await store.move(connection, refund, "paid", changes):
        raise Conflict(CHANGED)
    await ledger.pay_refund(
        connection,
        transfer_id=refund.transfer("pay"),
        workspace_id=refund.workspace_id,
        amount=_set_aside(refund),
        actor=actor.name,
        reason=f"Refund of recharge {refund.reference} paid out",
    )
    await steps.add(connection, refund.workspace_id, refund.refund_id, "paid", by)
    await tell_orders(connection, refund, "refunded", by, _money(refund))
    await follow_recharge(connection, refund)
    seq = await audit.record(
        connection,
        actor,
        "refund.pay",
        show("rfd", refund.refund_id),
        reason=reason,
        before={"state": refund.state},
        after={
            "state": "paid",
            "amount": format_credits(_set_aside(refund)),
            "money": _money(refund),
            "payout_reference": payout_reference,
            "processor_refund": processor_refund or refund.processor_refund,
        },
    )
    await letters.paid(connection, await get(connection, refund.workspace_id, refund.refund_id))
    return seq


async def give_back(
    connection: Connection,
    refund: Refund,
    *,
    failure: str,
    by: StepActor,
    actor: audit.Actor,
    reason: str = "",
    flag: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> int:
    """Book that the money did not arrive: the Credits come back, and the bonus with them. Errors: Conflict.

    facts  go into the audit log, too
    """
    changes = {"failure": failure, "flag": flag}
    if refund.state not in ("approved", "sent", "paid") or not await store.move(connection, refund, "failed", changes):
        raise Conflict(CHANGED)
    await ledger.fail_refund(
        connection,
        transfer_id=refund.transfer("fail"),
        workspace_id=refund.workspace_id,
        amount=_set_aside(refund),
        was_paid=refund.state == "paid",
        actor=actor.name,
        reason=f"Refund of recharge {refund.reference} failed",
        corrects=refund.transfer("approve"),
    )
    await bonus.give_back(
        connection,
        refund.workspace_id,
        bonus.Bonus(refund.promo_withdrawn, refund.promo_expires_at),
        refund.transfer("promo_back"),
        actor=actor,
        reason=f"Bonus of recharge {refund.reference}, back after a refund that failed",
    )
    await steps.add(connection, refund.workspace_id, refund.refund_id, "failed", by, failure)
    await tell_orders(connection, refund, "refund_failed", by)
    await follow_recharge(connection, refund)
    seq = await audit.record(
        connection,
        actor,
        "refund.fail",
        show("rfd", refund.refund_id),
        reason=reason or failure,
        before={"state": refund.state},
        after={
            "state": "failed",
            "returned": format_credits(_set_aside(refund)),
            "money": _money(refund),
            **(facts or {}),
        },
    )
    await letters.failed(connection, await get(connection, refund.workspace_id, refund.refund_id))
    return seq


async def follow_recharge(connection: Connection, refund: Refund) -> None:
    """Let the recharge say whether anything of it is left."""
    state = await lots.set_reversed(connection, refund.workspace_id, refund.recharge_id)
    if state is not None:
        await steps.add(connection, refund.workspace_id, refund.recharge_id, state, "omna")


def _set_aside(refund: Refund) -> Nanocredits:
    assert refund.approved_credits is not None, "what is approved has an amount"
    return Nanocredits(refund.approved_credits)


def _money(refund: Refund) -> str:
    return "" if refund.amount_minor is None else format_minor(refund.amount_minor, refund.currency)
