"""Statements for the owner of a wallet: its head, its lines, its months.

Every function needs one view of the data: the caller opens one with `one_view`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby

import asyncpg

from omna.db.pool import borrow
from omna.errors import NotFound
from omna.ids import TransferId, WorkspaceId
from omna.ledger import line_store as store
from omna.ledger import service
from omna.ledger.lines import Effect, Group, Line, Within, merge_days
from omna.ledger.model import Check, MonthSum, PromoLeft, RunningHold, Wallet
from omna.ledger.store import Connection

#: Lines looked at by one statement, and transfers by one of an export.
_LINES, _TRANSFERS = 500, 4_000
#: Running requests shown: more are a number.
_RUNNING = 100

_PLANS = """SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
            SET LOCAL enable_material = off"""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a wallet stands now, and why."""

    wallet: Wallet
    promos: list[PromoLeft]
    running: list[RunningHold]
    check: Check


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with what is known about its cause; `grouped` when it stands for several requests."""

    line: Line
    first: Effect
    last: Effect

    @property
    def grouped(self) -> bool:
        return self.line.transfers > 1


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries, newest first; `position` continues the list, None at its end. total: of all that is wanted."""

    entries: list[Entry]
    position: tuple[int, ...] | None
    total: int


@dataclass(frozen=True, slots=True)
class MonthStatement:
    """A month: opening, every line of it by day, closing. Billed to whom: empty when nobody said."""

    workspace_name: str
    billed_to: str
    tax_id: str
    month: datetime
    opening: int
    closing: int
    by_kind: list[tuple[str, int, int]]
    lines: list[Entry]


