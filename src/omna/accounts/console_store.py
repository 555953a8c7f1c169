"""SQL of the console in a session: since when it is open, when it was last used, and whether its person has a second
factor. The clock is the database's.
"""

from dataclasses import dataclass
from datetime import datetime

from omna.db.pool import Connection
from omna.ids import SessionId


@dataclass(frozen=True, slots=True)
class Door:
    """The console in a session. stale: nobody has noted for a while that it is in use."""

    second_factor: bool
    open: bool
    opened_at: datetime | None
    idle_seconds: int
    stale: bool


async def door(connection: Connection, session_id: SessionId, idle: int, lifetime: int, noted: int) -> Door | None:
    """Return the console of a session; None when the session is over."""
    row = await connection.fetchrow(
        "SELECT EXISTS (SELECT FROM totp_factors WHERE totp_factors.user_id = sessions.user_id AND secret IS NOT NULL)"
        " OR EXISTS (SELECT FROM passkeys WHERE passkeys.user_id = sessions.user_id) AS second_factor,"
        " console_opened_at,"
        " coalesce(console_opened_at > now() - make_interval(secs => $3)"
        "  AND console_seen_at > now() - make_interval(secs => $2), false) AS open,"
        " coalesce(extract(epoch FROM now() - console_seen_at)::integer, 0) AS idle_seconds,"
        " coalesce(console_seen_at < now() - make_interval(secs => $4), false) AS stale"
        " FROM sessions WHERE session_id = $1",
        session_id,
        idle,
        lifetime,
        noted,
    )
    if row is None:
        return None
    return Door(row["second_factor"], row["open"], row["console_opened_at"], row["idle_seconds"], row["stale"])


async def open_door(connection: Connection, session_id: SessionId) -> bool:
    return (
        await connection.fetchval(
            "UPDATE sessions SET console_opened_at = now(), console_seen_at = now() WHERE session_id = $1"
            " RETURNING true",
            session_id,
        )
        is True
    )


async def touch(connection: Connection, session_id: SessionId, idle: int, noted: int) -> None:
    """Note that the console is in use; one that was closed meanwhile, or ran out, stays as it is."""
    await connection.execute(
        "UPDATE sessions SET console_seen_at = now() WHERE session_id = $1"
        " AND console_seen_at < now() - make_interval(secs => $3)"
        " AND console_seen_at > now() - make_interval(secs => $2)",
        session_id,
        idle,
        noted,
    )


async def close(connection: Connection, session_id: SessionId) -> bool:
    """Close the console of a session, and return whether there was something to close."""
    return (
        await connection.fetchval(
            "UPDATE sessions SET console_opened_at = NULL, console_seen_at = NULL"
            " WHERE session_id = $1 AND console_opened_at IS NOT NULL RETURNING true",
            session_id,
        )
        is True
    )
