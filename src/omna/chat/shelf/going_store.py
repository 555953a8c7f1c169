"""SQL of chats that go: first out of sight, then for good, with everything that belonged to them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import ChatId, UserId, WorkspaceId


async def delete(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, chat_ids: Sequence[UUID] | None
) -> list[ChatId]:
    """Take chats of a person out of sight, all of them for None; links to copies of them end."""
    rows = await connection.fetch(
        "UPDATE chats SET deleted_at = now() WHERE workspace_id = $1 AND user_id = $2 AND deleted_at IS NULL"
        " AND ($3::uuid[] IS NULL OR chat_id = ANY($3)) RETURNING chat_id",
        workspace_id,
        user_id,
        chat_ids,
    )
    deleted: list[ChatId] = [row["chat_id"] for row in rows]
    await connection.execute(
        "UPDATE chat_shares SET revoked_at = now() WHERE workspace_id = $1 AND user_id = $2"
        " AND chat_id = ANY($3::uuid[]) AND revoked_at IS NULL",
        workspace_id,
        user_id,
        deleted,
    )
    return deleted


async def restore(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, chat_ids: Sequence[UUID]) -> int:
    # The same moment: these are the links that ended with their chat.
    await connection.execute(
        "UPDATE chat_shares AS s SET revoked_at = NULL FROM chats AS c"
        " WHERE c.workspace_id = $1 AND c.user_id = $2 AND c.chat_id = ANY($3::uuid[])"
        " AND s.workspace_id = c.workspace_id AND s.chat_id = c.chat_id AND s.revoked_at = c.deleted_at",
        workspace_id,
        user_id,
        chat_ids,
    )
    status = await connection.execute(
        "UPDATE chats SET deleted_at = NULL"
        " WHERE workspace_id = $1 AND user_id = $2 AND chat_id = ANY($3::uuid[]) AND deleted_at IS NOT NULL",
        workspace_id,
        user_id,
        chat_ids,
    )
    return int(status.rpartition(" ")[2])


async def gone(connection: Connection, undo: timedelta, most: int) -> list[tuple[WorkspaceId, ChatId]]:
    """Return some chats that nobody can take back, and lock them. One whose answer still ends waits for that."""
    rows = await connection.fetch(
        "SELECT c.workspace_id, c.chat_id FROM chats AS c WHERE c.deleted_at < now() - $1::interval"
        " AND NOT EXISTS (SELECT FROM chat_messages AS m WHERE m.workspace_id = c.workspace_id"
        " AND m.chat_id = c.chat_id AND m.state = 'running')"
        " ORDER BY c.deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        undo,
        most,
    )
    return [(row["workspace_id"], row["chat_id"]) for row in rows]


async def purge(connection: Connection, workspace_id: WorkspaceId, chat_ids: Sequence[ChatId]) -> None:
    """Delete chats for good, with their messages and the copies behind links. Their files were forgotten before."""
    await connection.execute(
        "DELETE FROM chat_shares WHERE workspace_id = $1 AND chat_id = ANY($2::uuid[])", workspace_id, chat_ids
    )
    await connection.execute(
        "DELETE FROM chats WHERE workspace_id = $1 AND chat_id = ANY($2::uuid[]) AND deleted_at IS NOT NULL",
        workspace_id,
        chat_ids,
    )


async def end_farewells(connection: Connection, after: timedelta) -> None:
    """Let go what people kept in a workspace that they left long ago; who came back keeps everything."""
    await connection.execute(
        "DELETE FROM chat_departures AS d USING members AS m"
        " WHERE m.workspace_id = d.workspace_id AND m.user_id = d.user_id"
    )
    left = await connection.fetch(
        "DELETE FROM chat_departures WHERE left_at < now() - $1::interval RETURNING workspace_id, user_id", after
    )
    for workspace_id, user_id in left:
        await delete(connection, workspace_id, user_id, None)
        for statement in (
            "DELETE FROM chat_folders WHERE workspace_id = $1 AND user_id = $2",
            "DELETE FROM chat_prompts WHERE workspace_id = $1 AND user_id = $2",
            "DELETE FROM chat_presets WHERE workspace_id = $1 AND user_id = $2",
            "DELETE FROM chat_shares WHERE workspace_id = $1 AND user_id = $2",
        ):
            await connection.execute(statement, workspace_id, user_id)
