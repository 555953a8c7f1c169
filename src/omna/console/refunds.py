"""/api/console/refunds: what customers want back, the facts, and what staff decide."""

from typing import Annotated, Any

from fastapi import Path, Query

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import privacy
from omna.console.recharge_schemas import FirstApprover, OfWorkspace, ReviewLock
from omna.console.refund_schemas import (
    RefundAct,
    RefundApproval,
    RefundConversion,
    RefundDecided,
    RefundFactsBeside,
    RefundPaid,
    RefundPlanning,
    RefundRejection,
    StaffRefund,
    StaffRefundActed,
    StaffRefundRow,
    Wanted,
)
from omna.db.pool import Connection
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_moment
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import MoneyOut
from omna.ids import RefundId, show
from omna.money import format_credits, parse_credits
from omna.payments import effects
from omna.payments.recharges.quote import format_minor, parse_minor
from omna.payments.refunds import desk, follow_up, review, schemas, shown
from omna.payments.refunds.desk import Case, File
from omna.payments.refunds.review import Decision, Outcome
from omna.payments.schemas import Effect
from omna.risk import four_eyes
from omna.support.model import masked

router = Router(prefix="/api/console/refunds", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Cashier = Annotated[Person, StaffCan(StaffRight.MONEY)]
RefundPath = Annotated[str, Path(description="The refund: `rfd_…`")]


@router.get("")
async def list_refunds(
    who: Onlooker,
    connection: Reading,
    state: Annotated[Wanted, Query(description="`todo` waits for somebody, oldest first.")] = "todo",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[StaffRefundRow]:
    """Return refunds of everybody."""
    found = await desk.page(connection, state, decode_moment(cursor, "rfd"), limit + 1)
    rows, following = cut(
        found, limit, lambda case: (case.refund.created_at.isoformat(), show("rfd", case.refund.refund_id))
    )
    return Page(
        items=[StaffRefundRow(**shown.row_facts(case.refund), **_staff_facts(case, who)) for case in rows],
        next_cursor=following,
    )


@router.get("/{refund}")
async def get_refund(refund: RefundPath, who: Onlooker, connection: Work, act: Act) -> StaffRefund:
    """Return everything about a refund. Each reading is in the audit log."""
    refund_id = _refund_id(refund)
    facts = await _facts(connection, refund_id, who)
    await audit.record(connection, act(who), "refund.read", show("rfd", refund_id))
    return StaffRefund(**facts)


@router.post("/{refund}/claim")
async def claim_refund(refund: RefundPath, who: Cashier, connection: Work, act: Act) -> StaffRefundActed:
    """Take a request in hand for a while, or keep it for longer."""
    return await _acted(connection, await review.claim(connection, _refund_id(refund), by=who, actor=act(who)), who)


@router.post("/{refund}/release")
async def release_refund(refund: RefundPath, who: Cashier, connection: Work, act: Act) -> StaffRefundActed:
    """Give a request back to the queue."""
    return await _acted(connection, await review.release(connection, _refund_id(refund), by=who, actor=act(who)), who)


@router.post("/{refund}/approve/preview")
async def preview_approval(
    refund: RefundPath, body: RefundPlanning, who: Cashier, connection: Reading, act: Act
) -> Effect:
    """Return what an approval would book now. Nothing is booked."""
    planned = await review.plan(connection, _refund_id(refund), _credits(body.credits), act(who).name)
    wallet = planned.stands.wallet
    money = format_minor(planned.amount_minor, planned.refund.currency)
    return effects.effect(
        wallet,
        review.legs_of(planned),
        sentence=f"{money} go back for {format_credits(planned.credits)} Credits of {planned.refund.reference}.",
        needs_second_person=planned.judgement.second_person,
        alone=planned.judgement.alone,
    )


@router.post("/{refund}/approve")
async def approve_refund(
    refund: RefundPath, body: RefundApproval, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> RefundDecided:
    """Set the Credits aside and let the payout begin, after a step-up for `refund.approve`; or agree as the first."""
    refund_id = _refund_id(refund)
    await confirm(connection, who, "refund.approve", show("rfd", refund_id))
    known = await review.find(connection, refund_id)
    decision = Decision(
        reason=body.reason,
        message=body.message,
        credits=_credits(body.credits),
        typed_minor=parse_minor(body.amount_typed, known.currency, "amount_typed"),
        payout=body.payout,
    )
    return await _decided(
        connection, await review.approve(connection, refund_id, decision, by=who, actor=act(who)), who
    )


@router.post("/{refund}/reject")
async def reject_refund(
    refund: RefundPath, body: RefundRejection, who: Cashier, connection: Work, act: Act
) -> StaffRefundActed:
    """Decline a request; its Credits stay where they are."""
    decision = Decision(reason=body.reason, message=body.message)
    return await _acted(
        connection, await review.reject(connection, _refund_id(refund), decision, by=who, actor=act(who)), who
    )


@router.post("/{refund}/convert/preview")
async def preview_conversion(
    refund: RefundPath, body: RefundConversion, who: Cashier, connection: Reading, act: Act
) -> Effect:
    """Return what a conversion would book now. Nothing is booked."""
    planned = await review.plan_conversion(connection, _refund_id(refund), act(who).name)
    kept = f"{format_credits(planned.crediting)} Credits are booked." if planned.crediting else "The Credits stay."
    return effects.effect(
        planned.stands.wallet,
        review.legs_of(planned),
        sentence=f"No money goes back. {kept}",
        needs_second_person=planned.judgement.second_person,
        alone=planned.judgement.alone,
    )


@router.post("/{refund}/convert")
async def convert_refund(
    refund: RefundPath, body: RefundConversion, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> RefundDecided:
    """Leave a payment as Credits, after a step-up for `refund.convert`."""
    refund_id = _refund_id(refund)
    await confirm(connection, who, "refund.convert", show("rfd", refund_id))
    decision = Decision(reason=body.reason, message=body.message)
    return await _decided(
        connection, await review.convert(connection, refund_id, decision, by=who, actor=act(who)), who
    )


@router.post("/{refund}/paid")
async def mark_paid(
    refund: RefundPath, body: RefundPaid, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> StaffRefundActed:
    """Note that the money was sent by hand, after a step-up for `refund.pay`."""
    refund_id = _refund_id(refund)
    await confirm(connection, who, "refund.pay", show("rfd", refund_id))
    outcome = await follow_up.pay_by_hand(
        connection, refund_id, body.payout_reference, reason=body.reason, by=who, actor=act(who)
    )
    return await _acted(connection, outcome, who)


@router.post("/{refund}/retry")
async def retry_payout(
    refund: RefundPath, body: RefundAct, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> StaffRefundActed:
    """Try a payout again, after a step-up for `refund.retry`."""
    refund_id = _refund_id(refund)
    await confirm(connection, who, "refund.retry", show("rfd", refund_id))
    outcome = await follow_up.retry(connection, refund_id, reason=body.reason, by=who, actor=act(who))
    return await _acted(connection, outcome, who)


@router.post("/{refund}/return")
async def return_credits(
    refund: RefundPath, body: RefundAct, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> StaffRefundActed:
    """Give the Credits back because the money could not be sent, after a step-up for `refund.return`."""
    refund_id = _refund_id(refund)
    await confirm(connection, who, "refund.return", show("rfd", refund_id))
    outcome = await follow_up.give_back(connection, refund_id, reason=body.reason, by=who, actor=act(who))
    return await _acted(connection, outcome, who)


async def _acted(connection: Connection, outcome: Outcome, who: Person) -> StaffRefundActed:
    facts = await _facts(connection, RefundId(outcome.refund.refund_id), who)
    return StaffRefundActed(**facts, audit_seq=outcome.audit_seq)


async def _decided(connection: Connection, outcome: Outcome, who: Person) -> RefundDecided:
    facts = await _facts(connection, RefundId(outcome.refund.refund_id), who)
    return RefundDecided(**facts, audit_seq=outcome.audit_seq, booked=not outcome.waiting)


async def _facts(connection: Connection, refund_id: RefundId, who: Person) -> dict[str, Any]:
    found = await desk.file(connection, refund_id, who.user_id)
    refund = found.case.refund
    return {
        **await shown.fields_of(connection, refund),
        **_staff_facts(found.case, who),
        "facts": _beside(found),
        "payout_reference": refund.payout_reference,
        "processor_refund": refund.processor_refund,
        "attempts": refund.attempts,
        "next_try_at": refund.next_try_at,
        "decided_by": found.case.decided_by,
        "yours": found.own,
    }


def _staff_facts(case: Case, who: Person) -> dict[str, Any]:
    refund = case.refund
    lock, first = None, None
    if refund.shown_state == "in_review" and refund.review_until is not None:
        lock = ReviewLock(
            name=refund.reviewer_name or "", until=refund.review_until, yours=refund.reviewer_id == who.user_id
        )
    if case.first_approver is not None and refund.first_approved_at is not None:
        first = FirstApprover(
            name=case.first_approver, at=refund.first_approved_at, yours=refund.first_approver == who.user_id
        )
    return {
        "workspace": OfWorkspace(id=show("ws", refund.workspace_id), name=privacy.text(who, case.workspace_name)),
        # Who decides has to know whom they decide about.
        "email": case.email if StaffRight.MONEY in who.staff_rights or case.email is None else masked(case.email),
        "flag": refund.flag,
        "payout": refund.payout,
        "lock": lock,
        "first_approver": first,
    }


def _beside(found: File) -> RefundFactsBeside:
    stands, background = found.stands, found.background
    currency = stands.order.currency
    paid = stands.payment
    return RefundFactsBeside(
        payment_status="disputed" if found.disputed else stands.order.state,
        paid=None if paid is None else MoneyOut(minor=paid.amount_minor, currency=paid.currency),
        credited=stands.credited,
        used=stands.used,
        unused=stands.unused,
        most_refundable=schemas.MostRefundable(
            credits=stands.most.credits, money=MoneyOut(minor=stands.most.amount_minor, currency=currency)
        ),
        obstacle=stands.obstacle,
        promo_withdrawn=stands.promo,
        uncredited=stands.uncredited,
        charged=background.charged,
        provider_cost=background.provider_cost,
        requests_30d=background.requests_30d,
        account_age_days=background.account_age_days,
        disputes=background.disputes,
        earlier_refunds=background.earlier_refunds,
        frozen=background.frozen,
        open_holds=background.held,
        threshold=four_eyes.THRESHOLD,
    )


def _credits(text: str | None) -> int | None:
    return None if text is None else parse_credits(text)


def _refund_id(text: str) -> RefundId:
    return RefundId(id_in_address(text, "rfd", "refund"))
