"""SQL of files of chats."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from asyncpg import Record

from omna.chat.files.model import ChatFile, Contents, Kind
from omna.db.pool import Connection
from omna.ids import ChatId, MessageId, UploadId, UserId, WorkspaceId


async def add(
    connection: Connection, workspace_id: WorkspaceId, upload_id: UploadId, user_id: UserId, contents: Contents
) -> None:
    await connection.execute(
        "INSERT INTO chat_files (workspace_id, upload_id, user_id, kind, text, pages, width, height, tokens)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        workspace_id,
        upload_id,
        user_id,
        contents.kind.value,
        contents.text,
        contents.pages,
        contents.width,
        contents.height,
        contents.tokens,
    )


async def readable(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, upload_ids: Sequence[UploadId]
) -> Sequence[ChatFile]:
    """Return those of the files that a person handed in, or that stand in a chat they may read."""
    rows = await connection.fetch(
        "SELECT f.workspace_id, f.upload_id, f.user_id, u.name, u.media_type, u.size, f.kind, f.tokens, f.pages,"
        " f.width, f.height, f.created_at FROM chat_files f JOIN uploads u USING (workspace_id, upload_id)"
        " WHERE f.workspace_id = $1 AND f.upload_id = ANY($3::uuid[]) AND (f.user_id = $2 OR EXISTS ("
        "  SELECT FROM chat_attachments a JOIN chats c USING (workspace_id, chat_id)"
        "  WHERE a.workspace_id = f.workspace_id AND a.upload_id = f.upload_id AND c.deleted_at IS NULL"
        "  AND (c.user_id = $2 OR c.shared_at IS NOT NULL)))",
        workspace_id,
        user_id,
        list(upload_ids),
    )
    return [_file(row) for row in rows]


async def attach(
    connection: Connection,
    workspace_id: WorkspaceId,
    chat_id: ChatId,
    message_id: MessageId,
    upload_ids: Sequence[UploadId],
) -> None:
    await connection.execute(
        "INSERT INTO chat_attachments (workspace_id, chat_id, message_id, position, upload_id)"
        " SELECT $1, $2, $3, file.position, file.upload_id"
        " FROM unnest($4::uuid[]) WITH ORDINALITY AS file(upload_id, position)",
        workspace_id,
        chat_id,
        message_id,
        list(upload_ids),
    )


async def of_chat(
    connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId
) -> Mapping[MessageId, Sequence[ChatFile]]:
    """Return the files of each message that has some, in their order."""
    rows = await connection.fetch(
        "SELECT a.message_id, f.workspace_id, f.upload_id, f.user_id, u.name, u.media_type, u.size, f.kind, f.tokens,"
        " f.pages, f.width, f.height, f.created_at FROM chat_attachments a"
        " JOIN chat_files f USING (workspace_id, upload_id) JOIN uploads u USING (workspace_id, upload_id)"
        " WHERE a.workspace_id = $1 AND a.chat_id = $2 ORDER BY a.message_id, a.position",
        workspace_id,
        chat_id,
    )
    found: dict[MessageId, list[ChatFile]] = defaultdict(list)
    for row in rows:
        found[MessageId(row["message_id"])].append(_file(row))
    return found


async def contents(
    connection: Connection, workspace_id: WorkspaceId, upload_ids: Sequence[UploadId]
) -> Sequence[Record]:
    """Return name, kind and text of files, and the bytes of pictures."""
    rows = await connection.fetch(
        "SELECT f.upload_id, u.name, u.media_type, f.kind, f.text,"
        " CASE WHEN f.kind = 'image' THEN u.content END AS content"
        " FROM chat_files f JOIN uploads u USING (workspace_id, upload_id)"
        " WHERE f.workspace_id = $1 AND f.upload_id = ANY($2::uuid[])",
        workspace_id,
        list(upload_ids),
    )
    return list(rows)


async def delete_unattached(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, upload_id: UploadId
) -> Sequence[UploadId]:
    rows = await connection.fetch(
        "DELETE FROM chat_files f WHERE workspace_id = $1 AND user_id = $2 AND upload_id = $3 AND NOT EXISTS ("
        " SELECT FROM chat_attachments a WHERE a.workspace_id = f.workspace_id AND a.upload_id = f.upload_id)"
        " RETURNING upload_id",
        workspace_id,
        user_id,
        upload_id,
    )
    return _ids(rows)


async def detach_chats(
    connection: Connection, workspace_id: WorkspaceId, chat_ids: Sequence[ChatId]
) -> Sequence[UploadId]:
    """Take the files off the messages of chats; return those that stand nowhere else, which are forgotten."""
    rows = await connection.fetch(
        "DELETE FROM chat_attachments WHERE workspace_id = $1 AND chat_id = ANY($2::uuid[]) RETURNING upload_id",
        workspace_id,
        list(chat_ids),
    )
    rows = await connection.fetch(
        "DELETE FROM chat_files f WHERE workspace_id = $1 AND upload_id = ANY($2::uuid[]) AND NOT EXISTS ("
        " SELECT FROM chat_attachments a WHERE a.workspace_id = f.workspace_id AND a.upload_id = f.upload_id)"
        " RETURNING upload_id",
        workspace_id,
        list(set(_ids(rows))),
    )
    return _ids(rows)


async def delete_unattached_of(connection: Connection, user_id: UserId) -> Sequence[UploadId]:
    rows = await connection.fetch(
        "DELETE FROM chat_files f WHERE user_id = $1 AND NOT EXISTS ("
        " SELECT FROM chat_attachments a WHERE a.workspace_id = f.workspace_id AND a.upload_id = f.upload_id)"
        " RETURNING upload_id",
        user_id,
    )
    return _ids(rows)


async def delete_forgotten(connection: Connection, age: timedelta, most: int) -> Sequence[UploadId]:
    rows = await connection.fetch(
        "DELETE FROM chat_files WHERE (workspace_id, upload_id) IN (SELECT f.workspace_id, f.upload_id"
        " FROM chat_files f WHERE f.created_at < now() - $1::interval AND NOT EXISTS ("
        "  SELECT FROM chat_attachments a WHERE a.workspace_id = f.workspace_id AND a.upload_id = f.upload_id)"
        " LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING upload_id",
        age,
        most,
    )
    return _ids(rows)


def _ids(rows: Sequence[Record]) -> Sequence[UploadId]:
    return [UploadId(row["upload_id"]) for row in rows]


def _file(row: Record) -> ChatFile:
    return ChatFile(
        workspace_id=row["workspace_id"],
        upload_id=row["upload_id"],
        user_id=row["user_id"],
        name=row["name"],
        media_type=row["media_type"],
        size=row["size"],
        kind=Kind(row["kind"]),
        tokens=row["tokens"],
        pages=row["pages"],
        width=row["width"],
        height=row["height"],
        created_at=row["created_at"],
    )
