"""SQL of the overview."""

from typing import Any

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId


async def today(connection: Connection, workspace_id: WorkspaceId) -> dict[str, Any]:
    row = await connection.fetchrow(
        """SELECT w.daily_limit, coalesce(s.spent, 0) AS spent, coalesce(s.requests, 0) AS requests,
                  timezone('UTC', (today.day + 1)::timestamp) AS resets_at
           FROM (SELECT timezone('UTC', now())::date AS day) AS today
           JOIN workspaces AS w ON w.workspace_id = $1
           LEFT JOIN workspace_spend AS s ON s.workspace_id = $1 AND s.day = today.day""",
        workspace_id,
    )
    assert row is not None, "whoever asks is a member of it"
    return dict(row)


async def steps(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> dict[str, bool]:
    """Return which of the first steps are done. A first chat is looked for in the oldest sums and the newest rows."""
    row = await connection.fetchrow(
        """SELECT coalesce((SELECT email_verified_at IS NOT NULL FROM users WHERE user_id = $2), false) AS verified,
                  EXISTS (SELECT FROM api_keys WHERE workspace_id = $1) AS has_key,
                  EXISTS (SELECT FROM key_spend WHERE workspace_id = $1 AND requests > 0) AS first_call,
                  EXISTS (SELECT FROM (SELECT source FROM usage_sums WHERE workspace_id = $1 AND grain = 'd'
                                       ORDER BY start LIMIT 1000) AS s WHERE s.source = 'chat')
                  OR EXISTS (SELECT FROM (SELECT source FROM requests WHERE workspace_id = $1
                                          ORDER BY request_id DESC LIMIT 200) AS r WHERE r.source = 'chat')
                      AS first_chat""",
        workspace_id,
        user_id,
    )
    assert row is not None, "a row of facts"
    return dict(row)
