"""What customers do: open tickets, read and answer them, call them solved or open them again.

Who sees a ticket: whoever opened it, and of tickets about money also those who pay the workspace's bills. A workspace
that is frozen or still waits for something asks for support like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from omna import names
from omna.accounts import throttle
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.http.principal import Member, Right
from omna.ids import TicketId, UploadId, UserId, WorkspaceId, new_id, parse, show
from omna.support import letters, store, thread_store
from omna.support.model import (
    LONGEST_BROWSER,
    LONGEST_REASON,
    MOST_ATTACHMENTS,
    MOST_SUBJECTS,
    Asked,
    Billing,
    Category,
    Event,
    Message,
    Side,
    State,
    Subject,
    SubjectKind,
    Ticket,
    after,
    checked_line,
    checked_subject,
    checked_text,
)
from omna.uploads import service as uploads

#: Of one person. A flood of tickets buries those of others.
_NEW_TICKETS = Window(most=10, seconds=3600)
_MESSAGES = Window(most=60, seconds=3600)


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket with everything that was said in it and what it is about."""

    ticket: Ticket
    messages: Sequence[Message]
    subjects: Sequence[Subject]


async def open_ticket(
    connection: Connection, asked: Asked, *, by: Member, answer_within: timedelta, actor: audit.Actor
) -> Thread:
    """Open a ticket and confirm it by mail.

    Errors  InvalidValue for a field; NotFound for a file or a thing that is not theirs; TooManyAttempts
    """
    asked = _checked(asked)
    await throttle.count(
        connection,
        [(f"tickets:{by.user_id.hex}", _NEW_TICKETS)],
        message="You opened many requests in the last hour. Write into one of those, or try again later.",
    )
    subjects = [await _looked_up(connection, by.workspace_id, subject) for subject in asked.subjects]
    ticket = await store.add(
        connection,
        by.workspace_id,
        TicketId(new_id()),
        by.user_id,
        asked.category,
        asked.subject,
        asked.billing if asked.category is Category.BILLING else Billing(),
        asked.browser,
        answer_within,
    )
    for subject in subjects:
        await thread_store.add_subject(connection, ticket, subject)
    await _say(connection, ticket, by.user_id, Side.CUSTOMER, asked.text, asked.attachments)
    await store.set_read(connection, ticket.ticket_id, by.user_id)
    await audit.record(
        connection,
        actor,
        "ticket.open",
        show("tkt", ticket.ticket_id),
        after={"workspace": show("ws", ticket.workspace_id), "category": ticket.category.value},
    )
    await letters.received(connection, ticket, by.user_id)
    return await thread_of(connection, ticket)


