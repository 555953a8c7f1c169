"""SQL of invitations to people who have no account yet, and of what becomes of requests for access."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId
from omna.membership.model import AccessRequest


@dataclass(frozen=True, slots=True)
class AccessInvitation:
    """An invitation to make an account."""

    access_invitation_id: UUID
    email: str
    email_normalized: str
    inviter_name: str | None
    created_at: datetime
    expires_at: datetime
    expired: bool


async def take_request(connection: Connection, access_request_id: UUID) -> tuple[AccessRequest, str] | None:
    """Return a request with its normalized address, and remove it: whoever comes second finds none."""
    row = await connection.fetchrow(
        "DELETE FROM access_requests WHERE access_request_id = $1"
        " RETURNING access_request_id, email, email_normalized, name, message, requested_at",
        access_request_id,
    )
    if row is None:
        return None
    request = AccessRequest(row["access_request_id"], row["email"], row["name"], row["message"], row["requested_at"])
    return request, row["email_normalized"]


async def add(
    connection: Connection,
    access_invitation_id: UUID,
    email: str,
    email_normalized: str,
    digest: bytes,
    invited_by: UserId | None,
    days: int,
) -> bool:
    """Add an invitation; False while another one to the same address is open. One that ran out is closed first."""
    await connection.execute(
        "UPDATE access_invitations SET revoked_at = now() WHERE email_normalized = $1 AND accepted_at IS NULL"
        " AND revoked_at IS NULL AND expires_at <= now()",
        email_normalized,
    )
    return (
        await connection.fetchval(
            "INSERT INTO access_invitations (access_invitation_id, email, email_normalized, digest, invited_by,"
            " expires_at) VALUES ($1, $2, $3, $4, $5, now() + make_interval(days => $6))"
            " ON CONFLICT DO NOTHING RETURNING true",
            access_invitation_id,
            email,
            email_normalized,
            digest,
            invited_by,
            days,
        )
        is True
    )


async def open_ones(connection: Connection, limit: int) -> list[AccessInvitation]:
    """Return invitations that wait for somebody, newest first; those that ran out, too."""
    rows = await connection.fetch(
        "SELECT i.access_invitation_id, i.email, i.email_normalized, u.name AS inviter_name, i.created_at,"
        " i.expires_at, i.expires_at <= now() AS expired"
        " FROM access_invitations AS i LEFT JOIN users AS u ON u.user_id = i.invited_by"
        " WHERE i.accepted_at IS NULL AND i.revoked_at IS NULL"
        " ORDER BY i.access_invitation_id DESC LIMIT $1",
        limit,
    )
    return [_invitation(row) for row in rows]


async def by_digest(connection: Connection, digest: bytes) -> AccessInvitation | None:
    """Return an invitation that can still be accepted."""
    row = await connection.fetchrow(
        "SELECT i.access_invitation_id, i.email, i.email_normalized, u.name AS inviter_name, i.created_at,"
        " i.expires_at, false AS expired FROM access_invitations AS i LEFT JOIN users AS u ON u.user_id = i.invited_by"
        " WHERE i.digest = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()",
        digest,
    )
    return None if row is None else _invitation(row)


async def use_up(connection: Connection, access_invitation_id: UUID, user_id: UserId) -> bool:
    """Accept an invitation; False when it was used or revoked meanwhile."""
    return (
        await connection.fetchval(
            "UPDATE access_invitations SET accepted_at = now(), accepted_by = $2 WHERE access_invitation_id = $1"
            " AND accepted_at IS NULL AND revoked_at IS NULL RETURNING true",
            access_invitation_id,
            user_id,
        )
        is True
    )


async def revoke(connection: Connection, access_invitation_id: UUID) -> bool:
    return (
        await connection.fetchval(
            "UPDATE access_invitations SET revoked_at = now() WHERE access_invitation_id = $1"
            " AND accepted_at IS NULL AND revoked_at IS NULL RETURNING true",
            access_invitation_id,
        )
        is True
    )


async def sweep(connection: Connection, days: int) -> int:
    """Delete invitations that ended long ago, and return how many."""
    rows = await connection.fetch(
        "DELETE FROM access_invitations WHERE coalesce(accepted_at, revoked_at, expires_at)"
        " < now() - make_interval(days => $1) RETURNING 1",
        days,
    )
    return len(rows)


def _invitation(row: Record) -> AccessInvitation:
    return AccessInvitation(
        access_invitation_id=row["access_invitation_id"],
        email=row["email"],
        email_normalized=row["email_normalized"],
        inviter_name=row["inviter_name"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        expired=row["expired"],
    )
