"""/api/console/recharges: the queue of reviews, and what staff decide."""

from typing import Annotated, Any

from fastapi import Path, Query, Request

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import privacy
from omna.console.recharge_schemas import (
    DuplicateWarning,
    FirstApprover,
    Misfit,
    OfWorkspace,
    RechargeApproval,
    RechargeApproved,
    RechargeDuplicate,
    RechargeQuestion,
    RechargeRejection,
    ReviewLock,
    StaffRecharge,
    StaffRechargeActed,
    StaffRechargeRow,
    Wanted,
    WarnedRecharge,
)
from omna.db.pool import Connection
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.paging import Cursor, Limit, Page, cut, decode_id, decode_moment
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import RechargeId, UserId, show
from omna.money import Nanocredits, format_credits, parse_credits
from omna.payments import effects
from omna.payments.recharges import bodies, desk, review
from omna.payments.recharges.desk import Case, File
from omna.payments.recharges.model import Recharge, sought
from omna.payments.recharges.quote import format_minor, share
from omna.payments.recharges.review import Outlook
from omna.payments.recharges.routes import language_here, recharge_id_of
from omna.payments.recharges.schemas import OrderBilling
from omna.payments.schemas import Effect, PaymentEventRow, ReceivedPayment
from omna.risk import four_eyes
from omna.support.model import masked

