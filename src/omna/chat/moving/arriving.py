"""Take the chats of a file in: they keep their ids and their moments, unless an id is in use.

A chat that the person has already stays as it is, so that a file can be read again. Files of messages do not come
along; folders are found by id, then by name, and made otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from omna import names
from omna.accounts import throttle
from omna.accounts.throttle import Window
from omna.chat.moving import store
from omna.chat.moving.model import Chat, Folder, Message, storable
from omna.chat.shelf.model import LONGEST_NAME, MOST_FOLDERS
from omna.db.pool import Connection
from omna.http.principal import Member
from omna.ids import FolderId, new_id, parse
from omna.money import parse_credits

#: Chats that one transaction takes in.
STEP = 20
#: Files of one person.
_FILES = Window(most=30, seconds=3600)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many chats of a step came in, and how many were there already."""

    imported: int
    there: int


async def count(connection: Connection, by: Member) -> None:
    """Note that a person reads a file. Errors: TooManyAttempts."""
    message = "You read many files in the last hour. Try again later."
    await throttle.count(connection, [(f"chat-imports:{by.user_id.hex}", _FILES)], message=message)


async def folders(connection: Connection, wanted: Sequence[Folder], *, by: Member) -> Mapping[str, FolderId]:
    """Return the person's folders for those of a file."""
    there = await store.folders(connection, by.workspace_id, by.user_id)
    by_id = {folder.id: folder for folder in there}
    by_name = {folder.name.lower(): folder for folder in there}
    found: dict[str, FolderId] = {}
    for folder in wanted[:MOST_FOLDERS]:
        name = names.tidied(folder.name)[:LONGEST_NAME]
        known = by_id.get(folder.id) or by_name.get(name.lower())
        if known is not None:
            found[folder.id] = FolderId(parse(known.id, "fld"))
        elif name and len(by_id) < MOST_FOLDERS:
            folder_id, system = _id(folder.id, "fld") or new_id(), storable(folder.system_prompt)
            where = connection, by.workspace_id, by.user_id
            if not await store.add_folder(*where, folder_id, name, system):
                folder_id = new_id()
                await store.add_folder(*where, folder_id, name, system)
            found[folder.id] = FolderId(folder_id)
            by_id[folder.id] = by_name[name.lower()] = Folder(f"fld_{folder_id.hex}", name)
    return found


async def take(connection: Connection, chats: Sequence[Chat], into: Mapping[str, FolderId], *, by: Member) -> Taken:
    """Take some chats in."""
    wanted = [_id(chat.id, "chat") or new_id() for chat in chats]
    taken = await store.taken(connection, by.workspace_id, by.user_id, wanted)
    imported = there = 0
    for chat_id, chat in zip(wanted, chats, strict=True):
        if taken.get(chat_id):
            there += 1
            continue
        ids = _ids(chat)
        head_id = ids[chat.head or chat.messages[-1].id]
        rows = [_row(message, ids) for message in chat.messages]
        folder_id = into.get(chat.folder or "")
        where = connection, by.workspace_id, by.user_id
        if chat_id in taken or not await store.add(*where, chat_id, chat, head_id, folder_id, rows):
            await store.add(*where, new_id(), chat, head_id, folder_id, rows)
        imported += 1
    return Taken(imported, there)


def _ids(chat: Chat) -> dict[str, UUID]:
    """Return the id of each message: its own, unless it is none or another one has it."""
    found: dict[str, UUID] = {}
    used: set[UUID] = set()
    for message in chat.messages:
        identifier = _id(message.id, "msg")
        if identifier is None or identifier in used:
            identifier = new_id()
        used.add(identifier)
        found[message.id] = identifier
    return found


def _row(message: Message, ids: Mapping[str, UUID]) -> tuple[Any, ...]:
    """Return a message in the order of the columns of `store.add`."""
    parent = None if message.parent is None else ids[message.parent]
    said = ids[message.id], parent, message.role, message.content, message.created_at, message.edited_at
    answer = message.answer
    if answer is None:
        return (*said, None, False, None, None, None, "", *([None] * 12))
    return (
        *said,
        # Nothing runs in a file.
        "cut" if answer.state == "running" else answer.state,
        answer.continues,
        answer.wanted_model,
        answer.model,
        None if answer.request is None else _id(answer.request, "req"),
        answer.reasoning,
        answer.reasoning_ms,
        answer.finish_reason,
        None if answer.error is None else {"code": answer.error.code, "message": answer.error.message},
        None if answer.charge is None else parse_credits(answer.charge),
        answer.prompt_tokens,
        answer.completion_tokens,
        answer.cached_tokens,
        answer.reasoning_tokens,
        answer.estimated,
        answer.first_delta_ms,
        answer.duration_ms,
        answer.finished_at or message.created_at,
    )


def _id(text: str, prefix: str) -> UUID | None:
    try:
        return parse(text, prefix)
    except ValueError:
        return None
