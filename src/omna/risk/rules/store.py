"""SQL of rules, of how far they have judged, and of what they found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId
from omna.risk.rules.model import Kind, Outcome, Rule, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a rule, and who made it, when and why."""

    rule: Rule
    changed_by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found, and what came of it. See the table `risk_hits`."""

    hit_id: UUID
    rule: Rule
    workspace_id: WorkspaceId
    window: str
    at: datetime
    numbers: Mapping[str, Any]
    found_at: datetime
    case_id: UUID | None
    acted: Outcome | None
    acted_at: datetime | None
    spared: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reversed_at: datetime | None
    reversed_by: UserId | None


# Rules


async def rules(connection: Connection) -> list[Change]:
    """Return the version of each rule that counts, oldest rule first."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (rule_id) rule_id, version, kind, name, enabled, parameters, outcome, limit_to, severity,"
        " new_accounts_days, cooldown_hours, changed_by, reason, created_at FROM risk_rules"
        " ORDER BY rule_id, version DESC"
    )
    return [_change(row) for row in rows]


async def versions(connection: Connection, rule_id: UUID) -> list[Change]:
    """Return every version of a rule, newest first."""
    rows = await connection.fetch(
        "SELECT rule_id, version, kind, name, enabled, parameters, outcome, limit_to, severity, new_accounts_days,"
        " cooldown_hours, changed_by, reason, created_at FROM risk_rules WHERE rule_id = $1 ORDER BY version DESC",
        rule_id,
    )
    return [_change(row) for row in rows]


async def add_version(connection: Connection, rule: Rule, changed_by: str, reason: str) -> bool:
    """Add a version of a rule; False when somebody else made that one at the same time."""
    added: int | None = await connection.fetchval(
        "INSERT INTO risk_rules (rule_id, version, kind, name, enabled, parameters, outcome, limit_to, severity,"
        " new_accounts_days, cooldown_hours, changed_by, reason)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " ON CONFLICT (rule_id, version) DO NOTHING RETURNING version",
        rule.rule_id,
        rule.version,
        rule.kind,
        rule.name,
        rule.enabled,
        dict(rule.parameters),
        rule.outcome,
        rule.limit_to,
        rule.severity,
        rule.new_accounts_days,
        rule.cooldown_hours,
        changed_by,
        reason,
    )
    return added is not None


# Judging


async def lock_state(connection: Connection) -> tuple[int, datetime]:
    """Return how far rules have judged: the position of the last event, and until which hour. One judges at a time."""
    row = await connection.fetchrow("SELECT events_until, hours_until FROM risk_state FOR UPDATE")
    assert row is not None
    return row["events_until"], row["hours_until"]


async def note_state(connection: Connection, *, events: int | None = None, hours: datetime | None = None) -> None:
    await connection.execute(
        "UPDATE risk_state SET events_until = coalesce($1, events_until), hours_until = coalesce($2, hours_until)",
        events,
        hours,
    )


async def number_events(connection: Connection, last: int, most: int) -> int:
    """Give events that have none their positions after `last`, by the order in which they happened; return the last."""
    reached: int | None = await connection.fetchval(
        "WITH new AS (SELECT event_id, row_number() OVER (ORDER BY at, event_id) AS number FROM"
        " (SELECT event_id, at FROM risk_events WHERE position IS NULL ORDER BY at, event_id LIMIT $2) AS first),"
        " numbered AS (UPDATE risk_events AS e SET position = $1 + new.number FROM new"
        " WHERE new.event_id = e.event_id RETURNING e.position)"
        " SELECT max(position) FROM numbered",
        last,
        most,
    )
    return last if reached is None else reached


async def last_position(connection: Connection) -> int:
    found: int = await connection.fetchval("SELECT coalesce(max(position), 0) FROM risk_events")
    return found


async def position_at(connection: Connection, moment: datetime) -> int:
    """Return the position before the first event that happened since a moment."""
    found: int = await connection.fetchval(
        "SELECT coalesce((SELECT min(position) - 1 FROM risk_events WHERE at >= $1),"
        " (SELECT max(position) FROM risk_events), 0)",
        moment,
    )
    return found


async def summed_until(connection: Connection) -> datetime | None:
    found: datetime | None = await connection.fetchval("SELECT summed_until FROM usage_state")
    return found


async def last_hits(
    connection: Connection, rule_id: UUID, workspace_ids: Sequence[WorkspaceId]
) -> dict[WorkspaceId, datetime]:
    rows = await connection.fetch(
        "SELECT workspace_id, max(at) AS at FROM risk_hits WHERE rule_id = $1 AND workspace_id = ANY ($2)"
        " GROUP BY workspace_id",
        rule_id,
        list(workspace_ids),
    )
    return {WorkspaceId(row["workspace_id"]): row["at"] for row in rows}


