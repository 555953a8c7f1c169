"""Do what a rule says about a hit, and take it back. Each act is explained and recorded, and put back whole."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from omna.alerts import service as alerts
from omna.audit import service as audit
from omna.clock import iso
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, NotFound
from omna.ids import UserId, WorkspaceId, show
from omna.money import Nanocredits, format_credits, parse_credits
from omna.risk import service as risk
from omna.risk.model import check_reason
from omna.risk.rules import case_store, store
from omna.risk.rules.model import EXEMPT_OUTCOME, Outcome
from omna.risk.rules.sentences import TO_CUSTOMER, because
from omna.risk.rules.store import Hit
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace

#: Tells a workspace's people that it was frozen, or that it is no longer; who mails them stands above.
Tell = Callable[[Connection, WorkspaceId], Awaitable[None]]
#: What changes a control, and so takes its lock first.
CONTROLS = frozenset({Outcome.LIMIT, Outcome.FREEZE})
#: The kind of the alert that a rule acted by itself; it ends when that is put back or its case is decided.
ALERT = "risk.acted"
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a hit. spared: why its outcome did not apply."""

    acted: Outcome
    spared: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


async def act(connection: Connection, hit_id: UUID, outcome: Outcome, *, tell: Tell, actor: audit.Actor) -> Hit | None:
    """Do what the rule of a hit says; None when somebody did. outcome: that of its rule, which says what to lock."""
    if outcome in CONTROLS:
        await risk.lock_controls(connection)
    hit = await store.lock_hit(connection, hit_id)
    if hit is None or hit.acted is not None:
        return None
    if outcome in CONTROLS:
        # The freeze or limit itself is on record before both are touched, and the audit log is the last to be locked.
        await case_store.hold_open(connection, hit.workspace_id)
        await alerts.hold(connection, ALERT, show("ws", hit.workspace_id))
    done = await _outcome(connection, hit, tell, actor)
    case_id = await case_store.open_of(connection, hit.workspace_id)
    if done.acted is not Outcome.FLAG:
        case_id = await case_store.attach(connection, hit.workspace_id, hit.rule.severity)
    await store.set_acted(
        connection, hit_id, done.acted, spared=done.spared, case_id=case_id, before=done.before, after=done.after
    )
    if done.acted in CONTROLS:
        await alerts.raise_alert(
            connection,
            ALERT,
            show("ws", hit.workspace_id),
            severity="warning",
            facts={"rule": hit.rule.name, "acted": done.acted.value, "why": _why(hit)},
            message=f"The rule {hit.rule.name!r} acted by itself ({done.acted.value}): {_why(hit)}",
        )
    await audit.record(
        connection,
        actor,
        "risk.hit",
        show("ws", hit.workspace_id),
        reason=_why(hit),
        before=done.before,
        after={
            "hit": show("hit", hit_id),
            "rule": show("rul", hit.rule.rule_id),
            "version": hit.rule.version,
            "name": hit.rule.name,
            "acted": done.acted.value,
            "spared": done.spared,
            "case": None if case_id is None else show("cas", case_id),
            **(done.after or {}),
        },
    )
    return await store.lock_hit(connection, hit_id)


