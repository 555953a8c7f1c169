"""What a person keeps to use again: folders, prompts, presets, and how they like to chat. Nobody else sees it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from omna.chat.shelf import keeping_store as store
from omna.chat.shelf.model import (
    MOST_FAVOURITES,
    MOST_FOLDERS,
    MOST_PRESETS,
    MOST_PROMPTS,
    MOST_RECENT,
    Folder,
    Preset,
    Prompt,
    Settings,
    checked_name,
    checked_prompt,
    settings_of,
    unique,
)
from omna.db.pool import Connection
from omna.errors import Conflict, NotFound
from omna.http.principal import Member
from omna.ids import FolderId, PresetId, PromptId, UserId, new_id


async def folders(connection: Connection, by: Member) -> Sequence[Folder]:
    """Return a person's folders in this workspace, by name."""
    return await store.folders(connection, by.workspace_id, by.user_id)


async def folder(connection: Connection, folder_id: UUID, by: Member) -> Folder:
    """Return a folder of one's own. Errors: NotFound."""
    found = await store.folder(connection, by.workspace_id, by.user_id, folder_id)
    if found is None:
        raise _no_folder()
    return found


async def add_folder(connection: Connection, name: str, system_prompt: str, *, by: Member) -> Folder:
    """Make a folder. Errors: InvalidValue; Conflict when there are too many."""
    name = checked_name(name, "folder")
    await store.lock_person(connection, by.user_id)
    _require_room(await folders(connection, by), MOST_FOLDERS, "folders")
    folder_id = FolderId(new_id())
    await store.add_folder(connection, by.workspace_id, by.user_id, folder_id, name, system_prompt)
    return await folder(connection, folder_id, by)


async def change_folder(
    connection: Connection, folder_id: UUID, name: str | None, system_prompt: str | None, *, by: Member
) -> Folder:
    """Change a folder; chats in it stay as they are. Errors: NotFound, InvalidValue."""
    was = await folder(connection, folder_id, by)
    name = was.name if name is None else checked_name(name, "folder")
    system_prompt = was.system_prompt if system_prompt is None else system_prompt
    await store.set_folder(connection, by.workspace_id, by.user_id, folder_id, name, system_prompt)
    return await folder(connection, folder_id, by)


async def delete_folder(connection: Connection, folder_id: UUID, *, by: Member) -> None:
    """Delete a folder; its chats stay, in none. Errors: NotFound."""
    if not await store.delete_folder(connection, by.workspace_id, by.user_id, folder_id):
        raise _no_folder()


async def prompts(connection: Connection, by: Member) -> Sequence[Prompt]:
    """Return a person's prompts in this workspace, by name."""
    return await store.prompts(connection, by.workspace_id, by.user_id)


async def add_prompt(connection: Connection, name: str, text: str, *, by: Member) -> Prompt:
    """Keep a prompt. Errors: InvalidValue; Conflict when there are too many."""
    name, text = checked_name(name, "prompt"), checked_prompt(text)
    await store.lock_person(connection, by.user_id)
    _require_room(await prompts(connection, by), MOST_PROMPTS, "prompts")
    prompt_id = PromptId(new_id())
    await store.add_prompt(connection, by.workspace_id, by.user_id, prompt_id, name, text)
    return await _prompt(connection, prompt_id, by)


async def change_prompt(
    connection: Connection, prompt_id: UUID, name: str | None, text: str | None, *, by: Member
) -> Prompt:
    """Change a prompt. Errors: NotFound, InvalidValue."""
    was = await _prompt(connection, prompt_id, by)
    name = was.name if name is None else checked_name(name, "prompt")
    text = was.text if text is None else checked_prompt(text)
    await store.set_prompt(connection, by.workspace_id, by.user_id, prompt_id, name, text)
    return await _prompt(connection, prompt_id, by)


async def delete_prompt(connection: Connection, prompt_id: UUID, *, by: Member) -> None:
    """Forget a prompt. Errors: NotFound."""
    if not await store.delete_prompt(connection, by.workspace_id, by.user_id, prompt_id):
        raise NotFound("There is no such prompt.")


async def presets(connection: Connection, by: Member) -> Sequence[Preset]:
    """Return a person's presets in this workspace, by name."""
    return await store.presets(connection, by.workspace_id, by.user_id)


async def add_preset(
    connection: Connection,
    name: str,
    model_id: str | None,
    system_prompt: str,
    parameters: Mapping[str, Any],
    *,
    by: Member,
) -> Preset:
    """Keep a preset. Errors: InvalidValue; Conflict when there are too many."""
    name = checked_name(name, "preset")
    await store.lock_person(connection, by.user_id)
    _require_room(await presets(connection, by), MOST_PRESETS, "presets")
    preset_id = PresetId(new_id())
    where = by.workspace_id, by.user_id, preset_id
    await store.put_preset(connection, *where, name, model_id, system_prompt, parameters)
    return await _preset(connection, preset_id, by)


async def change_preset(connection: Connection, preset_id: UUID, named: Mapping[str, Any], *, by: Member) -> Preset:
    """Change what is named of a preset. Errors: NotFound, InvalidValue."""
    was = await _preset(connection, preset_id, by)
    await store.put_preset(
        connection,
        by.workspace_id,
        by.user_id,
        was.preset_id,
        was.name if named.get("name") is None else checked_name(named["name"], "preset"),
        named.get("model", was.model_id),
        was.system_prompt if named.get("system_prompt") is None else named["system_prompt"],
        was.parameters if named.get("parameters") is None else named["parameters"],
    )
    return await _preset(connection, preset_id, by)


async def delete_preset(connection: Connection, preset_id: UUID, *, by: Member) -> None:
    """Forget a preset. Errors: NotFound."""
    if not await store.delete_preset(connection, by.workspace_id, by.user_id, preset_id):
        raise NotFound("There is no such preset.")


async def settings(connection: Connection, user_id: UserId) -> Settings:
    """Return how a person likes to chat."""
    return settings_of(await store.settings(connection, user_id))


async def change_settings(connection: Connection, user_id: UserId, named: Mapping[str, Any]) -> Settings:
    """Change what is named. A default model of None takes it away."""
    changed = {name: value for name, value in named.items() if value is not None or name == "default_model"}
    for name, most in (("favourites", MOST_FAVOURITES), ("recent", MOST_RECENT)):
        if name in changed:
            changed[name] = unique(changed[name], most)
    return settings_of(await store.change_settings(connection, user_id, changed))


async def _prompt(connection: Connection, prompt_id: UUID, by: Member) -> Prompt:
    found = await store.prompt(connection, by.workspace_id, by.user_id, prompt_id)
    if found is None:
        raise NotFound("There is no such prompt.")
    return found


async def _preset(connection: Connection, preset_id: UUID, by: Member) -> Preset:
    found = await store.preset(connection, by.workspace_id, by.user_id, preset_id)
    if found is None:
        raise NotFound("There is no such preset.")
    return found


def _no_folder() -> NotFound:
    return NotFound("There is no such folder.")


def _require_room(there: Sequence[object], most: int, what: str) -> None:
    if len(there) >= most:
        raise Conflict(f"You keep {most} {what} here already, which is the most. Delete some first.")
