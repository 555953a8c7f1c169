"""SQL of viewings."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import SessionId, UserId, ViewingId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Viewing:
    """Somebody of the staff who looks at the app as a customer sees it, while both sessions and roles allow it."""

    viewing_id: ViewingId
    session_id: SessionId
    staff_id: UserId
    staff_name: str
    user_id: UserId
    user_name: str
    user_email: str
    user_verified: bool
    reason: str
    started_at: datetime
    ends_at: datetime


async def lock_session(connection: Connection, session_id: SessionId) -> None:
    """Let whoever begins in the same session wait: one is viewed at a time."""
    await connection.execute("SELECT FROM sessions WHERE session_id = $1 FOR UPDATE", session_id)


async def add(
    connection: Connection,
    viewing_id: ViewingId,
    session_id: SessionId,
    staff_id: UserId,
    user_id: UserId,
    reason: str,
    seconds: int,
) -> None:
    await connection.execute(
        "INSERT INTO viewings (viewing_id, session_id, staff_id, user_id, reason, ends_at)"
        " VALUES ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6))",
        viewing_id,
        session_id,
        staff_id,
        user_id,
        reason,
        seconds,
    )


async def running(connection: Connection, viewing_id: UUID, session_id: SessionId) -> Viewing | None:
    """Return a viewing of this very session that is not over, of somebody who is there and has no role themselves."""
    row = await connection.fetchrow(
        "SELECT v.viewing_id, v.session_id, v.staff_id, s.name AS staff_name, v.user_id, u.name AS user_name,"
        " u.email AS user_email, u.email_verified_at IS NOT NULL AS user_verified, v.reason, v.started_at, v.ends_at"
        " FROM viewings AS v JOIN users AS u ON u.user_id = v.user_id JOIN users AS s ON s.user_id = v.staff_id"
        " WHERE v.viewing_id = $1 AND v.session_id = $2 AND v.ended_at IS NULL AND v.ends_at > clock_timestamp()"
        " AND u.deleted_at IS NULL AND u.staff_role IS NULL",
        viewing_id,
        session_id,
    )
    return None if row is None else Viewing(**row)


async def end(connection: Connection, session_id: SessionId, viewing_id: UUID | None = None) -> list[ViewingId]:
    """End what is viewed in a session, one or all of it, and return what was."""
    rows = await connection.fetch(
        "UPDATE viewings SET ended_at = clock_timestamp() WHERE session_id = $1 AND ended_at IS NULL"
        " AND ($2::uuid IS NULL OR viewing_id = $2) RETURNING viewing_id",
        session_id,
        viewing_id,
    )
    return [ViewingId(row["viewing_id"]) for row in rows]


async def end_what_is_over(connection: Connection, limit: int) -> list[ViewingId]:
    """End what ran out, and what belonged to a session or a console that is over."""
    rows = await connection.fetch(
        "UPDATE viewings SET ended_at = clock_timestamp() WHERE viewing_id IN ("
        " SELECT v.viewing_id FROM viewings AS v LEFT JOIN sessions AS s USING (session_id)"
        " WHERE v.ended_at IS NULL AND (v.ends_at <= clock_timestamp() OR s.session_id IS NULL"
        "  OR s.console_opened_at IS NULL)"
        " LIMIT $1 FOR UPDATE OF v SKIP LOCKED) RETURNING viewing_id",
        limit,
    )
    return [ViewingId(row["viewing_id"]) for row in rows]


async def has_opened(connection: Connection, viewing_id: ViewingId, workspace_id: WorkspaceId) -> bool:
    return (
        await connection.fetchval(
            "SELECT true FROM viewed_workspaces WHERE viewing_id = $1 AND workspace_id = $2", viewing_id, workspace_id
        )
        is True
    )


async def open_workspace(connection: Connection, viewing_id: ViewingId, workspace_id: WorkspaceId) -> bool:
    """Note that a workspace is looked at; False: it was noted before."""
    return (
        await connection.fetchval(
            "INSERT INTO viewed_workspaces (viewing_id, workspace_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            " RETURNING true",
            viewing_id,
            workspace_id,
        )
        is True
    )
