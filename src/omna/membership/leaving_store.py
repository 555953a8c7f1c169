"""SQL of leaving: what is left of a person outside of accounts.

Reads   recharges
Writes  mail_outbox, invitations, access_requests, data_exports, tickets, ticket_reads, billing_details, auto_top_ups
"""

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId


async def has_paid_orders(connection: Connection, workspace_id: WorkspaceId) -> bool:
    """Return whether an order of a workspace can be paid by itself, or its money is on its way or under review."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM recharges WHERE workspace_id = $1"
        " AND state IN ('created', 'open', 'submitted', 'needs_information', 'awaiting_payment'))",
        workspace_id,
    )
    return found


async def forget_billing(connection: Connection, workspace_id: WorkspaceId) -> None:
    """Forget who a workspace was on receipts to come, and what it kept to pay with. Its orders keep their receipts."""
    await connection.execute(
        "UPDATE billing_details SET name = '', address = '', tax_id = '', email = '', updated_at = now()"
        " WHERE workspace_id = $1",
        workspace_id,
    )
    await connection.execute(
        "UPDATE auto_top_ups SET enabled = false, customer_id = NULL, saved_method = NULL, method_label = '',"
        " changed_at = now() WHERE workspace_id = $1",
        workspace_id,
    )


async def forget(connection: Connection, user_id: UserId, email_normalized: str) -> None:
    """Forget what was written to a person, who invited their address, and that it asked for access."""
    await connection.execute("DELETE FROM mail_outbox WHERE user_id = $1 OR recipient = $2", user_id, email_normalized)
    await connection.execute(
        "DELETE FROM invitations WHERE email_normalized = $1 OR accepted_by = $2", email_normalized, user_id
    )
    await connection.execute("DELETE FROM access_requests WHERE email_normalized = $1", email_normalized)
    # Requests stay, like the orders they are about; what names the person in them goes.
    await connection.execute("UPDATE tickets SET account_email = NULL, browser = NULL WHERE opened_by = $1", user_id)
    await connection.execute("DELETE FROM ticket_reads WHERE user_id = $1", user_id)
    await connection.execute("DELETE FROM data_exports WHERE user_id = $1", user_id)
