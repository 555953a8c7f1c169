"""SQL of what is said in a ticket, and of what it is about.

Reads   users, uploads; recharges, refunds, requests, transfers and api_keys, for whether a thing is the workspace's
Writes  ticket_messages, ticket_attachments, ticket_subjects
"""

from collections.abc import Sequence
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import UploadId, UserId, WorkspaceId
from omna.support.model import Attachment, Message, Side, Subject, SubjectKind, Ticket

_EXISTS = {
    SubjectKind.ORDER: "SELECT EXISTS (SELECT FROM recharges WHERE workspace_id = $1 AND recharge_id = $2)",
    SubjectKind.REFUND: "SELECT EXISTS (SELECT FROM refunds WHERE workspace_id = $1 AND refund_id = $2)",
    SubjectKind.REQUEST: "SELECT EXISTS (SELECT FROM requests WHERE workspace_id = $1 AND request_id = $2)",
    SubjectKind.LEDGER: "SELECT EXISTS (SELECT FROM transfers WHERE workspace_id = $1 AND transfer_id = $2)",
    SubjectKind.KEY: "SELECT EXISTS (SELECT FROM api_keys WHERE workspace_id = $1 AND key_id = $2)",
}


async def exists(connection: Connection, workspace_id: WorkspaceId, subject: Subject) -> bool:
    """Return whether a workspace has a thing."""
    found: bool = await connection.fetchval(_EXISTS[subject.kind], workspace_id, subject.subject_id)
    return found


async def add_subject(connection: Connection, ticket: Ticket, subject: Subject) -> None:
    await connection.execute(
        "INSERT INTO ticket_subjects (workspace_id, ticket_id, kind, subject_id, known) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        ticket.workspace_id,
        ticket.ticket_id,
        subject.kind,
        subject.subject_id,
        subject.known,
    )


async def subjects_of(connection: Connection, ticket: Ticket) -> Sequence[Subject]:
    rows = await connection.fetch(
        "SELECT kind, subject_id, known FROM ticket_subjects WHERE workspace_id = $1 AND ticket_id = $2"
        " ORDER BY kind, subject_id",
        ticket.workspace_id,
        ticket.ticket_id,
    )
    return [Subject(SubjectKind(row["kind"]), row["subject_id"], row["known"]) for row in rows]


async def add_message(
    connection: Connection,
    ticket: Ticket,
    message_id: UUID,
    author_id: UserId,
    side: Side,
    text: str,
    *,
    internal: bool = False,
) -> None:
    await connection.execute(
        "INSERT INTO ticket_messages (workspace_id, ticket_id, message_id, author_id, side, internal, text)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        ticket.workspace_id,
        ticket.ticket_id,
        message_id,
        author_id,
        side,
        internal,
        text,
    )


async def attach(connection: Connection, ticket: Ticket, message_id: UUID, upload_id: UploadId) -> None:
    await connection.execute(
        "INSERT INTO ticket_attachments (workspace_id, ticket_id, message_id, upload_id) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        ticket.workspace_id,
        ticket.ticket_id,
        message_id,
        upload_id,
    )


async def messages_of(connection: Connection, ticket: Ticket, *, internal: bool) -> Sequence[Message]:
    """Return what was said, oldest first. internal: what staff said among themselves, too."""
    rows = await connection.fetch(
        "SELECT message_id, author_id, u.name AS author_name, side, internal, text, m.created_at"
        " FROM ticket_messages AS m JOIN users AS u ON u.user_id = m.author_id"
        " WHERE workspace_id = $1 AND ticket_id = $2 AND ($3 OR NOT internal) ORDER BY message_id",
        ticket.workspace_id,
        ticket.ticket_id,
        internal,
    )
    files = await connection.fetch(
        "SELECT a.message_id, a.upload_id, u.name, u.media_type, u.size"
        " FROM ticket_attachments AS a JOIN uploads AS u USING (workspace_id, upload_id)"
        " WHERE a.workspace_id = $1 AND a.ticket_id = $2 ORDER BY a.upload_id",
        ticket.workspace_id,
        ticket.ticket_id,
    )
    attached: dict[UUID, list[Attachment]] = {}
    for row in files:
        one = Attachment(row["upload_id"], row["name"], row["media_type"], row["size"])
        attached.setdefault(row["message_id"], []).append(one)
    return [
        Message(
            row["message_id"],
            row["author_id"],
            row["author_name"],
            Side(row["side"]),
            row["internal"],
            row["text"],
            row["created_at"],
            attached.get(row["message_id"], ()),
        )
        for row in rows
    ]


async def customers_of(connection: Connection, ticket: Ticket) -> Sequence[UserId]:
    """Return the customers who said something."""
    rows = await connection.fetch(
        "SELECT DISTINCT author_id FROM ticket_messages WHERE workspace_id = $1 AND ticket_id = $2"
        " AND side = 'customer' ORDER BY author_id",
        ticket.workspace_id,
        ticket.ticket_id,
    )
    return [row["author_id"] for row in rows]


async def shows(connection: Connection, ticket: Ticket, upload_id: UploadId) -> bool:
    """Return whether a file came with a ticket."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM ticket_attachments WHERE workspace_id = $1 AND ticket_id = $2 AND upload_id = $3)",
        ticket.workspace_id,
        ticket.ticket_id,
        upload_id,
    )
    return found
