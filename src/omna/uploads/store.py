"""SQL of uploads."""

from collections.abc import Sequence
from datetime import timedelta

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UploadId, UserId, WorkspaceId
from omna.uploads.model import Upload

# Of advisory locks: one workspace hands in one file at a time.
_LOCK = 5108_28


async def lock_workspace(connection: Connection, workspace_id: WorkspaceId) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _LOCK, workspace_id.hex)


async def recent(connection: Connection, workspace_id: WorkspaceId, within: timedelta) -> tuple[int, int]:
    """Return how many files of how many bytes a workspace handed in of late."""
    row = await connection.fetchrow(
        "SELECT count(*) AS files, coalesce(sum(size), 0)::bigint AS bytes FROM uploads"
        " WHERE workspace_id = $1 AND created_at > now() - $2::interval",
        workspace_id,
        within,
    )
    assert row is not None
    return row["files"], row["bytes"]


async def total(connection: Connection) -> tuple[int, int]:
    """Return how many files there are, of how many bytes."""
    row = await connection.fetchrow("SELECT count(*) AS files, coalesce(sum(size), 0)::bigint AS bytes FROM uploads")
    assert row is not None
    return row["files"], row["bytes"]


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    upload_id: UploadId,
    uploaded_by: UserId,
    name: str,
    media_type: str,
    sha256: bytes,
    content: bytes,
    *,
    private: bool,
) -> Upload:
    row = await connection.fetchrow(
        "INSERT INTO uploads (workspace_id, upload_id, uploaded_by, name, media_type, size, sha256, content, private)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " RETURNING workspace_id, upload_id, uploaded_by, name, media_type, size, sha256, private,"
        " created_at, used_at",
        workspace_id,
        upload_id,
        uploaded_by,
        name,
        media_type,
        len(content),
        sha256,
        content,
        private,
    )
    assert row is not None
    return _upload(row)


async def get(connection: Connection, workspace_id: WorkspaceId, upload_id: UploadId) -> Upload | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, upload_id, uploaded_by, name, media_type, size, sha256, private,"
        " created_at, used_at"
        " FROM uploads WHERE workspace_id = $1 AND upload_id = $2",
        workspace_id,
        upload_id,
    )
    return None if row is None else _upload(row)


async def find(connection: Connection, upload_id: UploadId) -> Upload | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, upload_id, uploaded_by, name, media_type, size, sha256, private,"
        " created_at, used_at"
        " FROM uploads WHERE upload_id = $1",
        upload_id,
    )
    return None if row is None else _upload(row)


async def content(connection: Connection, workspace_id: WorkspaceId, upload_id: UploadId) -> bytes | None:
    found: bytes | None = await connection.fetchval(
        "SELECT content FROM uploads WHERE workspace_id = $1 AND upload_id = $2", workspace_id, upload_id
    )
    return found


async def same_content(connection: Connection, sha256: bytes, most: int) -> Sequence[Upload]:
    rows = await connection.fetch(
        "SELECT workspace_id, upload_id, uploaded_by, name, media_type, size, sha256, private,"
        " created_at, used_at"
        " FROM uploads WHERE sha256 = $1 AND NOT private ORDER BY upload_id LIMIT $2",
        sha256,
        most,
    )
    return [_upload(row) for row in rows]


async def set_used(
    connection: Connection, workspace_id: WorkspaceId, upload_id: UploadId, *, private: bool
) -> Upload | None:
    row = await connection.fetchrow(
        "UPDATE uploads SET used_at = coalesce(used_at, now())"
        " WHERE workspace_id = $1 AND upload_id = $2 AND private = $3"
        " RETURNING workspace_id, upload_id, uploaded_by, name, media_type, size, sha256, private,"
        " created_at, used_at",
        workspace_id,
        upload_id,
        private,
    )
    return None if row is None else _upload(row)


async def delete(connection: Connection, upload_ids: Sequence[UploadId]) -> int:
    status = await connection.execute("DELETE FROM uploads WHERE upload_id = ANY($1::uuid[])", list(upload_ids))
    return int(status.rpartition(" ")[2])


async def delete_unused(connection: Connection, age: timedelta, most: int) -> int:
    status = await connection.execute(
        "DELETE FROM uploads WHERE upload_id IN (SELECT upload_id FROM uploads"
        " WHERE used_at IS NULL AND created_at < now() - $1::interval"
        " ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        age,
        most,
    )
    return int(status.rpartition(" ")[2])


async def delete_unused_of(connection: Connection, user_id: UserId) -> int:
    status = await connection.execute("DELETE FROM uploads WHERE used_at IS NULL AND uploaded_by = $1", user_id)
    return int(status.rpartition(" ")[2])


def _upload(row: Record) -> Upload:
    return Upload(
        workspace_id=row["workspace_id"],
        upload_id=row["upload_id"],
        uploaded_by=row["uploaded_by"],
        name=row["name"],
        media_type=row["media_type"],
        size=row["size"],
        sha256=row["sha256"],
        private=row["private"],
        created_at=row["created_at"],
        used_at=row["used_at"],
    )
