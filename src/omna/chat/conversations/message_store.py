"""SQL of messages."""

from collections.abc import Sequence

from omna.chat.conversations.model import Message
from omna.chat.conversations.rows import message_of
from omna.db.pool import Connection
from omna.ids import ChatId, MessageId, WorkspaceId


async def all_of(connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId) -> list[Message]:
    """Return the whole tree of a chat that the caller may read, oldest first."""
    rows = await connection.fetch(
        "SELECT chat_id, message_id, parent_id, role, content, created_at, edited_at, state, continues,"
        " wanted_model_id, model_id, request_id, process_id, reasoning, reasoning_ms, finish_reason, error, charge,"
        " prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, estimated, first_delta_ms, duration_ms,"
        " finished_at FROM chat_messages WHERE workspace_id = $1 AND chat_id = $2 ORDER BY created_at, message_id",
        workspace_id,
        chat_id,
    )
    return [message_of(row) for row in rows]


async def get(
    connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId, message_id: MessageId
) -> Message | None:
    """Return one message of a chat that the caller may read."""
    row = await connection.fetchrow(
        "SELECT chat_id, message_id, parent_id, role, content, created_at, edited_at, state, continues,"
        " wanted_model_id, model_id, request_id, process_id, reasoning, reasoning_ms, finish_reason, error, charge,"
        " prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, estimated, first_delta_ms, duration_ms,"
        " finished_at FROM chat_messages WHERE workspace_id = $1 AND chat_id = $2 AND message_id = $3",
        workspace_id,
        chat_id,
        message_id,
    )
    return None if row is None else message_of(row)


async def add(connection: Connection, workspace_id: WorkspaceId, message: Message) -> bool:
    """Keep a message; False when the chat has one with this id."""
    answer = message.answer
    added = await connection.fetchval(
        "INSERT INTO chat_messages (workspace_id, chat_id, message_id, parent_id, role, content, created_at, state,"
        " continues, wanted_model_id, request_id, process_id, error, finished_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), $7, $8, $9, $10, $11, $12,"
        " CASE WHEN $7 <> 'running' THEN clock_timestamp() END) ON CONFLICT DO NOTHING RETURNING true",
        workspace_id,
        message.chat_id,
        message.message_id,
        message.parent_id,
        message.role,
        message.content,
        None if answer is None else answer.state.value,
        answer is not None and answer.continues,
        None if answer is None else answer.wanted_model,
        None if answer is None else answer.request_id,
        None if answer is None else answer.process_id,
        None if answer is None else answer.error,
    )
    return added is True


async def edit(
    connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId, message_id: MessageId, content: str
) -> bool:
    """Write an answer's text; False for what is no answer, or still running."""
    changed = await connection.fetchval(
        "UPDATE chat_messages SET content = $4, edited_at = clock_timestamp() WHERE workspace_id = $1 AND chat_id = $2"
        " AND message_id = $3 AND state <> 'running' RETURNING true",
        workspace_id,
        chat_id,
        message_id,
        content,
    )
    return changed is True


async def copy(
    connection: Connection,
    workspace_id: WorkspaceId,
    chat_id: ChatId,
    into: ChatId,
    old: Sequence[MessageId],
    new: Sequence[MessageId],
) -> None:
    """Copy a branch, first message first, into a chat of the same person. What it cost stays where it was paid."""
    await connection.execute(
        "INSERT INTO chat_messages (workspace_id, chat_id, message_id, parent_id, role, content, edited_at, created_at,"
        " state, continues, wanted_model_id, model_id, reasoning, reasoning_ms, finish_reason, error, finished_at)"
        " SELECT $1, $3, copied.new_id, lag(copied.new_id) OVER (ORDER BY copied.position), m.role, m.content,"
        " m.edited_at, clock_timestamp() + copied.position * interval '1 microsecond', m.state, m.continues,"
        " m.wanted_model_id, m.model_id, m.reasoning, m.reasoning_ms, m.finish_reason, m.error, m.finished_at"
        " FROM unnest($4::uuid[], $5::uuid[]) WITH ORDINALITY AS copied (old_id, new_id, position)"
        " JOIN chat_messages AS m ON m.workspace_id = $1 AND m.chat_id = $2 AND m.message_id = copied.old_id",
        workspace_id,
        chat_id,
        into,
        list(old),
        list(new),
    )
    await connection.execute(
        "INSERT INTO chat_attachments (workspace_id, chat_id, message_id, position, upload_id)"
        " SELECT $1, $3, copied.new_id, a.position, a.upload_id"
        " FROM unnest($4::uuid[], $5::uuid[]) AS copied (old_id, new_id)"
        " JOIN chat_attachments AS a ON a.workspace_id = $1 AND a.chat_id = $2 AND a.message_id = copied.old_id",
        workspace_id,
        chat_id,
        into,
        list(old),
        list(new),
    )


async def first_question(connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId) -> str | None:
    """Return the text of the first message a person sent."""
    found: str | None = await connection.fetchval(
        "SELECT content FROM chat_messages WHERE workspace_id = $1 AND chat_id = $2 AND role = 'user'"
        " ORDER BY created_at, message_id LIMIT 1",
        workspace_id,
        chat_id,
    )
    return found


async def size(connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId) -> tuple[int, int]:
    """Return how many messages a chat has, of how many bytes."""
    row = await connection.fetchrow(
        "SELECT count(*) AS messages, coalesce(sum(octet_length(content) + octet_length(reasoning)), 0)::bigint AS size"
        " FROM chat_messages WHERE workspace_id = $1 AND chat_id = $2",
        workspace_id,
        chat_id,
    )
    assert row is not None
    return row["messages"], row["size"]