async def list_of(
    connection: Connection,
    by: Member,
    *,
    state: State | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[tuple[Ticket, bool]]:
    """Return tickets that a member may see, the last changed first, and whether something in them is unread."""
    return await store.of_person(connection, by.workspace_id, by.user_id, by.may(Right.BILLING), state, before, limit)


async def counts(connection: Connection, by: Member) -> tuple[int, int]:
    """Return how many tickets a member has not read, and how many wait for their answer."""
    return await store.counts(connection, by.workspace_id, by.user_id, by.may(Right.BILLING))


async def get(connection: Connection, ticket_id: TicketId, by: Member) -> Thread:
    """Return a ticket. Errors: NotFound, also for one that they may not see."""
    return await thread_of(connection, _visible(await store.get(connection, ticket_id), by))


async def mark_read(connection: Connection, ticket_id: TicketId, by: Member) -> None:
    """Note that a member has read what there is. Errors: NotFound."""
    _visible(await store.get(connection, ticket_id), by)
    await store.set_read(connection, ticket_id, by.user_id)


async def answer(
    connection: Connection,
    ticket_id: TicketId,
    text: str,
    attachments: Sequence[UploadId],
    *,
    by: Member,
    answer_within: timedelta,
    actor: audit.Actor,
) -> Thread:
    """Say something; staff owe the next word then, also when the ticket was solved.

    Errors  NotFound, InvalidValue, TooManyAttempts
    """
    text = checked_text(text)
    _require_few(attachments)
    ticket = _visible(await store.lock(connection, ticket_id), by)
    await throttle.count(
        connection,
        [(f"ticket-messages:{by.user_id.hex}", _MESSAGES)],
        message="You wrote many messages in the last hour. Try again later.",
    )
    await _say(connection, ticket, by.user_id, Side.CUSTOMER, text, attachments)
    changed = await store.set_state(connection, ticket_id, after(Event.CUSTOMER_SPOKE), answer_within, Side.CUSTOMER)
    await store.set_read(connection, ticket_id, by.user_id)
    await audit.record(
        connection,
        actor,
        "ticket.answer",
        show("tkt", ticket_id),
        before={"state": ticket.state.value},
        after={"state": changed.state.value},
    )
    return await thread_of(connection, changed)


async def solve(connection: Connection, ticket_id: TicketId, *, by: Member, actor: audit.Actor) -> Thread:
    """Call a ticket solved. Errors: NotFound; Conflict when it is."""
    ticket = _visible(await store.lock(connection, ticket_id), by)
    changed, _ = await change_state(connection, ticket, Event.SOLVED, None, actor=actor)
    return await thread_of(connection, changed)


async def reopen(
    connection: Connection, ticket_id: TicketId, *, by: Member, answer_within: timedelta, actor: audit.Actor
) -> Thread:
    """Open a solved ticket again. Errors: NotFound; Conflict when it is not solved."""
    ticket = _visible(await store.lock(connection, ticket_id), by)
    changed, _ = await change_state(connection, ticket, Event.REOPENED, answer_within, actor=actor)
    return await thread_of(connection, changed)


async def change_state(
    connection: Connection,
    ticket: Ticket,
    event: Event,
    answer_within: timedelta | None,
    *,
    actor: audit.Actor,
    reason: str = "",
) -> tuple[Ticket, int]:
    """Solve or reopen a ticket that the caller has locked; return it and its line of the record. Errors: Conflict."""
    if (event is Event.SOLVED) == (ticket.state is State.SOLVED):
        raise Conflict(
            "This request is solved already." if event is Event.SOLVED else "This request is open; just write into it."
        )
    changed = await store.set_state(connection, ticket.ticket_id, after(event), answer_within, None)
    seq = await audit.record(
        connection,
        actor,
        "ticket.solve" if event is Event.SOLVED else "ticket.reopen",
        show("tkt", ticket.ticket_id),
        reason=reason,
        before={"state": ticket.state.value},
        after={"state": changed.state.value},
    )
    return changed, seq


async def thread_of(connection: Connection, ticket: Ticket, *, internal: bool = False) -> Thread:
    """Return everything of a ticket. internal: what staff said among themselves, too."""
    return Thread(
        ticket,
        await thread_store.messages_of(connection, ticket, internal=internal),
        await thread_store.subjects_of(connection, ticket),
    )


async def attachment(connection: Connection, ticket_id: TicketId, upload_id: UploadId, by: Member) -> uploads.Upload:
    """Return a file that came with a ticket they may see. Errors: NotFound."""
    ticket = _visible(await store.get(connection, ticket_id), by)
    if not await thread_store.shows(connection, ticket, upload_id):
        raise NotFound("There is no such file.")
    return await uploads.get(connection, ticket.workspace_id, upload_id)


async def say(
    connection: Connection,
    ticket: Ticket,
    author_id: UserId,
    side: Side,
    text: str,
    *,
    internal: bool = False,
) -> None:
    """Add a message without files."""
    await thread_store.add_message(connection, ticket, new_id(), author_id, side, text, internal=internal)


def parse_id(text: str) -> TicketId:
    """Return the id behind `tkt_…`. Errors: NotFound."""
    try:
        return TicketId(parse(text, "tkt"))
    except ValueError:
        raise missing() from None


def missing() -> NotFound:
    return NotFound("There is no such request.")


async def _say(
    connection: Connection,
    ticket: Ticket,
    author_id: UserId,
    side: Side,
    text: str,
    attachments: Sequence[UploadId],
) -> None:
    message_id = new_id()
    await thread_store.add_message(connection, ticket, message_id, author_id, side, text)
    for upload_id in attachments:
        await uploads.claim(connection, upload_id, ticket.workspace_id, by=author_id, text=True)
        await thread_store.attach(connection, ticket, message_id, upload_id)


async def _looked_up(connection: Connection, workspace_id: WorkspaceId, subject: Subject) -> Subject:
    if await thread_store.exists(connection, workspace_id, subject):
        return subject
    # An error can happen before a request costs anything; what people quote then stands in no table.
    if subject.kind is SubjectKind.REQUEST:
        return replace(subject, known=False)
    raise NotFound(f"There is no such {subject.kind} in this workspace.")


def _checked(asked: Asked) -> Asked:
    _require_few(asked.attachments)
    if len(asked.subjects) > MOST_SUBJECTS:
        raise InvalidValue(f"A request is about at most {MOST_SUBJECTS} things.", param="about")
    billing = asked.billing
    return replace(
        asked,
        subject=checked_subject(asked.subject),
        text=checked_text(asked.text),
        billing=Billing(
            checked_line(billing.account_email, "account_email"),
            checked_line(billing.payment_method, "payment_method"),
            checked_line(billing.payment_reference, "payment_reference"),
            checked_line(billing.amount, "amount"),
            checked_line(billing.reason, "reason", LONGEST_REASON),
        ),
        browser=checked_line(names.tidied(asked.browser or "")[:LONGEST_BROWSER], "browser", LONGEST_BROWSER),
    )


def _require_few(attachments: Sequence[UploadId]) -> None:
    if len(attachments) > MOST_ATTACHMENTS:
        raise InvalidValue(f"A message carries at most {MOST_ATTACHMENTS} files.", param="attachments")


def _visible(ticket: Ticket | None, by: Member) -> Ticket:
    if (
        ticket is None
        or ticket.workspace_id != by.workspace_id
        or not (ticket.opened_by == by.user_id or (ticket.category is Category.BILLING and by.may(Right.BILLING)))
    ):
        raise missing()
    return ticket