async def add_hit(connection: Connection, hit_id: UUID, rule: Rule, verdict: Verdict) -> bool:
    """Note a hit, to be acted on. False when this version had found it already."""
    measure = verdict.measure
    added: UUID | None = await connection.fetchval(
        "INSERT INTO risk_hits (hit_id, rule_id, version, workspace_id, window_key, at, numbers)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (rule_id, version, workspace_id, window_key) DO NOTHING RETURNING hit_id",
        hit_id,
        rule.rule_id,
        rule.version,
        measure.workspace_id,
        measure.window,
        measure.at,
        dict(measure.numbers),
    )
    return added is not None


async def flagged(connection: Connection, workspace_ids: Sequence[WorkspaceId], since: datetime) -> set[WorkspaceId]:
    """Return which workspaces have a hit of any rule since a moment."""
    rows = await connection.fetch(
        "SELECT DISTINCT workspace_id FROM risk_hits WHERE workspace_id = ANY ($1) AND at >= $2",
        list(workspace_ids),
        since,
    )
    return {WorkspaceId(row["workspace_id"]) for row in rows}


# Hits

_HIT = (
    "SELECT h.hit_id, h.workspace_id, h.window_key, h.at, h.numbers, h.found_at, h.case_id, h.acted, h.acted_at,"
    " h.spared, h.before, h.after, h.reversed_at, h.reversed_by, r.rule_id, r.version, r.kind, r.name, r.enabled,"
    " r.parameters, r.outcome, r.limit_to, r.severity, r.new_accounts_days, r.cooldown_hours"
    " FROM risk_hits AS h JOIN risk_rules AS r USING (rule_id, version)"
)


async def to_act(connection: Connection, limit: int) -> list[tuple[UUID, Outcome]]:
    """Return hits that nothing was done about yet, with the outcome of their rule."""
    rows = await connection.fetch(
        "SELECT h.hit_id, r.outcome FROM risk_hits AS h JOIN risk_rules AS r USING (rule_id, version)"
        " WHERE h.acted IS NULL ORDER BY h.found_at, h.hit_id LIMIT $1",
        limit,
    )
    return [(row["hit_id"], Outcome(row["outcome"])) for row in rows]


async def lock_hit(connection: Connection, hit_id: UUID) -> Hit | None:
    row = await connection.fetchrow(_HIT + " WHERE h.hit_id = $1 FOR UPDATE OF h", hit_id)
    return None if row is None else _hit(row)


async def hits_of_workspace(connection: Connection, workspace_id: WorkspaceId, limit: int) -> list[Hit]:
    """Return the newest hits about a workspace."""
    rows = await connection.fetch(
        _HIT + " WHERE h.workspace_id = $1 ORDER BY h.at DESC, h.hit_id DESC LIMIT $2", workspace_id, limit
    )
    return [_hit(row) for row in rows]


async def hits_of_cases(connection: Connection, case_ids: Sequence[UUID]) -> list[Hit]:
    """Return the hits of cases, newest first."""
    rows = await connection.fetch(
        _HIT + " WHERE h.case_id = ANY ($1) ORDER BY h.at DESC, h.hit_id DESC LIMIT 2000", list(case_ids)
    )
    return [_hit(row) for row in rows]


async def hits_by_rule(connection: Connection, since: datetime) -> dict[UUID, int]:
    rows = await connection.fetch(
        "SELECT rule_id, count(*) AS number FROM risk_hits WHERE found_at >= $1 GROUP BY rule_id", since
    )
    return {row["rule_id"]: row["number"] for row in rows}


