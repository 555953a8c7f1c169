"""A person's chats: find them, file and mark many at once, let them go and take them back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from omna.chat.files import service as files
from omna.chat.runs.stopping import ask_stop
from omna.chat.shelf import going_store, history_store, keeping
from omna.chat.shelf.model import ChatAct, Entry
from omna.chat.shelf.searching import Wanted
from omna.db.pool import Connection
from omna.errors import InvalidValue, NotFound
from omna.http.principal import Member

#: Chats that one call changes.
MOST_AT_ONCE = 200
#: What somebody types who lets all of their chats go.
ALL = "delete all"
#: In which a deleted chat can be taken back: longer than pages offer it.
UNDO = timedelta(minutes=1)
#: In which whoever left a workspace may still export their chats.
FAREWELL = timedelta(days=30)
#: Chats that one step of the purge deletes, each with up to 2,000 messages.
_STEP = 20


async def find(
    connection: Connection,
    wanted: Wanted,
    *,
    by: Member,
    folder_id: UUID | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Entry]:
    """Return chats, those last changed first: one's own, and with words or `shared` what others share here.

    Errors  NotFound for a folder that is not theirs
    """
    if folder_id is not None:
        await keeping.folder(connection, folder_id, by)
    elif wanted.folder is not None:
        named = [one for one in await keeping.folders(connection, by) if one.name.lower() == wanted.folder.lower()]
        if not named:
            return []
        folder_id = named[0].folder_id
    return await history_store.find(connection, by.workspace_id, by.user_id, wanted, folder_id, before, limit)


async def act(
    connection: Connection, chat_ids: Sequence[UUID], what: ChatAct, *, by: Member, folder_id: UUID | None = None
) -> int:
    """Do something to many chats of one's own and return to how many; those of others stay as they are.

    folder_id  of `move`; None takes them out of theirs
    Errors     NotFound for a folder that is not theirs; InvalidValue for too many
    """
    if len(chat_ids) > MOST_AT_ONCE:
        raise InvalidValue(f"At most {MOST_AT_ONCE} chats at once.", param="chats")
    where = connection, by.workspace_id, by.user_id, chat_ids
    match what:
        case ChatAct.ARCHIVE | ChatAct.UNARCHIVE:
            return await history_store.set_archived(*where, what is ChatAct.ARCHIVE)
        case ChatAct.PIN | ChatAct.UNPIN:
            return await history_store.set_pinned(*where, what is ChatAct.PIN)
        case ChatAct.MOVE:
            if folder_id is not None:
                await keeping.folder(connection, folder_id, by)
            return await history_store.move(*where, folder_id)
        case ChatAct.DELETE:
            return await _delete(connection, chat_ids, by)
        case ChatAct.RESTORE:
            return await going_store.restore(*where)


async def delete(connection: Connection, chat_id: UUID, *, by: Member) -> None:
    """Delete a chat: running answers stop, links to copies of it end. Errors: NotFound."""
    if not await act(connection, [chat_id], ChatAct.DELETE, by=by):
        raise _missing()


async def restore(connection: Connection, chat_id: UUID, *, by: Member) -> None:
    """Take a deleted chat back, and its links. Errors: NotFound when it is gone for good."""
    if not await act(connection, [chat_id], ChatAct.RESTORE, by=by):
        raise _missing()


async def delete_all(connection: Connection, typed: str, *, by: Member) -> int:
    """Delete every chat of a person in this workspace and return how many. Errors: InvalidValue for other words."""
    if typed.strip().lower() != ALL:
        raise InvalidValue(f"Type “{ALL}” to delete all of your chats here.", param="typed")
    return await _delete(connection, None, by)


async def purge(connection: Connection) -> int:
    """Delete some chats for good that nobody can take back, with files that stand nowhere else; return how many chats.

    Whoever left a workspace long ago has none there any more.
    """
    await going_store.end_farewells(connection, FAREWELL)
    gone = await going_store.gone(connection, UNDO, _STEP)
    for workspace_id in sorted({workspace_id for workspace_id, _ in gone}):
        chat_ids = [chat_id for whose, chat_id in gone if whose == workspace_id]
        await files.forget_chats(connection, workspace_id, chat_ids)
        await going_store.purge(connection, workspace_id, chat_ids)
    return len(gone)


async def _delete(connection: Connection, chat_ids: Sequence[UUID] | None, by: Member) -> int:
    deleted = await going_store.delete(connection, by.workspace_id, by.user_id, chat_ids)
    await ask_stop(connection, by.workspace_id, deleted)
    return len(deleted)


def _missing() -> NotFound:
    return NotFound("There is no such chat.")
