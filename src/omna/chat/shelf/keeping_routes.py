"""/api/workspaces/{ws}/chat/…: folders, prompts and presets; /api/account/chat-settings: how a person likes to chat."""

from typing import Annotated, Any

from fastapi import Path

from omna.chat.parameters import Parameters
from omna.chat.shelf import keeping
from omna.chat.shelf.model import Folder, Preset, Prompt, Settings, variables_of
from omna.chat.shelf.schemas import (
    ChatSettings,
    ChatSettingsChange,
    FolderChange,
    FolderNew,
    FolderRow,
    PresetChange,
    PresetNew,
    PresetRow,
    PromptChange,
    PromptNew,
    PromptRow,
)
from omna.http.access import Can, EvenFrozen, Reading, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import show

router = Router(prefix="/api", tags=["chat"])

#: Chats are of people: no management key takes part. What costs nothing goes on while frozen.
Chatter = Annotated[Member, Can(Right.CHAT, people_only=True, while_frozen=True)]
FolderPath = Annotated[str, Path(description="The folder: `fld_…`")]
PromptPath = Annotated[str, Path(description="The prompt: `pmt_…`")]
PresetPath = Annotated[str, Path(description="The preset: `pst_…`")]
_CHAT = "/workspaces/{workspace}/chat"


@router.get(f"{_CHAT}/folders")
async def list_chat_folders(who: Chatter, connection: Reading) -> list[FolderRow]:
    """Your folders, by name."""
    return [_folder_row(folder) for folder in await keeping.folders(connection, who)]


@router.post(f"{_CHAT}/folders", status_code=201)
async def create_chat_folder(body: FolderNew, who: Chatter, connection: Work) -> FolderRow:
    """Make a folder."""
    return _folder_row(await keeping.add_folder(connection, body.name, body.system_prompt, by=who))


@router.patch(f"{_CHAT}/folders/{{folder}}")
async def change_chat_folder(folder: FolderPath, body: FolderChange, who: Chatter, connection: Work) -> FolderRow:
    """Rename a folder, or change what new chats in it begin with."""
    folder_id = id_in_address(folder, "fld", "folder")
    return _folder_row(await keeping.change_folder(connection, folder_id, body.name, body.system_prompt, by=who))


@router.delete(f"{_CHAT}/folders/{{folder}}", status_code=204)
async def delete_chat_folder(folder: FolderPath, who: Chatter, connection: Work) -> None:
    """Delete a folder. Its chats stay, in none."""
    await keeping.delete_folder(connection, id_in_address(folder, "fld", "folder"), by=who)


@router.get(f"{_CHAT}/prompts")
async def list_chat_prompts(who: Chatter, connection: Reading) -> list[PromptRow]:
    """Your prompts, by name."""
    return [_prompt_row(prompt) for prompt in await keeping.prompts(connection, who)]


@router.post(f"{_CHAT}/prompts", status_code=201)
async def create_chat_prompt(body: PromptNew, who: Chatter, connection: Work) -> PromptRow:
    """Keep a prompt. `{{name}}` in it is a variable."""
    return _prompt_row(await keeping.add_prompt(connection, body.name, body.text, by=who))


@router.patch(f"{_CHAT}/prompts/{{prompt}}")
async def change_chat_prompt(prompt: PromptPath, body: PromptChange, who: Chatter, connection: Work) -> PromptRow:
    """Change a prompt."""
    prompt_id = id_in_address(prompt, "pmt", "prompt")
    return _prompt_row(await keeping.change_prompt(connection, prompt_id, body.name, body.text, by=who))


@router.delete(f"{_CHAT}/prompts/{{prompt}}", status_code=204)
async def delete_chat_prompt(prompt: PromptPath, who: Chatter, connection: Work) -> None:
    """Delete a prompt."""
    await keeping.delete_prompt(connection, id_in_address(prompt, "pmt", "prompt"), by=who)


@router.get(f"{_CHAT}/presets")
async def list_chat_presets(who: Chatter, connection: Reading) -> list[PresetRow]:
    """Your presets, by name."""
    return [_preset_row(preset) for preset in await keeping.presets(connection, who)]


@router.post(f"{_CHAT}/presets", status_code=201)
async def create_chat_preset(body: PresetNew, who: Chatter, connection: Work) -> PresetRow:
    """Keep a model with its system prompt and parameters."""
    parameters = body.parameters.kept()
    made = await keeping.add_preset(connection, body.name, body.model, body.system_prompt, parameters, by=who)
    return _preset_row(made)


@router.patch(f"{_CHAT}/presets/{{preset}}")
async def change_chat_preset(preset: PresetPath, body: PresetChange, who: Chatter, connection: Work) -> PresetRow:
    """Change a preset."""
    preset_id = id_in_address(preset, "pst", "preset")
    return _preset_row(await keeping.change_preset(connection, preset_id, _named(body), by=who))


@router.delete(f"{_CHAT}/presets/{{preset}}", status_code=204)
async def delete_chat_preset(preset: PresetPath, who: Chatter, connection: Work) -> None:
    """Delete a preset."""
    await keeping.delete_preset(connection, id_in_address(preset, "pst", "preset"), by=who)


@router.get("/account/chat-settings")
async def get_chat_settings(who: EvenFrozen, connection: Reading) -> ChatSettings:
    """How you like to chat."""
    return _settings_body(await keeping.settings(connection, who.user_id))


@router.patch("/account/chat-settings")
async def change_chat_settings(body: ChatSettingsChange, who: EvenFrozen, connection: Work) -> ChatSettings:
    """Change what is named."""
    return _settings_body(await keeping.change_settings(connection, who.user_id, _named(body)))


def _named(body: PresetChange | ChatSettingsChange) -> dict[str, Any]:
    """Return the fields that a change names, parameters as they are kept."""
    named = body.model_dump(include=body.model_fields_set)
    if body.parameters is not None:
        named["parameters"] = body.parameters.kept()
    return named


def _folder_row(folder: Folder) -> FolderRow:
    return FolderRow(
        id=show("fld", folder.folder_id),
        name=folder.name,
        system_prompt=folder.system_prompt,
        chats=folder.chats,
        created_at=folder.created_at,
    )


def _prompt_row(prompt: Prompt) -> PromptRow:
    return PromptRow(
        id=show("pmt", prompt.prompt_id),
        name=prompt.name,
        text=prompt.text,
        variables=variables_of(prompt.text),
        created_at=prompt.created_at,
    )


def _preset_row(preset: Preset) -> PresetRow:
    return PresetRow(
        id=show("pst", preset.preset_id),
        name=preset.name,
        model=preset.model_id,
        system_prompt=preset.system_prompt,
        parameters=Parameters(**preset.parameters),
        created_at=preset.created_at,
    )


def _settings_body(settings: Settings) -> ChatSettings:
    return ChatSettings(
        default_model=settings.default_model,
        system_prompt=settings.system_prompt,
        parameters=Parameters(**settings.parameters),
        temporary_by_default=settings.temporary_by_default,
        enter_sends=settings.enter_sends,
        shortcuts=settings.shortcuts,
        background_titles=False,
        favourites=list(settings.favourites),
        recent=list(settings.recent),
    )
