"""Bodies of /api about chats and their messages."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from omna.chat.conversations.model import LONGEST_CONTENT, LONGEST_TITLE, State
from omna.chat.files.schemas import Attachment
from omna.chat.parameters import ModelName, Parameters, SystemPrompt
from omna.http.errors import Bound
from omna.http.values import Amount, Flag, Input, Moment, Output, Text

Id = Annotated[str, Field(max_length=64)]
Words = Annotated[Text, Field(max_length=LONGEST_CONTENT)]


class Verbatim(BaseModel):
    """A body with text that is kept as it was typed, spaces included."""

    model_config = ConfigDict(extra="forbid")


class ChatNew(Input):
    """A chat that is to be. Without a system prompt it begins with that of its folder."""

    model: ModelName | None = None
    system_prompt: SystemPrompt | None = None
    parameters: Parameters | None = None
    folder: Id | None = None


class ChatChange(Input):
    """What is to change of a chat: the fields that are here. null leaves it to what it was without the field."""

    title: Annotated[Text, Field(max_length=LONGEST_TITLE)] | None = None
    model: ModelName | None = None
    system_prompt: SystemPrompt | None = None
    parameters: Parameters | None = None
    folder: Id | None = None
    pinned: Flag | None = None
    archived: Flag | None = None
    shared: Flag | None = Field(default=None, description="Whether the members of the workspace may read along.")
    head: Id | None = Field(default=None, description="The last message of the branch that is shown.")


class ChatFork(Input):
    """The last message that is copied."""

    message: Id


class ContentChange(Verbatim):
    """The new text of an answer."""

    content: Words


class AnswerError(Output):
    """Why an answer is not complete, or was never made."""

    code: str
    message: str
    limit: Bound | None = None
    retry_after: float | None = None
    details: dict[str, Any] = Field(default_factory=dict)


class Answer(Output):
    """What a message is beside its text when a model made it. Times are milliseconds."""

    state: State
    continues: bool = Field(description="It goes on where its parent, an answer too, had to end.")
    wanted_model: str | None
    model: str | None = Field(description="What answers: another one than was wanted after a fallback.")
    request: str | None = Field(description="The request that it is: its receipt is at usage/requests/{request}.")
    reasoning: str
    reasoning_ms: int | None
    finish_reason: str | None
    error: AnswerError | None
    charge: Amount | None = Field(description="As the request was billed; null until then.")
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    estimated: bool | None
    first_delta_ms: int | None
    duration_ms: int | None
    finished_at: Moment | None


class Message(Output):
    """Something a person said, or an answer. Of a running answer, the texts are what it has said so far."""

    id: str
    parent: str | None
    role: Literal["user", "assistant"]
    content: str
    edited_at: Moment | None
    created_at: Moment
    attachments: list[Attachment]
    answer: Answer | None


class Chat(Output):
    """A chat without its messages."""

    id: str
    title: str
    title_chosen: bool
    model: str | None
    system_prompt: str
    parameters: Parameters
    folder: str | None
    head: str | None
    pinned: bool
    archived: bool
    shared: bool
    mine: bool = Field(description="False for a chat that its author shared with the workspace: read only.")
    created_at: Moment
    updated_at: Moment
    charge: Amount = Field(description="The sum of all its answers.")
    tokens: int
    running: bool


class ChatThread(Chat):
    """A chat with its whole tree, oldest first."""

    messages: list[Message]
