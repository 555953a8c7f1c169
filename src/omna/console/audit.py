"""/api/console/audit: who did what, and the proof that nobody rewrote it."""

import re
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Path, Query, Request
from starlette.responses import StreamingResponse

from omna.accounts import service as accounts
from omna.audit import reading
from omna.audit import service as audit
from omna.audit.acting import Act
from omna.audit.model import Entry, Wanted
from omna.console import chains
from omna.console.audit_schemas import (
    AuditDetail,
    AuditExport,
    AuditExportWish,
    AuditRow,
    AuditStatus,
    AuditWish,
    VerifyWish,
)
from omna.db.pool import Connection
from omna.errors import NotFound
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.downloads import downloads
from omna.http.moments import parse_moment
from omna.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, foreign_cursor
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Acted
from omna.ids import UserId, parse, show
from omna.support.model import masked

router = Router(prefix="/api/console/audit", tags=["console"])

Auditor = Annotated[Person, StaffCan(StaffRight.AUDIT)]
RowPath = Annotated[str, Path(description="The number of the row.")]

Sought = Annotated[str | None, Query(min_length=1, max_length=200)]

#: A bigint holds them.
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


def _wish(
    actor: Sought = None,
    action: Sought = None,
    subject: Sought = None,
    address: Sought = None,
    request: Sought = None,
    text: Sought = None,
    start: Annotated[str | None, Query(alias="from", min_length=1, max_length=200)] = None,
    to: Sought = None,
) -> AuditWish:
    return AuditWish.model_validate(
        {
            "actor": actor, "action": action, "subject": subject, "address": address, "request": request, "text": text,
            "from": start, "to": to,
        }
    )  # fmt: skip


Wish = Annotated[AuditWish, Depends(_wish)]


@router.get("")
async def list_rows(
    who: Auditor,
    connection: Reading,
    wish: Wish,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AuditRow]:
    """Return rows of the audit log, newest first. A page of a text may be short and still have a next one."""
    wanted = await _wanted(connection, wish)
    rows, following = await reading.page(connection, wanted, _below(cursor), limit)
    return Page(
        items=[AuditRow(**facts) for facts in await _facts(connection, rows, who)],
        next_cursor=None if following is None else encode_cursor(following),
    )


@router.get("/actions")
async def list_actions(who: Auditor, connection: Reading) -> list[str]:
    """Return every action that was ever recorded."""
    return await reading.actions(connection)


@router.get("/status")
async def get_status(who: Auditor, connection: Reading) -> AuditStatus:
    """Return what the checks so far say about the audit log and the ledger."""
    return AuditStatus(audit=await chains.of_audit(connection), ledger=await chains.of_ledger(connection))


@router.post("/verify")
async def verify(body: VerifyWish, who: Auditor, connection: Work, act: Act) -> Acted:
    """Have a chain checked from its first row now: a worker takes it up, and the status tells what it found."""
    actor = act(who)
    await chains.ask(connection, body.chain, actor.name)
    return Acted(audit_seq=await audit.record(connection, actor, "audit.verify", body.chain))


@router.post("/export")
async def begin_export(
    body: AuditExportWish, who: Auditor, connection: Work, confirm: Confirm, act: Act
) -> AuditExport:
    """Have rows ready as CSV, for whoever asks and for a quarter of an hour, after a step-up for `audit.export`."""
    await confirm(connection, who, "audit.export")
    wanted = await _wanted(connection, body)
    seq = await audit.record(connection, act(who), "audit.export", "audit", reason=body.reason, after=wanted.facts())
    row, _ = await reading.get(connection, seq)
    return AuditExport(audit_seq=seq, until=row.at + reading.LIFETIME)


@router.get("/export/{seq}", response_class=StreamingResponse, responses=downloads("text/csv"))
async def fetch_export(seq: RowPath, http: Request, who: Auditor, connection: Reading, act: Act) -> StreamingResponse:
    """Download the rows that were asked for: those before the row which says so."""
    number = _number(seq)
    wanted = await reading.permitted(connection, number, act(who).name)
    return StreamingResponse(
        reading.export(http.app.state.pool, wanted, number),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="omna-audit-{number}.csv"'},
    )


@router.get("/{seq}")
async def get_row(seq: RowPath, who: Auditor, connection: Reading) -> AuditDetail:
    """Return one row with its seal."""
    row, mac = await reading.get(connection, _number(seq))
    newest = await audit.head(connection)
    [facts] = await _facts(connection, [row], who)
    return AuditDetail(**facts, seal=mac.hex(), newest=newest.seq)


async def _wanted(connection: Connection, wish: AuditWish) -> Wanted:
    actor, action = wish.actor, wish.action
    if actor is not None and "@" in actor and (user := await accounts.find_by_email(connection, actor)) is not None:
        actor = show("usr", user.user_id)
    single = action is not None and "." in action
    return Wanted(
        actor=actor,
        action=action if single else None,
        noun=None if single else action,
        subject=wish.subject,
        origin=wish.address,
        request_id=wish.request,
        text=wish.text,
        start=None if wish.from_ is None else parse_moment(wish.from_, "from"),
        end=None if wish.to is None else parse_moment(wish.to, "to"),
    )


async def _facts(connection: Connection, rows: list[Entry], who: Person) -> list[dict[str, Any]]:
    ids = {row.actor: _person(row.actor) for row in rows}
    people = await accounts.find_all(connection, [UserId(found) for found in ids.values() if found is not None])
    answer = []
    for row in rows:
        found = ids[row.actor]
        user = None if found is None else people.get(UserId(found))
        open_to = user is not None and (user.staff_role is not None or StaffRight.MONEY in who.staff_rights)
        answer.append(
            {
                "seq": row.seq,
                "at": row.at,
                "actor": row.actor,
                "actor_name": user.name if user is not None and open_to else None,
                "actor_email": None if user is None else user.email if open_to else masked(user.email),
                "actor_role": None if user is None else user.staff_role,
                "action": row.action,
                "subject": row.subject,
                "reason": row.reason,
                "before": None if row.before is None else msgspec.json.decode(row.before),
                "after": None if row.after is None else msgspec.json.decode(row.after),
                "address": row.origin,
                "request_id": row.request_id,
            }
        )
    return answer


def _person(actor: str) -> UUID | None:
    try:
        return parse(actor, "usr")
    except ValueError:
        return None


def _number(text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise NotFound("There is no such row in the audit log.")
    return int(text)


def _below(cursor: str | None) -> int | None:
    match decode_cursor(cursor):
        case None:
            return None
        case [int() as number] if 0 < number < 1 << 62:
            return number
    raise foreign_cursor()
