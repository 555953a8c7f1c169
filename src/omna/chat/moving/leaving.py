"""Chats as files that are made while they are sent: one chat at a time, and no connection waits for a slow reader."""

from collections.abc import AsyncIterator
from typing import Literal

import asyncpg
import msgspec

from omna.chat.moving import store
from omna.chat.moving.markdown import file_name, markdown_of
from omna.chat.moving.model import FORMAT, VERSION, Chat, Folder
from omna.db.pool import borrow
from omna.errors import NotFound
from omna.ids import ChatId, UserId, WorkspaceId
from omna.membership.archive import ArchiveFile, archive

Format = Literal["markdown", "json"]


async def one(pool: asyncpg.Pool, workspace_id: WorkspaceId, user_id: UserId, chat_id: ChatId) -> Chat:
    """Return a chat of a person. Errors: NotFound."""
    async with borrow(pool) as connection:
        found = await store.chat(connection, workspace_id, user_id, chat_id)
    if found is None:
        raise NotFound("There is no such chat.")
    return found


async def folder_of(pool: asyncpg.Pool, workspace_id: WorkspaceId, user_id: UserId, chat: Chat) -> list[Folder]:
    """Return the folder that a chat is in, if it is in one."""
    async with borrow(pool) as connection:
        folders = await store.folders(connection, workspace_id, user_id)
    return [folder for folder in folders if folder.id == chat.folder]


async def as_json(pool: asyncpg.Pool, workspace_id: WorkspaceId, user_id: UserId) -> AsyncIterator[bytes]:
    """Yield all chats of a person as one file of our own format, in pieces."""
    async with borrow(pool) as connection:
        folders = await store.folders(connection, workspace_id, user_id)
    yield head(folders)
    first = True
    async for chat in _chats(pool, workspace_id, user_id):
        yield (b"\n" if first else b",\n") + msgspec.json.encode(chat)
        first = False
    yield b"\n]}\n"


async def as_markdown(pool: asyncpg.Pool, workspace_id: WorkspaceId, user_id: UserId) -> AsyncIterator[bytes]:
    """Yield a ZIP file with one Markdown file a chat, in pieces."""
    async with borrow(pool) as connection:
        titles = await store.titles(connection, workspace_id, user_id)
    used: set[str] = set()
    files = []
    for chat_id, title in titles:
        name = file_name(title, "md")
        if name.lower() in used:
            name = file_name(f"{title[:60]} {chat_id.hex[-8:]}", "md")
        used.add(name.lower())
        files.append(ArchiveFile(name, _markdown(pool, workspace_id, user_id, chat_id)))
    async for piece in archive(files):
        yield piece


def head(folders: list[Folder]) -> bytes:
    """Return the beginning of a file, up to its chats."""
    shown = msgspec.json.encode(folders).decode()
    return f'{{"format":"{FORMAT}","version":{VERSION},"folders":{shown},"chats":['.encode()


def whole(chat: Chat, folders: list[Folder]) -> bytes:
    """Return a file with one chat."""
    return head(folders) + b"\n" + msgspec.json.encode(chat) + b"\n]}\n"


async def _chats(pool: asyncpg.Pool, workspace_id: WorkspaceId, user_id: UserId) -> AsyncIterator[Chat]:
    async with borrow(pool) as connection:
        titles = await store.titles(connection, workspace_id, user_id)
    for chat_id, _ in titles:
        async with borrow(pool) as connection:
            chat = await store.chat(connection, workspace_id, user_id, chat_id)
        # It may have been deleted meanwhile.
        if chat is not None:
            yield chat


async def _markdown(
    pool: asyncpg.Pool, workspace_id: WorkspaceId, user_id: UserId, chat_id: ChatId
) -> AsyncIterator[bytes]:
    async with borrow(pool) as connection:
        chat = await store.chat(connection, workspace_id, user_id, chat_id)
    yield b"" if chat is None else markdown_of(chat).encode()