router = Router(prefix="/api/console/recharges", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Cashier = Annotated[Person, StaffCan(StaffRight.MONEY)]
RechargePath = Annotated[str, Path(description="The order: `rch_…`")]


@router.get("")
async def list_recharges(
    who: Onlooker,
    connection: Reading,
    state: Annotated[Wanted, Query(description="`submitted` waits for a decision, oldest first.")] = "submitted",
    q: Annotated[str | None, Query(max_length=200, description="An id, a reference, or an address.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[StaffRechargeRow]:
    """Return orders of everybody: what waits for a decision, the longest waiting first; others newest first."""
    wanted = sought(q)
    if state == "submitted":
        found = await desk.queue(connection, wanted, decode_moment(cursor, "rch"), limit + 1)
    else:
        states = None if state in ("all", "flagged") else [state]
        found = await desk.search(
            connection, states, wanted, decode_id(cursor, "rch"), limit + 1, flagged=state == "flagged"
        )

    def position(case: Case) -> tuple[str, ...]:
        order = case.recharge
        key = show("rch", order.recharge_id)
        if state == "submitted" and order.submitted_at is not None:
            return order.submitted_at.isoformat(), key
        return (key,)

    cases, following = cut(found, limit, position)
    return Page(items=[_row(case, who) for case in cases], next_cursor=following)


@router.get("/{recharge}")
async def get_recharge(
    recharge: RechargePath, http: Request, who: Onlooker, connection: Work, act: Act
) -> StaffRecharge:
    """Return everything about an order. Each reading is in the audit log."""
    found = await desk.file(connection, recharge_id_of(recharge))
    await audit.record(connection, act(who), "recharge.read", show("rch", found.case.recharge.recharge_id))
    return StaffRecharge(**await _facts(http, connection, found, who))


@router.post("/{recharge}/claim")
async def claim_recharge(
    recharge: RechargePath, http: Request, who: Cashier, connection: Work, act: Act
) -> StaffRecharge:
    """Take an order in hand for ten minutes, or keep it for ten more."""
    order = await review.claim(connection, recharge_id_of(recharge), by=who.user_id, actor=act(who))
    return await _after(http, connection, order, who)


@router.post("/{recharge}/release")
async def release_recharge(
    recharge: RechargePath, http: Request, who: Cashier, connection: Work, act: Act
) -> StaffRecharge:
    """Give an order back to the queue."""
    order = await review.release(connection, recharge_id_of(recharge), by=who.user_id, actor=act(who))
    return await _after(http, connection, order, who)


@router.post("/{recharge}/approve/preview")
async def preview_approval(
    recharge: RechargePath, body: RechargeApproval, who: Cashier, connection: Reading, act: Act
) -> Effect:
    """Return what an approval would book now. Nothing is booked."""
    outlook = await review.preview(
        connection,
        recharge_id_of(recharge),
        body.amount_minor_typed,
        _credits(body),
        by=who.user_id,
        actor=act(who),
    )
    return effects.effect(
        outlook.wallet,
        outlook.legs,
        sentence=_sentence(outlook),
        needs_second_person=outlook.judgement.second_person,
        alone=outlook.judgement.alone,
    )


@router.post("/{recharge}/approve")
async def approve_recharge(
    recharge: RechargePath,
    body: RechargeApproval,
    http: Request,
    who: Cashier,
    connection: Work,
    confirm: Confirm,
    act: Act,
) -> RechargeApproved:
    """Credit an order, after a step-up for `recharge.approve`; above the threshold, agree to it as the first of two."""
    recharge_id = recharge_id_of(recharge)
    await confirm(connection, who, "recharge.approve", show("rch", recharge_id))
    done = await review.approve(
        connection,
        recharge_id,
        body.amount_minor_typed,
        _credits(body),
        reason=body.reason,
        by=who.user_id,
        actor=act(who),
    )
    facts = await _facts(http, connection, await desk.file(connection, recharge_id), who)
    return RechargeApproved(**facts, audit_seq=done.audit_seq, booked=done.booked, alone=done.alone)


@router.post("/{recharge}/reject")
async def reject_recharge(
    recharge: RechargePath, body: RechargeRejection, http: Request, who: Cashier, connection: Work, act: Act
) -> StaffRechargeActed:
    """Close an order without Credits."""
    order, seq = await review.reject(
        connection, recharge_id_of(recharge), body.message, reason=body.reason, by=who.user_id, actor=act(who)
    )
    return await acted_body(http, connection, order.recharge_id, who, seq)


@router.post("/{recharge}/ask")
async def ask_about_recharge(
    recharge: RechargePath, body: RechargeQuestion, http: Request, who: Cashier, connection: Work, act: Act
) -> StaffRechargeActed:
    """Ask the customer something; the order waits for the answer."""
    order, seq = await review.ask(
        connection, recharge_id_of(recharge), body.question, reason=body.reason, by=who.user_id, actor=act(who)
    )
    return await acted_body(http, connection, order.recharge_id, who, seq)


@router.post("/{recharge}/duplicate")
async def close_duplicate(
    recharge: RechargePath, body: RechargeDuplicate, http: Request, who: Cashier, connection: Work, act: Act
) -> StaffRechargeActed:
    """Close an order because its payment belongs to another one."""
    order, seq = await review.duplicate(
        connection,
        recharge_id_of(recharge),
        recharge_id_of(body.of),
        reason=body.reason,
        by=who.user_id,
        actor=act(who),
    )
    return await acted_body(http, connection, order.recharge_id, who, seq)


async def _after(http: Request, connection: Connection, order: Recharge, who: Person) -> StaffRecharge:
    found = await desk.file(connection, order.recharge_id)
    return StaffRecharge(**await _facts(http, connection, found, who))


async def acted_body(
    http: Request, connection: Connection, recharge_id: RechargeId, who: Person, seq: int
) -> StaffRechargeActed:
    """Return an order after an act of staff."""
    found = await desk.file(connection, recharge_id)
    return StaffRechargeActed(**await _facts(http, connection, found, who), audit_seq=seq)


def _row(case: Case, who: Person) -> StaffRechargeRow:
    return StaffRechargeRow(**bodies.row_facts(case.recharge), **_staff_facts(case, who))


def _staff_facts(case: Case, who: Person) -> dict[str, Any]:
    recharge = case.recharge
    lock, first = None, None
    if case.reviewer is not None and recharge.review_until is not None:
        lock = ReviewLock(name=case.reviewer, until=recharge.review_until, yours=recharge.reviewer_id == who.user_id)
    if case.first_approver is not None and recharge.first_approved_at is not None:
        first = FirstApprover(
            name=case.first_approver, at=recharge.first_approved_at, yours=recharge.first_approver == who.user_id
        )
    return {
        "workspace": _workspace(recharge, privacy.text(who, case.workspace_name)),
        "email": case.email if _sees_people(who) else masked(case.email),
        "waiting_seconds": case.waiting,
        "lock": lock,
        "flag": recharge.flag,
        "first_approver": first,
        "decided_by": case.decided_by,
    }


async def _facts(http: Request, connection: Connection, found: File, who: Person) -> dict[str, Any]:
    recharge = found.case.recharge
    language = await language_here(http, connection, UserId(who.user_id))
    facts = bodies.detail_facts(found.detail, language)
    if not _sees_people(who):
        facts["billing"] = OrderBilling(name="", address="", tax_id="")
    return {
        **facts,
        **_staff_facts(found.case, who),
        "warnings": [
            DuplicateWarning(
                kind=one.kind,
                recharge=WarnedRecharge(
                    id=show("rch", one.other.recharge_id),
                    reference=one.other.reference,
                    state=one.other.shown_state,
                    workspace=_workspace(one.other, privacy.text(who, one.workspace_name)),
                ),
            )
            for one in found.warnings
        ],
        "events": [
            PaymentEventRow(
                id=show("evt", row["event_key"]),
                processor=row["processor"],
                external_id=row["external_id"],
                kind=row["kind"],
                state=row["state"],
                error=row["error"],
                attempts=row["attempts"],
                livemode=row["livemode"],
                recharge_id=show("rch", row["recharge_id"]),
                received_at=row["received_at"],
                handled_at=row["handled_at"],
            )
            for row in found.events
        ],
        "payments": [
            ReceivedPayment(
                payment_id=row["payment_id"],
                amount=bodies.money(row["amount_minor"], row["currency"]),
                credits=row["credits"],
                received_at=row["received_at"],
            )
            for row in found.detail.payments
        ],
        "received": _misfit(recharge),
        "yours": await review.is_own(connection, recharge, who.user_id),
        "decidable": recharge.decidable,
        "threshold": four_eyes.THRESHOLD,
        "balance": found.wallet.balance,
        "owed": -found.wallet.debt,
    }


def _sees_people(who: Person) -> bool:
    """Whether somebody who decides, and so has to know whom they decide about."""
    return StaffRight.MONEY in who.staff_rights


def _misfit(recharge: Recharge) -> Misfit | None:
    received = recharge.pending
    if received is None:
        return None
    same = received.currency == recharge.currency
    return Misfit(
        payment_id=received.payment_id,
        amount=bodies.money(received.amount_minor, received.currency),
        share=share(recharge.credits, received.amount_minor, recharge.total_minor) if same else None,
    )


def _workspace(recharge: Recharge, name: str) -> OfWorkspace:
    return OfWorkspace(id=show("ws", recharge.workspace_id), name=name)


def _sentence(outlook: Outlook) -> str:
    recharge = outlook.recharge
    received = recharge.pending
    paid = format_minor(recharge.total_minor, recharge.currency)
    if received is not None:
        paid = format_minor(received.amount_minor, received.currency)
    bonus = f" and {format_credits(outlook.bonus)} promo Credits" if outlook.bonus else ""
    return f"{paid} received: {format_credits(outlook.credits)} Credits{bonus} for order {recharge.reference}."


def _credits(body: RechargeApproval) -> Nanocredits | None:
    return None if body.credits is None else parse_credits(body.credits)
