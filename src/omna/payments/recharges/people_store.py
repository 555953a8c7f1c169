"""SQL of whom an order concerns: people by name, and who is written to."""

from collections.abc import Sequence

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId


async def people(connection: Connection, user_ids: Sequence[UserId]) -> dict[UserId, tuple[str, str]]:
    """Return name and address of people."""
    rows = await connection.fetch(
        "SELECT user_id, name, email FROM users WHERE user_id = ANY ($1::uuid[])", list(user_ids)
    )
    return {row["user_id"]: (row["name"] or row["email"], row["email"]) for row in rows}


async def recipients(connection: Connection, workspace_id: WorkspaceId, user_id: UserId | None) -> list[Record]:
    """Return who is written to about an order: who made it while they are there, else owners and billing members."""
    rows = await connection.fetch(
        "WITH people AS (SELECT u.user_id, u.email_normalized, u.name, u.language,"
        " coalesce(u.user_id = $2, false) AS made_it, m.role"
        " FROM members AS m JOIN users AS u USING (user_id) WHERE m.workspace_id = $1"
        " AND u.email_verified_at IS NOT NULL AND u.disabled_at IS NULL AND u.deleted_at IS NULL)"
        " SELECT user_id, email_normalized, name, language FROM people"
        " WHERE CASE WHEN EXISTS (SELECT FROM people WHERE made_it) THEN made_it ELSE role IN ('owner', 'billing') END"
        " ORDER BY user_id",
        workspace_id,
        user_id,
    )
    return list(rows)
