"""SQL of running answers: pieces, stops, ends, and those that nobody runs any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from omna.chat.conversations.model import Message
from omna.chat.conversations.rows import message_of
from omna.chat.runs.ending import Ending
from omna.chat.runs.run import Run
from omna.db.pool import Connection
from omna.gateway.model import Receipt
from omna.ids import ChatId, MessageId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Piece:
    """Something a run said since the last time."""

    run: Run
    kind: str
    text: str
    number: int


async def flush(connection: Connection, runs: Sequence[Run], pieces: Sequence[Piece]) -> dict[UUID, bool]:
    """Write what is new of runs in one statement; return by request whether a stop is asked for.

    A run that is not in the answer has no row any more. Written twice, a piece is there once.
    """
    rows = await connection.fetch(
        "WITH said AS (INSERT INTO chat_pieces (workspace_id, chat_id, message_id, number, kind, text)"
        " SELECT n.workspace_id, n.chat_id, n.message_id, n.number, n.kind, n.text"
        " FROM unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::integer[], $10::text[], $11::text[])"
        " AS n (workspace_id, chat_id, message_id, number, kind, text)"
        " JOIN chat_messages AS m USING (workspace_id, chat_id, message_id) WHERE m.state = 'running'"
        " ON CONFLICT DO NOTHING), known AS (UPDATE chat_messages AS m"
        " SET model_id = k.model_id, first_delta_ms = k.first_delta_ms"
        " FROM (SELECT workspace_id, chat_id, message_id, n.model_id, n.first_delta_ms"
        " FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[])"
        " AS n (workspace_id, chat_id, message_id, model_id, first_delta_ms)"
        " JOIN chat_messages AS r USING (workspace_id, chat_id, message_id)"
        " WHERE n.model_id IS NOT NULL AND r.model_id IS NULL AND r.state = 'running'"
        " ORDER BY message_id FOR NO KEY UPDATE OF r) AS k"
        " WHERE m.workspace_id = k.workspace_id AND m.chat_id = k.chat_id AND m.message_id = k.message_id)"
        " SELECT m.request_id, m.stop_asked_at IS NOT NULL AS stop"
        " FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS r (workspace_id, chat_id, message_id)"
        " JOIN chat_messages AS m USING (workspace_id, chat_id, message_id)",
        [run.workspace_id for run in runs],
        [run.message.chat_id for run in runs],
        [run.message.message_id for run in runs],
        [None if run.announced else run.model for run in runs],
        [run.first_delta_ms for run in runs],
        [piece.run.workspace_id for piece in pieces],
        [piece.run.message.chat_id for piece in pieces],
        [piece.run.message.message_id for piece in pieces],
        [piece.number for piece in pieces],
        [piece.kind for piece in pieces],
        [piece.text for piece in pieces],
    )
    return {row["request_id"]: row["stop"] for row in rows}


async def finish(connection: Connection, run: Run, ending: Ending, receipt: Receipt | None) -> Message | None:
    """Write an answer's end: its whole text and what it cost; None when its chat is gone.

    The process that ran it knows better than whoever gave it up: a cut that nobody edited is written over.
    """
    tokens = None if receipt is None else receipt.tokens
    row = await connection.fetchrow(
        "WITH said AS (DELETE FROM chat_pieces WHERE workspace_id = $1 AND chat_id = $2 AND message_id = $3),"
        " moved AS (UPDATE chats SET updated_at = clock_timestamp() WHERE workspace_id = $1 AND chat_id = $2"
        " RETURNING chat_id)"
        " UPDATE chat_messages AS m SET state = $5, content = $6, reasoning = $7, reasoning_ms = $8,"
        " finish_reason = $9, error = $10, model_id = coalesce($11, m.model_id), charge = $12, prompt_tokens = $13,"
        " completion_tokens = $14, cached_tokens = $15, reasoning_tokens = $16, estimated = $17,"
        " first_delta_ms = $18, duration_ms = $19,"
        " finished_at = clock_timestamp()"
        # The chat first, as whoever deletes it.
        " FROM moved WHERE m.workspace_id = $1 AND m.chat_id = moved.chat_id AND message_id = $3 AND request_id = $4"
        " AND (state = 'running' OR state = 'cut' AND edited_at IS NULL)"
        " RETURNING m.chat_id, message_id, parent_id, role, content, created_at, edited_at, state, continues,"
        " wanted_model_id, model_id, request_id, process_id, reasoning, reasoning_ms, finish_reason, error, charge,"
        " prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, estimated, first_delta_ms, duration_ms,"
        " finished_at",
        run.workspace_id,
        run.message.chat_id,
        run.message.message_id,
        run.ticket.call.request_id,
        ending.state.value,
        str(run.text),
        str(run.reasoning),
        run.reasoning_ms,
        ending.finish_reason,
        ending.error,
        run.model,
        None if receipt is None else receipt.charge.total,
        None if tokens is None else tokens.prompt,
        None if tokens is None else tokens.completion,
        None if tokens is None else tokens.cached,
        None if tokens is None else tokens.reasoning,
        None if receipt is None else receipt.estimated,
        run.first_delta_ms,
        run.duration_ms,
    )
    return None if row is None else message_of(row)


async def ask_to_stop(
    connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId, message_id: MessageId
) -> None:
    """Tell the process that runs an answer, wherever it is, to end it."""
    await connection.execute(
        "UPDATE chat_messages SET stop_asked_at = clock_timestamp() WHERE workspace_id = $1 AND chat_id = $2"
        " AND message_id = $3 AND state = 'running' AND stop_asked_at IS NULL",
        workspace_id,
        chat_id,
        message_id,
    )


async def ask_chats_to_stop(connection: Connection, workspace_id: WorkspaceId, chat_ids: Sequence[ChatId]) -> None:
    await connection.execute(
        "UPDATE chat_messages AS m SET stop_asked_at = clock_timestamp() FROM (SELECT chat_id, message_id"
        " FROM chat_messages WHERE workspace_id = $1 AND chat_id = ANY ($2::uuid[]) AND state = 'running'"
        " AND stop_asked_at IS NULL ORDER BY message_id FOR NO KEY UPDATE) AS r"
        " WHERE m.workspace_id = $1 AND m.chat_id = r.chat_id AND m.message_id = r.message_id",
        workspace_id,
        list(chat_ids),
    )


async def pieces_since(
    connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId, message_id: MessageId, number: int
) -> list[tuple[int, str, str]]:
    """Return (number, kind, text) of what a running answer has said after the piece `number`."""
    rows = await connection.fetch(
        "SELECT number, kind, text FROM chat_pieces WHERE workspace_id = $1 AND chat_id = $2 AND message_id = $3"
        " AND number > $4 ORDER BY number",
        workspace_id,
        chat_id,
        message_id,
        number,
    )
    return [(row["number"], row["kind"], row["text"]) for row in rows]


async def said_so_far(
    connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId
) -> dict[UUID, tuple[str, str]]:
    """Return text and reasoning that the running answers of a chat have said."""
    rows = await connection.fetch(
        "SELECT message_id, coalesce(string_agg(text, '' ORDER BY number) FILTER (WHERE kind = 'text'), '') AS text,"
        " coalesce(string_agg(text, '' ORDER BY number) FILTER (WHERE kind = 'reasoning'), '') AS reasoning"
        " FROM chat_pieces WHERE workspace_id = $1 AND chat_id = $2 GROUP BY message_id",
        workspace_id,
        chat_id,
    )
    return {row["message_id"]: (row["text"], row["reasoning"]) for row in rows}


async def running_of(connection: Connection, user_id: UserId) -> int:
    """Return how many answers of a person are being made, in all workspaces."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM chat_messages AS m JOIN chats AS c USING (workspace_id, chat_id)"
        " WHERE m.state = 'running' AND c.user_id = $1",
        user_id,
    )
    return found


