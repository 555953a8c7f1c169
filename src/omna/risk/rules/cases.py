"""The queue: what people decide about workspaces that rules, or other people, found. One open case a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from omna.alerts import service as alerts
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.ids import UserId, WorkspaceId, new_id, show
from omna.keys import management, managing
from omna.money import Nanocredits, format_credits
from omna.risk import service as risk
from omna.risk.model import check_reason
from omna.risk.rules import acting, case_store, store
from omna.risk.rules.acting import Tell
from omna.risk.rules.case_store import Case, Note
from omna.risk.rules.model import Kind, Measure, Outcome, Verdict
from omna.risk.rules.store import Hit
from omna.workspaces import service as workspaces

STATES = ("open", "cleared", "limited", "frozen", "banned")
LONGEST_NOTE = 2000


class Choice(StrEnum):
    """What can be decided. A ban freezes the owners and their workspaces without an end, and ends their keys."""

    CLEAR = "clear"
    LIMIT = "limit"
    FREEZE = "freeze"
    BAN = "ban"


_AFTER = {Choice.CLEAR: "cleared", Choice.LIMIT: "limited", Choice.FREEZE: "frozen", Choice.BAN: "banned"}


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision. limit: nanocredits a UTC day, of `limit`; message: what the customer reads, of a freeze or a ban;
    days: after which a freeze ends by itself.
    """

    choice: Choice
    reason: str
    limit: int | None = None
    message: str = ""
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in the queue, with its hits, newest first."""

    case: Case
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class File:
    """A case with everything about it.

    names    of the workspaces that its hits mention
    days     UTC days of the last month and what was spent on them, today last
    trusted  why an owner vouches for the workspace; None when nobody does
    """

    case: Case
    hits: Sequence[Hit]
    notes: Sequence[Note]
    earlier: Sequence[Case]
    names: dict[UUID, str]
    days: Sequence[tuple[date, int]]
    trusted: str | None


async def page(
    connection: Connection,
    states: Sequence[str],
    *,
    assigned_to: UserId | None,
    nobody: bool,
    newest_first: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Listed]:
    """Return cases: the first deadline first, or the one opened last first."""
    found = await case_store.page(
        connection,
        states,
        assigned_to=assigned_to,
        nobody=nobody,
        newest_first=newest_first,
        after=after,
        limit=limit,
    )
    hits: dict[UUID | None, list[Hit]] = {}
    for hit in await store.hits_of_cases(connection, [case.case_id for case in found]):
        hits.setdefault(hit.case_id, []).append(hit)
    return [Listed(case, hits.get(case.case_id, [])) for case in found]


async def counts(connection: Connection, by: UserId) -> dict[str, Any]:
    """Return how many cases are open, late, somebody's own and nobody's, and when the oldest was opened."""
    return dict(await case_store.counts(connection, by))


async def file(connection: Connection, case_id: UUID) -> File:
    """Return a case with its hits, notes and earlier cases. Errors: NotFound."""
    case = await case_store.one(connection, case_id)
    if case is None:
        raise _missing()
    hits = await store.hits_of_cases(connection, [case_id])
    trusted = await store.trusted(connection, case.workspace_id)
    mentioned = {UUID(one) for hit in hits for one in hit.numbers.get("workspaces", ())}
    return File(
        case=case,
        hits=hits,
        notes=await case_store.notes(connection, case_id),
        earlier=[one for one in await case_store.of_workspace(connection, case.workspace_id) if one.case_id != case_id],
        names=await case_store.names(connection, list(mentioned)),
        days=await case_store.days(connection, case.workspace_id),
        trusted=None if trusted is None else trusted["reason"],
    )


async def report(
    connection: Connection, workspace_id: WorkspaceId, note: str, *, by: UserId, actor: audit.Actor
) -> tuple[UUID, int]:
    """Report forbidden use by hand: a case, with a hit of the rule that is there for it.

    Returns  the case, and the number of the row in the audit log
    Errors   InvalidValue, NotFound, Forbidden for one's own workspace
    """
    note = check_reason(note)
    await acting.require_other(connection, workspace_id, by)
    workspace = await workspaces.get(connection, workspace_id)
    rule = next((one.rule for one in await store.rules(connection) if one.rule.kind is Kind.FORBIDDEN_USE), None)
    if rule is None:
        raise NotFound("There is no rule about forbidden use.")
    at: datetime = await connection.fetchval("SELECT clock_timestamp()")
    hit_id = new_id()
    measure = Measure(workspace_id, f"hand:{hit_id.hex}", at, workspace.created_at, {"note": note})
    await store.add_hit(connection, hit_id, rule, Verdict(measure))
    case_id = await case_store.attach(connection, workspace_id, rule.severity)
    await store.set_acted(connection, hit_id, Outcome.REVIEW, spared="", case_id=case_id, before=None, after=None)
    seq = await audit.record(
        connection, actor, "risk.report", show("ws", workspace_id), reason=note, after={"case": show("cas", case_id)}
    )
    return case_id, seq


async def assign(
    connection: Connection, case_id: UUID, to: UserId | None, expected: UserId | None, *, actor: audit.Actor
) -> int:
    """Give a case to somebody of the staff, or to nobody.

    expected  whose it was when the one who acts looked: of two who take it at once, one gets it
    Errors    NotFound; Conflict when it is decided, or somebody else's by now; InvalidValue for who cannot decide it
    """
    case = await _open(connection, case_id)
    if case.assigned_to != expected:
        raise Conflict("Somebody else took this case, or gave it back. Look again.")
    if to is not None and not await case_store.can_have(connection, to):
        raise InvalidValue("Only staff who may freeze can have a case.", param="assignee")
    await case_store.assign(connection, case_id, to)
    return await audit.record(
        connection,
        actor,
        "case.assign",
        show("cas", case_id),
        before={"assigned_to": None if case.assigned_to is None else show("usr", case.assigned_to)},
        after={"assigned_to": None if to is None else show("usr", to)},
    )


async def note(connection: Connection, case_id: UUID, text: str, *, by: UserId, actor: audit.Actor) -> int:
    """Note something on a case, for staff alone. Errors: NotFound, InvalidValue."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST_NOTE:
        raise InvalidValue(f"A note has 1 to {LONGEST_NOTE:,} characters.", param="text")
    if await case_store.lock(connection, case_id) is None:
        raise _missing()
    await case_store.add_note(connection, case_id, by, text)
    return await audit.record(connection, actor, "case.note", show("cas", case_id))


