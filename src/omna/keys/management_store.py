"""SQL of management keys."""

from collections.abc import Sequence

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import ManagementKeyId, UserId, WorkspaceId
from omna.keys.model import ManagementKey


async def add(connection: Connection, key: ManagementKey, key_digest: bytes) -> None:
    await connection.execute(
        "INSERT INTO management_keys (workspace_id, management_key_id, digest, prefix, last_four, name, role,"
        " created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        key.workspace_id,
        key.management_key_id,
        key_digest,
        key.prefix,
        key.last_four,
        key.name,
        key.role,
        key.created_by,
        key.expires_at,
    )


async def live_ones(
    connection: Connection, workspace_id: WorkspaceId, management_key_id: ManagementKeyId | None = None
) -> Sequence[ManagementKey]:
    """Return the keys that were not revoked, newest first; or the one with an id."""
    rows = await connection.fetch(
        "SELECT k.management_key_id, k.workspace_id, k.name, k.prefix, k.last_four, k.role, k.created_by,"
        " u.name AS creator_name, k.expires_at, k.last_used_at, k.created_at"
        " FROM management_keys AS k LEFT JOIN users AS u ON u.user_id = k.created_by"
        " WHERE k.workspace_id = $1 AND k.revoked_at IS NULL AND ($2::uuid IS NULL OR k.management_key_id = $2)"
        " ORDER BY k.management_key_id DESC",
        workspace_id,
        management_key_id,
    )
    return [_key(row) for row in rows]


async def by_digest(connection: Connection, key_digest: bytes) -> ManagementKey | None:
    """Return the key of a digest that is neither revoked nor expired, and whose maker may sign in."""
    row = await connection.fetchrow(
        "SELECT k.management_key_id, k.workspace_id, k.name, k.prefix, k.last_four, k.role, k.created_by,"
        " NULL::text AS creator_name, k.expires_at, k.last_used_at, k.created_at"
        " FROM management_keys AS k JOIN users AS u ON u.user_id = k.created_by"
        " WHERE k.digest = $1 AND u.disabled_at IS NULL AND u.deleted_at IS NULL"
        " AND k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true)",
        key_digest,
    )
    return None if row is None else _key(row)


async def note_use(connection: Connection, workspace_id: WorkspaceId, management_key_id: ManagementKeyId) -> None:
    """Write down that a key was used, at most once a minute; never wait for somebody who does the same."""
    await connection.execute(
        "UPDATE management_keys SET last_used_at = now() WHERE (workspace_id, management_key_id) IN ("
        " SELECT k.workspace_id, k.management_key_id FROM management_keys AS k"
        " WHERE k.workspace_id = $1 AND k.management_key_id = $2"
        " AND coalesce(k.last_used_at < now() - interval '1 minute', true) FOR UPDATE SKIP LOCKED)",
        workspace_id,
        management_key_id,
    )


async def revoke(connection: Connection, workspace_id: WorkspaceId, management_key_id: ManagementKeyId) -> bool:
    status = await connection.execute(
        "UPDATE management_keys SET revoked_at = now()"
        " WHERE workspace_id = $1 AND management_key_id = $2 AND revoked_at IS NULL",
        workspace_id,
        management_key_id,
    )
    return status == "UPDATE 1"


async def live_of(
    connection: Connection, workspace_id: WorkspaceId, created_by: UserId | None
) -> Sequence[ManagementKeyId]:
    rows = await connection.fetch(
        "SELECT management_key_id FROM management_keys"
        " WHERE workspace_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR created_by = $2)"
        " ORDER BY management_key_id",
        workspace_id,
        created_by,
    )
    return [ManagementKeyId(row["management_key_id"]) for row in rows]


def _key(row: Record) -> ManagementKey:
    return ManagementKey(
        management_key_id=ManagementKeyId(row["management_key_id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        name=row["name"],
        prefix=row["prefix"],
        last_four=row["last_four"],
        role=row["role"],
        created_by=UserId(row["created_by"]),
        creator_name=row["creator_name"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        created_at=row["created_at"],
    )
