"""/api/console/tickets: the queue of requests for support."""

from typing import Annotated, Literal

from fastapi import Path, Query, Request

from omna.audit.acting import Act
from omna.console import privacy
from omna.console.support_schemas import (
    Assignment,
    Canned,
    ConsoleMessage,
    ConsoleTicket,
    Done,
    QueueCounts,
    QueueRow,
    Reason,
    StaffMessage,
    StaffName,
)
from omna.errors import InvalidValue
from omna.http.access import Reading, StaffCan, Work
from omna.http.paging import Cursor, Limit, Page, cut, decode_moment
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import UserId, parse, show
from omna.support import canned, desk, service
from omna.support.bodies import about_body, attachment_bodies, billing_facts
from omna.support.desk import Queued
from omna.support.model import State, masked
from omna.support.routes import answer_within

router = Router(prefix="/api/console/tickets", tags=["console"])

Reader = Annotated[Person, StaffCan(StaffRight.SEE)]
Answerer = Annotated[Person, StaffCan(StaffRight.TICKETS)]
TicketPath = Annotated[str, Path(description="The request: `tkt_…`")]

_STATES: dict[str, tuple[State, ...]] = {
    "open": (State.OPEN,),
    "waiting": (State.WAITING,),
    "unsolved": (State.OPEN, State.WAITING),
    "solved": (State.SOLVED,),
    "all": tuple(State),
}


@router.get("")
async def list_tickets(
    who: Reader,
    connection: Reading,
    state: Annotated[Literal["open", "waiting", "unsolved", "solved", "all"], Query()] = "open",
    assigned: Annotated[str | None, Query(max_length=64, description="`me`, `nobody` or `usr_…`.")] = None,
    q: Annotated[str, Query(max_length=200, description="An id, or part of a subject, address or reference.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[QueueRow]:
    """The queue: open requests with the first deadline first, others with the last change first."""
    states = _STATES[state]
    found = await desk.queue(
        connection,
        who.user_id,
        states,
        assigned_to=who.user_id if assigned == "me" else None if assigned in (None, "nobody") else _person(assigned),
        nobody=assigned == "nobody",
        search=q,
        after=decode_moment(cursor),
        limit=limit + 1,
    )

    def position(row: Queued) -> tuple[str, str]:
        ticket = row.ticket
        moment = ticket.due_at if state == "open" and ticket.due_at is not None else ticket.updated_at
        return moment.isoformat(), ticket.ticket_id.hex

    rows, following = cut(found, limit, position)
    return Page(items=[_row(one, who) for one in rows], next_cursor=following)


@router.get("/summary")
async def count_tickets(who: Reader, connection: Reading) -> QueueCounts:
    """How many requests wait, are late, are yours and nobody's."""
    return QueueCounts(**await desk.counts(connection, who.user_id))


@router.get("/staff")
async def list_answerers(who: Reader, connection: Reading) -> list[StaffName]:
    """Who may have a request."""
    return [StaffName(id=show("usr", one), name=name, role=role) for one, name, role in await desk.staff(connection)]


@router.get("/canned")
async def list_canned_replies(who: Reader) -> list[Canned]:
    """Replies that are often the same, in the languages of customers."""
    return [Canned(name=one.name, language=one.language, text=one.text) for one in canned.REPLIES]


@router.get("/{ticket}")
async def read_ticket(ticket: TicketPath, who: Reader, connection: Work, act: Act) -> ConsoleTicket:
    """One request with the notes of staff. Each reading is in the audit log."""
    queued, thread = await desk.read(connection, service.parse_id(ticket), who.user_id, actor=act(who))
    return ConsoleTicket(
        **_row(queued, who).model_dump(),
        **billing_facts(queued.ticket),
        browser=queued.ticket.browser,
        about=[about_body(subject) for subject in thread.subjects],
        messages=[
            ConsoleMessage(
                id=show("tkm", message.message_id),
                by=message.side,
                author=privacy.text(who, message.author_name),
                author_id=show("usr", message.author_id),
                internal=message.internal,
                text=message.text,
                at=message.created_at,
                attachments=attachment_bodies(message.attachments),
            )
            for message in thread.messages
        ],
    )


@router.post("/{ticket}/messages", status_code=201)
async def answer_ticket(ticket: TicketPath, body: StaffMessage, who: Answerer, connection: Work, act: Act) -> Done:
    """Reply to the customer by mail and on their page; or, `internal`, note something for staff alone."""
    say = desk.note if body.internal else desk.answer
    return Done(audit_seq=await say(connection, service.parse_id(ticket), body.text, by=who.user_id, actor=act(who)))


@router.post("/{ticket}/assign")
async def assign_ticket(ticket: TicketPath, body: Assignment, who: Answerer, connection: Work, act: Act) -> Done:
    """Take a request, give it to somebody, or give it back. `expected` is whose it was when you looked."""
    to = who.user_id if body.assignee == "me" else None if body.assignee is None else _person(body.assignee)
    expected = None if body.expected is None else _person(body.expected)
    seq = await desk.assign(connection, service.parse_id(ticket), to, expected, reason=body.reason, actor=act(who))
    return Done(audit_seq=seq)


@router.post("/{ticket}/solve")
async def solve_ticket(ticket: TicketPath, body: Reason, who: Answerer, connection: Work, act: Act) -> Done:
    """Call a request solved; the customer is told, and may open it again."""
    return Done(audit_seq=await desk.solve(connection, service.parse_id(ticket), reason=body.reason, actor=act(who)))


@router.post("/{ticket}/reopen")
async def reopen_ticket(
    ticket: TicketPath, body: Reason, request: Request, who: Answerer, connection: Work, act: Act
) -> Done:
    """Open a solved request again."""
    seq = await desk.reopen(
        connection,
        service.parse_id(ticket),
        answer_within=answer_within(request),
        reason=body.reason,
        actor=act(who),
    )
    return Done(audit_seq=seq)


def _row(queued: Queued, who: Person) -> QueueRow:
    ticket = queued.ticket
    return QueueRow(
        id=show("tkt", ticket.ticket_id),
        category=ticket.category,
        subject=ticket.subject,
        state=ticket.state,
        workspace=show("ws", ticket.workspace_id),
        workspace_name=privacy.text(who, queued.workspace_name),
        person=show("usr", ticket.opened_by),
        person_name=privacy.text(who, queued.person_name),
        # Who handles money knows whom they deal with; others answer on the page.
        person_email=queued.person_email if StaffRight.MONEY in who.staff_rights else masked(queued.person_email),
        assignee=None if ticket.assigned_to is None else show("usr", ticket.assigned_to),
        assignee_name=queued.assignee_name,
        mine=ticket.assigned_to == who.user_id,
        unread=queued.unread,
        overdue=queued.overdue,
        due_at=ticket.due_at,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
    )


def _person(text: str) -> UserId:
    try:
        return UserId(parse(text, "usr"))
    except ValueError:
        raise InvalidValue(f"{text!r} names nobody (usr_…).", param="assignee") from None
