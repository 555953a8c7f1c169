"""Files of chats: keep what was read, attach it to messages, say it to models, forget it with its messages."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from omna.chat.files import store
from omna.chat.files.model import MOST_FILES, ChatFile, Contents, Kind, as_prompt
from omna.db.pool import Connection
from omna.errors import InvalidValue, NotFound
from omna.ids import ChatId, MessageId, UploadId, UserId, WorkspaceId
from omna.uploads import service as uploads
from omna.uploads.content import FileType

__all__ = [
    "ChatFile",
    "add",
    "attach",
    "content",
    "discard",
    "forget_chats",
    "forget_person",
    "get",
    "of_chat",
    "parse_id",
    "parts",
    "readable",
    "sweep",
]

#: Files that nobody sent are forgotten after this, as uploads are that nothing refers to.
UNSENT_FOR = timedelta(days=2)
_SWEPT = 50

parse_id = uploads.parse_id


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    name: str,
    kind: FileType,
    data: bytes,
    contents: Contents,
) -> ChatFile:
    """Keep a file and what was read of it, for its author alone. Errors: TooManyAttempts."""
    upload = await uploads.add(connection, workspace_id, user_id, name, kind, data, private=True)
    await store.add(connection, workspace_id, upload.upload_id, user_id, contents)
    return await get(connection, workspace_id, user_id, upload.upload_id)


async def get(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, upload_id: UploadId) -> ChatFile:
    """Return a file that a person may read: their own, or one of a chat that is shared with them. Errors: NotFound."""
    return (await readable(connection, workspace_id, user_id, [upload_id]))[0]


async def readable(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId, upload_ids: Sequence[UploadId]
) -> Sequence[ChatFile]:
    """Return files that a person may read, in the order they were asked for.

    Errors  InvalidValue when they are too many for a message; NotFound when one of them is gone or not theirs
    """
    if len(upload_ids) > MOST_FILES:
        raise InvalidValue(f"A message carries at most {MOST_FILES} files.", param="attachments")
    if not upload_ids:
        return []
    found = {file.upload_id: file for file in await store.readable(connection, workspace_id, user_id, upload_ids)}
    missing = [upload_id for upload_id in upload_ids if upload_id not in found]
    if missing:
        raise NotFound("An attached file is not there any more. Attach it again.", param="attachments")
    return [found[upload_id] for upload_id in dict.fromkeys(upload_ids)]


async def content(connection: Connection, file: ChatFile) -> tuple[uploads.Upload, bytes]:
    """Return a file as it was handed in. Errors: NotFound."""
    upload = await uploads.get(connection, file.workspace_id, file.upload_id)
    return upload, await uploads.content(connection, upload)


async def attach(
    connection: Connection,
    workspace_id: WorkspaceId,
    user_id: UserId,
    chat_id: ChatId,
    message_id: MessageId,
    upload_ids: Sequence[UploadId],
) -> Sequence[ChatFile]:
    """Attach files to a message that was just made. Errors: as `readable`."""
    files = await readable(connection, workspace_id, user_id, upload_ids)
    for file in files:
        await uploads.claim(connection, file.upload_id, workspace_id, text=True, private=True)
    await store.attach(connection, workspace_id, chat_id, message_id, [file.upload_id for file in files])
    return files


async def of_chat(
    connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId
) -> Mapping[MessageId, Sequence[ChatFile]]:
    """Return the files of each message of a chat that has some, in their order."""
    return await store.of_chat(connection, workspace_id, chat_id)


async def parts(
    connection: Connection, workspace_id: WorkspaceId, upload_ids: Sequence[UploadId]
) -> Mapping[UploadId, dict[str, Any]]:
    """Return what each file says to a model, as a part of a message's `content`.

    Whether the caller may read them is decided before: by `readable`, `attach` or the chat they come from.
    """
    if not upload_ids:
        return {}
    found: dict[UploadId, dict[str, Any]] = {}
    for row in await store.contents(connection, workspace_id, upload_ids):
        if row["kind"] == Kind.IMAGE:
            coded = await asyncio.to_thread(b64encode, row["content"])
            url = f"data:{row['media_type']};base64,{coded.decode('ascii')}"
            found[row["upload_id"]] = {"type": "image_url", "image_url": {"url": url}}
        else:
            found[row["upload_id"]] = {"type": "text", "text": as_prompt(row["name"], row["text"])}
    return found


async def discard(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, upload_id: UploadId) -> None:
    """Delete a file that was not sent. Errors: NotFound, also for one that stands in a message."""
    discarded = await store.delete_unattached(connection, workspace_id, user_id, upload_id)
    if not discarded:
        raise NotFound("There is no such file that was not sent.")
    await uploads.delete(connection, discarded)


async def forget_chats(connection: Connection, workspace_id: WorkspaceId, chat_ids: Sequence[ChatId]) -> None:
    """Delete the files of chats that are about to be deleted, but for those that stand in other chats, too."""
    await uploads.delete(connection, await store.detach_chats(connection, workspace_id, chat_ids))


async def forget_person(connection: Connection, user_id: UserId) -> None:
    """Delete what a person handed in and no chat has, after their chats are deleted."""
    await uploads.delete(connection, await store.delete_unattached_of(connection, user_id))


async def sweep(connection: Connection) -> int:
    """Delete some of the files that nobody sent for two days; return how many."""
    forgotten = await store.delete_forgotten(connection, UNSENT_FOR, _SWEPT)
    await uploads.delete(connection, forgotten)
    return len(forgotten)
