"""SQL of chats."""

from typing import Any
from uuid import UUID

from asyncpg import Record

from omna.chat.conversations.model import Chat
from omna.db.pool import Connection
from omna.ids import ChatId, FolderId, MessageId, UserId, WorkspaceId

# What an owner may see of a chat is its author's alone, so every statement names workspace and person; `readable` adds
# what the author shared.


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    chat_id: ChatId,
    user_id: UserId,
    *,
    model_id: str | None = None,
    system_prompt: str = "",
    parameters: dict[str, Any] | None = None,
    folder_id: FolderId | None = None,
    title: str = "",
    title_chosen: bool = False,
) -> Chat:
    row = await connection.fetchrow(
        "INSERT INTO chats (workspace_id, chat_id, user_id, model_id, system_prompt, parameters, folder_id, title,"
        " title_chosen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " RETURNING workspace_id, chat_id, user_id, title, title_chosen, model_id, system_prompt, parameters,"
        " folder_id, head_id, shared_at, pinned_at, archived_at, created_at, updated_at",
        workspace_id,
        chat_id,
        user_id,
        model_id,
        system_prompt,
        parameters or {},
        folder_id,
        title,
        title_chosen,
    )
    assert row is not None
    return chat_of(row)


async def get(connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId, user_id: UserId) -> Chat | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, chat_id, user_id, title, title_chosen, model_id, system_prompt, parameters, folder_id,"
        " head_id, shared_at, pinned_at, archived_at, created_at, updated_at FROM chats"
        " WHERE workspace_id = $1 AND chat_id = $2 AND user_id = $3 AND deleted_at IS NULL",
        workspace_id,
        chat_id,
        user_id,
    )
    return None if row is None else chat_of(row)


async def readable(connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId, user_id: UserId) -> Chat | None:
    """Return a chat that is theirs, or that its author shared with the workspace."""
    row = await connection.fetchrow(
        "SELECT workspace_id, chat_id, user_id, title, title_chosen, model_id, system_prompt, parameters, folder_id,"
        " head_id, shared_at, pinned_at, archived_at, created_at, updated_at FROM chats"
        " WHERE workspace_id = $1 AND chat_id = $2 AND (user_id = $3 OR shared_at IS NOT NULL) AND deleted_at IS NULL",
        workspace_id,
        chat_id,
        user_id,
    )
    return None if row is None else chat_of(row)


async def lock(connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId, user_id: UserId) -> Chat | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, chat_id, user_id, title, title_chosen, model_id, system_prompt, parameters, folder_id,"
        " head_id, shared_at, pinned_at, archived_at, created_at, updated_at FROM chats"
        " WHERE workspace_id = $1 AND chat_id = $2 AND user_id = $3 AND deleted_at IS NULL FOR UPDATE",
        workspace_id,
        chat_id,
        user_id,
    )
    return None if row is None else chat_of(row)


async def change(connection: Connection, chat: Chat, *, shared: bool, pinned: bool, archived: bool) -> Chat:
    """Write what a person may change of a chat; a mark that was set keeps its moment."""
    row = await connection.fetchrow(
        "UPDATE chats SET title = $4, title_chosen = $5, model_id = $6, system_prompt = $7, parameters = $8,"
        " folder_id = $9, head_id = $10,"
        " shared_at = CASE WHEN $11 THEN coalesce(shared_at, now()) END,"
        " pinned_at = CASE WHEN $12 THEN coalesce(pinned_at, now()) END,"
        " archived_at = CASE WHEN $13 THEN coalesce(archived_at, now()) END"
        " WHERE workspace_id = $1 AND chat_id = $2 AND user_id = $3"
        " RETURNING workspace_id, chat_id, user_id, title, title_chosen, model_id, system_prompt, parameters,"
        " folder_id, head_id, shared_at, pinned_at, archived_at, created_at, updated_at",
        chat.workspace_id,
        chat.chat_id,
        chat.user_id,
        chat.title,
        chat.title_chosen,
        chat.model_id,
        chat.system_prompt,
        chat.parameters,
        chat.folder_id,
        chat.head_id,
        shared,
        pinned,
        archived,
    )
    assert row is not None
    return chat_of(row)


async def spoke(
    connection: Connection, chat: Chat, head_id: MessageId, *, title: str | None = None, model_id: str | None = None
) -> None:
    """Note that something was said: the branch that is shown ends there, and the chat moves to the top."""
    await connection.execute(
        "UPDATE chats SET head_id = $4, updated_at = clock_timestamp(), title = coalesce($5, title),"
        " model_id = coalesce($6, model_id) WHERE workspace_id = $1 AND chat_id = $2 AND user_id = $3",
        chat.workspace_id,
        chat.chat_id,
        chat.user_id,
        head_id,
        title,
        model_id,
    )


async def sums(connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId) -> tuple[int, int, bool]:
    """Return nanocredits and tokens of all answers, and whether one is running."""
    row = await connection.fetchrow(
        "SELECT coalesce(sum(charge), 0)::bigint AS charge,"
        " coalesce(sum(coalesce(prompt_tokens, 0)::bigint + coalesce(completion_tokens, 0)), 0)::bigint AS tokens,"
        " coalesce(bool_or(state = 'running'), false) AS running"
        " FROM chat_messages WHERE workspace_id = $1 AND chat_id = $2 AND role = 'assistant'",
        workspace_id,
        chat_id,
    )
    assert row is not None
    return row["charge"], row["tokens"], row["running"]


async def folder_prompt(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, folder_id: UUID
) -> str | None:
    """Return what new chats of a folder begin with, None when there is no such folder."""
    found: str | None = await connection.fetchval(
        "SELECT system_prompt FROM chat_folders WHERE workspace_id = $1 AND user_id = $2 AND folder_id = $3",
        workspace_id,
        user_id,
        folder_id,
    )
    return found


def chat_of(row: Record) -> Chat:
    """Return the chat of a row with all columns of a chat."""
    return Chat(*row.values())