async def decide(
    connection: Connection, case_id: UUID, decision: Decision, *, by: UserId, tell: Tell, actor: audit.Actor
) -> int:
    """Decide a case; two at once give one outcome. Returns the number of the row in the audit log.

    Errors  NotFound; Conflict when it is decided; Forbidden for one's own workspace; InvalidValue
    """
    reason = check_reason(decision.reason)
    # Of a clearing, too: a rule that acts at this moment holds it, and both end with an alert and the audit log.
    await risk.lock_controls(connection)
    case = await _open(connection, case_id)
    await acting.require_other(connection, case.workspace_id, by)
    await alerts.hold(connection, acting.ALERT, show("ws", case.workspace_id))
    facts: dict[str, object] = {}
    match decision.choice:
        case Choice.CLEAR:
            pass
        case Choice.LIMIT:
            if decision.limit is None:
                raise InvalidValue("Say how many Credits a day.", param="limit")
            before = await workspaces.get(connection, case.workspace_id)
            if before.daily_limit is not None and decision.limit > before.daily_limit:
                raise InvalidValue(
                    f"The limit is {format_credits(before.daily_limit)} Credits a day; a case only lowers it.",
                    param="limit",
                )
            await risk.limit_daily(
                connection, case.workspace_id, Nanocredits(decision.limit), reason=reason, actor=actor
            )
            was = before.daily_limit
            facts = {
                "daily_limit": format_credits(decision.limit),
                "daily_limit_before": None if was is None else format_credits(was),
            }
        case Choice.FREEZE:
            await _freeze(connection, case.workspace_id, decision, tell, actor)
        case Choice.BAN:
            facts = await _ban(connection, case.workspace_id, decision, tell, actor)
    await case_store.decide(connection, case_id, _AFTER[decision.choice], reason, by)
    await alerts.resolve(connection, acting.ALERT, show("ws", case.workspace_id))
    return await audit.record(
        connection,
        actor,
        f"case.{decision.choice}",
        show("cas", case_id),
        reason=reason,
        before={"state": "open"},
        after={"state": _AFTER[decision.choice], "workspace": show("ws", case.workspace_id), **facts},
    )


async def trust(
    connection: Connection, workspace_id: WorkspaceId, trusted: bool, *, reason: str, by: UserId, actor: audit.Actor
) -> int:
    """Vouch for a workspace, so that rules only flag it, or no longer. Errors: NotFound, Conflict, InvalidValue."""
    reason = check_reason(reason)
    await workspaces.get(connection, workspace_id)
    await acting.require_other(connection, workspace_id, by)
    before = await store.trusted(connection, workspace_id) is not None
    if before == trusted:
        raise Conflict("It is so already.")
    if trusted:
        await store.put_trusted(connection, workspace_id, reason, by)
    else:
        await store.end_trusted(connection, workspace_id)
    return await audit.record(
        connection,
        actor,
        "risk.trust" if trusted else "risk.distrust",
        show("ws", workspace_id),
        reason=reason,
        before={"trusted": before},
        after={"trusted": trusted},
    )


async def _freeze(
    connection: Connection, workspace_id: WorkspaceId, decision: Decision, tell: Tell, actor: audit.Actor
) -> None:
    until: datetime | None = None
    if decision.choice is Choice.FREEZE and decision.days is not None:
        until = await connection.fetchval("SELECT clock_timestamp() + make_interval(days => $1)", decision.days)
    await risk.freeze(
        connection, workspace_id, reason=decision.reason, message=decision.message, until=until, actor=actor
    )
    await tell(connection, workspace_id)


async def _ban(
    connection: Connection, workspace_id: WorkspaceId, decision: Decision, tell: Tell, actor: audit.Actor
) -> dict[str, object]:
    owners = await case_store.owners(connection, workspace_id)
    if any(staff for _, staff in owners):
        raise Conflict("An owner of this workspace is staff. Take their role away first.")
    banned = await case_store.owned_by(connection, [user_id for user_id, _ in owners]) or [workspace_id]
    keys = 0
    for user_id, _ in owners:
        await risk.freeze_user(connection, user_id, reason=decision.reason, message=decision.message, actor=actor)
    for one in banned:
        await _freeze(connection, one, decision, tell, actor)
        keys += await managing.revoke_all(connection, one, reason=decision.reason, actor=actor)
        await management.revoke_all(connection, one, reason=decision.reason, actor=actor)
    return {
        "users": [show("usr", user_id) for user_id, _ in owners],
        "workspaces": [show("ws", one) for one in banned],
        "keys_revoked": keys,
    }


async def _open(connection: Connection, case_id: UUID) -> Case:
    case = await case_store.lock(connection, case_id)
    if case is None:
        raise _missing()
    if case.state != "open":
        who = case.decider_name or "Somebody"
        raise Conflict(f"{who} decided this case meanwhile ({case.state}).")
    return case


def _missing() -> NotFound:
    return NotFound("There is no such case.")
