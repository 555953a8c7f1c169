"""Everything that is known about one person, as one archive: theirs alone, for a quarter of an hour.

What is in it is the list of the privacy page: account, sessions and other security facts, keys without the keys
themselves, usage, ledger of the personal workspace, memberships, mails, chats, and what the audit log says. Nothing in
it lets anybody in, and other people are named only where the person named them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from asyncpg import Record

from omna.accounts import throttle
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.clock import iso, now
from omna.db.pool import Connection, borrow
from omna.errors import LinkExpired, NotFound
from omna.http.csv_lines import Number, csv_line
from omna.ids import UserId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.ledger.model import TransferLine
from omna.membership import export_store as store
from omna.membership.archive import ArchiveFile, archive
from omna.membership.export_store import Export
from omna.money import format_credits
from omna.usage.export import FORMATS
from omna.usage.export import export as usage_of
from omna.usage.periods import Range
from omna.usage.report_model import Filter

Kept = Callable[[asyncpg.Pool, UserId], Awaitable[Sequence[ArchiveFile]]]

LIFETIME = timedelta(minutes=15)
_DOWNLOADS = Window(most=5, seconds=3600)
#: Lines of the ledger, and rows of the audit log, looked at by one statement.
_LINES, _ROWS = 200, 20_000

_PREFIXES = {
    "user_id": "usr", "session_id": "ses", "device_id": "dev", "passkey_id": "pky", "identity_id": "idy",
    "workspace_id": "ws", "invitation_id": "inv", "key_id": "key", "management_key_id": "mgk", "mail_id": "mail",
    "upload_id": "upl", "ticket_id": "tkt", "recharge_id": "rch", "refund_id": "rfd", "proof_id": "upl",
}  # fmt: skip
_AMOUNTS = frozenset({"spend_limit", "credits", "bonus", "approved_credits"})


async def allow(connection: Connection, user_id: UserId, *, actor: audit.Actor) -> Export:
    """Let a person download what is known about them, for a quarter of an hour."""
    export = await store.add(connection, new_id(), user_id, LIFETIME)
    await audit.record(
        connection,
        actor,
        "account.export",
        show("usr", user_id),
        after={"export": show("exp", export.export_id), "until": export.expires_at},
    )
    return export


async def begin(connection: Connection, export_id: UUID, user_id: UserId, *, actor: audit.Actor) -> None:
    """Note that a download begins. Errors: NotFound for anybody else's, LinkExpired, TooManyAttempts."""
    export = await store.get(connection, export_id, user_id)
    if export is None:
        raise NotFound("There is no such download.")
    if export.over:
        raise LinkExpired("This download has ended; ask for it again.")
    # Each reads the whole audit log.
    await throttle.count(connection, [(f"export:{user_id.hex}", _DOWNLOADS)])
    await audit.record(
        connection, actor, "account.export_download", show("usr", user_id), after={"export": show("exp", export_id)}
    )


async def download(pool: asyncpg.Pool, user_id: UserId, kept: Kept | None = None) -> AsyncIterator[bytes]:
    """Yield the archive in pieces. No connection is held while a slow reader takes its time.

    kept    gives what surfaces above keep of a person, chats for one
    Errors  NotFound
    """
    async with borrow(pool) as connection:
        files = await _files(pool, connection, user_id)
    more = [] if kept is None else await kept(pool, user_id)
    async for piece in archive([*files, *more]):
        yield piece


async def _files(pool: asyncpg.Pool, connection: Connection, user_id: UserId) -> Sequence[ArchiveFile]:
    person = await store.person(connection, user_id)
    if person is None:
        raise NotFound("There is no such person.")
    memberships = await store.memberships(connection, user_id)
    personal = next((row["workspace_id"] for row in memberships if row["kind"] == "personal"), None)
    keys = await store.keys(connection, user_id, personal)
    chatted = await store.chatted_in(connection, user_id)
    tables = {
        "sessions": await store.sessions(connection, user_id),
        "devices": await store.devices(connection, user_id),
        "passkeys": await store.passkeys(connection, user_id),
        "linked-services": await store.identities(connection, user_id),
        "workspaces": memberships,
        "invitations": await store.invitations(connection, user_id),
        "access-requests": await store.access_requests(connection, user_id),
        "keys": keys,
        "management-keys": await store.management_keys(connection, user_id),
        "tickets": await store.tickets(connection, user_id),
        "ticket-messages": await store.ticket_messages(connection, user_id),
        "uploads": await store.uploads(connection, user_id),
        "recharges": await store.recharges(connection, user_id, personal),
        "refunds": await store.refunds(connection, user_id, personal),
        "billing-details": await store.billing_details(connection, personal),
        "mails": await store.mails(connection, user_id),
    }
    return [
        ArchiveFile("account.json", _once(_json(person))),
        *(ArchiveFile(f"{name}.csv", _once(_table(rows))) for name, rows in tables.items() if rows),
        *(
            ArchiveFile(f"usage/{show('ws', workspace_id)}.csv", _usage(pool, workspace_id, person, wanted))
            for workspace_id, wanted in _usage_wanted(user_id, personal, keys, chatted).items()
        ),
        *([] if personal is None else [ArchiveFile("ledger.csv", _ledger(pool, WorkspaceId(personal)))]),
        ArchiveFile("audit.csv", _audit(pool, user_id)),
    ]


