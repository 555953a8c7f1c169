"""SQL of API keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import KeyId, UserId, WorkspaceId
from omna.keys.model import ApiKey


@dataclass(frozen=True, slots=True)
class Found:
    """A key with what decides whether it may be used. `expired` is by the database's clock."""

    key: ApiKey
    digest: bytes
    expired: bool
    frozen_reason: str | None
    # Why its maker is frozen.
    maker_frozen_reason: str | None
    pending: str | None
    # Its workspace was deleted.
    gone: bool
    # Its maker may not have keys here any more.
    orphaned: bool


async def lock_controls(connection: Connection) -> None:
    """Wait for every admission in flight and hold back the next ones until this transaction ends."""
    await connection.execute("SELECT controls_lock()")


async def add(connection: Connection, key: ApiKey, key_digest: bytes) -> ApiKey:
    row = await connection.fetchrow(
        "INSERT INTO api_keys (key_id, workspace_id, digest, prefix, last_four, name, rpm, spend_limit, spend_period,"
        " allowed_models, expires_at, created_by, max_running)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " RETURNING key_id, workspace_id, name, prefix, last_four, rpm, spend_limit, spend_period, allowed_models,"
        " expires_at, disabled_at, revoked_at, created_by, created_at, max_running, rotated_to",
        key.key_id,
        key.workspace_id,
        key_digest,
        key.prefix,
        key.last_four,
        key.name,
        key.rpm,
        key.spend_limit,
        key.spend_period,
        None if key.allowed_models is None else list(key.allowed_models),
        key.expires_at,
        key.created_by,
        key.max_running,
    )
    assert row is not None
    return key_of(row)


async def by_digest(connection: Connection, key_digest: bytes) -> Found | None:
    row = await connection.fetchrow(
        "SELECT k.key_id, k.workspace_id, k.name, k.prefix, k.last_four, k.rpm, k.spend_limit, k.spend_period,"
        " k.allowed_models, k.expires_at, k.disabled_at, k.revoked_at, k.created_by, k.created_at, k.max_running,"
        " k.digest,"
        " k.rotated_to,"
        " coalesce(k.expires_at <= now(), false) AS expired, w.frozen_reason,"
        " u.frozen_reason AS maker_frozen_reason, w.pending,"
        " w.deleted_at IS NOT NULL AS gone,"
        " k.created_by IS NOT NULL AND (coalesce(m.role, 'billing') = 'billing' OR u.disabled_at IS NOT NULL)"
        " AS orphaned"
        " FROM api_keys AS k JOIN workspaces AS w USING (workspace_id)"
        " LEFT JOIN members AS m ON m.workspace_id = k.workspace_id AND m.user_id = k.created_by"
        " LEFT JOIN users AS u ON u.user_id = k.created_by"
        " WHERE k.digest = $1",
        key_digest,
    )
    if row is None:
        return None
    return Found(
        key_of(row),
        row["digest"],
        expired=row["expired"],
        frozen_reason=row["frozen_reason"],
        maker_frozen_reason=row["maker_frozen_reason"],
        pending=row["pending"],
        gone=row["gone"],
        orphaned=row["orphaned"],
    )


async def get(connection: Connection, workspace_id: WorkspaceId, key_id: KeyId) -> ApiKey | None:
    row = await connection.fetchrow(
        "SELECT key_id, workspace_id, name, prefix, last_four, rpm, spend_limit, spend_period, allowed_models,"
        " expires_at, disabled_at, revoked_at, created_by, created_at, max_running, rotated_to"
        " FROM api_keys WHERE workspace_id = $1 AND key_id = $2",
        workspace_id,
        key_id,
    )
    return None if row is None else key_of(row)


async def list_of(connection: Connection, workspace_id: WorkspaceId) -> Sequence[ApiKey]:
    rows = await connection.fetch(
        "SELECT key_id, workspace_id, name, prefix, last_four, rpm, spend_limit, spend_period, allowed_models,"
        " expires_at, disabled_at, revoked_at, created_by, created_at, max_running, rotated_to"
        " FROM api_keys WHERE workspace_id = $1 ORDER BY key_id",
        workspace_id,
    )
    return [key_of(row) for row in rows]


async def set_revoked(connection: Connection, workspace_id: WorkspaceId, key_id: KeyId) -> datetime:
    moment: datetime = await connection.fetchval(
        "UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE workspace_id = $1 AND key_id = $2"
        " RETURNING revoked_at",
        workspace_id,
        key_id,
    )
    return moment


