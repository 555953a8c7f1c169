"""Bodies of /api about sending, and what it will cost."""

from typing import Annotated

from pydantic import Field

from omna.chat.conversations.model import MOST_ATTACHMENTS, MOST_MODELS
from omna.chat.conversations.schemas import Id, Message, Verbatim, Words
from omna.chat.parameters import ModelName, Parameters
from omna.http.values import Output

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


class Sent(Output):
    """What was said, and the answers that are being made."""

    message: Message
    answers: list[Message]


class Answers(Output):
    """Answers that are being made."""

    answers: list[Message]
