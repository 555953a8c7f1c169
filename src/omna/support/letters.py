"""Mails of tickets: to the customers who spoke in one and are still in the workspace."""

from collections.abc import Iterable
from typing import Any

from omna.accounts import service as accounts
from omna.db.pool import Connection
from omna.ids import UserId, show
from omna.mail import service as mail
from omna.mail.service import Kind
from omna.support import thread_store
from omna.support.model import Ticket
from omna.workspaces import service as workspaces


async def received(connection: Connection, ticket: Ticket, user_id: UserId) -> None:
    """Confirm that a request arrived."""
    await _write(connection, Kind.TICKET_RECEIVED, ticket, [user_id], {"due_at": ticket.due_at})


async def answered(connection: Connection, ticket: Ticket, text: str) -> None:
    """Tell what staff replied."""
    people = await thread_store.customers_of(connection, ticket)
    await _write(connection, Kind.TICKET_REPLY, ticket, people, {"reply": text})


async def solved(connection: Connection, ticket: Ticket) -> None:
    """Tell that staff call a request solved."""
    people = await thread_store.customers_of(connection, ticket)
    await _write(connection, Kind.TICKET_SOLVED, ticket, people, {})


async def _write(
    connection: Connection, kind: Kind, ticket: Ticket, people: Iterable[UserId], values: dict[str, Any]
) -> None:
    for user_id in people:
        user = await accounts.find(connection, user_id)
        # Not to an address that may be a stranger's, nor to who has left the workspace.
        if user is None or not user.verified or user.deleted_at is not None:
            continue
        if await workspaces.role_of(connection, ticket.workspace_id, user_id) is None:
            continue
        await mail.enqueue(
            connection,
            kind,
            user.email,
            user.language,
            {
                "name": user.name,
                "workspace": show("ws", ticket.workspace_id),
                "ticket": show("tkt", ticket.ticket_id),
                "subject_line": ticket.subject,
                **values,
            },
            user_id=user_id,
        )
