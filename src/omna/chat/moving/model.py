"""PURE  Chats as they stand in our own JSON, and whether what stands there is a chat.

The format is `omna-chats`, version 1: one object with folders and chats. Files of messages are named, not carried.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

FORMAT, VERSION = "omna-chats", 1
#: Of one file.
MOST_BYTES = 20 << 20
MOST_CHATS = 5_000
#: Of one chat, and of one message.
MOST_MESSAGES, LONGEST_CONTENT, LONGEST_TITLE = 2_000, 400_000, 200

_FIRST_YEAR, _LAST_YEAR = 1971, 8999

_Id = Annotated[str, Meta(max_length=64)]
_Model = Annotated[str, Meta(max_length=200)]
_Count = Annotated[int, Meta(ge=0, le=2_000_000_000)]
_Credits = Annotated[str, Meta(max_length=24, pattern=r"^[0-9]{1,6}(\.[0-9]{1,9})?$")]
_Moment = Annotated[datetime, Meta(tz=True)]
State = Literal["running", "complete", "stopped", "ended", "failed", "cut", "refused"]
Reason = Literal["broken", "empty", "too_long", "too_many_messages"]


class Parameters(Struct, omit_defaults=True):
    """How a model was asked to answer: what somebody set of it."""

    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    reasoning_effort: Literal["low", "medium", "high"] | None = None


class Failure(Struct):
    """Why an answer is not complete."""

    code: Annotated[str, Meta(max_length=100)]
    message: Annotated[str, Meta(max_length=2_000)]


class Answer(Struct):
    """What a message is beside its text when a model made it."""

    state: State = "complete"
    continues: bool = False
    wanted_model: _Model | None = None
    model: _Model | None = None
    request: _Id | None = None
    reasoning: str = ""
    reasoning_ms: _Count | None = None
    finish_reason: Annotated[str, Meta(max_length=100)] | None = None
    error: Failure | None = None
    charge: _Credits | None = None
    prompt_tokens: _Count | None = None
    completion_tokens: _Count | None = None
    cached_tokens: _Count | None = None
    reasoning_tokens: _Count | None = None
    estimated: bool | None = None
    first_delta_ms: _Count | None = None
    duration_ms: _Count | None = None
    finished_at: _Moment | None = None


class Attachment(Struct):
    """A file of a message, by its name."""

    id: _Id
    name: str
    kind: str
    media_type: str
    size: int


class Message(Struct):
    """Something a person said, or an answer."""

    id: _Id
    parent: _Id | None
    role: Literal["user", "assistant"]
    content: str
    created_at: _Moment
    edited_at: _Moment | None = None
    attachments: list[Attachment] = field(default_factory=list)
    answer: Answer | None = None


class Chat(Struct):
    """A chat with its whole tree, oldest first."""

    id: _Id
    title: str
    created_at: _Moment
    updated_at: _Moment
    messages: list[Message]
    title_chosen: bool = False
    model: _Model | None = None
    system_prompt: Annotated[str, Meta(max_length=20_000)] = ""
    parameters: Parameters = field(default_factory=Parameters)
    folder: _Id | None = None
    head: _Id | None = None
    pinned: bool = False
    archived: bool = False


class Folder(Struct):
    """A folder that chats of the file are in."""

    id: _Id
    name: str
    system_prompt: Annotated[str, Meta(max_length=20_000)] = ""


class Bundle(Struct):
    """A whole file."""

    format: str
    version: int
    chats: list[Chat]
    folders: list[Folder] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A chat of a file that cannot be taken in, and why."""

    title: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds."""

    chats: Sequence[Chat]
    folders: Sequence[Folder] = ()
    skipped: Sequence[Skipped] = ()


def storable(text: str) -> str:
    """Return a text without what no database holds."""
    return text.replace("\x00", "")


def problem_of(chat: Chat) -> Reason | None:
    """Return why a chat cannot be taken in, or None. It may come from anybody."""
    messages = chat.messages
    if not messages:
        return "empty"
    if len(messages) > MOST_MESSAGES:
        return "too_many_messages"
    if any(
        len(message.content) > LONGEST_CONTENT or len(_reasoning(message)) > LONGEST_CONTENT for message in messages
    ):
        return "too_long"
    parents = {message.id: message.parent for message in messages}
    whole = (
        len(parents) == len(messages)
        and all(parent is None or parent in parents for parent in parents.values())
        and all((message.role == "assistant") == (message.answer is not None) for message in messages)
        and (chat.head is None or chat.head in parents)
        and all(_FIRST_YEAR <= moment.year <= _LAST_YEAR for moment in _moments(chat))
        and not _circular(parents)
    )
    return None if whole else "broken"


def _moments(chat: Chat) -> Iterator[datetime]:
    yield from (chat.created_at, chat.updated_at)
    for message in chat.messages:
        finished_at = None if message.answer is None else message.answer.finished_at
        yield from (at for at in (message.created_at, message.edited_at, finished_at) if at is not None)


def _reasoning(message: Message) -> str:
    return "" if message.answer is None else message.answer.reasoning


def _circular(parents: dict[str, str | None]) -> bool:
    rooted: set[str] = set()
    for start in parents:
        way: list[str] = []
        at: str | None = start
        while at is not None and at not in rooted:
            way.append(at)
            at = parents[at]
            if len(way) > len(parents):
                return True
        rooted.update(way)
    return False
