"""Staff decide about refunds. One decision each: whoever comes second is told what became of it."""

from dataclasses import dataclass
from typing import Any

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, InvalidValue, NotFound
from omna.http.principal import Person
from omna.ids import RefundId, show
from omna.ledger import chart
from omna.ledger.chart import Legs
from omna.money import Nanocredits, format_credits
from omna.payments import steps
from omna.payments.recharges.crediting import ensure_credited
from omna.payments.recharges.model import payment_by_hand
from omna.payments.recharges.quote import format_minor
from omna.payments.refunds import booking, letters, lots, store
from omna.payments.refunds.booking import CHANGED, Terms
from omna.payments.refunds.model import Payment, Payout, Refund
from omna.payments.refunds.refundable import money_of
from omna.payments.refunds.service import get, tell_orders
from omna.payments.refunds.standing import Standing, standing
from omna.risk import four_eyes
from omna.workspaces import service as workspaces

#: Minutes for which a request is one reviewer's.
LOCK_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer has decided. typed: the money they read and typed, in the smallest unit; None: not asked for."""

    reason: str
    message: str = ""
    credits: int | None = None
    typed_minor: int | None = None
    payout: Payout = "processor"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did. waiting: a second person has to agree before anything is booked."""

    refund: Refund
    audit_seq: int
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What an approval, or a conversion, would do. crediting: Credits of a payment that were never booked."""

    refund: Refund
    stands: Standing
    credits: int
    amount_minor: int
    crediting: int
    crediting_bonus: int
    judgement: four_eyes.Judgement


async def find(connection: Connection, refund_id: RefundId) -> Refund:
    """Return a refund of any workspace. Errors: NotFound."""
    refund = await store.by_id(connection, refund_id)
    if refund is None:
        raise NotFound("There is no such refund.")
    return refund


async def claim(connection: Connection, refund_id: RefundId, *, by: Person, actor: audit.Actor) -> Outcome:
    """Take a request in hand, for a while. Errors: NotFound, Conflict naming who has it."""
    refund = await find(connection, refund_id)
    if not await store.claim(connection, refund, by.user_id, LOCK_MINUTES):
        raise Conflict(_taken(await find(connection, refund_id)))
    seq = await audit.record(connection, actor, "refund.claim", show("rfd", refund_id))
    return Outcome(await find(connection, refund_id), seq)


async def release(connection: Connection, refund_id: RefundId, *, by: Person, actor: audit.Actor) -> Outcome:
    """Give a request back to the queue. Nothing happens when somebody else has it. Errors: NotFound."""
    refund = await find(connection, refund_id)
    await store.release(connection, refund, by.user_id)
    seq = await audit.record(connection, actor, "refund.release", show("rfd", refund_id))
    return Outcome(await find(connection, refund_id), seq)


async def plan(connection: Connection, refund_id: RefundId, amount: int | None, actor: str) -> Plan:
    """Return what an approval would do. amount: Credits, by default as many as were asked for.

    Errors  NotFound, Conflict, InvalidValue
    """
    return await _plan(connection, await find(connection, refund_id), amount, actor)


def legs_of(planned: Plan) -> Legs:
    """Return what a plan would book, over all of its transfers."""
    wallet = planned.stands.wallet
    legs: Legs = ()
    if planned.crediting:
        legs += chart.recharge(wallet, Nanocredits(planned.crediting))
        if planned.crediting_bonus:
            legs += chart.promo_grant(Nanocredits(planned.crediting_bonus))
    if planned.credits:
        promo = planned.stands.promo + planned.crediting_bonus
        legs += chart.promo_withdrawn(Nanocredits(promo))
        legs += chart.refund_approved(Nanocredits(planned.credits))
    return legs


async def approve(
    connection: Connection, refund_id: RefundId, decision: Decision, *, by: Person, actor: audit.Actor
) -> Outcome:
    """Set the Credits aside and let the payout begin, or note the first of two approvals.

    Errors  NotFound, Conflict, InvalidValue, Forbidden for one's own request
    """
    refund = await _lock(connection, refund_id, by)
    await four_eyes.lock(connection)
    planned = await _plan(connection, refund, decision.credits, actor.name)
    if decision.typed_minor != planned.amount_minor:
        raise InvalidValue(
            f"The refund is {format_minor(planned.amount_minor, refund.currency)}; type exactly that.",
            param="amount_typed",
        )
    payout = decision.payout
    if planned.stands.payment is None or planned.stands.payment.processor == "manual":
        payout = "manual"
    terms: dict[str, Any] = {
        "act": "approve",
        "credits": format_credits(planned.credits),
        "money": planned.amount_minor,
        "payout": payout,
    }
    second = await second_person(connection, refund, planned.judgement, terms, decision.reason, by, actor)
    if second is not None:
        return second
    if planned.crediting:
        await _credit(connection, planned, decision, actor)
        stands = await standing(connection, planned.stands.order, refund.kind)
    else:
        stands = planned.stands
    payment = stands.payment
    assert payment is not None, "a payment that is set aside was credited"
    first = refund.first_approver
    refund = await booking.set_aside(
        connection,
        refund,
        payment,
        Terms(planned.credits, planned.amount_minor, payout),
        answer=decision.message,
        decided_by=by.user_id,
        actor=actor,
    )
    money = format_minor(planned.amount_minor, refund.currency)
    await steps.add(connection, refund.workspace_id, refund_id, "approved", "staff", decision.message)
    await tell_orders(connection, refund, "refund_approved", "staff", money)
    seq = await audit.record(
        connection,
        actor,
        "refund.approve",
        show("rfd", refund_id),
        reason=decision.reason,
        before={"state": "requested"},
        after={
            "state": "approved",
            "amount": format_credits(planned.credits),
            "money": money,
            "payout": payout,
            "promo_withdrawn": format_credits(refund.promo_withdrawn),
            "credited_before": format_credits(planned.crediting),
            four_eyes.SECOND: None if first is None else show("usr", first),
            "without_second_person": planned.judgement.alone,
        },
    )
    await letters.decided(connection, refund)
    return Outcome(refund, seq)


async def reject(
    connection: Connection, refund_id: RefundId, decision: Decision, *, by: Person, actor: audit.Actor
) -> Outcome:
    """Decline a request; its Credits stay where they are. Errors: NotFound, Conflict, Forbidden."""
    refund = await _lock(connection, refund_id, by)
    return await _close(connection, refund, "rejected", decision, by, actor, {})


async def convert(
    connection: Connection, refund_id: RefundId, decision: Decision, *, by: Person, actor: audit.Actor
) -> Outcome:
    """Leave a payment as Credits: those that are there stay, those of a payment that was never credited are booked.

    Errors  NotFound, Conflict, Forbidden
    """
    refund = await _lock(connection, refund_id, by)
    await four_eyes.lock(connection)
    planned = await plan_conversion(connection, refund_id, actor.name)
    terms: dict[str, Any] = {"act": "convert", "credits": format_credits(planned.crediting)}
    second = await second_person(connection, refund, planned.judgement, terms, decision.reason, by, actor)
    if second is not None:
        return second
    if planned.crediting:
        await _credit(connection, planned, decision, actor, converted=True)
    facts = {
        "amount": format_credits(planned.crediting),
        four_eyes.SECOND: None if refund.first_approver is None else show("usr", refund.first_approver),
        "without_second_person": planned.judgement.alone,
    }
    return await _close(connection, refund, "converted", decision, by, actor, facts)


async def plan_conversion(connection: Connection, refund_id: RefundId, actor: str) -> Plan:
    """Return what a conversion would do. Errors: NotFound, Conflict."""
    refund = await find(connection, refund_id)
    stands = await _stands(connection, refund)
    crediting = 0
    if stands.uncredited:
        if stands.obstacle is not None:
            raise Conflict(stands.obstacle)
        crediting = stands.order.credits
    judgement = await four_eyes.judge(connection, crediting, actor) if crediting else four_eyes.Judgement(False, False)
    return Plan(refund, stands, 0, 0, crediting, stands.order.bonus if crediting else 0, judgement)


async def _plan(connection: Connection, refund: Refund, amount: int | None, actor: str) -> Plan:
    if refund.state != "requested":
        raise Conflict(_taken(refund))
    stands = await _stands(connection, refund)
    if stands.obstacle is not None:
        raise Conflict(stands.obstacle)
    crediting = stands.order.credits if stands.uncredited else 0
    wanted = crediting or (refund.credits if amount is None else amount)
    if amount is not None and crediting and amount != crediting:
        raise InvalidValue("A payment that was never credited goes back as a whole.", param="credits")
    if wanted <= 0:
        raise InvalidValue("Approve more than zero Credits, or reject the request.", param="credits")
    if wanted > stands.most.credits:
        raise InvalidValue(
            f"At most {format_credits(stands.most.credits)} Credits of this recharge can go back now.", param="credits"
        )
    if stands.lot is None:
        minor = stands.most.amount_minor
    else:
        minor = money_of(stands.lot, wanted, whole=refund.kind == "duplicate")
    if minor <= 0:
        raise InvalidValue("These Credits are worth less than the smallest coin.", param="credits")
    judgement = await four_eyes.judge(connection, wanted, actor)
    return Plan(refund, stands, wanted, minor, crediting, stands.order.bonus if crediting else 0, judgement)


async def _stands(connection: Connection, refund: Refund) -> Standing:
    order = await lots.order(connection, refund.workspace_id, refund.recharge_id)
    assert order is not None, "a refund has its recharge"
    return await standing(connection, order, refund.kind)


async def _credit(
    connection: Connection, planned: Plan, decision: Decision, actor: audit.Actor, *, converted: bool = False
) -> None:
    """Book the Credits of a payment that staff have seen, and that was never credited."""
    order = planned.stands.order
    await ensure_credited(
        connection,
        workspace_id=order.workspace_id,
        recharge_id=order.recharge_id,
        processor="manual",
        payment_id=payment_by_hand(order.recharge_id),
        amount_minor=order.total_minor,
        currency=order.currency,
        credits=Nanocredits(order.credits),
        actor=actor,
        step_actor="omna",
        reason=decision.reason,
        converted=converted,
    )


async def second_person(
    connection: Connection,
    refund: Refund,
    judgement: four_eyes.Judgement,
    terms: dict[str, Any],
    reason: str,
    by: Person,
    actor: audit.Actor,
) -> Outcome | None:
    """Return None when enough people agree; else note that one does."""
    if not judgement.second_person:
        return None
    if refund.first_approver is not None and refund.first_terms == terms:
        if refund.first_approver == by.user_id:
            raise Conflict("You have approved this already; a second person has to agree.")
        return None
    await store.set_first_approver(connection, refund, by.user_id, terms)
    seq = await audit.record(
        connection,
        actor,
        "refund.approve_first",
        show("rfd", refund.refund_id),
        reason=reason,
        after={"terms": terms},
    )
    return Outcome(await find(connection, refund.refund_id), seq, waiting=True)


async def _close(
    connection: Connection,
    refund: Refund,
    state: str,
    decision: Decision,
    by: Person,
    actor: audit.Actor,
    facts: dict[str, Any],
) -> Outcome:
    changes = {"answer": decision.message, "decided_by": by.user_id}
    if not await store.move(connection, refund, state, changes):
        raise Conflict(CHANGED)
    await steps.add(connection, refund.workspace_id, refund.refund_id, state, "staff", decision.message)
    await tell_orders(connection, refund, f"refund_{state}", "staff", decision.message)
    seq = await audit.record(
        connection,
        actor,
        "refund.reject" if state == "rejected" else "refund.convert",
        show("rfd", refund.refund_id),
        reason=decision.reason,
        before={"state": refund.state},
        after={"state": state, "message": decision.message, **facts},
    )
    closed = await get(connection, refund.workspace_id, refund.refund_id)
    await letters.decided(connection, closed)
    return Outcome(closed, seq)


async def _lock(connection: Connection, refund_id: RefundId, by: Person) -> Refund:
    """Return a request that this reviewer may decide about. Errors: NotFound, Conflict, Forbidden."""
    refund = await lock_row(connection, refund_id, by)
    if refund.state != "requested":
        raise Conflict(_taken(refund))
    locked = refund.review_until is not None and refund.review_until > refund.read_at
    if locked and refund.reviewer_id != by.user_id:
        raise Conflict(_taken(refund))
    return refund


async def lock_row(connection: Connection, refund_id: RefundId, by: Person) -> Refund:
    """Return a refund that nobody else changes now. Errors: NotFound, Forbidden for one's own money."""
    refund = await find(connection, refund_id)
    await lots.lock_order(connection, refund.workspace_id, refund.recharge_id)
    refund = await find(connection, refund_id)
    if refund.requested_by == by.user_id:
        raise Forbidden("Somebody else has to decide about your own request.")
    if await workspaces.belongs(connection, refund.workspace_id, by.user_id):
        raise Forbidden("You are a member of this workspace, so somebody else has to decide.")
    return refund


def _taken(refund: Refund) -> str:
    if refund.state != "requested":
        return f"This refund is {refund.state} already."
    return f"{refund.reviewer_name or 'Somebody'} is reviewing this request."


__all__ = [
    "Decision",
    "Outcome",
    "Payment",
    "Plan",
    "approve",
    "claim",
    "convert",
    "find",
    "legs_of",
    "lock_row",
    "plan",
    "plan_conversion",
    "reject",
    "release",
    "second_person",
]
