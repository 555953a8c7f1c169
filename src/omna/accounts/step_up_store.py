"""SQL of grants."""

from dataclasses import dataclass
from datetime import datetime

from omna.db.pool import Connection
from omna.ids import SessionId, UserId


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session it is, and whether it began just now."""

    user_id: UserId
    is_fresh: bool


async def put(connection: Connection, session_id: SessionId, action: str, target: str, seconds: int) -> datetime:
    ends_at: datetime = await connection.fetchval(
        "INSERT INTO step_up_grants (session_id, action, target, ends_at)"
        " VALUES ($1, $2, $3, now() + make_interval(secs => $4))"
        " ON CONFLICT (session_id, action, target) DO UPDATE SET ends_at = excluded.ends_at RETURNING ends_at",
        session_id,
        action,
        target,
        seconds,
    )
    return ends_at


async def use(connection: Connection, session_id: SessionId, action: str, target: str) -> bool:
    return (
        await connection.fetchval(
            "DELETE FROM step_up_grants WHERE session_id = $1 AND action = $2 AND target = $3 AND ends_at > now()"
            " RETURNING true",
            session_id,
            action,
            target,
        )
        is True
    )


async def session(connection: Connection, session_id: SessionId, seconds: int) -> Holder | None:
    row = await connection.fetchrow(
        "SELECT user_id, created_at > now() - make_interval(secs => $2) AS is_fresh FROM sessions"
        " WHERE session_id = $1",
        session_id,
        seconds,
    )
    return None if row is None else Holder(UserId(row["user_id"]), row["is_fresh"])


async def sweep(connection: Connection) -> int:
    """Return how many grants that are over were deleted."""
    rows = await connection.fetch("DELETE FROM step_up_grants WHERE ends_at < now() RETURNING 1")
    return len(rows)
