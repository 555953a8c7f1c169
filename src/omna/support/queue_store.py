"""SQL of the queue that staff work on.

Reads  tickets, ticket_reads, users, workspaces
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import TicketId, UserId
from omna.support.model import Ticket
from omna.support.store import ticket_of


@dataclass(frozen=True, slots=True)
class Queued:
    """A ticket as staff see it in the list."""

    ticket: Ticket
    workspace_name: str
    person_name: str
    person_email: str
    assignee_name: str | None
    unread: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets. states: any of them; nobody: of nobody; search: part of a subject, an address or a reference."""

    states: Sequence[str]
    assigned_to: UserId | None = None
    nobody: bool = False
    search: str | None = None
    ticket_id: UUID | None = None


async def queue(
    connection: Connection,
    reader: UserId,
    wanted: Wanted,
    *,
    oldest_due_first: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Queued]:
    """Return tickets: those that are due first, or those that changed last."""
    statement = _BY_DUE if oldest_due_first else _BY_CHANGE
    moment, ticket_id = after or (None, None)
    rows = await connection.fetch(
        statement,
        reader,
        list(wanted.states),
        wanted.assigned_to,
        wanted.nobody,
        None if wanted.search is None else _pattern(wanted.search),
        wanted.ticket_id,
        moment,
        ticket_id,
        limit,
    )
    return [_queued(row) for row in rows]


async def one(connection: Connection, reader: UserId, ticket_id: TicketId) -> Queued | None:
    row = await connection.fetchrow(_ONE, reader, ticket_id)
    return None if row is None else _queued(row)


async def counts(connection: Connection, reader: UserId) -> Record:
    """Return how many tickets are open, overdue, the reader's and nobody's."""
    row = await connection.fetchrow(
        "SELECT count(*) FILTER (WHERE state = 'open') AS open, count(*) FILTER (WHERE due_at < now()) AS overdue,"
        " count(*) FILTER (WHERE assigned_to = $1) AS mine, count(*) FILTER (WHERE assigned_to IS NULL) AS unassigned"
        " FROM tickets WHERE state <> 'solved'",
        reader,
    )
    assert row is not None
    return row


async def staff(connection: Connection) -> Sequence[tuple[UserId, str, str]]:
    """Return who of the staff may answer tickets: id, name, role."""
    rows = await connection.fetch(
        "SELECT user_id, name, staff_role FROM users WHERE staff_role IN ('owner', 'finance', 'support')"
        " AND disabled_at IS NULL AND deleted_at IS NULL ORDER BY name, user_id LIMIT 200"
    )
    return [(row["user_id"], row["name"], row["staff_role"]) for row in rows]


_ONE = (
    "SELECT t.workspace_id, t.ticket_id, opened_by, category, subject, t.state, account_email, payment_method,"
    " payment_reference, amount, reason, browser, assigned_to, t.created_at, t.updated_at, due_at, customer_spoke_at,"
    " staff_spoke_at, w.name AS workspace_name, p.name AS person_name, p.email AS person_email,"
    " a.name AS assignee_name,"
    " customer_spoke_at > coalesce(r.read_at, '-infinity') AS unread, coalesce(due_at < now(), false) AS overdue"
    " FROM tickets AS t JOIN workspaces AS w USING (workspace_id) JOIN users AS p ON p.user_id = opened_by"
    " LEFT JOIN users AS a ON a.user_id = assigned_to"
    " LEFT JOIN ticket_reads AS r ON r.ticket_id = t.ticket_id AND r.user_id = $1"
    " WHERE t.ticket_id = $2"
)
_BY_DUE = (
    "SELECT t.workspace_id, t.ticket_id, opened_by, category, subject, t.state, account_email, payment_method,"
    " payment_reference, amount, reason, browser, assigned_to, t.created_at, t.updated_at, due_at, customer_spoke_at,"
    " staff_spoke_at, w.name AS workspace_name, p.name AS person_name, p.email AS person_email,"
    " a.name AS assignee_name,"
    " customer_spoke_at > coalesce(r.read_at, '-infinity') AS unread, coalesce(due_at < now(), false) AS overdue"
    " FROM tickets AS t JOIN workspaces AS w USING (workspace_id) JOIN users AS p ON p.user_id = opened_by"
    " LEFT JOIN users AS a ON a.user_id = assigned_to"
    " LEFT JOIN ticket_reads AS r ON r.ticket_id = t.ticket_id AND r.user_id = $1"
    " WHERE t.state = ANY($2::text[]) AND ($3::uuid IS NULL OR assigned_to = $3) AND (NOT $4 OR assigned_to IS NULL)"
    " AND ($5::text IS NULL OR subject ILIKE $5 OR p.email ILIKE $5 OR account_email ILIKE $5"
    " OR payment_reference ILIKE $5 OR w.name ILIKE $5)"
    " AND ($6::uuid IS NULL OR t.ticket_id = $6 OR t.workspace_id = $6 OR opened_by = $6"
    " OR EXISTS (SELECT FROM ticket_subjects AS s WHERE s.ticket_id = t.ticket_id AND s.subject_id = $6))"
    " AND ($7::timestamptz IS NULL OR (due_at, t.ticket_id) > ($7, $8))"
    " ORDER BY due_at, t.ticket_id LIMIT $9"
)
_BY_CHANGE = (
    "SELECT t.workspace_id, t.ticket_id, opened_by, category, subject, t.state, account_email, payment_method,"
    " payment_reference, amount, reason, browser, assigned_to, t.created_at, t.updated_at, due_at, customer_spoke_at,"
    " staff_spoke_at, w.name AS workspace_name, p.name AS person_name, p.email AS person_email,"
    " a.name AS assignee_name,"
    " customer_spoke_at > coalesce(r.read_at, '-infinity') AS unread, coalesce(due_at < now(), false) AS overdue"
    " FROM tickets AS t JOIN workspaces AS w USING (workspace_id) JOIN users AS p ON p.user_id = opened_by"
    " LEFT JOIN users AS a ON a.user_id = assigned_to"
    " LEFT JOIN ticket_reads AS r ON r.ticket_id = t.ticket_id AND r.user_id = $1"
    " WHERE t.state = ANY($2::text[]) AND ($3::uuid IS NULL OR assigned_to = $3) AND (NOT $4 OR assigned_to IS NULL)"
    " AND ($5::text IS NULL OR subject ILIKE $5 OR p.email ILIKE $5 OR account_email ILIKE $5"
    " OR payment_reference ILIKE $5 OR w.name ILIKE $5)"
    " AND ($6::uuid IS NULL OR t.ticket_id = $6 OR t.workspace_id = $6 OR opened_by = $6"
    " OR EXISTS (SELECT FROM ticket_subjects AS s WHERE s.ticket_id = t.ticket_id AND s.subject_id = $6))"
    " AND ($7::timestamptz IS NULL OR (t.updated_at, t.ticket_id) < ($7, $8))"
    " ORDER BY t.updated_at DESC, t.ticket_id DESC LIMIT $9"
)


def _pattern(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _queued(row: Record) -> Queued:
    return Queued(
        ticket=ticket_of(row),
        workspace_name=row["workspace_name"],
        person_name=row["person_name"],
        person_email=row["person_email"],
        assignee_name=row["assignee_name"],
        unread=row["unread"],
        overdue=row["overdue"],
    )
