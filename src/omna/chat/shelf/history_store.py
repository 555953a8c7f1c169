"""SQL of lists of chats: whose they are stands in every statement, and a deleted one is in none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from omna.chat.shelf.model import Entry
from omna.chat.shelf.searching import Wanted, containing, tsquery
from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId

#: $4 to $8 of every list: its folder, how the person filed it, and what stands behind the last row of the page before.
_CHOSEN = """
    ($4::uuid IS NULL OR c.folder_id = $4 AND c.user_id = $2)
    AND ($5::boolean IS NULL OR (c.pinned_at IS NOT NULL AND c.user_id = $2) = $5)
    AND ($6::boolean IS NULL OR (c.archived_at IS NOT NULL AND c.user_id = $2) = $6)
    AND ($7::timestamptz IS NULL OR c.updated_at < $7 OR (c.updated_at = $7 AND c.chat_id > $8::uuid))
"""
#: Of a search: what the person may read, and $3 which side of it they want to see.
_READABLE = """
    (c.user_id = $2 OR c.shared_at IS NOT NULL)
    AND ($3::boolean IS NULL OR CASE WHEN $3 THEN c.shared_at IS NOT NULL ELSE c.user_id = $2 END)
"""


async def find(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    wanted: Wanted,
    folder_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Entry]:
    """Return the chats a person wants to see, those last changed first.

    wanted  with words: chats of which the title or one message has them all
            shared: True is what is shared in the workspace, False what is theirs, None both
    """
    if not wanted.looks:
        return await _list(connection, workspace_id, user_id, wanted, folder_id, before, limit)
    if wanted.words:
        return await _by_words(connection, workspace_id, user_id, wanted, folder_id, before, limit)
    return await _by_pieces(connection, workspace_id, user_id, wanted, folder_id, before, limit)


async def _list(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    wanted: Wanted,
    folder_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Entry]:
    rows = await connection.fetch(
        """
        SELECT c.chat_id, c.user_id, c.title, c.model_id, c.folder_id, c.shared_at, c.pinned_at, c.archived_at,
               c.created_at, c.updated_at, NULL::uuid AS message_id, NULL::text AS found,
               EXISTS (SELECT FROM chat_messages AS r WHERE r.workspace_id = c.workspace_id AND r.chat_id = c.chat_id
                       AND r.state = 'running') AS running
        FROM chats AS c
        WHERE c.workspace_id = $1 AND c.deleted_at IS NULL
          AND CASE WHEN $3::boolean THEN c.shared_at IS NOT NULL ELSE c.user_id = $2 END
          AND """  # noqa: S608 - constants of this file
        + _CHOSEN
        + """
        ORDER BY c.updated_at DESC, c.chat_id LIMIT $9
        """,
        workspace_id,
        user_id,
        wanted.shared or False,
        folder_id,
        wanted.pinned,
        wanted.archived,
        *(before or (None, None)),
        limit,
    )
    return [_entry(row, user_id) for row in rows]


async def _by_words(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    wanted: Wanted,
    folder_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Entry]:
    # The index answers first, by itself, and what it found is looked up: the planner cannot know how much that is, and
    # would join row by row.
    rows = await connection.fetch(
        """
        WITH hits AS MATERIALIZED (
            SELECT m.chat_id, m.message_id FROM chat_messages AS m
            WHERE chat_words(m.workspace_id, m.content) @@ $9::text::tsquery
              AND m.workspace_id = $1 AND m.content LIKE ALL ($10::text[])
        ), page AS MATERIALIZED (
            SELECT c.workspace_id, c.chat_id, c.user_id, c.title, c.model_id, c.folder_id, c.shared_at, c.pinned_at,
                   c.archived_at, c.created_at, c.updated_at
            FROM chats AS c
            WHERE c.workspace_id = $1 AND c.deleted_at IS NULL
              AND """  # noqa: S608 - constants of this file
        + _READABLE
        + """
              AND (c.chat_id IN (SELECT chat_id FROM hits) OR c.title ILIKE ALL ($11::text[]))
              AND """
        + _CHOSEN
        + """
            ORDER BY c.updated_at DESC, c.chat_id LIMIT $12
        ), newest AS MATERIALIZED (
            SELECT DISTINCT ON (chat_id) chat_id, message_id FROM hits
            WHERE chat_id IN (SELECT chat_id FROM page) ORDER BY chat_id, message_id DESC
        )
        SELECT p.chat_id, p.user_id, p.title, p.model_id, p.folder_id, p.shared_at, p.pinned_at, p.archived_at,
               p.created_at, p.updated_at, n.message_id, m.content AS found,
               EXISTS (SELECT FROM chat_messages AS r WHERE r.workspace_id = p.workspace_id AND r.chat_id = p.chat_id
                       AND r.state = 'running') AS running
        FROM page AS p LEFT JOIN newest AS n USING (chat_id)
        LEFT JOIN chat_messages AS m
          ON m.workspace_id = p.workspace_id AND m.chat_id = p.chat_id AND m.message_id = n.message_id
        ORDER BY p.updated_at DESC, p.chat_id
        """,
        workspace_id,
        user_id,
        wanted.shared,
        folder_id,
        wanted.pinned,
        wanted.archived,
        *(before or (None, None)),
        tsquery(wanted.words, workspace_id),
        containing(wanted.pieces),
        containing(wanted.terms),
        limit,
    )
    return [_entry(row, user_id) for row in rows]


async def _by_pieces(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    wanted: Wanted,
    folder_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Entry]:
    # Chat by chat, the newest first, until a page is full: nothing is read of those behind it.
    rows = await connection.fetch(
        """
        SELECT c.chat_id, c.user_id, c.title, c.model_id, c.folder_id, c.shared_at, c.pinned_at, c.archived_at,
               c.created_at, c.updated_at, n.message_id, n.content AS found,
               EXISTS (SELECT FROM chat_messages AS r WHERE r.workspace_id = c.workspace_id AND r.chat_id = c.chat_id
                       AND r.state = 'running') AS running
        FROM chats AS c LEFT JOIN LATERAL (
            SELECT m.message_id, m.content FROM chat_messages AS m
            WHERE m.workspace_id = c.workspace_id AND m.chat_id = c.chat_id AND m.content LIKE ALL ($9::text[])
            ORDER BY m.message_id DESC LIMIT 1
        ) AS n ON true
        WHERE c.workspace_id = $1 AND c.deleted_at IS NULL
          AND """  # noqa: S608 - constants of this file
        + _READABLE
        + """
          AND (n.message_id IS NOT NULL OR c.title LIKE ALL ($9::text[]))
          AND """
        + _CHOSEN
        + """
        ORDER BY c.updated_at DESC, c.chat_id LIMIT $10
        """,
        workspace_id,
        user_id,
        wanted.shared,
        folder_id,
        wanted.pinned,
        wanted.archived,
        *(before or (None, None)),
        containing(wanted.pieces),
        limit,
    )
    return [_entry(row, user_id) for row in rows]


def _entry(row: Record, user_id: UserId) -> Entry:
    """Return a row of a list. How others filed a chat that they share is their own business."""
    mine = row["user_id"] == user_id
    return Entry(
        chat_id=row["chat_id"],
        title=row["title"],
        model_id=row["model_id"],
        folder_id=row["folder_id"] if mine else None,
        pinned=mine and row["pinned_at"] is not None,
        archived=mine and row["archived_at"] is not None,
        shared=row["shared_at"] is not None,
        mine=mine,
        running=row["running"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        message_id=row["message_id"],
        found=row["found"],
    )


async def set_archived(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, chat_ids: Sequence[UUID], archived: bool
) -> int:
    status = await connection.execute(
        "UPDATE chats SET archived_at = CASE WHEN $4 THEN coalesce(archived_at, now()) END"
        " WHERE workspace_id = $1 AND user_id = $2 AND chat_id = ANY($3::uuid[]) AND deleted_at IS NULL",
        workspace_id,
        user_id,
        chat_ids,
        archived,
    )
    return _changed(status)


async def set_pinned(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, chat_ids: Sequence[UUID], pinned: bool
) -> int:
    status = await connection.execute(
        "UPDATE chats SET pinned_at = CASE WHEN $4 THEN coalesce(pinned_at, now()) END"
        " WHERE workspace_id = $1 AND user_id = $2 AND chat_id = ANY($3::uuid[]) AND deleted_at IS NULL",
        workspace_id,
        user_id,
        chat_ids,
        pinned,
    )
    return _changed(status)


async def move(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    chat_ids: Sequence[UUID],
    folder_id: UUID | None,
) -> int:
    status = await connection.execute(
        "UPDATE chats SET folder_id = $4"
        " WHERE workspace_id = $1 AND user_id = $2 AND chat_id = ANY($3::uuid[]) AND deleted_at IS NULL",
        workspace_id,
        user_id,
        chat_ids,
        folder_id,
    )
    return _changed(status)


def _changed(status: str) -> int:
    return int(status.rpartition(" ")[2])
