"""End the answers of processes that are gone: text as far as it was written, charge as the gateway settled it."""

from datetime import timedelta

from omna.chat.runs import store
from omna.chat.runs.ending import error_of
from omna.db.pool import Connection
from omna.errors import AnswerLost
from omna.ids import ChatId, WorkspaceId

#: What a living process may take from the settlement of a request to the end of its answer.
GRACE = timedelta(seconds=10)


async def resolve(
    connection: Connection, workspace_id: WorkspaceId | None = None, chat_id: ChatId | None = None
) -> int:
    """End answers whose request was settled or reaped and that nobody runs, of one chat or of all; return how many."""
    return await store.resolve(connection, error_of(AnswerLost()), GRACE, workspace_id, chat_id)
