"""SQL of sessions and of the browsers they began in.

A session is over when it was deleted, passed its end, was idle too long, or its person is gone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import SessionId, UserId


@dataclass(frozen=True, slots=True)
class Session:
    """Where a person is signed in."""

    session_id: SessionId
    method: str
    user_agent: str
    origin: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """The session of a token. stale: nobody has noted for a minute that it is in use."""

    session_id: SessionId
    user_id: UserId
    verified: bool
    staff_role: str | None
    stale: bool
    frozen: str | None


async def add(
    connection: Connection,
    session_id: SessionId,
    user_id: UserId,
    token_digest: bytes,
    method: str,
    user_agent: str,
    origin: str,
    lifetime: int,
) -> None:
    await connection.execute(
        "INSERT INTO sessions (session_id, user_id, token_digest, method, user_agent, origin, ends_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))",
        session_id,
        user_id,
        token_digest,
        method,
        user_agent,
        origin,
        lifetime,
    )


async def find(connection: Connection, token_digest: bytes, idle: int) -> Found | None:
    row = await connection.fetchrow(
        "SELECT session_id, user_id, users.email_verified_at IS NOT NULL AS verified, users.staff_role,"
        " users.frozen_reason,"
        " sessions.last_seen_at < now() - interval '1 minute' AS stale"
        " FROM sessions JOIN users USING (user_id)"
        " WHERE token_digest = $1 AND ends_at > now() AND last_seen_at > now() - make_interval(secs => $2)"
        " AND users.disabled_at IS NULL AND users.deleted_at IS NULL",
        token_digest,
        idle,
    )
    if row is None:
        return None
    return Found(
        SessionId(row["session_id"]),
        UserId(row["user_id"]),
        row["verified"],
        row["staff_role"],
        row["stale"],
        row["frozen_reason"],
    )


async def touch(connection: Connection, session_id: SessionId, origin: str) -> None:
    """Note that a session is in use, once a minute whatever many requests it carries."""
    await connection.execute(
        "UPDATE sessions SET last_seen_at = now(), origin = $2"
        " WHERE session_id = $1 AND last_seen_at < now() - interval '1 minute'",
        session_id,
        origin,
    )


async def of_user(connection: Connection, user_id: UserId, idle: int) -> list[Session]:
    rows = await connection.fetch(
        "SELECT session_id, method, user_agent, origin, created_at, last_seen_at FROM sessions"
        " WHERE user_id = $1 AND ends_at > now() AND last_seen_at > now() - make_interval(secs => $2)"
        " ORDER BY last_seen_at DESC, session_id DESC",
        user_id,
        idle,
    )
    return [
        Session(
            SessionId(row["session_id"]),
            row["method"],
            row["user_agent"],
            row["origin"],
            row["created_at"],
            row["last_seen_at"],
        )
        for row in rows
    ]


async def delete(connection: Connection, user_id: UserId, session_id: SessionId) -> bool:
    return (
        await connection.fetchval(
            "DELETE FROM sessions WHERE user_id = $1 AND session_id = $2 RETURNING true", user_id, session_id
        )
        is True
    )


async def delete_others(connection: Connection, user_id: UserId, keep: SessionId | None) -> int:
    rows = await connection.fetch(
        "DELETE FROM sessions WHERE user_id = $1 AND session_id IS DISTINCT FROM $2 RETURNING 1", user_id, keep
    )
    return len(rows)


async def delete_by_digest(connection: Connection, token_digest: bytes) -> tuple[SessionId, UserId] | None:
    row = await connection.fetchrow(
        "DELETE FROM sessions WHERE token_digest = $1 RETURNING session_id, user_id", token_digest
    )
    return None if row is None else (SessionId(row["session_id"]), UserId(row["user_id"]))


async def sweep(connection: Connection, idle: int) -> int:
    """Return how many sessions that are over were deleted."""
    rows = await connection.fetch(
        "DELETE FROM sessions WHERE ends_at < now() OR last_seen_at < now() - make_interval(secs => $1) RETURNING 1",
        idle,
    )
    return len(rows)


async def knows_device(connection: Connection, user_id: UserId, device_id: UUID) -> bool:
    return (
        await connection.fetchval(
            "SELECT true FROM known_devices WHERE user_id = $1 AND device_id = $2", user_id, device_id
        )
        is True
    )


async def has_devices(connection: Connection, user_id: UserId) -> bool:
    return await connection.fetchval("SELECT true FROM known_devices WHERE user_id = $1 LIMIT 1", user_id) is True


async def put_device(connection: Connection, user_id: UserId, device_id: UUID) -> None:
    await connection.execute(
        "INSERT INTO known_devices (user_id, device_id) VALUES ($1, $2)"
        " ON CONFLICT (user_id, device_id) DO UPDATE SET last_seen_at = now()",
        user_id,
        device_id,
    )


async def delete_devices(connection: Connection, user_id: UserId) -> None:
    await connection.execute("DELETE FROM known_devices WHERE user_id = $1", user_id)
