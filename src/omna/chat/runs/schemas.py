"""Bodies of /api about sending, and what it will cost."""

from typing import Annotated, Literal

from pydantic import Field

from omna.chat.conversations.model import MOST_ATTACHMENTS, MOST_MESSAGES, MOST_MODELS
from omna.chat.conversations.schemas import AnswerError, Id, Message, Verbatim, Words
from omna.chat.parameters import ModelName, Parameters, SystemPrompt
from omna.http.values import Amount, Output

Models = Annotated[list[ModelName], Field(max_length=MOST_MODELS)]
SomeModels = Annotated[list[ModelName], Field(min_length=1, max_length=MOST_MODELS)]
Attachments = Annotated[list[Id], Field(max_length=MOST_ATTACHMENTS)]


class ChatMessageNew(Verbatim):
    """Something to say. Sent again with the same id it is the same message, and nothing is paid twice."""

    id: Id = Field(description="`msg_` and a UUID that the page makes.")
    parent: Id | None = Field(default=None, description="The message it follows; null begins a branch of its own.")
    content: Words = ""
    attachments: Attachments = Field(default_factory=list)
    models: Models = Field(default_factory=list, description="Who answers; nobody for a message that is only kept.")
    parameters: Parameters | None = Field(default=None, description="Instead of those of the chat.")


class AnswersNew(Verbatim):
    """More answers to a message: the same model again, or others."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_MODELS)] = Field(description="One for each model.")
    models: SomeModels
    parameters: Parameters | None = None


class Continuation(Verbatim):
    """An answer that goes on where another one had to end."""

    id: Id
    model: ModelName | None = None


class EstimateAsked(Verbatim):
    """A message that is not sent. Of a chat, its prompt and parameters count unless they are here."""

    chat: Id | None = None
    parent: Id | None = Field(default=None, description="The message it would follow.")
    content: Words = ""
    attachments: Attachments = Field(default_factory=list)
    models: SomeModels
    system_prompt: SystemPrompt | None = None
    parameters: Parameters | None = None


class Estimate(Output):
    """What a message would cost with a model."""

    model: str
    prompt_tokens: int = Field(description="As Omna counts; the model's own count is what is billed.")
    prompt_charge: Amount | None = Field(description="Of the prompt alone, without anything cached.")
    hold: Amount | None = Field(description="What would be held while it is answered; null when it is refused.")
    context: int | None = Field(description="Tokens the model reads, its answer included; null: not known.")
    context_used: int
    dropped: int = Field(description="Messages that would be left out for want of room: none, a refusal says so.")
    answer_tokens_affordable: int | None = Field(
        description="Where the balance ends an answer; null: it pays for the longest that the model makes."
    )
    refusal: AnswerError | None


class Estimates(Output):
    """One for each model."""

    items: list[Estimate]


class TemporaryMessage(Verbatim):
    """Something that was said in a chat that is not kept."""

    role: Literal["user", "assistant"]
    content: Words
    attachments: Attachments = Field(default_factory=list)
    images: Annotated[list[str], Field(max_length=MOST_ATTACHMENTS)] = Field(
        default_factory=list, description="Pictures as data URLs: a chat that is not kept has no files."
    )


class TemporaryChat(Verbatim):
    """A chat that is not kept, as far as it came: its last message is to be answered, or its last answer to go on."""

    messages: Annotated[list[TemporaryMessage], Field(min_length=1, max_length=MOST_MESSAGES)]
    model: ModelName
    system_prompt: SystemPrompt | None = None
    parameters: Parameters | None = None


class Sent(Output):
    """What was said, and the answers that are being made."""

    message: Message
    answers: list[Message]


class Answers(Output):
    """Answers that are being made."""

    answers: list[Message]
