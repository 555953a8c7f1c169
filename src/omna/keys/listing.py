"""The list of keys, page by page, and one key with its numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from omna.clock import iso
from omna.db.pool import Connection
from omna.errors import NotFound
from omna.http.paging import decode_cursor, encode_cursor, foreign_cursor
from omna.http.principal import Member, Right
from omna.ids import KeyId, WorkspaceId
from omna.keys import listing_store
from omna.keys.model import KeyRow

#: What a list may be sorted by. Values are text or numbers, so that a cursor can carry them.
SORTS: Mapping[str, Callable[[KeyRow], str | int]] = {
    "name": lambda row: row.key.name.lower(),
    "created_at": lambda row: iso(row.key.created_at),
    "last_used_at": lambda row: "" if row.last_used_at is None else iso(row.last_used_at),
    "spent_30d": lambda row: row.spent_30d,
}


async def page(
    connection: Connection,
    *,
    by: Member,
    limit: int,
    cursor: str | None,
    sort: str,
    search: str | None = None,
    status: str | None = None,
) -> tuple[Sequence[KeyRow], str | None]:
    """Return a page of the keys the one who acts may see, and where the next one begins.

    The keys of a workspace are bounded in number, so they are read whole and cut here.
    Errors  InvalidValue for a cursor of another list
    """
    rows = await listing_store.rows(
        connection,
        by.workspace_id,
        created_by=None if by.may(Right.ALL_KEYS) else by.user_id,
        search=search or None,
        status=status,
    )
    value = SORTS[sort.removeprefix("-")]
    descending = sort.startswith("-")

    def position(row: KeyRow) -> tuple[Any, str]:
        return value(row), row.key.key_id.hex

    ordered = sorted(rows, key=position, reverse=descending)
    after = decode_cursor(cursor)
    if after is not None:
        try:
            begin = (after[0], str(after[1]))
            ordered = [row for row in ordered if (position(row) < begin if descending else position(row) > begin)]
        except (IndexError, TypeError):
            raise foreign_cursor() from None
    shown = ordered[:limit]
    more = len(ordered) > limit
    return shown, encode_cursor(value(shown[-1]), shown[-1].key.key_id.hex) if more else None


async def of_workspace(connection: Connection, workspace_id: WorkspaceId) -> Sequence[KeyRow]:
    """Return every key of a workspace that was not revoked, the newest first."""
    rows = await listing_store.rows(connection, workspace_id)
    return sorted(rows, key=lambda row: row.key.key_id.hex, reverse=True)


async def one(connection: Connection, key_id: KeyId, *, by: Member) -> KeyRow:
    """Return a key the one who acts may see, with its numbers. Errors: NotFound."""
    rows = await listing_store.rows(
        connection,
        by.workspace_id,
        created_by=None if by.may(Right.ALL_KEYS) else by.user_id,
        key_id=key_id,
    )
    if not rows:
        raise NotFound("There is no such key.")
    return rows[0]
