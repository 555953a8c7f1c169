"""/api/console/disputes: payments that banks took back, what was booked for them, and what staff do about it."""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.config import Settings
from omna.console import privacy
from omna.console.dispute_schemas import (
    DebtPlanning,
    DebtWriteOff,
    DebtWrittenOff,
    DisputeAct,
    DisputeEnd,
    DisputeMay,
    DisputeNew,
    StaffDispute,
    StaffDisputeActed,
    StaffDisputeRow,
    Wanted,
)
from omna.console.recharge_schemas import FirstApprover, OfWorkspace
from omna.db.pool import Connection, transaction
from omna.errors import Conflict
from omna.http.access import AtPool, Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_moment
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import MoneyOut
from omna.ids import DisputeId, show
from omna.ledger import chart
from omna.membership import notices
from omna.money import Nanocredits, format_credits, parse_credits
from omna.payments import effects, steps
from omna.payments.disputes import desk, evidence, service
from omna.payments.disputes.desk import File
from omna.payments.disputes.model import OVER, Dispute
from omna.payments.disputes.service import Outcome
from omna.payments.recharges.bodies import step_body
from omna.payments.recharges.quote import parse_minor
from omna.payments.recharges.routes import recharge_id_of
from omna.payments.schemas import Effect, RechargeLink
from omna.risk import service as risk
from omna.workspaces import service as workspaces