async def set_disabled(connection: Connection, workspace_id: WorkspaceId, key_id: KeyId, disabled: bool) -> None:
    await connection.execute(
        "UPDATE api_keys SET disabled_at = CASE WHEN $3 THEN coalesce(disabled_at, now()) END"
        " WHERE workspace_id = $1 AND key_id = $2",
        workspace_id,
        key_id,
        disabled,
    )


async def change(connection: Connection, key: ApiKey) -> None:
    """Store what can be changed about a key."""
    await connection.execute(
        "UPDATE api_keys SET name = $3, rpm = $4, max_running = $5, spend_limit = $6, spend_period = $7,"
        " allowed_models = $8, expires_at = $9 WHERE workspace_id = $1 AND key_id = $2",
        key.workspace_id,
        key.key_id,
        key.name,
        key.rpm,
        key.max_running,
        key.spend_limit,
        key.spend_period,
        None if key.allowed_models is None else list(key.allowed_models),
        key.expires_at,
    )


async def set_rotated(
    connection: Connection, workspace_id: WorkspaceId, key_id: KeyId, replaced_by: KeyId, overlap_hours: int
) -> None:
    """Let a key end some hours from now, unless it ends sooner by itself."""
    await connection.execute(
        "UPDATE api_keys SET rotated_to = $3, expires_at = least(expires_at, now() + $4 * interval '1 hour')"
        " WHERE workspace_id = $1 AND key_id = $2",
        workspace_id,
        key_id,
        replaced_by,
        overlap_hours,
    )


async def has_ended(connection: Connection, workspace_id: WorkspaceId, key_id: KeyId) -> bool:
    """Return whether a key is revoked or expired, by the database's clock."""
    ended: bool | None = await connection.fetchval(
        "SELECT revoked_at IS NOT NULL OR coalesce(expires_at <= now(), false)"
        " FROM api_keys WHERE workspace_id = $1 AND key_id = $2",
        workspace_id,
        key_id,
    )
    return ended is not False


async def live_of(connection: Connection, workspace_id: WorkspaceId, created_by: UserId | None) -> Sequence[KeyId]:
    """Return the keys of a workspace, or of one of its members, that were not revoked."""
    rows = await connection.fetch(
        "SELECT key_id FROM api_keys WHERE workspace_id = $1 AND revoked_at IS NULL"
        " AND ($2::uuid IS NULL OR created_by = $2) ORDER BY key_id",
        workspace_id,
        created_by,
    )
    return [KeyId(row["key_id"]) for row in rows]


async def set_creator(
    connection: Connection, workspace_id: WorkspaceId, key_ids: Sequence[KeyId], created_by: UserId
) -> None:
    await connection.execute(
        "UPDATE api_keys SET created_by = $3 WHERE workspace_id = $1 AND key_id = ANY ($2::uuid[])",
        workspace_id,
        key_ids,
        created_by,
    )


async def pending_of(connection: Connection, workspace_id: WorkspaceId) -> str | None:
    pending: str | None = await connection.fetchval(
        "SELECT pending FROM workspaces WHERE workspace_id = $1", workspace_id
    )
    return pending


async def id_of_digest(connection: Connection, workspace_id: WorkspaceId, key_digest: bytes) -> KeyId | None:
    key_id = await connection.fetchval(
        "SELECT key_id FROM api_keys WHERE digest = $2 AND workspace_id = $1", workspace_id, key_digest
    )
    return None if key_id is None else KeyId(key_id)


async def without_model(connection: Connection, model_ids: Sequence[str]) -> Sequence[str]:
    """Return which of these ids no model has."""
    rows = await connection.fetch(
        "SELECT wanted.model_id FROM unnest($1::text[]) AS wanted (model_id)"
        " WHERE NOT EXISTS (SELECT FROM models AS m WHERE m.model_id = wanted.model_id) ORDER BY 1",
        list(model_ids),
    )
    return [row["model_id"] for row in rows]


def key_of(row: Record) -> ApiKey:
    return ApiKey(
        key_id=KeyId(row["key_id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        name=row["name"],
        prefix=row["prefix"],
        last_four=row["last_four"],
        rpm=row["rpm"],
        spend_limit=row["spend_limit"],
        spend_period=row["spend_period"],
        allowed_models=None if row["allowed_models"] is None else tuple(row["allowed_models"]),
        expires_at=row["expires_at"],
        disabled_at=row["disabled_at"],
        revoked_at=row["revoked_at"],
        created_by=None if row["created_by"] is None else UserId(row["created_by"]),
        created_at=row["created_at"],
        max_running=row["max_running"],
        rotated_to=None if row["rotated_to"] is None else KeyId(row["rotated_to"]),
    )
