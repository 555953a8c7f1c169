"""End answers, wherever they are made: the process that makes one sees the wish within a second."""

from collections.abc import Sequence

from omna.chat.conversations import service
from omna.chat.runs import store
from omna.chat.runs.runs import Runs
from omna.db.pool import Connection
from omna.http.principal import Member
from omna.ids import ChatId, MessageId, WorkspaceId


async def stop(connection: Connection, runs: Runs, by: Member, chat_id: ChatId, message_id: MessageId) -> None:
    """End an answer of a chat of their own; nothing happens when it is over. Errors: NotFound."""
    await service.message(connection, by, chat_id, message_id)
    run = runs.find(by.workspace_id, chat_id, message_id)
    if run is not None:
        run.stop()
    else:
        await store.ask_to_stop(connection, by.workspace_id, chat_id, message_id)


async def ask_stop(connection: Connection, workspace_id: WorkspaceId, chat_ids: Sequence[ChatId]) -> None:
    """End all answers of chats that the caller may end; it holds when the transaction is committed."""
    await store.ask_chats_to_stop(connection, workspace_id, chat_ids)
