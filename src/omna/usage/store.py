"""SQL of usage: reads. Rows are written by gateway/settlement.sql."""

from uuid import UUID

from omna.db.pool import Connection
from omna.ids import KeyId, WorkspaceId
from omna.usage.model import RequestRecord, Running, Spend


async def finished(connection: Connection, workspace_id: WorkspaceId, request_id: UUID) -> RequestRecord | None:
    row = await connection.fetchrow(
        """SELECT r.request_id, r.key_id, r.model_id, p.name AS provider_name, r.price_version_id, r.settled_at, r.held,
                  r.charge, r.unrounded, r.prompt_tokens, r.completion_tokens, r.cached_tokens, r.cache_write_tokens,
                  r.reasoning_tokens, r.units, r.api, r.first_delta_ms, r.duration_ms, r.outcome, r.streamed,
                  r.estimated, r.source, r.finish_reason, r.native_finish_reason, r.error_code, r.attempts,
                  r.wanted_model
           FROM requests AS r JOIN providers AS p USING (provider_id)
           WHERE r.workspace_id = $1 AND r.request_id = $2""",
        workspace_id,
        request_id,
    )
    return None if row is None else RequestRecord(**{**row, "unrounded": int(row["unrounded"])})


async def owner_of(connection: Connection, request_id: UUID) -> WorkspaceId | None:
    owner: WorkspaceId | None = await connection.fetchval(
        "SELECT workspace_id FROM requests WHERE request_id = $1", request_id
    )
    return owner


async def running(connection: Connection, workspace_id: WorkspaceId, request_id: UUID) -> Running | None:
    row = await connection.fetchrow(
        """SELECT r.request_id, r.key_id, r.model_id, p.name AS provider_name, r.price_version_id, r.amount AS held,
                  r.streamed, r.source
           FROM running_requests AS r JOIN providers AS p USING (provider_id)
           WHERE r.workspace_id = $1 AND r.request_id = $2""",
        workspace_id,
        request_id,
    )
    return None if row is None else Running(**row)


async def spend_of_key(connection: Connection, workspace_id: WorkspaceId, key_id: KeyId) -> Spend:
    row = await connection.fetchrow(
        """SELECT coalesce(sum(s.spent) FILTER (WHERE s.day = today.day), 0)::bigint AS day,
                  coalesce(sum(s.spent) FILTER (WHERE s.day >= date_trunc('week', today.day::timestamp)), 0)::bigint
                      AS week,
                  coalesce(sum(s.spent) FILTER (WHERE s.day >= date_trunc('month', today.day::timestamp)), 0)::bigint
                      AS month,
                  coalesce(sum(s.spent), 0)::bigint AS total, coalesce(sum(s.held), 0)::bigint AS held
           FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day) AS today
           LEFT JOIN key_spend AS s ON s.workspace_id = $1 AND s.key_id = $2""",
        workspace_id,
        key_id,
    )
    assert row is not None, "an aggregate is one row"
    return Spend(**row)


async def spend_of_workspace(connection: Connection, workspace_id: WorkspaceId) -> int:
    total: int = await connection.fetchval(
        "SELECT coalesce(sum(spent), 0)::bigint FROM workspace_spend WHERE workspace_id = $1", workspace_id
    )
    return total
