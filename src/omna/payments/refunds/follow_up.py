"""What staff do after a refund was approved: pay it by hand, try a payout again, give its Credits back."""

from typing import Any

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.http.principal import Person
from omna.ids import RefundId, show
from omna.money import format_credits
from omna.payments import steps
from omna.payments.disputes.booking import catch_up
from omna.payments.refunds import booking, lots, store
from omna.payments.refunds.booking import Terms
from omna.payments.refunds.model import Refund
from omna.payments.refunds.refundable import money_of
from omna.payments.refunds.review import Outcome, find, lock_row, second_person
from omna.payments.refunds.standing import standing
from omna.risk import four_eyes


async def pay_by_hand(
    connection: Connection, refund_id: RefundId, payout_reference: str, *, reason: str, by: Person, actor: audit.Actor
) -> Outcome:
    """Note that somebody has sent the money. Errors: NotFound, Conflict, InvalidValue, Forbidden for one's own."""
    if not payout_reference.strip():
        raise InvalidValue("Name the reference of the payment that you sent.", param="payout_reference")
    refund = await lock_row(connection, refund_id, by)
    if refund.state != "approved" or refund.payout != "manual":
        raise Conflict("Only an approved refund that is paid by hand can be marked as paid.")
    seq = await booking.pay(
        connection, refund, by="staff", actor=actor, reason=reason, payout_reference=payout_reference.strip()
    )
    return Outcome(await find(connection, refund_id), seq)


async def retry(connection: Connection, refund_id: RefundId, *, reason: str, by: Person, actor: audit.Actor) -> Outcome:
    """Try a payout again: at once while it waits, or anew with Credits that came back after it failed for good.

    Errors  NotFound, Conflict, Forbidden for one's own
    """
    refund = await lock_row(connection, refund_id, by)
    if refund.state == "approved" and refund.payout == "processor":
        await store.postpone(connection, refund_id, 0, refund.failure)
    elif refund.state == "failed" and refund.payment_key is not None and refund.approved_credits:
        refund = await _again(connection, refund, refund.approved_credits, actor)
    else:
        raise Conflict("There is no payout of this refund that could be tried again.")
    await steps.add(connection, refund.workspace_id, refund_id, "retried", "staff")
    seq = await audit.record(
        connection, actor, "refund.retry", show("rfd", refund_id), reason=reason, after={"round": refund.round}
    )
    return Outcome(await find(connection, refund_id), seq)


async def give_back(
    connection: Connection, refund_id: RefundId, *, reason: str, by: Person, actor: audit.Actor
) -> Outcome:
    """Give the Credits back: the money of a refund that is paid by hand cannot be sent, or came back.

    That much money came back is one person's word: above the threshold a second one agrees.

    Errors  NotFound; Conflict while a payment service may still pay; Forbidden for one's own
    """
    refund = await lock_row(connection, refund_id, by)
    if refund.state not in ("approved", "paid"):
        raise Conflict("The Credits of this refund are not set aside.")
    if refund.payout == "processor" and (refund.attempts > 0 or refund.state == "paid"):
        raise Conflict("The payment service was asked to pay it already: only its answer decides what becomes of it.")
    facts: dict[str, Any] = {}
    if refund.state == "paid" and refund.approved_credits is not None:
        # Credits beside money that did go out are as good as Credits given.
        await four_eyes.lock(connection)
        judgement = await four_eyes.judge(connection, refund.approved_credits, actor.name)
        amount = format_credits(refund.approved_credits)
        terms: dict[str, Any] = {"act": "return", "credits": amount, "round": refund.round}
        waiting = await second_person(connection, refund, judgement, terms, reason, by, actor)
        if waiting is not None:
            return waiting
        first = refund.first_approver if refund.first_terms == terms else None
        facts = {
            "amount": amount,
            four_eyes.SECOND: None if first is None else show("usr", first),
            "without_second_person": judgement.alone,
        }
    seq = await booking.give_back(
        connection, refund, failure=reason, by="staff", actor=actor, reason=reason, facts=facts
    )
    assert refund.payment_key is not None, "what is set aside has its payment"
    # It may be disputed meanwhile, and then its Credits are not the customer's.
    await catch_up(connection, refund.workspace_id, refund.payment_key, actor=actor)
    return Outcome(await find(connection, refund_id), seq)


async def _again(connection: Connection, refund: Refund, amount: int, actor: audit.Actor) -> Refund:
    order = await lots.order(connection, refund.workspace_id, refund.recharge_id)
    assert order is not None, "a refund has its recharge"
    assert refund.payment_key is not None, "it was set aside before"
    payment = await lots.payment(connection, refund.workspace_id, refund.payment_key)
    assert payment is not None, "payments are never deleted"
    stands = await standing(connection, order, refund.kind)
    if stands.obstacle is not None:
        raise Conflict(stands.obstacle)
    if stands.lot is None or stands.lot.payment_key != refund.payment_key or amount > stands.most.credits:
        raise Conflict("Its Credits came back and were used meanwhile; the customer has to ask again.")
    minor = money_of(stands.lot, amount, whole=refund.kind == "duplicate")
    if minor != refund.amount_minor:
        raise Conflict("Another refund changed what these Credits are worth; the customer has to ask again.")
    terms = Terms(amount, minor, refund.payout or "manual")
    return await booking.set_aside(
        connection,
        refund,
        payment,
        terms,
        number=refund.round + 1,
        answer=refund.answer,
        decided_by=None,
        actor=actor,
    )
