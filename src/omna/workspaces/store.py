"""SQL of workspaces and members."""

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId
from omna.workspaces.model import Workspace


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    kind: str,
    name: str,
    personal_user_id: UserId | None,
    daily_limit: int | None,
) -> None:
    await connection.execute(
        "INSERT INTO workspaces (workspace_id, kind, name, personal_user_id, daily_limit) VALUES ($1, $2, $3, $4, $5)",
        workspace_id,
        kind,
        name,
        personal_user_id,
        daily_limit,
    )


async def add_member(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, role: str) -> None:
    await connection.execute(
        "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3)", workspace_id, user_id, role
    )


async def get(connection: Connection, workspace_id: WorkspaceId) -> Workspace | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, kind, name, personal_user_id, frozen_at, frozen_reason, daily_limit, created_at,"
        " max_running"
        " FROM workspaces WHERE workspace_id = $1",
        workspace_id,
    )
    return None if row is None else _workspace(row)


async def personal_of(connection: Connection, email_normalized: str) -> Workspace | None:
    row = await connection.fetchrow(
        "SELECT w.workspace_id, w.kind, w.name, w.personal_user_id, w.frozen_at, w.frozen_reason, w.daily_limit,"
        " w.created_at, w.max_running"
        " FROM users AS u JOIN workspaces AS w ON w.personal_user_id = u.user_id WHERE u.email_normalized = $1",
        email_normalized,
    )
    return None if row is None else _workspace(row)


async def set_frozen(connection: Connection, workspace_id: WorkspaceId, reason: str | None) -> None:
    await connection.execute(
        "UPDATE workspaces SET frozen_at = CASE WHEN $2::text IS NOT NULL THEN now() END, frozen_reason = $2"
        " WHERE workspace_id = $1",
        workspace_id,
        reason,
    )


async def set_max_running(connection: Connection, workspace_id: WorkspaceId, max_running: int | None) -> None:
    await connection.execute(
        "UPDATE workspaces SET max_running = $2 WHERE workspace_id = $1", workspace_id, max_running
    )


async def set_daily_limit(connection: Connection, workspace_id: WorkspaceId, daily_limit: int | None) -> None:
    await connection.execute(
        "UPDATE workspaces SET daily_limit = $2 WHERE workspace_id = $1", workspace_id, daily_limit
    )


def _workspace(row: Record) -> Workspace:
    return Workspace(
        workspace_id=WorkspaceId(row["workspace_id"]),
        kind=row["kind"],
        name=row["name"],
        personal_user_id=None if row["personal_user_id"] is None else UserId(row["personal_user_id"]),
        frozen_at=row["frozen_at"],
        frozen_reason=row["frozen_reason"],
        daily_limit=row["daily_limit"],
        created_at=row["created_at"],
        max_running=row["max_running"],
    )
