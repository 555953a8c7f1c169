"""SQL of the queue of cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId, new_id
from omna.risk.rules.model import Severity


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands in the queue.

    email  of the person of a personal workspace, or of the owner who has been there longest
    """

    case_id: UUID
    workspace_id: WorkspaceId
    workspace_name: str
    email: str | None
    owner_id: UserId | None
    state: str
    severity: Severity
    opened_at: datetime
    due_at: datetime
    late: bool
    assigned_to: UserId | None
    assignee_name: str | None
    decided_by: UserId | None
    decider_name: str | None
    decided_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody of the staff noted on a case."""

    note_id: UUID
    author_name: str
    text: str
    at: datetime


_CASE = (
    "SELECT c.case_id, c.workspace_id, w.name AS workspace_name, owner.email, owner.user_id AS owner_id, c.state,"
    " c.severity, c.opened_at, c.due_at, c.state = 'open' AND c.due_at < now() AS late, c.assigned_to,"
    " assignee.name AS assignee_name, c.decided_by, decider.name AS decider_name, c.decided_at, c.reason"
    " FROM risk_cases AS c JOIN workspaces AS w USING (workspace_id)"
    " LEFT JOIN users AS assignee ON assignee.user_id = c.assigned_to"
    " LEFT JOIN users AS decider ON decider.user_id = c.decided_by"
    " LEFT JOIN LATERAL (SELECT u.user_id, u.email FROM members AS m JOIN users AS u USING (user_id)"
    "  WHERE m.workspace_id = c.workspace_id AND m.role = 'owner' ORDER BY m.created_at, m.user_id LIMIT 1"
    " ) AS owner ON true"
)


async def open_of(connection: Connection, workspace_id: WorkspaceId) -> UUID | None:
    """Return the open case of a workspace."""
    found: UUID | None = await connection.fetchval(
        "SELECT case_id FROM risk_cases WHERE workspace_id = $1 AND state = 'open'", workspace_id
    )
    return found


async def hold_open(connection: Connection, workspace_id: WorkspaceId) -> None:
    """Keep the open case of a workspace, if there is one, from being changed until the transaction ends."""
    await connection.execute(
        "SELECT FROM risk_cases WHERE workspace_id = $1 AND state = 'open' FOR UPDATE", workspace_id
    )


async def attach(connection: Connection, workspace_id: WorkspaceId, severity: Severity) -> UUID:
    """Return the open case of a workspace, opened if there is none, and as urgent as its most urgent hit."""
    found: UUID = await connection.fetchval(
        "INSERT INTO risk_cases AS c (case_id, workspace_id, severity, due_at)"
        " VALUES ($1, $2, $3, now() + make_interval(hours => $4))"
        " ON CONFLICT (workspace_id) WHERE state = 'open' DO UPDATE SET"
        " severity = CASE WHEN 'high' IN (c.severity, excluded.severity) THEN 'high'"
        "  WHEN 'medium' IN (c.severity, excluded.severity) THEN 'medium' ELSE 'low' END,"
        " due_at = least(c.due_at, excluded.due_at) RETURNING case_id",
        new_id(),
        workspace_id,
        severity,
        severity.hours,
    )
    return found


async def page(
    connection: Connection,
    states: Sequence[str],
    *,
    assigned_to: UserId | None,
    nobody: bool,
    newest_first: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Case]:
    """Return cases: the first deadline first, or the one opened last first."""
    at, case_id = after or (None, None)
    order = (
        " AND ($4::timestamptz IS NULL OR (c.opened_at, c.case_id) < ($4, $5))"
        " ORDER BY c.opened_at DESC, c.case_id DESC LIMIT $6"
        if newest_first
        else " AND ($4::timestamptz IS NULL OR (c.due_at, c.case_id) > ($4, $5)) ORDER BY c.due_at, c.case_id LIMIT $6"
    )
    rows = await connection.fetch(
        _CASE + " WHERE c.state = ANY ($1) AND ($2::uuid IS NULL OR c.assigned_to = $2)"
        " AND (NOT $3::boolean OR c.assigned_to IS NULL)" + order,
        list(states),
        assigned_to,
        nobody,
        at,
        case_id,
        limit,
    )
    return [_case(row) for row in rows]


async def one(connection: Connection, case_id: UUID) -> Case | None:
    row = await connection.fetchrow(_CASE + " WHERE c.case_id = $1", case_id)
    return None if row is None else _case(row)


async def lock(connection: Connection, case_id: UUID) -> Case | None:
    """Return a case that nobody else changes until the transaction ends."""
    row = await connection.fetchrow(_CASE + " WHERE c.case_id = $1 FOR UPDATE OF c", case_id)
    return None if row is None else _case(row)


async def counts(connection: Connection, by: UserId) -> Record:
    row = await connection.fetchrow(
        "SELECT count(*) AS open, count(*) FILTER (WHERE due_at < now()) AS late, min(opened_at) AS oldest,"
        " count(*) FILTER (WHERE assigned_to = $1) AS mine, count(*) FILTER (WHERE assigned_to IS NULL) AS unassigned"
        " FROM risk_cases WHERE state = 'open'",
        by,
    )
    assert row is not None
    return row


async def of_workspace(connection: Connection, workspace_id: WorkspaceId) -> list[Case]:
    """Return the last cases of a workspace, newest first."""
    rows = await connection.fetch(
        _CASE + " WHERE c.workspace_id = $1 ORDER BY c.opened_at DESC, c.case_id DESC LIMIT 20", workspace_id
    )
    return [_case(row) for row in rows]


async def assign(connection: Connection, case_id: UUID, to: UserId | None) -> None:
    await connection.execute("UPDATE risk_cases SET assigned_to = $2 WHERE case_id = $1", case_id, to)


async def decide(connection: Connection, case_id: UUID, state: str, reason: str, by: UserId) -> None:
    await connection.execute(
        "UPDATE risk_cases SET state = $2, reason = $3, decided_by = $4, decided_at = clock_timestamp()"
        " WHERE case_id = $1",
        case_id,
        state,
        reason,
        by,
    )


async def add_note(connection: Connection, case_id: UUID, author_id: UserId, text: str) -> None:
    await connection.execute(
        "INSERT INTO risk_notes (note_id, case_id, author_id, text) VALUES ($1, $2, $3, $4)",
        new_id(),
        case_id,
        author_id,
        text,
    )


async def notes(connection: Connection, case_id: UUID) -> list[Note]:
    rows = await connection.fetch(
        "SELECT n.note_id, coalesce(u.name, '') AS author_name, n.text, n.at FROM risk_notes AS n"
        " LEFT JOIN users AS u ON u.user_id = n.author_id WHERE n.case_id = $1 ORDER BY n.note_id LIMIT 500",
        case_id,
    )
    return [Note(row["note_id"], row["author_name"], row["text"], row["at"]) for row in rows]


async def can_have(connection: Connection, user_id: UserId) -> bool:
    """Return whether somebody of the staff may decide cases."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM users WHERE user_id = $1 AND staff_role IN ('owner', 'support')"
        " AND disabled_at IS NULL AND deleted_at IS NULL)",
        user_id,
    )
    return found


