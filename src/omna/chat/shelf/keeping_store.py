"""SQL of what a person keeps: folders, prompts, presets, settings. Every statement names the owner."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from omna.chat.shelf.model import Folder, Preset, Prompt
from omna.db.pool import Connection
from omna.ids import FolderId, PresetId, PromptId, UserId, WorkspaceId

# Of advisory locks: what one person keeps is counted and added to by one at a time.
_LOCK = 5108_59
_FOLDERS = (
    "SELECT f.folder_id, f.name, f.system_prompt, f.created_at, (SELECT count(*) FROM chats AS c"
    " WHERE c.workspace_id = f.workspace_id AND c.folder_id = f.folder_id AND c.user_id = f.user_id"
    " AND c.deleted_at IS NULL AND c.archived_at IS NULL) AS chats"
    " FROM chat_folders AS f"
)


async def lock_person(connection: Connection, user_id: UserId) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _LOCK, user_id.hex)


async def folders(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> list[Folder]:
    rows = await connection.fetch(
        _FOLDERS + " WHERE f.workspace_id = $1 AND f.user_id = $2 ORDER BY lower(f.name), f.folder_id",
        workspace_id,
        user_id,
    )
    return [Folder(**row) for row in rows]


async def folder(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, folder_id: UUID) -> Folder | None:
    row = await connection.fetchrow(
        _FOLDERS + " WHERE f.workspace_id = $1 AND f.user_id = $2 AND f.folder_id = $3",
        workspace_id,
        user_id,
        folder_id,
    )
    return None if row is None else Folder(**row)


async def add_folder(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, folder_id: FolderId, name: str, system: str
) -> None:
    await connection.execute(
        "INSERT INTO chat_folders (workspace_id, folder_id, user_id, name, system_prompt) VALUES ($1, $2, $3, $4, $5)",
        workspace_id,
        folder_id,
        user_id,
        name,
        system,
    )


async def set_folder(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, folder_id: UUID, name: str, system: str
) -> None:
    await connection.execute(
        "UPDATE chat_folders SET name = $4, system_prompt = $5"
        " WHERE workspace_id = $1 AND user_id = $2 AND folder_id = $3",
        workspace_id,
        user_id,
        folder_id,
        name,
        system,
    )


async def delete_folder(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, folder_id: UUID) -> bool:
    """Delete a folder; its chats stay, in none."""
    status = await connection.execute(
        "DELETE FROM chat_folders WHERE workspace_id = $1 AND user_id = $2 AND folder_id = $3",
        workspace_id,
        user_id,
        folder_id,
    )
    return bool(status != "DELETE 0")


async def prompts(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> list[Prompt]:
    rows = await connection.fetch(
        "SELECT prompt_id, name, text, created_at FROM chat_prompts WHERE workspace_id = $1 AND user_id = $2"
        " ORDER BY lower(name), prompt_id",
        workspace_id,
        user_id,
    )
    return [Prompt(**row) for row in rows]


async def prompt(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, prompt_id: UUID) -> Prompt | None:
    row = await connection.fetchrow(
        "SELECT prompt_id, name, text, created_at FROM chat_prompts"
        " WHERE workspace_id = $1 AND user_id = $2 AND prompt_id = $3",
        workspace_id,
        user_id,
        prompt_id,
    )
    return None if row is None else Prompt(**row)


async def add_prompt(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, prompt_id: PromptId, name: str, text: str
) -> None:
    await connection.execute(
        "INSERT INTO chat_prompts (workspace_id, prompt_id, user_id, name, text) VALUES ($1, $2, $3, $4, $5)",
        workspace_id,
        prompt_id,
        user_id,
        name,
        text,
    )


async def set_prompt(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, prompt_id: UUID, name: str, text: str
) -> None:
    await connection.execute(
        "UPDATE chat_prompts SET name = $4, text = $5 WHERE workspace_id = $1 AND user_id = $2 AND prompt_id = $3",
        workspace_id,
        user_id,
        prompt_id,
        name,
        text,
    )


async def delete_prompt(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, prompt_id: UUID) -> bool:
    status = await connection.execute(
        "DELETE FROM chat_prompts WHERE workspace_id = $1 AND user_id = $2 AND prompt_id = $3",
        workspace_id,
        user_id,
        prompt_id,
    )
    return bool(status != "DELETE 0")


async def presets(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> list[Preset]:
    rows = await connection.fetch(
        "SELECT preset_id, name, model_id, system_prompt, parameters, created_at FROM chat_presets"
        " WHERE workspace_id = $1 AND user_id = $2 ORDER BY lower(name), preset_id",
        workspace_id,
        user_id,
    )
    return [Preset(**row) for row in rows]


async def preset(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, preset_id: UUID) -> Preset | None:
    row = await connection.fetchrow(
        "SELECT preset_id, name, model_id, system_prompt, parameters, created_at FROM chat_presets"
        " WHERE workspace_id = $1 AND user_id = $2 AND preset_id = $3",
        workspace_id,
        user_id,
        preset_id,
    )
    return None if row is None else Preset(**row)


async def put_preset(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    preset_id: PresetId,
    name: str,
    model_id: str | None,
    system: str,
    parameters: Mapping[str, Any],
) -> None:
    """Add a preset, or change the one that the person has."""
    await connection.execute(
        "INSERT INTO chat_presets AS p (workspace_id, preset_id, user_id, name, model_id, system_prompt, parameters)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, preset_id) DO UPDATE"
        " SET name = excluded.name, model_id = excluded.model_id, system_prompt = excluded.system_prompt,"
        " parameters = excluded.parameters WHERE p.user_id = excluded.user_id",
        workspace_id,
        preset_id,
        user_id,
        name,
        model_id,
        system,
        parameters,
    )


async def delete_preset(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, preset_id: UUID) -> bool:
    status = await connection.execute(
        "DELETE FROM chat_presets WHERE workspace_id = $1 AND user_id = $2 AND preset_id = $3",
        workspace_id,
        user_id,
        preset_id,
    )
    return bool(status != "DELETE 0")


async def settings(connection: Connection, user_id: UserId) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = await connection.fetchval(
        "SELECT settings FROM chat_settings WHERE user_id = $1", user_id
    )
    return found or {}


async def change_settings(connection: Connection, user_id: UserId, changed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Change what is named, at once with whatever another page of the person changes, and return all."""
    found: Mapping[str, Any] = await connection.fetchval(
        "INSERT INTO chat_settings AS s (user_id, settings) VALUES ($1, $2)"
        " ON CONFLICT (user_id) DO UPDATE SET settings = s.settings || excluded.settings RETURNING settings",
        user_id,
        changed,
    )
    return found
