"""Cases, hits and rules as staff see them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from omna.console import privacy
from omna.console.recharge_schemas import OfWorkspace
from omna.console.risk_schemas import (
    Because,
    CaseAssignee,
    CaseNote,
    CaseRow,
    DaySpent,
    EarlierCase,
    Related,
    RiskHit,
    RiskRule,
    RuleRef,
)
from omna.db.pool import Connection
from omna.errors import NotFound
from omna.http.principal import Person
from omna.ids import WorkspaceId, show
from omna.money import format_credits
from omna.risk.rules import acting, cases, service
from omna.risk.rules.cases import Listed
from omna.risk.rules.editing import Change
from omna.risk.rules.model import Kind
from omna.risk.rules.service import Hit
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace

#: Numbers that are amounts.
_AMOUNTS = frozenset({"spent", "before", "fresh"})
#: What the ids in the numbers of a kind name.
_SUBJECTS = {
    Kind.FAILED_RECHARGES: ("recharge", "rch"),
    Kind.FRAUD_WARNING: ("dispute", "dsp"),
    Kind.CHARGEBACK_HISTORY: ("dispute", "dsp"),
}


def case_row(listed: Listed, who: Person) -> CaseRow:
    return CaseRow(**_row(listed, who))


async def case_facts(connection: Connection, case_id: UUID, who: Person) -> dict[str, Any]:
    """Return the fields of a case with everything about it. Errors: NotFound."""
    file = await cases.file(connection, case_id)
    case = file.case
    workspace = await _standing(connection, case.workspace_id)
    return {
        **_row(Listed(case, file.hits), who),
        "owner": None if case.owner_id is None else show("usr", case.owner_id),
        "found": [hit_shown(hit, who, file.names) for hit in file.hits],
        "notes": [
            CaseNote(author=note.author_name, text=privacy.text(who, note.text), at=note.at) for note in file.notes
        ],
        "earlier": [
            EarlierCase.model_validate(
                {
                    "id": show("cas", one.case_id),
                    "state": one.state,
                    "opened_at": one.opened_at,
                    "reason": privacy.text(who, one.reason),
                }
            )
            for one in file.earlier
        ],
        "days": [DaySpent(day=day.isoformat(), spent=spent) for day, spent in file.days],
        "frozen_reason": None
        if workspace is None or workspace.frozen_reason is None
        else privacy.text(who, workspace.frozen_reason),
        "daily_limit": None if workspace is None else workspace.daily_limit,
        "trusted": None if file.trusted is None else privacy.text(who, file.trusted),
        "decided_by": case.decider_name,
        "reason": privacy.text(who, case.reason),
        "yours": await workspaces.belongs(connection, case.workspace_id, who.user_id),
    }


async def _standing(connection: Connection, workspace_id: WorkspaceId) -> Workspace | None:
    """Return a workspace, None for one that is deleted: what was found about it stays, and is decided."""
    try:
        return await workspaces.get(connection, workspace_id)
    except NotFound:
        return None


def hit_shown(hit: Hit, who: Person, names: Mapping[UUID, str]) -> RiskHit:
    rule = hit.rule
    return RiskHit(
        id=show("hit", hit.hit_id),
        rule=RuleRef(id=show("rul", rule.rule_id), version=rule.version, name=rule.name, kind=rule.kind.value),
        severity=rule.severity.value,
        at=hit.at,
        found_at=hit.found_at,
        because=because(rule.kind, rule.parameters, hit.numbers, who),
        numbers=numbers_shown(hit.numbers, who),
        parameters=dict(rule.parameters),
        outcome=rule.outcome.value,
        acted=None if hit.acted is None else hit.acted.value,
        spared=hit.spared,
        before=_masked(hit.before, who),
        after=_masked(hit.after, who),
        reversed_at=hit.reversed_at,
        reversible=acting.reversible(hit),
        related=_related(hit, who, names),
    )


def rule_shown(change: Change, hits: int) -> RiskRule:
    rule = change.rule
    return RiskRule(
        id=show("rul", rule.rule_id),
        version=rule.version,
        kind=rule.kind.value,
        name=rule.name,
        enabled=rule.enabled,
        parameters=dict(rule.parameters),
        outcome=rule.outcome.value,
        limit_to=rule.limit_to,
        severity=rule.severity.value,
        new_accounts_days=rule.new_accounts_days,
        cooldown_hours=rule.cooldown_hours,
        changed_by=change.changed_by,
        changed_at=change.at,
        reason=change.reason,
        hits_30_days=hits,
    )


def because(kind: Kind, parameters: Mapping[str, Any], numbers: Mapping[str, Any], who: Person) -> Because:
    english, chinese = service.because(kind, parameters, numbers)
    return Because(en=privacy.text(who, english), zh=privacy.text(who, chinese))


def numbers_shown(numbers: Mapping[str, Any], who: Person) -> dict[str, Any]:
    """Return numbers with amounts as Credits; networks are personal, and fingerprints are shown by their end."""
    shown: dict[str, Any] = {}
    for name, value in numbers.items():
        if name in _AMOUNTS:
            shown[name] = format_credits(value)
        elif name == "marker":
            shown[name] = _marker(value, who)
        elif name not in ("workspaces", "subjects"):
            shown[name] = privacy.text(who, value) if isinstance(value, str) else value
    return shown


def email_shown(email: str | None, who: Person) -> str | None:
    return None if email is None else privacy.email(who, email)


def _row(listed: Listed, who: Person) -> dict[str, Any]:
    case, newest = listed.case, next(iter(listed.hits), None)
    assignee = None
    if case.assigned_to is not None:
        assignee = CaseAssignee(
            id=show("usr", case.assigned_to),
            name=case.assignee_name or "",
            yours=case.assigned_to == who.user_id,
        )
    return {
        "id": show("cas", case.case_id),
        "workspace": OfWorkspace(id=show("ws", case.workspace_id), name=privacy.text(who, case.workspace_name)),
        "email": email_shown(case.email, who),
        "state": case.state,
        "severity": case.severity.value,
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "late": case.late,
        "assignee": assignee,
        "hits": len(listed.hits),
        "because": None if newest is None else because(newest.rule.kind, newest.rule.parameters, newest.numbers, who),
        "decided_at": case.decided_at,
    }


def _related(hit: Hit, who: Person, names: Mapping[UUID, str]) -> list[Related]:
    found = [
        Related(kind="workspace", id=show("ws", UUID(one)), name=privacy.text(who, names.get(UUID(one), "")))
        for one in hit.numbers.get("workspaces", ())
        if UUID(one) != hit.workspace_id
    ]
    subject = _SUBJECTS.get(hit.rule.kind)
    if subject is not None:
        kind, prefix = subject
        ids: Sequence[str] = hit.numbers.get("subjects", ())
        found += [Related(kind=kind, id=f"{prefix}_{one}", name="") for one in ids]  # type: ignore[arg-type]
    return found


def _masked(facts: Mapping[str, Any] | None, who: Person) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {name: privacy.text(who, value) if isinstance(value, str) else value for name, value in facts.items()}


def _marker(marker: str, who: Person) -> str:
    kind, separator, rest = marker.partition(":")
    if separator and kind in ("card", "proof"):
        return f"{kind} …{rest[-6:]}"
    return privacy.network(who, marker)
