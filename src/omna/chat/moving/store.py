"""SQL of chats that are moved out and in. Every statement names workspace and person."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from omna.chat.moving.model import Answer, Attachment, Chat, Failure, Folder, Message, Parameters
from omna.db.pool import Connection
from omna.ids import ChatId, FolderId, UserId, WorkspaceId, show
from omna.money import format_credits


async def titles(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> list[tuple[ChatId, str]]:
    """Return a person's chats by id and title, oldest first."""
    rows = await connection.fetch(
        "SELECT chat_id, title FROM chats WHERE workspace_id = $1 AND user_id = $2 AND deleted_at IS NULL"
        " ORDER BY created_at, chat_id",
        workspace_id,
        user_id,
    )
    return [(row["chat_id"], row["title"]) for row in rows]


async def folders(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> list[Folder]:
    rows = await connection.fetch(
        "SELECT folder_id, name, system_prompt FROM chat_folders WHERE workspace_id = $1 AND user_id = $2"
        " ORDER BY lower(name), folder_id",
        workspace_id,
        user_id,
    )
    return [Folder(show("fld", row["folder_id"]), row["name"], row["system_prompt"]) for row in rows]


async def chat(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, chat_id: ChatId) -> Chat | None:
    """Return a whole chat of a person; an answer that still runs has said nothing yet."""
    row = await connection.fetchrow(
        "SELECT chat_id, title, title_chosen, model_id, system_prompt, parameters, folder_id, head_id, pinned_at,"
        " archived_at, created_at, updated_at FROM chats"
        " WHERE workspace_id = $1 AND user_id = $2 AND chat_id = $3 AND deleted_at IS NULL",
        workspace_id,
        user_id,
        chat_id,
    )
    if row is None:
        return None
    messages = await connection.fetch(
        "SELECT message_id, parent_id, role, content, created_at, edited_at, state, continues, wanted_model_id,"
        " model_id, request_id, reasoning, reasoning_ms, finish_reason, error, charge, prompt_tokens,"
        " completion_tokens, cached_tokens, reasoning_tokens, estimated, first_delta_ms, duration_ms, finished_at"
        " FROM chat_messages WHERE workspace_id = $1 AND chat_id = $2 ORDER BY created_at, message_id",
        workspace_id,
        chat_id,
    )
    files = await connection.fetch(
        "SELECT a.message_id, u.upload_id, u.name, f.kind, u.media_type, u.size FROM chat_attachments AS a"
        " JOIN chat_files AS f USING (workspace_id, upload_id) JOIN uploads AS u USING (workspace_id, upload_id)"
        " WHERE a.workspace_id = $1 AND a.chat_id = $2 ORDER BY a.message_id, a.position",
        workspace_id,
        chat_id,
    )
    attached: dict[UUID, list[Attachment]] = {}
    for file in files:
        attached.setdefault(file["message_id"], []).append(
            Attachment(show("upl", file["upload_id"]), file["name"], file["kind"], file["media_type"], file["size"])
        )
    return Chat(
        id=show("chat", row["chat_id"]),
        title=row["title"],
        title_chosen=row["title_chosen"],
        model=row["model_id"],
        system_prompt=row["system_prompt"],
        parameters=msgspec.convert(row["parameters"], Parameters),
        folder=_shown("fld", row["folder_id"]),
        head=_shown("msg", row["head_id"]),
        pinned=row["pinned_at"] is not None,
        archived=row["archived_at"] is not None,
        created_at=_utc(row["created_at"]),
        updated_at=_utc(row["updated_at"]),
        messages=[_message(message, attached.get(message["message_id"], [])) for message in messages],
    )


async def taken(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, chat_ids: Sequence[UUID]
) -> dict[UUID, bool]:
    """Return which of the ids are in use in a workspace, and whether for a chat that the person has."""
    rows = await connection.fetch(
        "SELECT chat_id, user_id = $2 AND deleted_at IS NULL AS theirs FROM chats"
        " WHERE workspace_id = $1 AND chat_id = ANY($3::uuid[])",
        workspace_id,
        user_id,
        chat_ids,
    )
    return {row["chat_id"]: row["theirs"] for row in rows}


async def add_folder(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, folder_id: UUID, name: str, system: str
) -> bool:
    """Make a folder; False when the id is somebody's."""
    status = await connection.execute(
        "INSERT INTO chat_folders (workspace_id, folder_id, user_id, name, system_prompt) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        workspace_id,
        folder_id,
        user_id,
        name,
        system,
    )
    return bool(status != "INSERT 0 0")


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    chat_id: UUID,
    chat: Chat,
    head_id: UUID,
    folder_id: FolderId | None,
    messages: Sequence[tuple[Any, ...]],
) -> bool:
    """Keep a chat with its messages, in the columns of the statement; False when the id was taken meanwhile."""
    added = await connection.fetchval(
        "INSERT INTO chats (workspace_id, chat_id, user_id, title, title_chosen, model_id, system_prompt, parameters,"
        " folder_id, head_id, pinned_at, archived_at, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $11 THEN now() END, CASE WHEN $12 THEN now() END,"
        " $13, $14) ON CONFLICT DO NOTHING RETURNING true",
        workspace_id,
        chat_id,
        user_id,
        chat.title,
        chat.title_chosen,
        chat.model,
        chat.system_prompt,
        msgspec.to_builtins(chat.parameters),
        folder_id,
        head_id,
        chat.pinned,
        chat.archived,
        chat.created_at,
        chat.updated_at,
    )
    if not added:
        return False
    await connection.executemany(
        "INSERT INTO chat_messages (workspace_id, chat_id, message_id, parent_id, role, content, created_at, edited_at,"
        " state, continues, wanted_model_id, model_id, request_id, reasoning, reasoning_ms, finish_reason, error,"
        " charge, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, estimated, first_delta_ms,"
        " duration_ms, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
        " $18, $19, $20, $21, $22, $23, $24, $25, $26)",
        [(workspace_id, chat_id, *message) for message in messages],
    )
    return True


