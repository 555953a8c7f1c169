"""Read the audit log: newest first, by what is asked for, and as a file."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg

from omna.audit import read_store
from omna.audit.model import Entry, Wanted
from omna.clock import iso
from omna.db.pool import Connection, borrow
from omna.errors import LinkExpired, NotFound
from omna.http.csv_lines import Number, csv_line

#: Rows that one statement looks through for a text, and statements of one page: what is left is the next page.
WINDOW, WINDOWS = 20_000, 5
#: Rows of a file that are read at once.
_BATCH = 1_000
#: How long a file may be fetched by whoever asked for it.
LIFETIME = timedelta(minutes=15)

_COLUMNS = (
    "seq", "time", "actor", "action", "subject", "reason", "before", "after", "address", "request_id",
)  # fmt: skip


async def page(connection: Connection, wanted: Wanted, below: int | None, limit: int) -> tuple[list[Entry], int | None]:
    """Return rows newest first, from below a number on, and the number the next page begins below, None at the end.

    A page of a text may hold fewer rows than it could: it was looked for among a bounded number of rows.
    """
    async with connection.transaction():
        # Each wish has its own index, which a plan for all of them would not use.
        await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        return await _page(connection, wanted, below, limit)


async def _page(
    connection: Connection, wanted: Wanted, below: int | None, limit: int
) -> tuple[list[Entry], int | None]:
    highest, lowest = await read_store.bounds(connection, wanted.start, wanted.end)
    top = highest if below is None else min(below, highest)
    if wanted.text is None:
        found = await read_store.page(connection, wanted, top, lowest, limit + 1)
        return found[:limit], found[limit - 1].seq if len(found) > limit else None
    found = []
    for _ in range(WINDOWS):
        bottom = max(top - WINDOW - 1, lowest)
        found += await read_store.page(connection, wanted, top, bottom, limit + 1 - len(found))
        if len(found) > limit:
            return found[:limit], found[limit - 1].seq
        top = bottom + 1
        if bottom <= lowest:
            return found, None
    return found, top


async def get(connection: Connection, seq: int) -> tuple[Entry, bytes]:
    """Return one row and its seal. Errors: NotFound."""
    found = await read_store.get(connection, seq)
    if found is None:
        raise NotFound("There is no such row in the audit log.")
    return found


async def actions(connection: Connection) -> list[str]:
    """Return every action that was ever recorded, in order."""
    return await read_store.actions(connection)


async def permitted(connection: Connection, seq: int, actor: str) -> Wanted:
    """Return what an export holds that somebody asked for: its row is their permit, for a quarter of an hour.

    Errors  NotFound for anything else, LinkExpired
    """
    found = await read_store.get(connection, seq)
    if found is None or (found[0].actor, found[0].action) != (actor, "audit.export"):
        raise NotFound("There is no such download.")
    if found[0].at < await connection.fetchval("SELECT now() - $1::interval", LIFETIME):
        raise LinkExpired("This download has ended; ask for it again.")
    return Wanted.of_json(found[0].after)


async def export(pool: asyncpg.Pool, wanted: Wanted, below: int) -> AsyncIterator[bytes]:
    """Yield rows below a number as CSV, newest first. No connection is held while a slow reader takes its time."""
    yield csv_line(_COLUMNS).encode()
    while True:
        async with borrow(pool) as connection:
            rows, following = await page(connection, wanted, below, _BATCH)
        yield "".join(_csv_row(row) for row in rows).encode()
        if following is None:
            return
        below = following


def _csv_row(row: Entry) -> str:
    return csv_line(
        (
            Number(row.seq),
            iso(row.at),
            row.actor,
            row.action,
            row.subject,
            row.reason,
            row.before,
            row.after,
            row.origin,
            row.request_id,
        )
    )
