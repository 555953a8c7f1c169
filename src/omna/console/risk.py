"""/api/console/risk: the queue of cases, what staff decide, and what rules did."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import risk_shown
from omna.console.risk_schemas import (
    CaseActed,
    CaseAssignment,
    CaseCounts,
    CaseDecision,
    CaseNoting,
    CaseReport,
    CaseRow,
    RiskAct,
    RiskCase,
    Trust,
    Wanted,
)
from omna.db.pool import Connection
from omna.errors import Forbidden, InvalidValue
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_moment
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Acted
from omna.ids import UserId, WorkspaceId, parse, show
from omna.membership import notices
from omna.money import parse_credits
from omna.risk.rules import acting, cases
from omna.risk.rules.cases import Choice, Decision
from omna.workspaces import service as workspaces

router = Router(prefix="/api/console/risk", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Guard = Annotated[Person, StaffCan(StaffRight.FREEZE)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
CasePath = Annotated[str, Path(description="The case: `cas_…`")]
HitPath = Annotated[str, Path(description="The hit: `hit_…`")]
WorkspacePath = Annotated[str, Path(description="The workspace: `ws_…`")]

_STATES: dict[str, tuple[str, ...]] = {
    "decided": ("cleared", "limited", "frozen", "banned"),
    "all": cases.STATES,
    **{state: (state,) for state in cases.STATES},
}


@router.get("/cases")
async def list_cases(
    who: Onlooker,
    connection: Reading,
    state: Annotated[Wanted, Query(description="`open`: the first deadline first.")] = "open",
    assigned: Annotated[Literal["me", "nobody"] | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CaseRow]:
    """Return cases of everybody."""
    found = await cases.page(
        connection,
        _STATES[state],
        assigned_to=who.user_id if assigned == "me" else None,
        nobody=assigned == "nobody",
        newest_first=state != "open",
        after=decode_moment(cursor, "cas"),
        limit=limit + 1,
    )
    by_deadline = state == "open"
    rows, following = cut(
        found,
        limit,
        lambda one: (
            (one.case.due_at if by_deadline else one.case.opened_at).isoformat(),
            show("cas", one.case.case_id),
        ),
    )
    return Page(items=[risk_shown.case_row(one, who) for one in rows], next_cursor=following)


@router.get("/summary")
async def count_cases(who: Onlooker, connection: Reading) -> CaseCounts:
    """Return how many cases are open, late, yours and nobody's, and since when the oldest is open."""
    return CaseCounts(**await cases.counts(connection, who.user_id))


@router.post("/cases", status_code=201)
async def report_workspace(body: CaseReport, who: Guard, connection: Work, act: Act) -> CaseActed:
    """Report forbidden use by hand: the workspace gets a case, or another hit in the one it has."""
    workspace = await workspaces.find(connection, body.workspace)
    case_id, seq = await cases.report(connection, workspace.workspace_id, body.reason, by=who.user_id, actor=act(who))
    return await _acted(connection, case_id, seq, who)


@router.get("/cases/{case}")
async def get_case(case: CasePath, who: Onlooker, connection: Work, act: Act) -> RiskCase:
    """Return everything about a case. Each reading is in the audit log."""
    case_id = _case_id(case)
    facts = await risk_shown.case_facts(connection, case_id, who)
    await audit.note_reading(connection, act(who), "case.read", show("cas", case_id))
    return RiskCase(**facts)


@router.post("/cases/{case}/assign")
async def assign_case(case: CasePath, body: CaseAssignment, who: Guard, connection: Work, act: Act) -> CaseActed:
    """Take a case, or give it back. `expected` is whose it was when you looked."""
    case_id = _case_id(case)
    to = who.user_id if body.assignee == "me" else None
    seq = await cases.assign(connection, case_id, to, _person(body.expected), actor=act(who))
    return await _acted(connection, case_id, seq, who)


@router.post("/cases/{case}/notes", status_code=201)
async def note_on_case(case: CasePath, body: CaseNoting, who: Guard, connection: Work, act: Act) -> CaseActed:
    """Note something for staff alone."""
    case_id = _case_id(case)
    seq = await cases.note(connection, case_id, body.text, by=who.user_id, actor=act(who))
    return await _acted(connection, case_id, seq, who)


@router.post("/cases/{case}/decide")
async def decide_case(
    case: CasePath, body: CaseDecision, who: Guard, connection: Work, confirm: Confirm, act: Act
) -> CaseActed:
    """Clear, limit or freeze a workspace; or ban its owners, which owners do after a step-up for `case.ban`."""
    case_id = _case_id(case)
    choice = Choice(body.decision)
    if choice is Choice.BAN:
        if StaffRight.OWN not in who.staff_rights:
            raise Forbidden(f"Your role in the console ({who.staff_role}) does not allow this.")
        await confirm(connection, who, "case.ban", show("cas", case_id))
    decision = Decision(
        choice,
        body.reason,
        limit=None if body.limit is None else parse_credits(body.limit),
        message=body.message,
        days=body.days,
    )
    seq = await cases.decide(connection, case_id, decision, by=who.user_id, tell=notices.tell_freeze, actor=act(who))
    return await _acted(connection, case_id, seq, who)


@router.post("/hits/{hit}/reverse")
async def reverse_hit(hit: HitPath, body: RiskAct, who: Guard, connection: Work, act: Act) -> Acted:
    """Put back what a rule changed, as long as it stands as the rule left it."""
    hit_id = id_in_address(hit, "hit", "hit")
    seq = await acting.reverse(
        connection, hit_id, reason=body.reason, by=who.user_id, tell=notices.tell_freeze, actor=act(who)
    )
    return Acted(audit_seq=seq)


@router.post("/workspaces/{workspace}/trust")
async def trust_workspace(workspace: WorkspacePath, body: Trust, who: Owner, connection: Work, act: Act) -> Acted:
    """Vouch for a workspace, so that rules flag it and do nothing else, or no longer."""
    workspace_id = WorkspaceId(id_in_address(workspace, "ws", "workspace"))
    seq = await cases.trust(connection, workspace_id, body.trusted, reason=body.reason, by=who.user_id, actor=act(who))
    return Acted(audit_seq=seq)


async def _acted(connection: Connection, case_id: UUID, seq: int, who: Person) -> CaseActed:
    facts: dict[str, Any] = await risk_shown.case_facts(connection, case_id, who)
    return CaseActed(**facts, audit_seq=seq)


def _case_id(text: str) -> UUID:
    return id_in_address(text, "cas", "case")


def _person(text: str | None) -> UserId | None:
    try:
        return None if text is None else UserId(parse(text, "usr"))
    except ValueError:
        raise InvalidValue("This is no id of a person (`usr_…`).", param="expected") from None