async def resolve(
    connection: Connection,
    error: dict[str, Any],
    grace: timedelta,
    workspace_id: WorkspaceId | None = None,
    chat_id: ChatId | None = None,
) -> int:
    """End answers whose request is over and that nobody ended; return how many.

    What their pieces say becomes their text, and they cost what the usage row says.
    grace   how long whoever ran an answer may take to write its end; a request that was reaped has nobody
    """
    rows = await connection.fetch(
        "WITH lost AS MATERIALIZED (SELECT m.workspace_id, m.chat_id, m.message_id, m.request_id"
        " FROM chat_messages AS m WHERE m.state = 'running'"
        " AND ($3::uuid IS NULL OR (m.workspace_id = $3 AND m.chat_id = $4))"
        " AND NOT EXISTS (SELECT FROM running_requests AS r"
        " WHERE r.workspace_id = m.workspace_id AND r.request_id = m.request_id)"
        " AND coalesce((SELECT q.outcome = 'crashed' OR q.settled_at < clock_timestamp() - $2::interval"
        " FROM requests AS q WHERE q.workspace_id = m.workspace_id AND q.request_id = m.request_id),"
        " m.created_at < clock_timestamp() - $2::interval)"
        " LIMIT 500 FOR UPDATE OF m SKIP LOCKED), said AS (SELECT message_id, chat_id,"
        " string_agg(p.text, '' ORDER BY p.number) FILTER (WHERE p.kind = 'text') AS text,"
        " string_agg(p.text, '' ORDER BY p.number) FILTER (WHERE p.kind = 'reasoning') AS reasoning"
        " FROM chat_pieces AS p JOIN lost USING (workspace_id, chat_id, message_id) GROUP BY message_id, chat_id),"
        " gone AS (DELETE FROM chat_pieces AS p USING lost WHERE p.workspace_id = lost.workspace_id"
        " AND p.chat_id = lost.chat_id AND p.message_id = lost.message_id)"
        " UPDATE chat_messages AS m SET state = 'cut', content = coalesce(said.text, ''),"
        " reasoning = coalesce(said.reasoning, ''), error = $1, model_id = coalesce(q.model_id, m.model_id),"
        " charge = coalesce(q.charge, 0), prompt_tokens = coalesce(q.prompt_tokens, 0),"
        " completion_tokens = coalesce(q.completion_tokens, 0), cached_tokens = coalesce(q.cached_tokens, 0),"
        " reasoning_tokens = coalesce(q.reasoning_tokens, 0), estimated = coalesce(q.estimated, false),"
        " duration_ms = q.duration_ms, finished_at = clock_timestamp()"
        " FROM lost LEFT JOIN said USING (chat_id, message_id)"
        " LEFT JOIN requests AS q ON q.workspace_id = lost.workspace_id AND q.request_id = lost.request_id"
        " WHERE m.workspace_id = lost.workspace_id AND m.chat_id = lost.chat_id AND m.message_id = lost.message_id"
        " RETURNING m.message_id",
        error,
        grace,
        workspace_id,
        chat_id,
    )
    return len(rows)