async def set_acted(
    connection: Connection,
    hit_id: UUID,
    acted: Outcome,
    *,
    spared: str,
    case_id: UUID | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    await connection.execute(
        "UPDATE risk_hits SET acted = $2, acted_at = clock_timestamp(), spared = $3, case_id = $4, before = $5,"
        " after = $6 WHERE hit_id = $1",
        hit_id,
        acted,
        spared,
        case_id,
        None if before is None else dict(before),
        None if after is None else dict(after),
    )


async def set_reversed(connection: Connection, hit_id: UUID, by: UserId) -> None:
    await connection.execute(
        "UPDATE risk_hits SET reversed_at = clock_timestamp(), reversed_by = $2 WHERE hit_id = $1", hit_id, by
    )


async def prune(connection: Connection, days: int) -> int:
    """Delete events and hits that are older than so many days; of hits, those that nobody has to decide about."""
    removed: int = await connection.fetchval(
        "WITH events AS (DELETE FROM risk_events WHERE at < now() - make_interval(days => $1)"
        "  AND position IS NOT NULL RETURNING 1), hits AS (DELETE FROM risk_hits AS h"
        "  WHERE found_at < now() - make_interval(days => $1) AND acted IS NOT NULL"
        "  AND NOT EXISTS (SELECT FROM risk_cases AS c WHERE c.case_id = h.case_id AND c.state = 'open') RETURNING 1)"
        " SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM hits)",
        days,
    )
    return removed


# Exemptions


async def exemption(connection: Connection, workspace_id: WorkspaceId) -> str:
    """Return why a workspace is left alone: `staff`, `trusted`, `deleted`, or nothing."""
    found: str | None = await connection.fetchval(
        "SELECT CASE WHEN w.deleted_at IS NOT NULL THEN 'deleted'"
        " WHEN EXISTS (SELECT FROM members AS m JOIN users AS u USING (user_id) WHERE m.workspace_id = w.workspace_id"
        "  AND m.role = 'owner' AND u.staff_role IS NOT NULL) THEN 'staff'"
        " WHEN EXISTS (SELECT FROM risk_trusted AS t WHERE t.workspace_id = w.workspace_id) THEN 'trusted'"
        " ELSE '' END FROM workspaces AS w WHERE w.workspace_id = $1",
        workspace_id,
    )
    return "deleted" if found is None else found


async def trusted(connection: Connection, workspace_id: WorkspaceId) -> Record | None:
    """Return reason, trusted_by and trusted_at of a workspace that an owner vouches for."""
    return await connection.fetchrow(
        "SELECT reason, trusted_by, trusted_at FROM risk_trusted WHERE workspace_id = $1", workspace_id
    )


async def put_trusted(connection: Connection, workspace_id: WorkspaceId, reason: str, by: UserId) -> None:
    await connection.execute(
        "INSERT INTO risk_trusted (workspace_id, reason, trusted_by) VALUES ($1, $2, $3)"
        " ON CONFLICT (workspace_id) DO NOTHING",
        workspace_id,
        reason,
        by,
    )


async def end_trusted(connection: Connection, workspace_id: WorkspaceId) -> None:
    await connection.execute("DELETE FROM risk_trusted WHERE workspace_id = $1", workspace_id)


async def add_event(
    connection: Connection, kind: str, workspace_id: WorkspaceId, user_id: UserId | None, marker: str
) -> None:
    await connection.execute(
        "INSERT INTO risk_events (kind, workspace_id, user_id, marker) VALUES ($1, $2, $3, $4)",
        kind,
        workspace_id,
        user_id,
        marker,
    )


async def forget_networks(connection: Connection, user_id: UserId) -> None:
    await connection.execute(
        "WITH events AS (UPDATE risk_events SET marker = '' WHERE user_id = $1 AND kind = 'sign_up'"
        "  RETURNING workspace_id)"
        " UPDATE risk_hits AS h SET numbers = h.numbers - 'marker' FROM risk_rules AS r"
        " WHERE r.rule_id = h.rule_id AND r.version = h.version AND r.kind = 'sign_up_velocity'"
        " AND h.workspace_id IN (SELECT workspace_id FROM events)",
        user_id,
    )


def _change(row: Record) -> Change:
    return Change(_rule(row), row["changed_by"], row["reason"], row["created_at"])


def _rule(row: Record) -> Rule:
    return Rule(
        rule_id=row["rule_id"],
        version=row["version"],
        kind=Kind(row["kind"]),
        name=row["name"],
        enabled=row["enabled"],
        parameters=row["parameters"],
        outcome=Outcome(row["outcome"]),
        limit_to=row["limit_to"],
        severity=Severity(row["severity"]),
        new_accounts_days=row["new_accounts_days"],
        cooldown_hours=row["cooldown_hours"],
    )


def _hit(row: Record) -> Hit:
    return Hit(
        hit_id=row["hit_id"],
        rule=_rule(row),
        workspace_id=WorkspaceId(row["workspace_id"]),
        window=row["window_key"],
        at=row["at"],
        numbers=row["numbers"],
        found_at=row["found_at"],
        case_id=row["case_id"],
        acted=None if row["acted"] is None else Outcome(row["acted"]),
        acted_at=row["acted_at"],
        spared=row["spared"],
        before=row["before"],
        after=row["after"],
        reversed_at=row["reversed_at"],
        reversed_by=row["reversed_by"],
    )
