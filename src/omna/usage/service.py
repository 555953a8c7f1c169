"""What was used, for its owner: every read names the workspace, so a stranger's id finds nothing.

Staff alone ask whose a request is.
"""

from uuid import UUID

from omna.db.pool import Connection
from omna.ids import KeyId, WorkspaceId
from omna.usage import store
from omna.usage.model import RequestRecord, Running, Spend


async def find(connection: Connection, workspace_id: WorkspaceId, request_id: UUID) -> RequestRecord | Running | None:
    """Return a request of a workspace, finished or running; None for an id it does not have."""
    return await store.finished(connection, workspace_id, request_id) or await store.running(
        connection, workspace_id, request_id
    )


async def owner_of(connection: Connection, request_id: UUID) -> WorkspaceId | None:
    """Return the workspace of a finished request, for staff; None for an id that nobody has."""
    return await store.owner_of(connection, request_id)


async def spend_of_key(connection: Connection, workspace_id: WorkspaceId, key_id: KeyId) -> Spend:
    """Return what a key has spent, by the database's clock."""
    return await store.spend_of_key(connection, workspace_id, key_id)


async def spend_of_workspace(connection: Connection, workspace_id: WorkspaceId) -> int:
    """Return all a workspace was ever charged for requests."""
    return await store.spend_of_workspace(connection, workspace_id)
