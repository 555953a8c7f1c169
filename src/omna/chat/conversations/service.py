"""What an author does with a chat beside sending: make, read, name, file, share, mark, edit, fork.

A chat is its author's. Others of the workspace read it once it is shared, and change nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from omna import names
from omna.chat.conversations import message_store, store
from omna.chat.conversations.model import (
    LONGEST_CONTENT,
    MOST_BYTES,
    MOST_MESSAGES,
    Chat,
    Message,
    State,
    Thread,
    branch,
    title_of,
)
from omna.chat.files import service as files
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.http.principal import Member
from omna.ids import ChatId, FolderId, MessageId, new_id, parse


@dataclass(frozen=True, slots=True)
class Sums:
    """What the answers of a chat came to. charge in nanocredits."""

    charge: int = 0
    tokens: int = 0
    running: bool = False

    @classmethod
    def of(cls, messages: Iterable[Message]) -> "Sums":
        answers = [message.answer for message in messages if message.answer is not None]
        return cls(
            sum(answer.charge or 0 for answer in answers),
            sum((answer.prompt_tokens or 0) + (answer.completion_tokens or 0) for answer in answers),
            any(answer.state is State.RUNNING for answer in answers),
        )


async def create(
    connection: Connection,
    by: Member,
    *,
    model: str | None = None,
    system_prompt: str | None = None,
    parameters: dict[str, Any] | None = None,
    folder_id: FolderId | None = None,
) -> Chat:
    """Make an empty chat. Errors: NotFound for a folder that is not theirs."""
    if folder_id is not None:
        of_folder = await _folder_prompt(connection, by, folder_id)
        system_prompt = of_folder if system_prompt is None else system_prompt
    return await store.add(
        connection,
        by.workspace_id,
        ChatId(new_id()),
        by.user_id,
        model_id=model,
        system_prompt=system_prompt or "",
        parameters=parameters,
        folder_id=folder_id,
    )


async def own(connection: Connection, by: Member, chat_id: ChatId) -> Chat:
    """Return a chat of their own. Errors: NotFound, also for one that was shared with them."""
    return _there(await store.get(connection, by.workspace_id, chat_id, by.user_id))


async def locked(connection: Connection, by: Member, chat_id: ChatId) -> Chat:
    """Return a chat of their own for a change: whoever else changes it waits. Errors: NotFound."""
    return _there(await store.lock(connection, by.workspace_id, chat_id, by.user_id))


async def read(connection: Connection, by: Member, chat_id: ChatId) -> Thread:
    """Return a chat with all messages. Errors: NotFound."""
    chat = _there(await store.readable(connection, by.workspace_id, chat_id, by.user_id))
    return await _thread(connection, chat)


async def thread(connection: Connection, by: Member, chat_id: ChatId) -> Thread:
    """Return a chat of their own with all messages. Errors: NotFound."""
    chat = await own(connection, by, chat_id)
    return await _thread(connection, chat)


async def message(connection: Connection, by: Member, chat_id: ChatId, message_id: MessageId) -> Message:
    """Return a message of a chat of their own. Errors: NotFound."""
    await own(connection, by, chat_id)
    return await _message(connection, by, chat_id, message_id)


async def sums(connection: Connection, chat: Chat) -> Sums:
    """Return what a chat came to so far."""
    return Sums(*await store.sums(connection, chat.workspace_id, chat.chat_id))


async def change(connection: Connection, by: Member, chat_id: ChatId, fields: dict[str, Any]) -> Chat:
    """Change what is named; None takes a field back to what it is without.

    fields  title, model, system_prompt, parameters, folder_id, head_id, shared, pinned, archived
    Errors  NotFound, also for a folder or a message that is not theirs
    """
    chat = await locked(connection, by, chat_id)
    if fields.get("folder_id") is not None:
        await _folder_prompt(connection, by, fields["folder_id"])
    if fields.get("head_id") is not None:
        _said(await message_store.get(connection, by.workspace_id, chat_id, fields["head_id"]))
    title = names.one_line(fields.get("title") or "", param="title", what="A title")
    if title:
        chat = replace(chat, title=title, title_chosen=True)
    elif "title" in fields:
        first = await message_store.first_question(connection, by.workspace_id, chat_id)
        chat = replace(chat, title=title_of(first or ""), title_chosen=False)
    chat = replace(
        chat,
        model_id=fields.get("model", chat.model_id),
        system_prompt=fields.get("system_prompt", chat.system_prompt) or "",
        parameters=fields.get("parameters", chat.parameters) or {},
        folder_id=fields.get("folder_id", chat.folder_id),
        head_id=fields.get("head_id", chat.head_id),
    )
    marks = {"shared": chat.shared_at, "pinned": chat.pinned_at, "archived": chat.archived_at}
    flags = {name: bool(fields.get(name, moment is not None)) for name, moment in marks.items()}
    return await store.change(connection, chat, **flags)


async def edit(connection: Connection, by: Member, chat_id: ChatId, message_id: MessageId, content: str) -> Message:
    """Change the text of an answer. Errors: NotFound, InvalidValue, Conflict while it runs."""
    checked_content(content)
    chat = await locked(connection, by, chat_id)
    found = _said(await message_store.get(connection, by.workspace_id, chat_id, message_id))
    if found.answer is None:
        raise InvalidValue("What you said is not changed: send it in new words, beside the old ones.", param="message")
    if len(content) > len(found.content):
        await require_room(connection, chat, 0)
    if not await message_store.edit(connection, by.workspace_id, chat_id, message_id, content):
        raise Conflict("This answer is still being written; stop it first.")
    return await _message(connection, by, chat_id, message_id)


async def fork(connection: Connection, by: Member, chat_id: ChatId, message_id: MessageId) -> Chat:
    """Copy the branch up to a message into a chat of its own. Errors: NotFound; Conflict for a running answer."""
    found = await thread(connection, by, chat_id)
    path = branch_to(found, message_id)
    if any(one.running for one in path):
        raise Conflict("This answer is still being written; fork when it is done.")
    chat = found.chat
    copied = await store.add(
        connection,
        by.workspace_id,
        ChatId(new_id()),
        by.user_id,
        model_id=chat.model_id,
        system_prompt=chat.system_prompt,
        parameters=chat.parameters,
        folder_id=chat.folder_id,
        title=chat.title,
        title_chosen=chat.title_chosen,
    )
    ids = [MessageId(new_id()) for _ in path]
    await message_store.copy(
        connection, by.workspace_id, chat_id, copied.chat_id, [one.message_id for one in path], ids
    )
    await store.spoke(connection, copied, ids[-1])
    return await own(connection, by, copied.chat_id)


def branch_to(found: Thread, message_id: MessageId | None) -> Sequence[Message]:
    """Return the branch that ends with a message. Errors: NotFound."""
    try:
        return branch(found.messages, message_id)
    except KeyError:
        raise missing_message() from None


def checked_content(content: str) -> str:
    """Return a text that may be a message. Errors: InvalidValue."""
    if len(content) > LONGEST_CONTENT:
        raise InvalidValue(f"A message has at most {LONGEST_CONTENT:,} characters.", param="content")
    return content


async def require_room(connection: Connection, chat: Chat, more: int) -> None:
    """Refuse messages a chat has no room for. Errors: Conflict."""
    messages, size = await message_store.size(connection, chat.workspace_id, chat.chat_id)
    if messages + more > MOST_MESSAGES:
        raise Conflict(f"A chat has at most {MOST_MESSAGES:,} messages. Fork it from here, or begin a new one.")
    if size > MOST_BYTES:
        raise Conflict(f"A chat has at most {MOST_BYTES >> 20} MiB of text. Fork it from here, or begin a new one.")


def parse_chat(text: str) -> ChatId:
    """Return the id behind `chat_…`. Errors: NotFound."""
    return ChatId(_parsed(text, "chat", missing()))


def parse_message(text: str) -> MessageId:
    """Return the id behind `msg_…`. Errors: NotFound."""
    return MessageId(_parsed(text, "msg", missing_message()))


def parse_folder(text: str) -> FolderId:
    """Return the id behind `fld_…`. Errors: NotFound."""
    return FolderId(_parsed(text, "fld", _missing_folder()))


def missing() -> NotFound:
    return NotFound("There is no such chat.")


def missing_message() -> NotFound:
    return NotFound("There is no such message in this chat.")


async def _thread(connection: Connection, chat: Chat) -> Thread:
    messages = await message_store.all_of(connection, chat.workspace_id, chat.chat_id)
    attached = await files.of_chat(connection, chat.workspace_id, chat.chat_id)
    return Thread(chat, [replace(one, files=attached.get(one.message_id, ())) for one in messages])


async def _message(connection: Connection, by: Member, chat_id: ChatId, message_id: MessageId) -> Message:
    found = _said(await message_store.get(connection, by.workspace_id, chat_id, message_id))
    if found.answer is not None:
        return found
    attached = await files.of_chat(connection, by.workspace_id, chat_id)
    return replace(found, files=attached.get(message_id, ()))


def _missing_folder() -> NotFound:
    return NotFound("There is no such folder.")


def _parsed(text: str, prefix: str, missed: NotFound) -> UUID:
    try:
        return parse(text, prefix)
    except ValueError:
        raise missed from None


def _there(chat: Chat | None) -> Chat:
    if chat is None:
        raise missing()
    return chat


def _said(found: Message | None) -> Message:
    if found is None:
        raise missing_message()
    return found


async def _folder_prompt(connection: Connection, by: Member, folder_id: FolderId) -> str:
    prompt = await store.folder_prompt(connection, by.workspace_id, by.user_id, folder_id)
    if prompt is None:
        raise _missing_folder()
    return prompt