async def owners(connection: Connection, workspace_id: WorkspaceId) -> list[tuple[UserId, bool]]:
    """Return who owns a workspace, and whether they are staff."""
    rows = await connection.fetch(
        "SELECT m.user_id, u.staff_role IS NOT NULL AS staff FROM members AS m JOIN users AS u USING (user_id)"
        " WHERE m.workspace_id = $1 AND m.role = 'owner' ORDER BY m.user_id",
        workspace_id,
    )
    return [(UserId(row["user_id"]), row["staff"]) for row in rows]


async def owned_by(connection: Connection, user_ids: Sequence[UserId]) -> list[WorkspaceId]:
    """Return the workspaces that people own."""
    rows = await connection.fetch(
        "SELECT DISTINCT m.workspace_id FROM members AS m JOIN workspaces AS w USING (workspace_id)"
        " WHERE m.user_id = ANY ($1) AND m.role = 'owner' AND w.deleted_at IS NULL ORDER BY m.workspace_id",
        list(user_ids),
    )
    return [WorkspaceId(row["workspace_id"]) for row in rows]


async def names(connection: Connection, workspace_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows: list[Any] = await connection.fetch(
        "SELECT workspace_id, name FROM workspaces WHERE workspace_id = ANY ($1)", list(workspace_ids)
    )
    return {row["workspace_id"]: row["name"] for row in rows}


async def days(connection: Connection, workspace_id: WorkspaceId) -> list[tuple[date, int]]:
    """Return what a workspace spent on each UTC day of the last 30."""
    rows = await connection.fetch(
        "SELECT d.day::date AS day, coalesce(s.spent, 0) AS spent FROM generate_series("
        " (now() AT TIME ZONE 'UTC')::date - 29, (now() AT TIME ZONE 'UTC')::date, interval '1 day') AS d (day)"
        " LEFT JOIN workspace_spend AS s ON s.workspace_id = $1 AND s.day = d.day::date ORDER BY d.day",
        workspace_id,
    )
    return [(row["day"], row["spent"]) for row in rows]


async def people(
    connection: Connection, workspace_ids: Sequence[WorkspaceId]
) -> dict[WorkspaceId, tuple[str, str | None]]:
    """Return the name of each workspace, and the address of the owner who has been there longest."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (w.workspace_id) w.workspace_id, w.name, u.email FROM workspaces AS w"
        " LEFT JOIN members AS m ON m.workspace_id = w.workspace_id AND m.role = 'owner'"
        " LEFT JOIN users AS u ON u.user_id = m.user_id WHERE w.workspace_id = ANY ($1)"
        " ORDER BY w.workspace_id, m.created_at, m.user_id",
        list(workspace_ids),
    )
    return {WorkspaceId(row["workspace_id"]): (row["name"], row["email"]) for row in rows}


def _case(row: Record) -> Case:
    return Case(**{**dict(row), "severity": Severity(row["severity"])})
