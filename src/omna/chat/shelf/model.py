"""PURE  Folders, prompts, presets and settings, and what fits into them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from omna import names
from omna.errors import InvalidValue
from omna.ids import ChatId, FolderId, MessageId, PresetId, PromptId

LONGEST_NAME = 80
LONGEST_PROMPT = 20_000
#: Of one person in one workspace.
MOST_FOLDERS, MOST_PROMPTS, MOST_PRESETS = 200, 500, 200
#: Models a person marked, and those used last.
MOST_FAVOURITES, MOST_RECENT = 50, 10

_VARIABLE = re.compile(r"\{\{\s*([^{}\s][^{}\n]{0,38}[^{}\s]|[^{}\s])\s*\}\}")


@dataclass(frozen=True, slots=True)
class Folder:
    """Where chats are filed. system_prompt: what new chats in it begin with; chats: how many are in it."""

    folder_id: FolderId
    name: str
    system_prompt: str
    created_at: datetime
    chats: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text to use again; `{{name}}` in it is a variable."""

    prompt_id: PromptId
    name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Preset:
    """A model with its system prompt and parameters, under a name."""

    preset_id: PresetId
    name: str
    model_id: str | None
    system_prompt: str
    parameters: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Settings:
    """How a person likes to chat, in every workspace.

    temporary_by_default  new chats are not stored; enter_sends: else Ctrl+Enter does; shortcuts: keys act in the chat
    favourites, recent    ids of models, the last marked or used first
    """

    default_model: str | None = None
    system_prompt: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    temporary_by_default: bool = False
    enter_sends: bool = True
    shortcuts: bool = True
    favourites: Sequence[str] = ()
    recent: Sequence[str] = ()


def checked_name(text: str, what: str) -> str:
    """Return a name on one line. Errors: InvalidValue."""
    text = names.one_line(text)
    if not 0 < len(text) <= LONGEST_NAME:
        raise InvalidValue(f"Give the {what} a name of at most {LONGEST_NAME} characters.", param="name")
    return text


def checked_prompt(text: str) -> str:
    """Return the text of a prompt. Errors: InvalidValue."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not 0 < len(text) <= LONGEST_PROMPT:
        raise InvalidValue(f"Write a prompt of at most {LONGEST_PROMPT:,} characters.", param="text")
    return text


def variables_of(text: str) -> list[str]:
    """Return the names of the variables in a prompt, each once, in the order in which they stand there."""
    return list(dict.fromkeys(found[1] for found in _VARIABLE.finditer(text)))


def settings_of(kept: Mapping[str, Any]) -> Settings:
    """Return settings as they were kept; what is not there, or was there once, has its default."""
    return Settings(**{name: value for name, value in kept.items() if name in Settings.__dataclass_fields__})


def unique(models: Sequence[str], most: int) -> list[str]:
    """Return the first of each model, at most so many."""
    return list(dict.fromkeys(models))[:most]


@dataclass(frozen=True, slots=True)
class Entry:
    """A chat in a list. found: the text of the message that answers what was looked for, and its id."""

    chat_id: ChatId
    title: str
    model_id: str | None
    folder_id: FolderId | None
    pinned: bool
    archived: bool
    shared: bool
    mine: bool
    running: bool
    created_at: datetime
    updated_at: datetime
    message_id: MessageId | None = None
    found: str | None = None


class ChatAct(StrEnum):
    """What is done to many chats at once."""

    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    PIN = "pin"
    UNPIN = "unpin"
    MOVE = "move"
    DELETE = "delete"
    RESTORE = "restore"
