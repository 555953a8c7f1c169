"""SQL of members."""

from collections.abc import Sequence

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId
from omna.workspaces.model import MemberRow, SpendLimit


async def lock_controls(connection: Connection) -> None:
    """Wait for every admission in flight and hold back the next ones, and every other change of members."""
    await connection.execute("SELECT controls_lock()")


async def add(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, role: str, limit: SpendLimit | None = None
) -> bool:
    """Return whether the person was no member before."""
    status = await connection.execute(
        "INSERT INTO members (workspace_id, user_id, role, spend_limit, spend_period) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        workspace_id,
        user_id,
        role,
        None if limit is None else limit.amount,
        None if limit is None else limit.period,
    )
    return status == "INSERT 0 1"


async def list_of(connection: Connection, workspace_id: WorkspaceId, user_id: UserId | None) -> Sequence[MemberRow]:
    """Return the members, or the one with an id, as the members' page shows them."""
    rows = await connection.fetch(
        """SELECT m.user_id, u.name, u.email, m.role, m.spend_limit, m.spend_period, m.created_at,
                  spend.spent_in_period, spend.spent_30_days,
                  (SELECT count(*) FROM api_keys AS k
                   WHERE k.workspace_id = m.workspace_id AND k.created_by = m.user_id
                     AND k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true)) AS keys
           FROM members AS m
           JOIN users AS u USING (user_id)
           CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE 'UTC')::date AS day) AS today
           CROSS JOIN LATERAL (
               SELECT coalesce(sum(s.spent + s.held)
                               FILTER (WHERE s.day >= date_trunc(coalesce(m.spend_period, 'day'),
                                                                 today.day::timestamp)::date), 0)::bigint
                          AS spent_in_period,
                      coalesce(sum(s.spent) FILTER (WHERE s.day > today.day - 30), 0)::bigint AS spent_30_days
               FROM (
                   SELECT s.day, s.spent, s.held FROM api_keys AS k
                   JOIN key_spend AS s ON s.workspace_id = k.workspace_id AND s.key_id = k.key_id
                   WHERE k.workspace_id = m.workspace_id AND k.created_by = m.user_id
                   UNION ALL
                   SELECT c.day, c.spent, c.held FROM chat_spend AS c
                   WHERE c.workspace_id = m.workspace_id AND c.user_id = m.user_id
               ) AS s
               WHERE s.day > today.day - 32
           ) AS spend
           WHERE m.workspace_id = $1 AND ($2::uuid IS NULL OR m.user_id = $2)
           ORDER BY array_position(ARRAY['owner', 'admin', 'billing', 'member'], m.role), lower(u.name), m.user_id""",
        workspace_id,
        user_id,
    )
    return [_member(row) for row in rows]


async def owners(connection: Connection, workspace_id: WorkspaceId) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM members WHERE workspace_id = $1 AND role = 'owner'", workspace_id
    )
    return count


async def role_of_address(connection: Connection, workspace_id: WorkspaceId, email_normalized: str) -> str | None:
    role: str | None = await connection.fetchval(
        "SELECT m.role FROM members AS m JOIN users AS u USING (user_id)"
        " WHERE m.workspace_id = $1 AND u.email_normalized = $2",
        workspace_id,
        email_normalized,
    )
    return role


async def hold_role(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> str | None:
    """Return the role of a member, which nobody changes until this transaction ends; admissions go on."""
    role: str | None = await connection.fetchval(
        "SELECT role FROM members WHERE workspace_id = $1 AND user_id = $2 FOR SHARE", workspace_id, user_id
    )
    return role


async def set_role(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, role: str) -> None:
    await connection.execute(
        "UPDATE members SET role = $3 WHERE workspace_id = $1 AND user_id = $2", workspace_id, user_id, role
    )


async def set_limit(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, limit: SpendLimit | None
) -> None:
    await connection.execute(
        "UPDATE members SET spend_limit = $3, spend_period = $4 WHERE workspace_id = $1 AND user_id = $2",
        workspace_id,
        user_id,
        None if limit is None else limit.amount,
        None if limit is None else limit.period,
    )


async def remove(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> None:
    await connection.execute("DELETE FROM members WHERE workspace_id = $1 AND user_id = $2", workspace_id, user_id)


async def remove_all(connection: Connection, workspace_id: WorkspaceId) -> None:
    await connection.execute("DELETE FROM members WHERE workspace_id = $1", workspace_id)


async def teams_of(connection: Connection, user_id: UserId) -> Sequence[WorkspaceId]:
    rows = await connection.fetch(
        "SELECT m.workspace_id FROM members AS m JOIN workspaces AS w USING (workspace_id)"
        " WHERE m.user_id = $1 AND w.kind = 'team' ORDER BY m.workspace_id",
        user_id,
    )
    return [WorkspaceId(row["workspace_id"]) for row in rows]


def _member(row: Record) -> MemberRow:
    limit = None if row["spend_limit"] is None else SpendLimit(row["spend_limit"], row["spend_period"])
    return MemberRow(
        user_id=UserId(row["user_id"]),
        name=row["name"],
        email=row["email"],
        role=row["role"],
        limit=limit,
        spent_in_period=row["spent_in_period"],
        spent_30_days=row["spent_30_days"],
        keys=row["keys"],
        joined_at=row["created_at"],
    )