async def reverse(
    connection: Connection, hit_id: UUID, *, reason: str, by: UserId, tell: Tell, actor: audit.Actor
) -> int:
    """Put back what a rule changed, and return the number of the row in the audit log.

    Errors  NotFound; Conflict when nothing was changed, it was put back, or somebody changed it meanwhile; Forbidden
            for one's own workspace
    """
    reason = check_reason(reason)
    await risk.lock_controls(connection)
    hit = await store.lock_hit(connection, hit_id)
    if hit is None:
        raise NotFound("There is no such hit.")
    await require_other(connection, hit.workspace_id, by)
    if hit.acted not in CONTROLS or hit.before is None or hit.after is None:
        raise Conflict("This hit changed nothing that could be put back.")
    if hit.reversed_at is not None:
        raise Conflict("This was put back already.")
    await alerts.hold(connection, ALERT, show("ws", hit.workspace_id))
    workspace = await workspaces.get(connection, hit.workspace_id)
    if _stands(workspace, hit.acted) != hit.after:
        raise Conflict("Somebody changed this after the rule did. Change it on the page of the workspace.")
    if hit.acted is Outcome.FREEZE:
        await risk.unfreeze(connection, hit.workspace_id, reason=reason, actor=actor)
        await tell(connection, hit.workspace_id)
    else:
        limit = hit.before["daily_limit"]
        await risk.limit_daily(
            connection, hit.workspace_id, None if limit is None else parse_credits(limit), reason=reason, actor=actor
        )
    await store.set_reversed(connection, hit_id, by)
    await alerts.resolve(connection, ALERT, show("ws", hit.workspace_id))
    return await audit.record(
        connection,
        actor,
        "risk.reverse",
        show("ws", hit.workspace_id),
        reason=reason,
        before=hit.after,
        after={"hit": show("hit", hit_id), **hit.before},
    )


async def require_other(connection: Connection, workspace_id: WorkspaceId, by: UserId) -> None:
    """Errors: Forbidden for somebody who belongs to the workspace."""
    if await workspaces.belongs(connection, workspace_id, by):
        raise Forbidden("You belong to this workspace: somebody else has to decide about it.")


def reversible(hit: Hit) -> bool:
    """Return whether a hit changed something that nobody has put back."""
    return hit.acted in CONTROLS and hit.after is not None and hit.reversed_at is None


async def _outcome(connection: Connection, hit: Hit, tell: Tell, actor: audit.Actor) -> _Done:
    spared = await store.exemption(connection, hit.workspace_id)
    if spared:
        return _Done(EXEMPT_OUTCOME, spared)
    match hit.rule.outcome:
        case Outcome.FREEZE:
            return await _freeze(connection, hit, tell, actor)
        case Outcome.LIMIT:
            return await _limit(connection, hit, actor)
        case Outcome.FLAG | Outcome.REVIEW as outcome:
            return _Done(outcome)


async def _freeze(connection: Connection, hit: Hit, tell: Tell, actor: audit.Actor) -> _Done:
    before = await workspaces.get(connection, hit.workspace_id)
    if before.frozen_reason is not None:
        return _Done(Outcome.REVIEW, "already")
    await risk.freeze(connection, hit.workspace_id, reason=_why(hit)[:LONGEST_REASON], message=TO_CUSTOMER, actor=actor)
    after = await workspaces.get(connection, hit.workspace_id)
    await tell(connection, hit.workspace_id)
    return _Done(Outcome.FREEZE, before=_stands(before, Outcome.FREEZE), after=_stands(after, Outcome.FREEZE))


async def _limit(connection: Connection, hit: Hit, actor: audit.Actor) -> _Done:
    before = await workspaces.get(connection, hit.workspace_id)
    limit = hit.rule.limit_to
    assert limit is not None, "the table says so"
    if before.daily_limit is not None and before.daily_limit <= limit:
        return _Done(Outcome.REVIEW, "already")
    await risk.limit_daily(
        connection, hit.workspace_id, Nanocredits(limit), reason=_why(hit)[:LONGEST_REASON], actor=actor
    )
    after = await workspaces.get(connection, hit.workspace_id)
    return _Done(Outcome.LIMIT, before=_stands(before, Outcome.LIMIT), after=_stands(after, Outcome.LIMIT))


def _why(hit: Hit) -> str:
    return because(hit.rule.kind, hit.rule.parameters, hit.numbers)[0]


def _stands(workspace: Workspace, outcome: Outcome) -> dict[str, Any]:
    """Return what an outcome changes, as it stands."""
    if outcome is Outcome.LIMIT:
        limit = workspace.daily_limit
        return {"daily_limit": None if limit is None else format_credits(limit)}
    at = workspace.frozen_at
    return {"frozen_reason": workspace.frozen_reason, "frozen_at": None if at is None else iso(at)}
