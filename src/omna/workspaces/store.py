"""SQL of workspaces and members."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId
from omna.workspaces.model import Membership, Today, Workspace


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    kind: str,
    name: str,
    personal_user_id: UserId | None,
    daily_limit: int | None,
    pending: str | None = None,
) -> None:
    await connection.execute(
        "INSERT INTO workspaces (workspace_id, kind, name, personal_user_id, daily_limit, pending)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        workspace_id,
        kind,
        name,
        personal_user_id,
        daily_limit,
        pending,
    )


async def add_member(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, role: str) -> None:
    await connection.execute(
        "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3)", workspace_id, user_id, role
    )


async def get(connection: Connection, workspace_id: WorkspaceId) -> Workspace | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, kind, name, personal_user_id, frozen_at, frozen_reason, daily_limit, created_at,"
        " max_running, pending, low_balance_threshold, own_daily_limit, frozen_note, frozen_until, frozen_with_person"
        " FROM workspaces WHERE workspace_id = $1 AND deleted_at IS NULL",
        workspace_id,
    )
    return None if row is None else _workspace(row)


async def personal_of(connection: Connection, email_normalized: str) -> Workspace | None:
    row = await connection.fetchrow(
        "SELECT w.workspace_id, w.kind, w.name, w.personal_user_id, w.frozen_at, w.frozen_reason, w.daily_limit,"
        " w.created_at, w.max_running, w.pending, w.low_balance_threshold, w.own_daily_limit,"
        " w.frozen_note, w.frozen_until, w.frozen_with_person"
        " FROM users AS u JOIN workspaces AS w ON w.personal_user_id = u.user_id"
        " WHERE u.email_normalized = $1 AND w.deleted_at IS NULL",
        email_normalized,
    )
    return None if row is None else _workspace(row)


async def personal_of_person(connection: Connection, user_id: UserId) -> Workspace | None:
    row = await connection.fetchrow(
        "SELECT w.workspace_id, w.kind, w.name, w.personal_user_id, w.frozen_at, w.frozen_reason, w.daily_limit,"
        " w.created_at, w.max_running, w.pending, w.low_balance_threshold, w.own_daily_limit,"
        " w.frozen_note, w.frozen_until, w.frozen_with_person"
        " FROM workspaces AS w WHERE w.personal_user_id = $1 AND w.deleted_at IS NULL",
        user_id,
    )
    return None if row is None else _workspace(row)


async def of_person(connection: Connection, user_id: UserId) -> Sequence[Membership]:
    rows = await connection.fetch(
        "SELECT w.workspace_id, w.kind, w.name, w.personal_user_id, w.frozen_at, w.frozen_reason, w.daily_limit,"
        " w.created_at, w.max_running, w.pending, w.low_balance_threshold, w.own_daily_limit,"
        " w.frozen_note, w.frozen_until, w.frozen_with_person, m.role,"
        " wallet.available_paid + wallet.available_promo AS available,"
        " wallet.available_paid + wallet.available_promo + wallet.held_paid + wallet.held_promo + wallet.debt"
        " AS balance,"
        " (SELECT count(*) FROM members AS other WHERE other.workspace_id = w.workspace_id) AS members"
        " FROM members AS m JOIN workspaces AS w USING (workspace_id) JOIN wallets AS wallet USING (workspace_id)"
        " WHERE m.user_id = $1 AND w.deleted_at IS NULL"
        " ORDER BY w.kind, lower(w.name), w.workspace_id",
        user_id,
    )
    return [Membership(_workspace(row), row["role"], row["balance"], row["available"], row["members"]) for row in rows]


async def teams_owned(connection: Connection, user_id: UserId) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM members AS m JOIN workspaces AS w USING (workspace_id)"
        " WHERE m.user_id = $1 AND m.role = 'owner' AND w.kind = 'team' AND w.deleted_at IS NULL",
        user_id,
    )
    return count


async def owned_alone(connection: Connection, user_id: UserId) -> Sequence[Workspace]:
    rows = await connection.fetch(
        "SELECT w.workspace_id, w.kind, w.name, w.personal_user_id, w.frozen_at, w.frozen_reason, w.daily_limit,"
        " w.created_at, w.max_running, w.pending, w.low_balance_threshold, w.own_daily_limit,"
        " w.frozen_note, w.frozen_until, w.frozen_with_person"
        " FROM members AS m JOIN workspaces AS w USING (workspace_id)"
        " WHERE m.user_id = $1 AND m.role = 'owner' AND w.kind = 'team' AND w.deleted_at IS NULL"
        " AND NOT EXISTS (SELECT FROM members AS other WHERE other.workspace_id = m.workspace_id"
        "                 AND other.role = 'owner' AND other.user_id <> m.user_id)"
        " ORDER BY w.workspace_id",
        user_id,
    )
    return [_workspace(row) for row in rows]


async def role_of(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> str | None:
    role: str | None = await connection.fetchval(
        "SELECT m.role FROM members AS m JOIN workspaces AS w USING (workspace_id)"
        " WHERE m.workspace_id = $1 AND m.user_id = $2 AND w.deleted_at IS NULL",
        workspace_id,
        user_id,
    )
    return role


async def standing(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> Record | None:
    """Return the role of a person in a workspace, why it is frozen, and why they are."""
    return await connection.fetchrow(
        "SELECT m.role, w.frozen_reason, u.frozen_reason AS person_frozen_reason"
        " FROM members AS m JOIN workspaces AS w USING (workspace_id) JOIN users AS u USING (user_id)"
        " WHERE m.workspace_id = $1 AND m.user_id = $2 AND w.deleted_at IS NULL",
        workspace_id,
        user_id,
    )


async def belongs(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> bool:
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM members WHERE workspace_id = $1 AND user_id = $2)", workspace_id, user_id
    )
    return found


async def names(connection: Connection, workspace_ids: Sequence[WorkspaceId]) -> dict[WorkspaceId, str]:
    rows = await connection.fetch(
        "SELECT workspace_id, name FROM workspaces WHERE workspace_id = ANY ($1::uuid[])", list(workspace_ids)
    )
    return {row["workspace_id"]: row["name"] for row in rows}


async def lock_person(connection: Connection, user_id: UserId) -> None:
    """Let one transaction at a time count and add the workspaces of a person."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('omna workspaces of ' || $1, 0))", str(user_id)
    )