router = Router(prefix="/api/console/disputes", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Cashier = Annotated[Person, StaffCan(StaffRight.MONEY)]
DisputePath = Annotated[str, Path(description="The dispute: `dsp_…`")]


@router.get("")
async def list_disputes(
    who: Onlooker,
    connection: Reading,
    state: Annotated[Wanted, Query(description="`todo`: not over yet.")] = "todo",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[StaffDisputeRow]:
    """Return disputes of everybody, newest first."""
    states = None if state == "all" else ["warned", "inquiry", "open", "under_review"] if state == "todo" else [state]
    found = await service.page(connection, states, decode_moment(cursor, "dsp"), limit + 1)
    rows, following = cut(found, limit, lambda one: (one.opened_at.isoformat(), show("dsp", one.dispute_id)))
    names = await workspaces.names(connection, [one.workspace_id for one in rows])
    return Page(
        items=[StaffDisputeRow(**_row(one, privacy.text(who, names.get(one.workspace_id, "")))) for one in rows],
        next_cursor=following,
    )


@router.post("", status_code=201)
async def enter_dispute(
    body: DisputeNew, http: Request, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> StaffDisputeActed:
    """Note a dispute of a payment by hand, after a step-up for `dispute.enter`; from `open` on, Credits are taken."""
    settings: Settings = http.app.state.settings
    recharge_id = recharge_id_of(body.recharge_id)
    await confirm(connection, who, "dispute.enter", show("rch", recharge_id))
    order = await desk.order_of(connection, recharge_id)
    outcome = await service.note_by_hand(
        connection,
        order.workspace_id,
        recharge_id,
        body.state,
        parse_minor(body.amount_typed, order.currency, "amount_typed"),
        freeze=settings.payments.freeze_on_dispute,
        reason=body.reason,
        by=who,
        actor=act(who),
    )
    return await _acted(connection, outcome, who)


@router.get("/{dispute}")
async def get_dispute(dispute: DisputePath, who: Onlooker, connection: Work, act: Act) -> StaffDispute:
    """Return everything about a dispute. Each reading is in the audit log."""
    found = await desk.file(connection, _dispute_id(dispute), who.user_id)
    await audit.record(connection, act(who), "dispute.read", show("dsp", found.dispute.dispute_id))
    return StaffDispute(**_facts(found, who))


@router.post("/{dispute}/evidence-sent")
async def note_evidence(
    dispute: DisputePath, body: DisputeAct, who: Cashier, connection: Work, act: Act
) -> StaffDisputeActed:
    """Note that the bank was answered."""
    outcome = await service.note_evidence(connection, _dispute_id(dispute), reason=body.reason, actor=act(who))
    return await _acted(connection, outcome, who)


@router.post("/{dispute}/close")
async def close_dispute(
    dispute: DisputePath, body: DisputeEnd, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> StaffDisputeActed:
    """Say how a dispute by hand ended, after a step-up for `dispute.close`."""
    dispute_id = _dispute_id(dispute)
    await confirm(connection, who, "dispute.close", show("dsp", dispute_id))
    outcome = await service.close_by_hand(
        connection, dispute_id, body.outcome, reason=body.reason, by=who, actor=act(who)
    )
    return await _acted(connection, outcome, who)


@router.post("/{dispute}/write-off/preview")
async def preview_write_off(
    dispute: DisputePath, body: DebtPlanning, who: Cashier, connection: Reading, act: Act
) -> Effect:
    """Return what giving a debt up would book now. Nothing is booked."""
    amount = Nanocredits(parse_credits(body.credits))
    _, wallet, judgement = await service.plan_write_off(connection, _dispute_id(dispute), amount, act(who).name)
    return effects.effect(
        wallet,
        chart.debt_written_off(amount),
        sentence=f"{format_credits(amount)} Credits are owed no more. No money moves.",
        needs_second_person=judgement.second_person,
        alone=judgement.alone,
    )


@router.post("/{dispute}/write-off")
async def write_off(
    dispute: DisputePath, body: DebtWriteOff, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> DebtWrittenOff:
    """Give a debt up, after a step-up for `debt.write_off`; above the threshold, agree to it as the first of two."""
    dispute_id = _dispute_id(dispute)
    await confirm(connection, who, "debt.write_off", show("dsp", dispute_id))
    outcome = await service.write_off(
        connection,
        dispute_id,
        Nanocredits(parse_credits(body.credits)),
        reason=body.reason,
        by=who,
        actor=act(who),
    )
    found = await desk.file(connection, dispute_id, who.user_id)
    return DebtWrittenOff(**_facts(found, who), audit_seq=outcome.audit_seq, booked_now=not outcome.waiting)


@router.post("/{dispute}/unfreeze")
async def unfreeze_workspace(
    dispute: DisputePath,
    body: DisputeAct,
    who: Annotated[Person, StaffCan(StaffRight.FREEZE)],
    connection: Work,
    act: Act,
) -> StaffDisputeActed:
    """End the freeze that this dispute began. Nothing does that by itself, also when a dispute is won."""
    # Before anything is recorded: the controls wait for the admissions in flight.
    await risk.lock_controls(connection)
    found = await service.find(connection, _dispute_id(dispute))
    await service.require_foreign(connection, found.workspace_id, who)
    frozen = (await desk.file(connection, found.dispute_id, who.user_id)).frozen
    if frozen is not None and frozen != found.freeze_reason:
        raise Conflict(f"This workspace is frozen for another reason, which stays: {frozen}")
    await risk.unfreeze(connection, found.workspace_id, reason=body.reason, actor=act(who))
    await steps.add(connection, found.workspace_id, found.dispute_id, "unfrozen", "staff")
    await notices.tell_freeze(connection, found.workspace_id)
    return await _acted(connection, await service.note_review(connection, found, body.reason, act(who)), who)


@router.get("/{dispute}/evidence.json")
async def get_evidence(
    dispute: DisputePath, http: Request, who: Cashier, connection: Work, act: Act
) -> evidence.Evidence:
    """Return what the bank may be told: account, orders, usage, sign-ins, terms. No text of any chat."""
    return await _evidence(http, connection, _dispute_id(dispute), who, act)


@router.get("/{dispute}/evidence.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
async def get_evidence_pdf(dispute: DisputePath, http: Request, who: Cashier, pool: AtPool, act: Act) -> Response:
    """Return the same as a document for the bank."""
    # A PDF takes a while, and the record of the reading keeps everybody else's waiting until it is committed.
    async with transaction(pool) as connection:
        pack = await _evidence(http, connection, _dispute_id(dispute), who, act)
    name = f"evidence-{pack.order.reference}.pdf"
    return Response(
        await evidence.pdf(pack),
        media_type="application/pdf",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _evidence(
    http: Request, connection: Connection, dispute_id: DisputeId, who: Person, act: Act
) -> evidence.Evidence:
    settings: Settings = http.app.state.settings
    pack = await evidence.collect(connection, dispute_id, operator=settings.accounts.operator_name)
    await audit.record(connection, act(who), "dispute.export", show("dsp", dispute_id))
    return pack


async def _acted(connection: Connection, outcome: Outcome, who: Person) -> StaffDisputeActed:
    found = await desk.file(connection, DisputeId(outcome.dispute.dispute_id), who.user_id)
    return StaffDisputeActed(**_facts(found, who), audit_seq=outcome.audit_seq)


def _row(dispute: Dispute, workspace_name: str) -> dict[str, Any]:
    return {
        "id": show("dsp", dispute.dispute_id),
        "state": dispute.state,
        "processor": dispute.processor,
        "reason": dispute.reason,
        "recharge": RechargeLink(id=show("rch", dispute.recharge_id), reference=dispute.reference),
        "workspace": OfWorkspace(id=show("ws", dispute.workspace_id), name=workspace_name),
        "amount": MoneyOut(minor=dispute.amount_minor, currency=dispute.currency),
        "clawed": dispute.clawed,
        "answer_owed": dispute.answer_owed,
        "evidence_due": dispute.evidence_due,
        "flag": dispute.flag,
        "opened_at": dispute.opened_at,
        "closed_at": dispute.closed_at,
    }


def _facts(found: File, who: Person) -> dict[str, Any]:
    dispute = found.dispute
    first = None
    if found.first_approver is not None and dispute.first_approved_at is not None:
        first = FirstApprover(
            name=found.first_approver, at=dispute.first_approved_at, yours=dispute.first_approver == who.user_id
        )
    return {
        **_row(dispute, privacy.text(who, found.workspace_name)),
        "external_id": dispute.external_id,
        "withdrawn": MoneyOut(minor=dispute.withdrawn_minor, currency=dispute.currency),
        "returned": MoneyOut(minor=dispute.returned_minor, currency=dispute.currency),
        "booked": dispute.booked,
        "froze": dispute.froze,
        "frozen": found.frozen,
        "debt_now": found.debt,
        "written_off": dispute.written_off,
        "write_off_most": found.write_off_most,
        "evidence_sent_at": dispute.evidence_sent_at,
        "ledger_line": show("tr", dispute.dispute_id) if dispute.clawed else None,
        "first_approver": first,
        "timeline": [step_body(step) for step in found.timeline],
        "yours": found.own,
        "may": DisputeMay(
            evidence_sent=dispute.state not in OVER and dispute.evidence_sent_at is None,
            close=dispute.processor == "manual"
            and dispute.state not in OVER
            and dispute.booked == "opened"
            and not found.own,
            put_aside=dispute.state not in OVER
            and dispute.booked == "nothing"
            and (dispute.processor == "manual" or dispute.state == "warned")
            and not found.own,
            write_off=found.write_off_most > 0 and not found.own,
            unfreeze=found.frozen == dispute.freeze_reason and not found.own,
        ),
    }


def _dispute_id(text: str) -> DisputeId:
    return DisputeId(id_in_address(text, "dsp", "dispute"))
