"""SQL of tickets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import TicketId, UserId, WorkspaceId
from omna.support.model import Billing, Category, State, Ticket


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    ticket_id: TicketId,
    opened_by: UserId,
    category: str,
    subject: str,
    billing: Billing,
    browser: str | None,
    answer_within: timedelta,
) -> Ticket:
    row = await connection.fetchrow(
        "INSERT INTO tickets (workspace_id, ticket_id, opened_by, category, subject, account_email, payment_method,"
        " payment_reference, amount, reason, browser, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + $12::interval)"
        " RETURNING workspace_id, ticket_id, opened_by, category, subject, state, account_email, payment_method,"
        " payment_reference, amount, reason, browser, assigned_to, created_at, updated_at, due_at, customer_spoke_at,"
        " staff_spoke_at",
        workspace_id,
        ticket_id,
        opened_by,
        category,
        subject,
        billing.account_email,
        billing.payment_method,
        billing.payment_reference,
        billing.amount,
        billing.reason,
        browser,
        answer_within,
    )
    assert row is not None
    return ticket_of(row)


async def get(connection: Connection, ticket_id: TicketId) -> Ticket | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, ticket_id, opened_by, category, subject, state, account_email, payment_method,"
        " payment_reference, amount, reason, browser, assigned_to, created_at, updated_at, due_at, customer_spoke_at,"
        " staff_spoke_at FROM tickets WHERE ticket_id = $1",
        ticket_id,
    )
    return None if row is None else ticket_of(row)


async def lock(connection: Connection, ticket_id: TicketId) -> Ticket | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, ticket_id, opened_by, category, subject, state, account_email, payment_method,"
        " payment_reference, amount, reason, browser, assigned_to, created_at, updated_at, due_at, customer_spoke_at,"
        " staff_spoke_at FROM tickets WHERE ticket_id = $1 FOR UPDATE",
        ticket_id,
    )
    return None if row is None else ticket_of(row)


async def of_person(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    billing: bool,
    state: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[tuple[Ticket, bool]]:
    """Return tickets a member may see, the last changed first, and whether something in them is unread.

    billing  those about money, too, whoever opened them
    """
    moment, ticket_id = before or (None, None)
    rows = await connection.fetch(
        "SELECT t.workspace_id, t.ticket_id, opened_by, category, subject, state, account_email, payment_method,"
        " payment_reference, amount, reason, browser, assigned_to, created_at, updated_at, due_at, customer_spoke_at,"
        " staff_spoke_at, coalesce(staff_spoke_at > coalesce(read_at, '-infinity'), false) AS unread"
        " FROM tickets AS t LEFT JOIN ticket_reads AS r ON r.ticket_id = t.ticket_id AND r.user_id = $2"
        " WHERE t.workspace_id = $1 AND (opened_by = $2 OR ($3 AND category = 'billing'))"
        " AND ($4::text IS NULL OR state = $4)"
        " AND ($5::timestamptz IS NULL OR (updated_at, t.ticket_id) < ($5, $6))"
        " ORDER BY updated_at DESC, t.ticket_id DESC LIMIT $7",
        workspace_id,
        user_id,
        billing,
        state,
        moment,
        ticket_id,
        limit,
    )
    return [(ticket_of(row), row["unread"]) for row in rows]


async def counts(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, billing: bool) -> tuple[int, int]:
    """Return how many tickets a member has not read, and how many wait for them."""
    row = await connection.fetchrow(
        "SELECT count(*) FILTER (WHERE staff_spoke_at > coalesce(read_at, '-infinity')) AS unread,"
        " count(*) FILTER (WHERE state = 'waiting') AS waiting"
        " FROM tickets AS t LEFT JOIN ticket_reads AS r ON r.ticket_id = t.ticket_id AND r.user_id = $2"
        " WHERE t.workspace_id = $1 AND (opened_by = $2 OR ($3 AND category = 'billing'))",
        workspace_id,
        user_id,
        billing,
    )
    assert row is not None
    return row["unread"], row["waiting"]


async def set_state(
    connection: Connection, ticket_id: TicketId, state: State, due_within: timedelta | None, spoke: str | None
) -> Ticket:
    """spoke: who said something, `customer` or `staff`."""
    row = await connection.fetchrow(
        "UPDATE tickets SET state = $2, due_at = CASE WHEN $3::interval IS NULL THEN NULL"
        " ELSE coalesce(due_at, clock_timestamp() + $3::interval) END, updated_at = clock_timestamp(),"
        " customer_spoke_at = CASE WHEN $4 = 'customer' THEN clock_timestamp() ELSE customer_spoke_at END,"
        " staff_spoke_at = CASE WHEN $4 = 'staff' THEN clock_timestamp() ELSE staff_spoke_at END"
        " WHERE ticket_id = $1"
        " RETURNING workspace_id, ticket_id, opened_by, category, subject, state, account_email, payment_method,"
        " payment_reference, amount, reason, browser, assigned_to, created_at, updated_at, due_at, customer_spoke_at,"
        " staff_spoke_at",
        ticket_id,
        state,
        due_within,
        spoke,
    )
    assert row is not None
    return ticket_of(row)


async def set_assigned(connection: Connection, ticket_id: TicketId, assigned_to: UserId | None) -> None:
    await connection.execute("UPDATE tickets SET assigned_to = $2 WHERE ticket_id = $1", ticket_id, assigned_to)


async def set_read(connection: Connection, ticket_id: TicketId, user_id: UserId) -> None:
    await connection.execute(
        "INSERT INTO ticket_reads (ticket_id, user_id, read_at) VALUES ($1, $2, clock_timestamp())"
        " ON CONFLICT (ticket_id, user_id) DO UPDATE SET read_at = clock_timestamp()",
        ticket_id,
        user_id,
    )


def ticket_of(row: Record) -> Ticket:
    """Return the ticket of a row with all columns of a ticket."""
    return Ticket(
        workspace_id=row["workspace_id"],
        ticket_id=row["ticket_id"],
        opened_by=row["opened_by"],
        category=Category(row["category"]),
        subject=row["subject"],
        state=State(row["state"]),
        billing=Billing(
            row["account_email"], row["payment_method"], row["payment_reference"], row["amount"], row["reason"]
        ),
        browser=row["browser"],
        assigned_to=row["assigned_to"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        due_at=row["due_at"],
        customer_spoke_at=row["customer_spoke_at"],
        staff_spoke_at=row["staff_spoke_at"],
    )