async def set_name(connection: Connection, workspace_id: WorkspaceId, name: str) -> None:
    await connection.execute("UPDATE workspaces SET name = $2 WHERE workspace_id = $1", workspace_id, name)


async def set_pending(connection: Connection, user_id: UserId, pending: str | None) -> None:
    await connection.execute("UPDATE workspaces SET pending = $2 WHERE personal_user_id = $1", user_id, pending)


async def set_deleted(connection: Connection, workspace_id: WorkspaceId) -> None:
    await connection.execute("UPDATE workspaces SET deleted_at = now() WHERE workspace_id = $1", workspace_id)


async def set_own_daily_limit(connection: Connection, workspace_id: WorkspaceId, limit: int | None) -> None:
    await connection.execute("UPDATE workspaces SET own_daily_limit = $2 WHERE workspace_id = $1", workspace_id, limit)


async def set_low_balance_threshold(connection: Connection, workspace_id: WorkspaceId, amount: int | None) -> None:
    await connection.execute(
        "UPDATE workspaces SET low_balance_threshold = $2 WHERE workspace_id = $1", workspace_id, amount
    )


async def today_of(connection: Connection, workspace_id: WorkspaceId) -> Today:
    row = await connection.fetchrow(
        "SELECT coalesce(s.spent, 0) AS spent, coalesce(s.held, 0) AS held,"
        " (today.day + 1)::timestamp AT TIME ZONE 'UTC' AS resets_at,"
        " (SELECT count(*) FROM members AS m WHERE m.workspace_id = $1) AS members"
        " FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day) AS today"
        " LEFT JOIN workspace_spend AS s ON s.workspace_id = $1 AND s.day = today.day",
        workspace_id,
    )
    assert row is not None, "there is always a day"
    return Today(row["spent"], row["held"], row["resets_at"], row["members"])


async def set_frozen(
    connection: Connection,
    workspace_id: WorkspaceId,
    reason: str | None,
    note: str = "",
    until: datetime | None = None,
    with_person: bool = False,
) -> None:
    await connection.execute(
        "UPDATE workspaces SET frozen_at = CASE WHEN $2::text IS NOT NULL THEN coalesce(frozen_at, now()) END,"
        " frozen_reason = $2, frozen_note = $3, frozen_until = $4, frozen_with_person = $5 WHERE workspace_id = $1",
        workspace_id,
        reason,
        note,
        until,
        with_person,
    )


async def freezes_ended(connection: Connection, limit: int) -> Sequence[WorkspaceId]:
    rows = await connection.fetch(
        "SELECT workspace_id FROM workspaces WHERE frozen_until <= now() AND deleted_at IS NULL"
        " ORDER BY frozen_until, workspace_id LIMIT $1",
        limit,
    )
    return [WorkspaceId(row["workspace_id"]) for row in rows]


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
        pending=row["pending"],
        low_balance_threshold=row["low_balance_threshold"],
        own_daily_limit=row["own_daily_limit"],
        frozen_note=row["frozen_note"],
        frozen_until=row["frozen_until"],
        frozen_with_person=row["frozen_with_person"],
    )
