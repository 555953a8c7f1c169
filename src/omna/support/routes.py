"""/api/workspaces/{ws}/tickets: what customers ask."""

from datetime import timedelta
from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from omna.audit.acting import Act
from omna.http.access import Can, Reading, Work
from omna.http.downloads import downloads
from omna.http.paging import Cursor, Limit, Page, cut, decode_moment
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import UploadId
from omna.support import service
from omna.support.bodies import detail_body, row_body
from omna.support.model import Asked, Billing, State, parse_subject
from omna.support.schemas import MessageNew, SupportSummary, TicketDetail, TicketNew, TicketRow
from omna.uploads import service as uploads
from omna.uploads.content import ALL_TYPES
from omna.uploads.sending import sent

router = Router(prefix="/api/workspaces/{workspace}/tickets", tags=["support"])

#: A ticket is a talk between people: no management key takes part.
Asker = Annotated[Member, Can(Right.VIEW, people_only=True, while_frozen=True)]
TicketPath = Annotated[str, Path(description="The request: `tkt_…`")]


@router.get("")
async def list_tickets(
    who: Asker,
    connection: Reading,
    state: Annotated[State | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketRow]:
    """Your requests, and those about money for those who pay the bills; the last changed first."""
    found = await service.list_of(connection, who, state=state, before=decode_moment(cursor), limit=limit + 1)
    rows, following = cut(found, limit, lambda row: (row[0].updated_at.isoformat(), row[0].ticket_id.hex))
    items = [row_body(ticket, who.user_id, unread=unread) for ticket, unread in rows]
    return Page(items=items, next_cursor=following)


@router.post("", status_code=201)
async def open_ticket(body: TicketNew, request: Request, who: Asker, connection: Work, act: Act) -> TicketDetail:
    """Ask for support. Works also while the workspace is frozen."""
    asked = Asked(
        category=body.category,
        subject=body.subject,
        text=body.text,
        billing=Billing(body.account_email, body.payment_method, body.payment_reference, body.amount, body.reason),
        subjects=[parse_subject(one.kind, one.id) for one in body.about],
        browser=body.browser,
        attachments=_upload_ids(body.attachments),
    )
    thread = await service.open_ticket(connection, asked, by=who, answer_within=answer_within(request), actor=act(who))
    return detail_body(thread, who.user_id)


@router.get("/summary")
async def support_summary(request: Request, who: Asker, connection: Reading) -> SupportSummary:
    """How many requests have something new for you, and when an answer is to be expected."""
    unread, waiting = await service.counts(connection, who)
    return SupportSummary(unread=unread, waiting=waiting, answer_hours=request.app.state.settings.support.answer_hours)


@router.get("/{ticket}")
async def get_ticket(ticket: TicketPath, who: Asker, connection: Reading) -> TicketDetail:
    """One request with everything that was said."""
    return detail_body(await service.get(connection, service.parse_id(ticket), who), who.user_id)


@router.post("/{ticket}/read", status_code=204)
async def mark_ticket_read(ticket: TicketPath, who: Asker, connection: Work) -> None:
    """Note that you have read what there is."""
    await service.mark_read(connection, service.parse_id(ticket), who)


@router.post("/{ticket}/messages", status_code=201)
async def answer_ticket(
    ticket: TicketPath, body: MessageNew, request: Request, who: Asker, connection: Work, act: Act
) -> TicketDetail:
    """Say something. A request that was solved is open again then."""
    thread = await service.answer(
        connection,
        service.parse_id(ticket),
        body.text,
        _upload_ids(body.attachments),
        by=who,
        answer_within=answer_within(request),
        actor=act(who),
    )
    return detail_body(thread, who.user_id)


@router.post("/{ticket}/solve")
async def solve_ticket(ticket: TicketPath, who: Asker, connection: Work, act: Act) -> TicketDetail:
    """Call a request solved."""
    thread = await service.solve(connection, service.parse_id(ticket), by=who, actor=act(who))
    return detail_body(thread, who.user_id)


@router.post("/{ticket}/reopen")
async def reopen_ticket(ticket: TicketPath, request: Request, who: Asker, connection: Work, act: Act) -> TicketDetail:
    """Open a solved request again."""
    thread = await service.reopen(
        connection, service.parse_id(ticket), by=who, answer_within=answer_within(request), actor=act(who)
    )
    return detail_body(thread, who.user_id)


@router.get(
    "/{ticket}/attachments/{upload}",
    response_class=Response,
    responses=downloads(*(kind.media_type.partition(";")[0] for kind in ALL_TYPES)),
)
async def download_attachment(
    ticket: TicketPath,
    upload: Annotated[str, Path(description="The file: `upl_…`")],
    who: Asker,
    connection: Reading,
) -> Response:
    """Download a file that came with a request you may see."""
    found = await service.attachment(connection, service.parse_id(ticket), uploads.parse_id(upload), who)
    return sent(found, await uploads.content(connection, found))


def answer_within(request: Request) -> timedelta:
    """Return how long an answer may take, as people are told."""
    hours: int = request.app.state.settings.support.answer_hours
    return timedelta(hours=hours)


def _upload_ids(texts: list[str]) -> list[UploadId]:
    return [uploads.parse_id(text) for text in dict.fromkeys(texts)]
