"""SQL of who is told about a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail goes to."""

    user_id: UserId
    name: str
    email: str
    language: str | None
    notifications: Mapping[str, Any]
    workspace_name: str


async def readers(
    connection: Connection, workspace_id: WorkspaceId, creator: UserId | None, *, owners: bool
) -> Sequence[Reader]:
    """Return whose key it is, and with `owners` the owners of its workspace."""
    rows = await connection.fetch(
        "SELECT u.user_id, u.name, u.email, u.language, u.notifications, w.name AS workspace_name"
        " FROM members AS m JOIN users AS u USING (user_id) JOIN workspaces AS w USING (workspace_id)"
        " WHERE m.workspace_id = $1 AND u.deleted_at IS NULL AND (m.user_id = $2 OR ($3 AND m.role = 'owner'))"
        " ORDER BY u.user_id",
        workspace_id,
        creator,
        owners,
    )
    return [
        Reader(
            user_id=UserId(row["user_id"]),
            name=row["name"],
            email=row["email"],
            language=row["language"],
            notifications=row["notifications"],
            workspace_name=row["workspace_name"],
        )
        for row in rows
    ]
