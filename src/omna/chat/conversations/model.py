"""PURE: what a chat and its messages are, and what may be in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from omna import names
from omna.chat.files.model import ChatFile
from omna.ids import ChatId, FolderId, MessageId, RequestId, UserId, WorkspaceId

LONGEST_CONTENT = 400_000
MOST_MESSAGES = 2_000
#: Of all texts of a chat: they are read together.
MOST_BYTES = 16 << 20
MOST_MODELS = 4
MOST_ATTACHMENTS = 10
#: Of one person, in all chats and on all processes.
MOST_RUNNING = 8
LONGEST_TITLE = 200
#: Of a title that nobody chose.
_TITLE_WORDS = 60
_SHORTEST_CUT = 20


class State(StrEnum):
    """How an answer stands; migration 0056 says what each means."""

    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    ENDED = "ended"
    FAILED = "failed"
    CUT = "cut"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat without its messages."""

    workspace_id: WorkspaceId
    chat_id: ChatId
    user_id: UserId
    title: str
    title_chosen: bool
    model_id: str | None
    system_prompt: str
    parameters: dict[str, Any]
    folder_id: FolderId | None
    head_id: MessageId | None
    shared_at: datetime | None
    pinned_at: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message is beside its text when a model made it. charge in nanocredits."""

    state: State
    continues: bool = False
    wanted_model: str | None = None
    model: str | None = None
    request_id: RequestId | None = None
    process_id: UUID | None = None
    reasoning: str = ""
    reasoning_ms: int | None = None
    finish_reason: str | None = None
    error: dict[str, Any] | None = None
    charge: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    estimated: bool | None = None
    first_delta_ms: int | None = None
    duration_ms: int | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Something a person said, or an answer."""

    chat_id: ChatId
    message_id: MessageId
    parent_id: MessageId | None
    role: str
    content: str
    created_at: datetime
    edited_at: datetime | None = None
    answer: Answer | None = None
    files: Sequence[ChatFile] = ()

    @property
    def running(self) -> bool:
        return self.answer is not None and self.answer.state is State.RUNNING

    def saying(self, content: str, reasoning: str) -> "Message":
        """Return the running answer with what it has said so far."""
        assert self.answer is not None
        return replace(self, content=content, answer=replace(self.answer, reasoning=reasoning))


@dataclass(frozen=True, slots=True)
class Thread:
    """A chat with its whole tree, oldest first."""

    chat: Chat
    messages: Sequence[Message]


def branch(messages: Sequence[Message], leaf: MessageId | None) -> list[Message]:
    """Return the way from the first message to `leaf`; nothing for None. Errors: KeyError for one that is not here."""
    known: Mapping[MessageId, Message] = {message.message_id: message for message in messages}
    found: list[Message] = []
    while leaf is not None:
        found.append(known[leaf])
        leaf = known[leaf].parent_id
        if len(found) > len(known):
            raise KeyError("a message is its own ancestor")
    found.reverse()
    return found


def title_of(content: str) -> str:
    """Return the first words of a message."""
    words = names.tidied(content[: 8 * _TITLE_WORDS])
    if len(words) <= _TITLE_WORDS:
        return words
    cut = words[:_TITLE_WORDS].rpartition(" ")[0]
    # A language without spaces is cut where the line is full.
    return (cut if len(cut) >= _SHORTEST_CUT else words[:_TITLE_WORDS]) + "…"
