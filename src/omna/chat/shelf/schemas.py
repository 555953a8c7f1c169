"""Bodies of /api about folders, prompts, presets and how a person likes to chat."""

from typing import Annotated, Literal

from pydantic import Field

from omna.chat.parameters import ModelName, Parameters, SystemPrompt
from omna.chat.shelf.model import LONGEST_PROMPT, ChatAct
from omna.http.values import Flag, Input, Moment, Output, Text

Name = Annotated[Text, Field(max_length=400)]
PromptText = Annotated[Text, Field(max_length=LONGEST_PROMPT * 2)]


class FolderRow(Output):
    """A folder of chats."""

    id: str
    name: str
    system_prompt: str = Field(description="What new chats in it begin with.")
    chats: int = Field(description="Chats in it that are not archived.")
    created_at: Moment


class FolderNew(Input):
    """A folder that is to be."""

    name: Name
    system_prompt: SystemPrompt = ""


class FolderChange(Input):
    """What changes; what is absent stays. Chats that are there keep their system prompt."""

    name: Name | None = None
    system_prompt: SystemPrompt | None = None


class PromptRow(Output):
    """A prompt to use again."""

    id: str
    name: str
    text: str
    variables: list[str] = Field(description="The names that stand in `{{…}}`, each once.")
    created_at: Moment


class PromptNew(Input):
    """A prompt that is to be."""

    name: Name
    text: PromptText


class PromptChange(Input):
    """What changes; what is absent stays."""

    name: Name | None = None
    text: PromptText | None = None


class PresetRow(Output):
    """A model with system prompt and parameters, under a name."""

    id: str
    name: str
    model: str | None = Field(description="null: whichever model is chosen already.")
    system_prompt: str
    parameters: Parameters
    created_at: Moment


class PresetNew(Input):
    """A preset that is to be."""

    name: Name
    model: ModelName | None = None
    system_prompt: SystemPrompt = ""
    parameters: Parameters = Field(default_factory=Parameters)


class PresetChange(Input):
    """What changes; what is absent stays. `null` as model takes it away."""

    name: Name | None = None
    model: ModelName | None = None
    system_prompt: SystemPrompt | None = None
    parameters: Parameters | None = None


class ChatSettings(Output):
    """How you like to chat, in every workspace."""

    default_model: str | None = Field(description="What a new chat begins with; null is what was used last.")
    system_prompt: str
    parameters: Parameters
    temporary_by_default: bool = Field(description="New chats are not stored.")
    enter_sends: bool = Field(description="Else Ctrl+Enter sends, and Enter begins a new line.")
    shortcuts: bool = Field(description="Keys act in the chat.")
    background_titles: Literal[False] = Field(
        description="Titles are the first words of a chat, made here: no request is ever sent for one."
    )
    favourites: list[str] = Field(description="Models, the last marked first.")
    recent: list[str] = Field(description="Models, the last used first.")


class ChatSettingsChange(Input):
    """What changes; what is absent stays. `null` as default model takes it away."""

    default_model: ModelName | None = None
    system_prompt: SystemPrompt | None = None
    parameters: Parameters | None = None
    temporary_by_default: Flag | None = None
    enter_sends: Flag | None = None
    shortcuts: Flag | None = None
    favourites: Annotated[list[ModelName], Field(max_length=200)] | None = None
    recent: Annotated[list[ModelName], Field(max_length=200)] | None = None


class Snippet(Output):
    """A run of characters of a text; marked: it is what was looked for. Never HTML."""

    text: str
    marked: bool


class ChatRow(Output):
    """A chat in a list."""

    id: str
    title: str
    model: str | None
    folder: str | None
    pinned: bool
    archived: bool
    shared: bool = Field(description="Members of the workspace may read it.")
    mine: bool
    running: bool = Field(description="A model is answering in it.")
    created_at: Moment
    updated_at: Moment
    snippet: list[Snippet] | None = Field(description="Of the message that was found; null when the title was.")
    message: str | None = Field(description="That message.")


class ChatsAct(Input):
    """What is done to chats of your own."""

    chats: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=200)]
    act: ChatAct
    folder: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Where `move` puts them; null takes them out of their folders."
    )


class ChatsChanged(Output):
    """To how many chats it was done."""

    changed: int


class ChatsDeletion(Input):
    """The words “delete all”, typed."""

    typed: Annotated[Text, Field(max_length=100)]


class ChatsDeleted(Output):
    """How many chats are gone."""

    deleted: int