@asynccontextmanager
async def one_view(connection: Connection) -> AsyncIterator[None]:
    """Let everything read within see the same moment, by keys alone.

    A page is a few rows of tables with many millions, and the planner cannot know how few our functions return.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_PLANS)
        yield


async def head(connection: Connection, workspace_id: WorkspaceId) -> Head:
    """Return balances, promo Credits by expiry, what is held and why, and when the books were last checked."""
    return Head(
        await service.wallet(connection, workspace_id),
        await store.promos(connection, workspace_id),
        await store.running(connection, workspace_id, _RUNNING),
        await store.last_check(connection),
    )


async def page(
    connection: Connection,
    workspace_id: WorkspaceId,
    within: Within,
    *,
    group: Group,
    zone: tzinfo,
    position: Sequence[int] | None,
    limit: int,
) -> EntryPage:
    """Return entries, newest first: usage by hour, by day of a zone, or request by request."""
    sum_of_all = await store.total(connection, workspace_id, within)
    if group == "none" and (within.kinds is None or "usage" in within.kinds):
        entries, following = await _requests(connection, workspace_id, within, position, limit)
        return EntryPage(entries, following, sum_of_all)
    before = position[0] if position else None
    lines: list[Line] = []
    while True:
        found = await store.lines(connection, workspace_id, within, before, _LINES)
        lines += found
        grouped = merge_days(lines, zone) if group == "day" else lines
        if len(found) < _LINES or len(grouped) > limit + 1:
            break
        before = found[-1].number
    shown = grouped[:limit]
    more = len(grouped) > limit
    return EntryPage(
        await _entries(connection, workspace_id, shown),
        ((shown[-1].lowest or shown[-1].number),) if more else None,
        sum_of_all,
    )


async def newest(connection: Connection, workspace_id: WorkspaceId, within: Within, limit: int) -> list[Entry]:
    """Return the newest lines, usage by hour."""
    return await _entries(connection, workspace_id, await store.lines(connection, workspace_id, within, None, limit))


async def one(connection: Connection, workspace_id: WorkspaceId, transfer_id: TransferId) -> Entry:
    """Return the line of one transfer. Errors: NotFound, also for one that changes no balance, such as a hold."""
    seq = await store.number_of(connection, workspace_id, transfer_id)
    line = None if seq is None else await store.line_around(connection, workspace_id, seq)
    if seq is None or line is None:
        raise NotFound("There is no such line in this ledger.")
    found = await store.effects(connection, workspace_id, seq - 1, seq)
    if not found:
        raise NotFound("There is no such line in this ledger.")
    # The line ends with the later transfers of its hour; what they changed is not part of the balance after this one.
    later = await store.change_between(connection, workspace_id, seq, line.last_seq)
    return _single(found[0], line.balance_after - later)


async def months(connection: Connection, workspace_id: WorkspaceId) -> list[MonthSum]:
    """Return every month from the first line until now, newest first, also those without a line."""
    found = {one.month: one for one in await store.months(connection, workspace_id)}
    if not found:
        return []
    month, balance, listed = min(found), 0, []
    now = await store.clock(connection)
    while month <= max(now, *found):
        listed.append(found.get(month, MonthSum(month, balance, balance, 0)))
        balance = listed[-1].closing
        month = next_month(month)
    return listed[::-1]


async def month(connection: Connection, workspace_id: WorkspaceId, start: datetime) -> MonthStatement:
    """Return the statement of a month (UTC): opening + lines = closing. Errors: NotFound for a month without one."""
    name, billed_to, tax_id = await store.names(connection, workspace_id)
    listed = {one.month: one for one in await months(connection, workspace_id)}
    if start not in listed:
        raise NotFound("There is no statement for this month.")
    within = Within(start, next_month(start))
    lines = merge_days(await store.lines(connection, workspace_id, within, None, None), UTC)
    kinds = sorted(lines, key=lambda line: line.kind)
    by_kind = [
        (kind, sum(line.transfers for line in group), sum(line.amount for line in group))
        for kind, group in ((kind, list(group)) for kind, group in groupby(kinds, key=lambda line: line.kind))
    ]
    entries = await _entries(connection, workspace_id, lines[::-1])
    sums = listed[start]
    assert sums.opening + sum(line.amount for line in lines) == sums.closing, "opening + lines = closing"
    return MonthStatement(name, billed_to, tax_id, start, sums.opening, sums.closing, by_kind, entries)


async def everything(pool: asyncpg.Pool, workspace_id: WorkspaceId, within: Within) -> AsyncIterator[list[Entry]]:
    """Yield every transfer that is wanted as a line of its own, oldest first; no connection is held in between."""
    async with borrow(pool) as connection, one_view(connection):
        found = await store.bounds(connection, workspace_id, replace(within, kinds=None))
    if found is None:
        return
    first, last, balance, _ = found
    wanted = None if within.kinds is None else set(within.kinds)
    if wanted is not None and "usage" not in wanted:
        async with borrow(pool) as connection, one_view(connection):
            lines = await store.lines(connection, workspace_id, within, None, None)
        for start in range(len(lines), 0, -_LINES):
            async with borrow(pool) as connection, one_view(connection):
                yield await _entries(connection, workspace_id, lines[max(0, start - _LINES) : start][::-1])
        return
    after = first - 1
    while after < last:
        until = min(last, after + _TRANSFERS)
        async with borrow(pool) as connection, one_view(connection):
            effects = await store.effects(connection, workspace_id, after, until)
        entries = []
        for effect in effects:
            balance += effect.amount
            if wanted is None or effect.kind in wanted:
                entries.append(_single(effect, balance))
        if entries:
            yield entries
        after = until


async def _requests(
    connection: Connection, workspace_id: WorkspaceId, within: Within, position: Sequence[int] | None, limit: int
) -> tuple[list[Entry], tuple[int, ...] | None]:
    """Return single transfers, newest first. A position is a number, a part of it, and the balance after that part."""
    found = await store.bounds(connection, workspace_id, replace(within, kinds=None))
    if found is None:
        return [], None
    first, last, _, balance = found
    top, top_part = last, 2
    if position is not None and len(position) == 3:
        top, top_part, balance = position[0], position[1], position[2]
    wanted = None if within.kinds is None else set(within.kinds)
    entries: list[Entry] = []
    until = min(top, last)
    while until >= first:
        after = max(first - 1, until - 4 * limit)
        for effect in reversed(await store.effects(connection, workspace_id, after, until)):
            if (effect.seq, effect.part) >= (top, top_part):
                continue
            if wanted is None or effect.kind in wanted:
                if len(entries) == limit:
                    newest = entries[-1]
                    return entries, (
                        newest.line.last_seq,
                        newest.line.part,
                        newest.line.balance_after - newest.line.amount,
                    )
                entries.append(_single(effect, balance))
            balance -= effect.amount
        until = after
    return entries, None


async def _entries(connection: Connection, workspace_id: WorkspaceId, lines: Sequence[Line]) -> list[Entry]:
    """Return lines with what is known about their first and last transfer."""
    numbers = sorted({seq for line in lines for seq in (line.first_seq, line.last_seq)})
    found = {(one.seq, one.part): one for one in await store.effects_at(connection, workspace_id, numbers)}
    return [Entry(line, found[line.first_seq, line.part], found[line.last_seq, line.part]) for line in lines]


def _single(effect: Effect, balance_after: int) -> Entry:
    line = Line(0, effect.seq, effect.seq, effect.part, effect.kind, effect.booked_at, 1, effect.amount, balance_after)
    return Entry(line, effect, effect)


def next_month(month: datetime) -> datetime:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
