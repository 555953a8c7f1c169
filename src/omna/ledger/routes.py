"""The ledger under /api: where a workspace stands, every line with the balance after it, statements.

The export is in usage/ledger_export.py.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request

from omna.errors import InvalidValue, NotFound
from omna.http.access import Can, Reading
from omna.http.moments import parse_moment, parse_zone
from omna.http.paging import Cursor, Limit, decode_cursor, encode_cursor, foreign_cursor
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import TransferId, parse
from omna.ledger import statements
from omna.ledger.bodies import head_body, line_body, month_body
from omna.ledger.lines import Group, LineKind, Within, whole_hours
from omna.ledger.schemas import LedgerHead, LedgerLine, LedgerPage, MonthRow

router = Router(prefix="/api", tags=["ledger"])

Reader = Annotated[Member, Can(Right.LEDGER)]
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_LARGEST = 2**62


def _within(
    start: Annotated[str | None, Query(alias="from", max_length=40, description="ISO 8601, to the UTC hour.")] = None,
    end: Annotated[str | None, Query(alias="to", max_length=40, description="ISO 8601, exclusive.")] = None,
    kind: Annotated[list[LineKind], Query(max_length=20)] = [],  # noqa: B006 - FastAPI copies defaults
    first: Annotated[int | None, Query(ge=0, le=_LARGEST, description="Number of the first transfer.")] = None,
    last: Annotated[int | None, Query(ge=0, le=_LARGEST, description="Number of the last transfer.")] = None,
) -> Within:
    since, until = whole_hours(
        None if start is None else parse_moment(start, "from"), None if end is None else parse_moment(end, "to")
    )
    if since is not None and until is not None and since >= until:
        raise InvalidValue("`from` must be before `to`.", param="from")
    return Within(since, until, first, last, list(kind) or None)


Wanted = Annotated[Within, Depends(_within)]


@router.get("/workspaces/{workspace}/ledger")
async def ledger_head(http: Request, who: Reader, connection: Reading) -> LedgerHead:
    """Return balances, what is held and why, and the last check of the books."""
    async with statements.one_view(connection):
        head = await statements.head(connection, who.workspace_id)
    return head_body(head, http.app.state.settings.credits.usd_per_credit)


@router.get("/workspaces/{workspace}/ledger/lines")
async def ledger_lines(
    who: Reader,
    connection: Reading,
    within: Wanted,
    group: Group = "hour",
    zone: Annotated[str, Query(max_length=60, description="IANA name of the zone whose days are meant.")] = "UTC",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> LedgerPage:
    """Return lines, newest first. A range is widened to whole UTC hours."""
    place = parse_zone(zone)
    async with statements.one_view(connection):
        page = await statements.page(
            connection,
            who.workspace_id,
            within,
            group=group,
            zone=place,
            position=_position(cursor),
            limit=limit,
        )
    return LedgerPage(
        items=[line_body(entry) for entry in page.entries],
        next_cursor=None if page.position is None else encode_cursor(*page.position),
        total=page.total,
    )


@router.get("/workspaces/{workspace}/ledger/lines/{transfer}")
async def ledger_line(transfer: str, who: Reader, connection: Reading) -> LedgerLine:
    """Return one line by its transfer."""
    try:
        transfer_id = TransferId(parse(transfer, "tr"))
    except ValueError:
        raise NotFound("There is no such line in this ledger.") from None
    async with statements.one_view(connection):
        return line_body(await statements.one(connection, who.workspace_id, transfer_id))


@router.get("/workspaces/{workspace}/ledger/statements")
async def ledger_statements(who: Reader, connection: Reading) -> list[MonthRow]:
    """Return the months of the ledger, newest first."""
    async with statements.one_view(connection):
        return [month_body(month) for month in await statements.months(connection, who.workspace_id)]


def month_of(text: str) -> datetime:
    """Return the first moment of a month in an address, `2030-01`. Errors: NotFound."""
    match = _MONTH.fullmatch(text)
    if match is None:
        raise NotFound("There is no statement for this month.")
    return datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC)


def _position(cursor: str | None) -> list[int] | None:
    position = decode_cursor(cursor)
    if position is None:
        return None
    numbers = [part for part in position if isinstance(part, int) and abs(part) <= _LARGEST * 2 - 1]
    if len(numbers) != len(position) or len(numbers) not in (1, 3):
        raise foreign_cursor()
    return numbers
