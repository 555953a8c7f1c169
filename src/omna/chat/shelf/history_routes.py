"""/api/workspaces/{ws}/chats: the list of chats, what is looked for in them, and how they go."""

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query

from omna.chat.shelf import history
from omna.chat.shelf.model import Entry
from omna.chat.shelf.schemas import ChatRow, ChatsAct, ChatsChanged, ChatsDeleted, ChatsDeletion, Snippet
from omna.chat.shelf.searching import LONGEST_QUERY, Wanted, parse, snippet
from omna.http.access import Can, Reading, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_moment
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import show

router = Router(prefix="/api/workspaces/{workspace}/chats", tags=["chat"])

Chatter = Annotated[Member, Can(Right.CHAT, people_only=True, while_frozen=True)]
ChatPath = Annotated[str, Path(description="The chat: `chat_…`")]


@router.get("")
async def list_chats(
    who: Chatter,
    connection: Reading,
    q: Annotated[
        str | None,
        Query(
            max_length=LONGEST_QUERY,
            description="Words of a title or a message; `folder:name`, `pinned:`, `archived:`, `shared:` narrow it.",
        ),
    ] = None,
    folder: Annotated[str | None, Query(max_length=64, description="`fld_…`")] = None,
    archived: Annotated[bool | None, Query(description="Without words, only what is not archived by default.")] = None,
    pinned: bool | None = None,
    shared: Annotated[
        bool | None, Query(description="True: whatever is shared in the workspace, by whomever; false: yours.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ChatRow]:
    """Your chats, those last changed first; with words or `shared`, also what others share here."""
    wanted = parse(q or "")
    wanted = replace(
        wanted,
        archived=wanted.archived if archived is None else archived,
        pinned=wanted.pinned if pinned is None else pinned,
        shared=wanted.shared if shared is None else shared,
    )
    if not wanted.looks and wanted.archived is None:
        wanted = replace(wanted, archived=False)
    found = await history.find(
        connection,
        wanted,
        by=who,
        folder_id=None if folder is None else id_in_address(folder, "fld", "folder"),
        before=decode_moment(cursor),
        limit=limit + 1,
    )
    rows, following = cut(found, limit, lambda row: (row.updated_at.isoformat(), row.chat_id.hex))
    return Page(items=[_row(entry, wanted) for entry in rows], next_cursor=following)


@router.post("/bulk")
async def change_chats(body: ChatsAct, who: Chatter, connection: Work) -> ChatsChanged:
    """Do something to many chats of your own. Those that are not yours, or not there, stay as they are."""
    chats = [id_in_address(one, "chat", "chat") for one in dict.fromkeys(body.chats)]
    folder_id = None if body.folder is None else id_in_address(body.folder, "fld", "folder")
    return ChatsChanged(changed=await history.act(connection, chats, body.act, by=who, folder_id=folder_id))


@router.post("/deletion")
async def delete_all_chats(body: ChatsDeletion, who: Chatter, connection: Work) -> ChatsDeleted:
    """Delete all of your chats in this workspace. What they cost stays in usage and ledger; the words do not."""
    return ChatsDeleted(deleted=await history.delete_all(connection, body.typed, by=who))


@router.delete("/{chat}", status_code=204)
async def delete_chat(chat: ChatPath, who: Chatter, connection: Work) -> None:
    """Delete a chat: a running answer stops, links to it end. For a minute it can be taken back."""
    await history.delete(connection, id_in_address(chat, "chat", "chat"), by=who)


@router.post("/{chat}/restore", status_code=204)
async def restore_chat(chat: ChatPath, who: Chatter, connection: Work) -> None:
    """Take a deleted chat back, and its links."""
    await history.restore(connection, id_in_address(chat, "chat", "chat"), by=who)


def _row(entry: Entry, wanted: Wanted) -> ChatRow:
    runs = None if entry.found is None else snippet(entry.found, wanted.terms)
    return ChatRow(
        id=show("chat", entry.chat_id),
        title=entry.title,
        model=entry.model_id,
        folder=None if entry.folder_id is None else show("fld", entry.folder_id),
        pinned=entry.pinned,
        archived=entry.archived,
        shared=entry.shared,
        mine=entry.mine,
        running=entry.running,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        snippet=None if runs is None else [Snippet(text=run.text, marked=run.marked) for run in runs],
        message=None if entry.message_id is None else show("msg", entry.message_id),
    )