async def workspaces(connection: Connection, user_id: UserId) -> list[WorkspaceId]:
    """Return the workspaces in which a person has chats or folders."""
    rows = await connection.fetch(
        "SELECT workspace_id FROM chats WHERE user_id = $1 AND deleted_at IS NULL"
        " UNION SELECT workspace_id FROM chat_folders WHERE user_id = $1 ORDER BY workspace_id",
        user_id,
    )
    return [row["workspace_id"] for row in rows]


async def prompts(connection: Connection, user_id: UserId) -> list[dict[str, Any]]:
    rows = await connection.fetch(
        "SELECT workspace_id, name, text, created_at FROM chat_prompts WHERE user_id = $1 ORDER BY prompt_id", user_id
    )
    return [_plain(row) for row in rows]


async def presets(connection: Connection, user_id: UserId) -> list[dict[str, Any]]:
    rows = await connection.fetch(
        "SELECT workspace_id, name, model_id AS model, system_prompt, parameters, created_at FROM chat_presets"
        " WHERE user_id = $1 ORDER BY preset_id",
        user_id,
    )
    return [_plain(row) for row in rows]


async def shares(connection: Connection, user_id: UserId) -> list[dict[str, Any]]:
    rows = await connection.fetch(
        "SELECT workspace_id, audience, title, messages, created_at FROM chat_shares"
        " WHERE user_id = $1 AND revoked_at IS NULL ORDER BY share_id",
        user_id,
    )
    return [_plain(row) for row in rows]


def _plain(row: Record) -> dict[str, Any]:
    return {**row, "workspace_id": show("ws", row["workspace_id"])}


def _message(row: Record, attachments: list[Attachment]) -> Message:
    return Message(
        id=show("msg", row["message_id"]),
        parent=_shown("msg", row["parent_id"]),
        role=row["role"],
        content=row["content"],
        created_at=_utc(row["created_at"]),
        edited_at=None if row["edited_at"] is None else _utc(row["edited_at"]),
        attachments=attachments,
        answer=None if row["state"] is None else _answer(row),
    )


def _answer(row: Record) -> Answer:
    error = row["error"]
    return Answer(
        state=row["state"],
        continues=row["continues"],
        wanted_model=row["wanted_model_id"],
        model=row["model_id"],
        request=_shown("req", row["request_id"]),
        reasoning=row["reasoning"],
        reasoning_ms=row["reasoning_ms"],
        finish_reason=row["finish_reason"],
        error=None if error is None else Failure(str(error.get("code", "")), str(error.get("message", ""))),
        charge=None if row["charge"] is None else format_credits(row["charge"]),
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        cached_tokens=row["cached_tokens"],
        reasoning_tokens=row["reasoning_tokens"],
        estimated=row["estimated"],
        first_delta_ms=row["first_delta_ms"],
        duration_ms=row["duration_ms"],
        finished_at=None if row["finished_at"] is None else _utc(row["finished_at"]),
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _shown(prefix: str, identifier: UUID | None) -> str | None:
    return None if identifier is None else show(prefix, identifier)
