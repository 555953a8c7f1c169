"""/api/workspaces/{ws}/chats: make, read and change chats. Their list, and what deletes them, is the shelf's."""

from typing import Any

from fastapi import Request

from omna.chat.conversations import service
from omna.chat.conversations.access import Author, ChatPath, MessagePath
from omna.chat.conversations.bodies import chat_body, message_body, thread_body
from omna.chat.conversations.schemas import (
    Chat,
    ChatChange,
    ChatFork,
    ChatNew,
    ChatThread,
    ContentChange,
    Message,
)
from omna.chat.runs import resolving
from omna.chat.runs.access import runs_of
from omna.chat.runs.reading import with_texts
from omna.http.access import Reading, Work
from omna.http.router import Router

router = Router(prefix="/api/workspaces/{workspace}/chats", tags=["chat"])


@router.post("", status_code=201)
async def create_chat(body: ChatNew, who: Author, connection: Work) -> Chat:
    """Begin a chat. It costs nothing until something is sent."""
    made = await service.create(
        connection,
        who,
        model=body.model,
        system_prompt=body.system_prompt,
        parameters=None if body.parameters is None else body.parameters.kept(),
        folder_id=None if body.folder is None else service.parse_folder(body.folder),
    )
    return chat_body(made, service.Sums(), who.user_id)


@router.get("/{chat}")
async def get_chat(chat: ChatPath, request: Request, who: Author, connection: Reading) -> ChatThread:
    """A chat with its whole tree of messages: your own, or one that its author shared with the workspace."""
    found = await service.read(connection, who, chat)
    runs = runs_of(request)
    elsewhere = any(message.running and not runs.makes(found.chat, message) for message in found.messages)
    # Whoever made those answers may be gone.
    if elsewhere and await resolving.resolve(connection, who.workspace_id, chat):
        found = await service.read(connection, who, chat)
    return thread_body(await with_texts(runs, connection, found), who.user_id)


@router.patch("/{chat}")
async def change_chat(chat: ChatPath, body: ChatChange, who: Author, connection: Work) -> Chat:
    """Change what is named in the body, and nothing else; null takes a field back. Costs nothing."""
    changed = await service.change(connection, who, chat, _fields(body))
    return chat_body(changed, await service.sums(connection, changed), who.user_id)


@router.patch("/{chat}/messages/{message}")
async def edit_answer(
    chat: ChatPath, message: MessagePath, body: ContentChange, who: Author, connection: Work
) -> Message:
    """Change the text of an answer, for instance to correct it before you go on. Costs nothing."""
    return message_body(await service.edit(connection, who, chat, message, body.content))


@router.post("/{chat}/fork", status_code=201)
async def fork_chat(chat: ChatPath, body: ChatFork, who: Author, connection: Work) -> Chat:
    """Copy the branch up to a message into a chat of its own. Costs nothing until something is sent there."""
    made = await service.fork(connection, who, chat, service.parse_message(body.message))
    return chat_body(made, await service.sums(connection, made), who.user_id)


def _fields(body: ChatChange) -> dict[str, Any]:
    fields = body.model_dump(include=body.model_fields_set, exclude={"parameters", "folder", "head"})
    named = body.model_fields_set
    if "parameters" in named:
        fields["parameters"] = {} if body.parameters is None else body.parameters.kept()
    if "folder" in named:
        fields["folder_id"] = None if body.folder is None else service.parse_folder(body.folder)
    if "head" in named:
        fields["head_id"] = None if body.head is None else service.parse_message(body.head)
    return fields
