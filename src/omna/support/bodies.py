"""From tickets to bodies."""

from collections.abc import Iterable
from typing import Any

from omna.ids import UserId, show
from omna.support.model import PREFIXES, Attachment, Message, Subject, Ticket
from omna.support.schemas import AboutRow, AttachmentRow, MessageRow, TicketDetail, TicketRow
from omna.support.service import Thread


def row_body(ticket: Ticket, reader: UserId, *, unread: bool) -> TicketRow:
    return TicketRow(**_facts(ticket, reader, unread))


def detail_body(thread: Thread, reader: UserId, *, unread: bool = False) -> TicketDetail:
    ticket = thread.ticket
    return TicketDetail(
        **_facts(ticket, reader, unread),
        **billing_facts(ticket),
        browser=ticket.browser,
        about=[about_body(subject) for subject in thread.subjects],
        messages=[message_body(message, reader) for message in thread.messages],
    )


def message_body(message: Message, reader: UserId) -> MessageRow:
    return MessageRow(
        id=show("tkm", message.message_id),
        by=message.side,
        author=message.author_name,
        yours=message.author_id == reader,
        text=message.text,
        at=message.created_at,
        attachments=attachment_bodies(message.attachments),
    )


def about_body(subject: Subject) -> AboutRow:
    return AboutRow(kind=subject.kind, id=show(PREFIXES[subject.kind], subject.subject_id), known=subject.known)


def attachment_bodies(attachments: Iterable[Attachment]) -> list[AttachmentRow]:
    return [
        AttachmentRow(id=show("upl", one.upload_id), name=one.name, type=one.media_type, size=one.size)
        for one in attachments
    ]


def billing_facts(ticket: Ticket) -> dict[str, Any]:
    billing = ticket.billing
    return {
        "account_email": billing.account_email,
        "payment_method": billing.payment_method,
        "payment_reference": billing.payment_reference,
        "amount": billing.amount,
        "reason": billing.reason,
    }


def _facts(ticket: Ticket, reader: UserId, unread: bool) -> dict[str, Any]:
    return {
        "id": show("tkt", ticket.ticket_id),
        "category": ticket.category,
        "subject": ticket.subject,
        "state": ticket.state,
        "unread": unread,
        "yours": ticket.opened_by == reader,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "due_at": ticket.due_at,
    }