def _usage_wanted(
    user_id: UserId, personal: UUID | None, keys: Iterable[Record], chatted: Iterable[UUID]
) -> dict[UUID, Filter]:
    """Return which requests are the person's: all of the personal workspace, elsewhere of their keys and chats."""
    wanted: dict[UUID, list[UUID]] = {workspace_id: [] for workspace_id in chatted}
    for key in keys:
        wanted.setdefault(key["workspace_id"], []).append(key["key_id"])
    filters = {workspace_id: Filter(key_ids=key_ids, people=[user_id]) for workspace_id, key_ids in wanted.items()}
    return filters if personal is None else {**filters, personal: Filter()}


def _usage(pool: asyncpg.Pool, workspace_id: UUID, person: Record, wanted: Filter) -> AsyncIterator[bytes]:
    # Keys may be older than the account's membership here, never older than the account.
    period = Range(person["created_at"].replace(minute=0, second=0, microsecond=0), now())
    return usage_of(pool, WorkspaceId(workspace_id), period, wanted, FORMATS["csv"])


async def _ledger(pool: asyncpg.Pool, workspace_id: WorkspaceId) -> AsyncIterator[bytes]:
    columns = ("transfer", "time", "kind", "hold", "account", "amount", "balance_after", "reason")
    yield csv_line(columns).encode()
    before: int | None = None
    while True:
        async with borrow(pool) as connection:
            lines = await ledger.history(connection, workspace_id, before_seq=before, limit=_LINES)
        if not lines:
            return
        before = lines[-1].seq
        yield "".join(_ledger_lines(lines)).encode()


def _ledger_lines(lines: Iterable[TransferLine]) -> Iterable[str]:
    for line in lines:
        for entry in line.entries:
            if entry.balance_after is not None:  # the platform's side is not the person's
                yield csv_line(
                    (
                        show("tr", line.transfer_id),
                        iso(line.booked_at),
                        line.kind,
                        None if line.hold_id is None else show("req", line.hold_id),
                        entry.account,
                        Number(format_credits(entry.amount)),
                        Number(format_credits(entry.balance_after)),
                        line.reason,
                    )
                )


async def _audit(pool: asyncpg.Pool, user_id: UserId) -> AsyncIterator[bytes]:
    yield csv_line(("number", "time", "by", "action", "subject", "reason", "before", "after", "from")).encode()
    you = show("usr", user_id)
    async with borrow(pool) as connection:
        last = await store.last_audit_row(connection)
    # Row by row the log is in nobody's order; stretches of it keep each statement short.
    for after in range(0, last, _ROWS):
        async with borrow(pool) as connection:
            rows = await store.audit_rows(connection, you, after, after + _ROWS)
        if rows:
            yield "".join(csv_line(_audit_cells(row, you)) for row in rows).encode()


def _audit_cells(row: Record, you: str) -> Iterable[str | None]:
    yours = row["actor"] == you
    # Who else acted, and from where, is about them.
    by = "you" if yours else row["actor"] if row["actor"].startswith("system:") else "somebody else"
    yield from (Number(row["seq"]), iso(row["at"]), by, row["action"], row["subject"], row["reason"])
    yield from (row["before"], row["after"], row["origin"] if yours else None)


def _table(rows: Sequence[Record]) -> bytes:
    columns = list(rows[0].keys())
    return "".join(
        [csv_line(columns), *(csv_line(_cell(name, row[name]) for name in columns) for row in rows)]
    ).encode()


def _json(row: Record) -> bytes:
    values = {name: _shown(name, value) for name, value in row.items()}
    return msgspec.json.format(msgspec.json.encode(values), indent=2) + b"\n"


def _cell(name: str, value: Any) -> str | None:
    shown = _shown(name, value)
    match shown:
        case None:
            return None
        case bool():
            return "true" if shown else "false"
        case int():
            return Number(shown)
        case list():
            return ", ".join(shown)
        case _:
            return Number(shown) if name in _AMOUNTS else str(shown)


def _shown(name: str, value: Any) -> Any:
    match value:
        case UUID():
            return show(_PREFIXES[name], value)
        case datetime():
            return iso(value.astimezone(UTC))
        case int() if name in _AMOUNTS:
            return format_credits(value)
        case _:
            return value


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
