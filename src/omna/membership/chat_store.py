"""SQL of what somebody keeps in chats, when they leave or what they were in ends.

A chat goes like one that its person deleted: out of sight now, its running answers asked to stop, its rows and files
purged by a job a minute later. Everything else goes at once.

Writes  chats, chat_messages, chat_folders, chat_prompts, chat_presets, chat_settings, chat_shares, chat_files,
        chat_departures
"""

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId


async def forget_person(connection: Connection, user_id: UserId) -> None:
    """Let go of all that a person keeps, in every workspace."""
    for statement in (
        # Chats before their answers, as runs lock them.
        "UPDATE chats SET deleted_at = now() WHERE user_id = $1 AND deleted_at IS NULL",
        (
            "UPDATE chat_messages AS m SET stop_asked_at = clock_timestamp() FROM chats AS c WHERE c.user_id = $1"
            " AND m.workspace_id = c.workspace_id AND m.chat_id = c.chat_id AND m.state = 'running'"
        ),
        "DELETE FROM chat_shares WHERE user_id = $1",
        "DELETE FROM chat_folders WHERE user_id = $1",
        "DELETE FROM chat_prompts WHERE user_id = $1",
        "DELETE FROM chat_presets WHERE user_id = $1",
        "DELETE FROM chat_settings WHERE user_id = $1",
        "DELETE FROM chat_departures WHERE user_id = $1",
    ):
        await connection.execute(statement, user_id)
    # Files that were never sent; those of messages go with their chats.
    await connection.execute(
        "DELETE FROM chat_files AS f WHERE f.user_id = $1 AND NOT EXISTS (SELECT FROM chat_attachments AS a"
        " WHERE a.workspace_id = f.workspace_id AND a.upload_id = f.upload_id)",
        user_id,
    )


async def forget_workspace(connection: Connection, workspace_id: WorkspaceId) -> None:
    """Let go of all that anybody keeps in a workspace."""
    for statement in (
        "UPDATE chats SET deleted_at = now() WHERE workspace_id = $1 AND deleted_at IS NULL",
        "UPDATE chat_messages SET stop_asked_at = clock_timestamp() WHERE workspace_id = $1 AND state = 'running'",
        "DELETE FROM chat_shares WHERE workspace_id = $1",
        "DELETE FROM chat_folders WHERE workspace_id = $1",
        "DELETE FROM chat_prompts WHERE workspace_id = $1",
        "DELETE FROM chat_presets WHERE workspace_id = $1",
        "DELETE FROM chat_departures WHERE workspace_id = $1",
    ):
        await connection.execute(statement, workspace_id)


async def depart(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> None:
    """Note that somebody left a workspace: what they keep there is theirs to export for a while, their links end."""
    await connection.execute(
        "INSERT INTO chat_departures AS d (workspace_id, user_id) VALUES ($1, $2)"
        " ON CONFLICT (workspace_id, user_id) DO UPDATE SET left_at = now()",
        workspace_id,
        user_id,
    )
    await connection.execute("DELETE FROM chat_shares WHERE workspace_id = $1 AND user_id = $2", workspace_id, user_id)
    await connection.execute(
        "UPDATE chat_messages AS m SET stop_asked_at = clock_timestamp() FROM chats AS c"
        " WHERE c.workspace_id = $1 AND c.user_id = $2 AND m.workspace_id = c.workspace_id AND m.chat_id = c.chat_id"
        " AND m.state = 'running'",
        workspace_id,
        user_id,
    )
