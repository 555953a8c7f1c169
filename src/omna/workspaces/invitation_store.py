"""SQL of invitations."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import InvitationId, UserId, WorkspaceId
from omna.workspaces.model import Invitation, Invited, SpendLimit


async def add(
    connection: Connection,
    invitation_id: InvitationId,
    workspace_id: WorkspaceId,
    email: str,
    email_normalized: str,
    role: str,
    limit: SpendLimit | None,
    token_digest: bytes,
    invited_by: UserId,
) -> bool:
    """Return whether it was stored; False when the address has an open invitation."""
    status = await connection.execute(
        "INSERT INTO invitations (workspace_id, invitation_id, email, email_normalized, role, spend_limit,"
        " spend_period, digest, invited_by, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + interval '7 days')"
        " ON CONFLICT (workspace_id, email_normalized) WHERE accepted_at IS NULL AND revoked_at IS NULL DO NOTHING",
        workspace_id,
        invitation_id,
        email,
        email_normalized,
        role,
        None if limit is None else limit.amount,
        None if limit is None else limit.period,
        token_digest,
        invited_by,
    )
    return status == "INSERT 0 1"


async def renew(
    connection: Connection, workspace_id: WorkspaceId, invitation_id: InvitationId, token_digest: bytes
) -> bool:
    """Give an open invitation another token and seven more days; False when it is not open."""
    status = await connection.execute(
        "UPDATE invitations SET digest = $3, sent_at = now(), expires_at = now() + interval '7 days'"
        " WHERE workspace_id = $1 AND invitation_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
        workspace_id,
        invitation_id,
        token_digest,
    )
    return status == "UPDATE 1"


async def revoke(connection: Connection, workspace_id: WorkspaceId, invitation_id: InvitationId) -> bool:
    status = await connection.execute(
        "UPDATE invitations SET revoked_at = now()"
        " WHERE workspace_id = $1 AND invitation_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
        workspace_id,
        invitation_id,
    )
    return status == "UPDATE 1"


async def revoke_expired(connection: Connection, workspace_id: WorkspaceId, email_normalized: str) -> None:
    """Make room for a new invitation of an address whose last one ran out."""
    await connection.execute(
        "UPDATE invitations SET revoked_at = now() WHERE workspace_id = $1 AND email_normalized = $2"
        " AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= now()",
        workspace_id,
        email_normalized,
    )


async def revoke_all(connection: Connection, workspace_id: WorkspaceId) -> None:
    await connection.execute(
        "UPDATE invitations SET revoked_at = now()"
        " WHERE workspace_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL",
        workspace_id,
    )


async def revoke_of(connection: Connection, workspace_id: WorkspaceId, invited_by: UserId) -> None:
    await connection.execute(
        "UPDATE invitations SET revoked_at = now() WHERE workspace_id = $1 AND invited_by = $2"
        " AND accepted_at IS NULL AND revoked_at IS NULL",
        workspace_id,
        invited_by,
    )


async def sent_today(connection: Connection, workspace_id: WorkspaceId) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM invitations WHERE workspace_id = $1 AND sent_at > now() - interval '24 hours'",
        workspace_id,
    )
    return count


async def open_ones(
    connection: Connection, workspace_id: WorkspaceId, invitation_id: InvitationId | None = None
) -> Sequence[Invitation]:
    """Return the invitations nobody has accepted or revoked, newest first; or the one with an id."""
    rows = await connection.fetch(
        "SELECT i.invitation_id, i.workspace_id, i.email, i.role, i.spend_limit, i.spend_period, i.invited_by,"
        " coalesce(u.name, '') AS inviter_name, i.created_at, i.sent_at, i.expires_at, i.expires_at <= now() AS expired"
        " FROM invitations AS i LEFT JOIN users AS u ON u.user_id = i.invited_by"
        " WHERE i.workspace_id = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL"
        " AND ($2::uuid IS NULL OR i.invitation_id = $2)"
        " ORDER BY i.invitation_id DESC",
        workspace_id,
        invitation_id,
    )
    return [
        Invitation(
            invitation_id=InvitationId(row["invitation_id"]),
            workspace_id=WorkspaceId(row["workspace_id"]),
            email=row["email"],
            role=row["role"],
            limit=_limit(row),
            invited_by=UserId(row["invited_by"]),
            inviter_name=row["inviter_name"],
            created_at=row["created_at"],
            sent_at=row["sent_at"],
            expires_at=row["expires_at"],
            expired=row["expired"],
        )
        for row in rows
    ]


async def by_digest(connection: Connection, token_digest: bytes) -> Invited | None:
    """Return the invitation of a token, if it is still good."""
    row = await connection.fetchrow(
        "SELECT i.invitation_id, i.workspace_id, w.name AS workspace_name, i.email, i.email_normalized, i.role,"
        " i.spend_limit, i.spend_period, coalesce(u.name, '') AS inviter_name, i.expires_at"
        " FROM invitations AS i JOIN workspaces AS w USING (workspace_id)"
        " LEFT JOIN users AS u ON u.user_id = i.invited_by"
        " WHERE i.digest = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()"
        " AND w.deleted_at IS NULL",
        token_digest,
    )
    if row is None:
        return None
    return Invited(
        invitation_id=InvitationId(row["invitation_id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        workspace_name=row["workspace_name"],
        email=row["email"],
        email_normalized=row["email_normalized"],
        role=row["role"],
        limit=_limit(row),
        inviter_name=row["inviter_name"],
        expires_at=row["expires_at"],
    )


async def use_up(
    connection: Connection, workspace_id: WorkspaceId, invitation_id: InvitationId, user_id: UserId
) -> datetime | None:
    """Mark an invitation as accepted; None when somebody else was faster."""
    moment: datetime | None = await connection.fetchval(
        "UPDATE invitations SET accepted_at = now(), accepted_by = $3"
        " WHERE workspace_id = $1 AND invitation_id = $2"
        " AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now() RETURNING accepted_at",
        workspace_id,
        invitation_id,
        user_id,
    )
    return moment


async def sweep(connection: Connection) -> int:
    status = await connection.execute(
        "DELETE FROM invitations WHERE coalesce(accepted_at, revoked_at, expires_at) < now() - interval '90 days'"
    )
    return int(status.removeprefix("DELETE "))


async def language_for(connection: Connection, email_normalized: str, inviter: UserId) -> str | None:
    """Return the language of whoever has the address, or else of who invites."""
    language: str | None = await connection.fetchval(
        "SELECT coalesce((SELECT u.language FROM users AS u WHERE u.email_normalized = $1),"
        " (SELECT u.language FROM users AS u WHERE u.user_id = $2))",
        email_normalized,
        inviter,
    )
    return language


async def name_of(connection: Connection, user_id: UserId) -> str:
    name: str | None = await connection.fetchval("SELECT name FROM users WHERE user_id = $1", user_id)
    return name or ""


def _limit(row: Record) -> SpendLimit | None:
    return None if row["spend_limit"] is None else SpendLimit(row["spend_limit"], row["spend_period"])
