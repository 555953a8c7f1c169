"""SQL of copies of chats. Their list names the person; who has the link needs no name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from omna.chat.sharing.model import Audience, Copy, Said, Share
from omna.db.pool import Connection
from omna.ids import ChatId, ShareId, UserId, WorkspaceId


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    share_id: ShareId,
    chat_id: ChatId,
    user_id: UserId,
    audience: str,
    title: str,
    messages: Sequence[dict[str, Any]],
) -> Share:
    row = await connection.fetchrow(
        "INSERT INTO chat_shares (workspace_id, share_id, chat_id, user_id, audience, title, messages)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING workspace_id, share_id, chat_id, audience, title,"
        " jsonb_array_length(messages) AS messages, created_at",
        workspace_id,
        share_id,
        chat_id,
        user_id,
        audience,
        title,
        messages,
    )
    assert row is not None
    return _share(row)


async def list_of(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> list[Share]:
    rows = await connection.fetch(
        "SELECT workspace_id, share_id, chat_id, audience, title, jsonb_array_length(messages) AS messages, created_at"
        " FROM chat_shares WHERE workspace_id = $1 AND user_id = $2 AND revoked_at IS NULL ORDER BY share_id DESC",
        workspace_id,
        user_id,
    )
    return [_share(row) for row in rows]


async def delete(connection: Connection, workspace_id: WorkspaceId, user_id: UserId, share_id: UUID) -> bool:
    """End a link; the copy behind it goes at once."""
    status = await connection.execute(
        "DELETE FROM chat_shares WHERE workspace_id = $1 AND user_id = $2 AND share_id = $3",
        workspace_id,
        user_id,
        share_id,
    )
    return bool(status != "DELETE 0")


async def copy(connection: Connection, share_id: ShareId) -> Copy | None:
    """Return what stands behind a link that its token proved; nothing of people and workspaces that are frozen."""
    row = await connection.fetchrow(
        "SELECT s.share_id, s.audience, s.title, s.messages, s.created_at FROM chat_shares AS s"
        " JOIN workspaces AS w USING (workspace_id) JOIN users AS u USING (user_id)"
        " WHERE s.share_id = $1 AND s.revoked_at IS NULL AND w.frozen_reason IS NULL AND w.deleted_at IS NULL"
        " AND u.frozen_reason IS NULL AND u.disabled_at IS NULL",
        share_id,
    )
    if row is None:
        return None
    return Copy(
        share_id=row["share_id"],
        audience=Audience(row["audience"]),
        title=row["title"],
        messages=[Said(**said) for said in row["messages"]],
        created_at=row["created_at"],
    )


def _share(row: Record) -> Share:
    return Share(
        workspace_id=row["workspace_id"],
        share_id=row["share_id"],
        chat_id=row["chat_id"],
        audience=Audience(row["audience"]),
        title=row["title"],
        messages=row["messages"],
        created_at=row["created_at"],
    )
