"""Whose money it is: the address that stands on requests and in the queue of staff."""

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId


async def email_of(connection: Connection, workspace_id: WorkspaceId, user_id: UserId | None) -> str | None:
    """Return the address of a person, or of the first owner of a workspace."""
    email: str | None = await connection.fetchval(
        "SELECT u.email_normalized FROM users AS u LEFT JOIN members AS m"
        " ON m.user_id = u.user_id AND m.workspace_id = $1"
        " WHERE u.user_id = $2 OR m.role = 'owner' ORDER BY u.user_id = $2 DESC NULLS LAST, u.user_id LIMIT 1",
        workspace_id,
        user_id,
    )
    return email
