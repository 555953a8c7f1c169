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
    return _key(row)


async def by_digest(connection: Connection, key_digest: bytes) -> Found | None:
    row = await connection.fetchrow(
        "SELECT k.key_id, k.workspace_id, k.name, k.prefix, k.last_four, k.rpm, k.spend_limit, k.spend_period,"
        " k.allowed_models, k.expires_at, k.disabled_at, k.revoked_at, k.created_by, k.created_at, k.max_running,"
        " k.digest,"
        " k.rotated_to,"
        " coalesce(k.expires_at <= now(), false) AS expired, w.frozen_reason, w.pending,"
        " w.deleted_at IS NOT NULL AS gone,"
        " k.created_by IS NOT NULL AND coalesce(m.role, 'billing') = 'billing' AS orphaned"
        " FROM api_keys AS k JOIN workspaces AS w USING (workspace_id)"
        " LEFT JOIN members AS m ON m.workspace_id = k.workspace_id AND m.user_id = k.created_by"
        " WHERE k.digest = $1",
        key_digest,
    )
    if row is None:
        return None
    return Found(
        _key(row),
        row["digest"],
        expired=row["expired"],
        frozen_reason=row["frozen_reason"],
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
    return None if row is None else _key(row)


async def list_of(connection: Connection, workspace_id: WorkspaceId) -> Sequence[ApiKey]:
    rows = await connection.fetch(
        "SELECT key_id, workspace_id, name, prefix, last_four, rpm, spend_limit, spend_period, allowed_models,"
        " expires_at, disabled_at, revoked_at, created_by, created_at, max_running, rotated_to"
        " FROM api_keys WHERE workspace_id = $1 ORDER BY key_id",
        workspace_id,
    )
    return [_key(row) for row in rows]


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


def _key(row: Record) -> ApiKey:
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
