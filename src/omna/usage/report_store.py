"""SQL of usage reports; the rows themselves come from the functions of reports.sql."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import RequestId, UserId, WorkspaceId, first_id_at
from omna.usage.report_model import ERRORS, Cell, DayOfModel, Detail, Dimension, Filter, KeyFacts, Sum, Totals
from omna.usage.spans import Reach, Span, raw, summed


async def reach(connection: Connection) -> Reach:
    row = await connection.fetchrow("SELECT summed_until, details_from FROM usage_state")
    assert row is not None, "the state is one row"
    return Reach(row["summed_until"], row["details_from"])


async def now(connection: Connection) -> datetime:
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return moment


async def totals(connection: Connection, workspace_id: WorkspaceId, spans: Sequence[Span], wanted: Filter) -> Totals:
    rows = []
    if summed(spans):
        rows += await connection.fetch(
            """SELECT coalesce(sum(requests), 0)::bigint AS requests, coalesce(sum(charge), 0)::bigint AS charge,
                      coalesce(sum(requests) FILTER (WHERE outcome = ANY ($10)), 0)::bigint AS errors,
                      coalesce(sum(prompt_tokens), 0)::bigint AS prompt_tokens,
                      coalesce(sum(completion_tokens), 0)::bigint AS completion_tokens,
                      coalesce(sum(cached_tokens), 0)::bigint AS cached_tokens,
                      coalesce(sum(cache_write_tokens), 0)::bigint AS cache_write_tokens,
                      coalesce(sum(reasoning_tokens), 0)::bigint AS reasoning_tokens,
                      coalesce(sum(duration_ms), 0)::bigint AS duration_ms,
                      coalesce(sum(first_delta_ms), 0)::bigint AS first_delta_ms,
                      coalesce(sum(first_deltas), 0)::bigint AS first_deltas
               FROM usage_summed($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
            *_summed(workspace_id, spans, wanted),
            ERRORS,
        )
    if raw(spans):
        rows += await connection.fetch(
            """SELECT count(*) AS requests, coalesce(sum(charge), 0)::bigint AS charge,
                      count(*) FILTER (WHERE outcome = ANY ($9)) AS errors,
                      coalesce(sum(prompt_tokens), 0)::bigint AS prompt_tokens,
                      coalesce(sum(completion_tokens), 0)::bigint AS completion_tokens,
                      coalesce(sum(cached_tokens), 0)::bigint AS cached_tokens,
                      coalesce(sum(cache_write_tokens), 0)::bigint AS cache_write_tokens,
                      coalesce(sum(reasoning_tokens), 0)::bigint AS reasoning_tokens,
                      coalesce(sum(duration_ms), 0)::bigint AS duration_ms,
                      coalesce(sum(first_delta_ms), 0)::bigint AS first_delta_ms, count(first_delta_ms) AS first_deltas
               FROM usage_single($1, $2, $3, $4, $5, $6, $7, $8)""",
            *_single(workspace_id, spans, wanted),
            ERRORS,
        )
    return Totals(**{name: sum(row[name] for row in rows) for name in Totals.__slots__})


async def cells(
    connection: Connection,
    workspace_id: WorkspaceId,
    spans: Sequence[Span],
    wanted: Filter,
    by: Dimension,
    starts: Sequence[datetime],
) -> list[Cell]:
    """Return the cells of a chart, some in two parts; a member is who made the key, or chatted."""
    found: list[Cell] = []
    if summed(spans):
        rows = await connection.fetch(
            # Keys are summed before their owners are looked up: there are far fewer sums than rows.
            """WITH parts AS (
                   SELECT start, coalesce(CASE $11 WHEN 'model' THEN model_id WHEN 'source' THEN source
                                                   WHEN 'key' THEN coalesce(key_id::text, source)
                                                   ELSE coalesce(key_id, user_id)::text END, '') AS name,
                          sum(requests) AS requests, sum(charge) AS charge,
                          sum(prompt_tokens + completion_tokens) AS tokens,
                          coalesce(sum(requests) FILTER (WHERE outcome = ANY ($10)), 0) AS errors
                   FROM usage_summed($1, $2, $3, $4, $5, $6, $7, $8, $9) GROUP BY 1, 2
               )
               SELECT p.start, CASE WHEN $11 = 'member' AND k.key_id IS NOT NULL THEN coalesce(k.created_by::text, '')
                           ELSE p.name END AS name,
                      sum(p.requests)::bigint AS requests, sum(p.charge)::bigint AS charge,
                      sum(p.tokens)::bigint AS tokens, sum(p.errors)::bigint AS errors
               FROM parts AS p
               LEFT JOIN api_keys AS k ON $11 = 'member' AND k.workspace_id = $1 AND k.key_id::text = p.name
               GROUP BY 1, 2""",
            *_summed(workspace_id, spans, wanted),
            ERRORS,
            by,
        )
        found += [Cell(bisect_right(starts, row["start"]) - 1, *list(row.values())[1:]) for row in rows]
    if raw(spans):
        rows = await connection.fetch(
            """WITH parts AS (
                   SELECT width_bucket(request_id, $10::uuid[]) - 1 AS bucket,
                          coalesce(CASE $11 WHEN 'model' THEN model_id WHEN 'source' THEN source
                                            WHEN 'key' THEN coalesce(key_id::text, source)
                                            ELSE coalesce(key_id, user_id)::text END, '') AS name,
                          count(*) AS requests, sum(charge) AS charge,
                          sum(prompt_tokens + completion_tokens) AS tokens,
                          count(*) FILTER (WHERE outcome = ANY ($9)) AS errors
                   FROM usage_single($1, $2, $3, $4, $5, $6, $7, $8) GROUP BY 1, 2
               )
               SELECT p.bucket, CASE WHEN $11 = 'member' AND k.key_id IS NOT NULL THEN coalesce(k.created_by::text, '')
                           ELSE p.name END AS name,
                      sum(p.requests)::bigint AS requests, sum(p.charge)::bigint AS charge,
                      sum(p.tokens)::bigint AS tokens, sum(p.errors)::bigint AS errors
               FROM parts AS p
               LEFT JOIN api_keys AS k ON $11 = 'member' AND k.workspace_id = $1 AND k.key_id::text = p.name
               GROUP BY 1, 2""",
            *_single(workspace_id, spans, wanted),
            ERRORS,
            [first_id_at(start) for start in starts],
            by,
        )
        found += [Cell(*row.values()) for row in rows]
    return found


async def sums(connection: Connection, workspace_id: WorkspaceId, spans: Sequence[Span], wanted: Filter) -> list[Sum]:
    rows = await connection.fetch(
        """SELECT start, requests, charge, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens,
                  reasoning_tokens, key_id, source, outcome, model_id
           FROM usage_summed($1, $2, $3, $4, $5, $6, $7, $8, $9) ORDER BY start, model_id, source, outcome, key_id""",
        *_summed(workspace_id, spans, wanted),
    )
    return [Sum(**row) for row in rows]


async def details(
    connection: Connection,
    workspace_id: WorkspaceId,
    ranges: Sequence[tuple[UUID, UUID]],
    wanted: Filter,
    limit: int,
    *,
    oldest_first: bool = False,
) -> list[Detail]:
    """Return at most `limit` requests with ids in [first, last) of the ranges."""
    # The planner knows one range to be one only when it is written so, and then walks the key in its order.
    order = _OLDEST_FIRST if oldest_first else _NEWEST_FIRST
    rows = await connection.fetch(
        order,
        workspace_id,
        [begins for begins, _ in ranges],
        [ends for _, ends in ranges],
        wanted.key_ids,
        wanted.models,
        wanted.sources,
        wanted.outcomes,
        wanted.people,
        limit,
    )
    return [Detail(**row) for row in rows]


_NEWEST_FIRST = "SELECT * FROM usage_details($1, $2, $3, $4, $5, $6, $7, $8) ORDER BY request_id DESC LIMIT $9"
_OLDEST_FIRST = "SELECT * FROM usage_details($1, $2, $3, $4, $5, $6, $7, $8) ORDER BY request_id LIMIT $9"


async def newest(
    connection: Connection, workspace_id: WorkspaceId, begins: UUID, ends: UUID, limit: int
) -> list[RequestId]:
    """Return the newest ids in [begins, ends): a walk along the key."""
    rows = await connection.fetch(
        """SELECT request_id FROM requests WHERE workspace_id = $1 AND request_id >= $2 AND request_id < $3
           ORDER BY request_id DESC LIMIT $4""",
        workspace_id,
        begins,
        ends,
        limit,
    )
    return [row["request_id"] for row in rows]


async def oldest(
    connection: Connection, workspace_id: WorkspaceId, begins: UUID, ends: UUID, limit: int
) -> list[RequestId]:
    """Return the oldest ids in [begins, ends): a walk along the key."""
    rows = await connection.fetch(
        """SELECT request_id FROM requests WHERE workspace_id = $1 AND request_id >= $2 AND request_id < $3
           ORDER BY request_id LIMIT $4""",
        workspace_id,
        begins,
        ends,
        limit,
    )
    return [row["request_id"] for row in rows]


async def periods_with(
    connection: Connection,
    workspace_id: WorkspaceId,
    grain: str,
    periods: Sequence[tuple[datetime, datetime]],
    wanted: Filter,
) -> list[datetime]:
    """Return the summed hours or days that hold something wanted, newest first."""
    rows = await connection.fetch(
        "SELECT DISTINCT start FROM usage_summed($1, $2, $3, $4, $5, $6, $7, $8, $9) ORDER BY start DESC",
        workspace_id,
        [grain] * len(periods),
        [begins for begins, _ in periods],
        [ends for _, ends in periods],
        wanted.key_ids,
        wanted.models,
        wanted.sources,
        wanted.outcomes,
        wanted.people,
    )
    return [row["start"] for row in rows]


async def requests_in_hours(
    connection: Connection, workspace_id: WorkspaceId, hours: Sequence[datetime]
) -> dict[datetime, int]:
    """Return how many requests summed hours have in all."""
    rows = await connection.fetch(
        """SELECT u.start, sum(u.requests)::bigint AS requests
           FROM unnest($2::timestamptz[]) AS hour (start)
           JOIN usage_sums AS u ON u.workspace_id = $1 AND u.grain = 'h' AND u.start = hour.start GROUP BY 1""",
        workspace_id,
        hours,
    )
    return {row["start"]: row["requests"] for row in rows}


async def keys(connection: Connection, workspace_id: WorkspaceId) -> list[KeyFacts]:
    rows = await connection.fetch("SELECT k.key_id, k.name FROM api_keys AS k WHERE k.workspace_id = $1", workspace_id)
    return [KeyFacts(**row) for row in rows]


async def names_of(connection: Connection, people: Collection[UUID]) -> dict[str, str]:
    """Return what people are called, by their ids as text."""
    rows = await connection.fetch("SELECT user_id, name FROM users WHERE user_id = ANY ($1)", list(people))
    return {str(row["user_id"]): row["name"] for row in rows}


async def keys_of(connection: Connection, workspace_id: WorkspaceId, members: Sequence[UserId]) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT key_id FROM api_keys WHERE workspace_id = $1 AND created_by = ANY ($2)", workspace_id, members
    )
    return [row["key_id"] for row in rows]


def _summed(workspace_id: WorkspaceId, spans: Sequence[Span], wanted: Filter) -> tuple[Any, ...]:
    chosen = summed(spans)
    return (
        workspace_id,
        [span.grain for span in chosen],
        [span.start for span in chosen],
        [span.end for span in chosen],
        wanted.key_ids,
        wanted.models,
        wanted.sources,
        wanted.outcomes,
        wanted.people,
    )


def _single(workspace_id: WorkspaceId, spans: Sequence[Span], wanted: Filter) -> tuple[Any, ...]:
    chosen = raw(spans)
    return (
        workspace_id,
        [first_id_at(span.start) for span in chosen],
        [first_id_at(span.end) for span in chosen],
        wanted.key_ids,
        wanted.models,
        wanted.sources,
        wanted.outcomes,
        wanted.people,
    )


async def running(connection: Connection, workspace_id: WorkspaceId, request_id: UUID, wanted: Filter) -> Detail | None:
    row = await connection.fetchrow(
        """SELECT r.request_id, r.model_id, p.name AS provider_name, r.key_id, k.name AS key_name,
                  u.name AS member_name, r.source, NULL AS api, 0 AS prompt_tokens, 0 AS completion_tokens,
                  0 AS cached_tokens,
                  0 AS cache_write_tokens, 0 AS reasoning_tokens, 0::bigint AS charge, r.amount AS held,
                  (extract(epoch FROM clock_timestamp() - r.started_at) * 1000)::integer AS duration_ms,
                  NULL::integer AS first_delta_ms, 'running' AS outcome, NULL AS finish_reason, NULL AS error_code,
                  r.streamed, false AS estimated, r.price_version_id
           FROM running_requests AS r LEFT JOIN providers AS p USING (provider_id)
           LEFT JOIN api_keys AS k ON k.key_id = r.key_id
           LEFT JOIN users AS u ON u.user_id = coalesce(r.user_id, k.created_by)
           WHERE r.workspace_id = $1 AND r.request_id = $2
             AND ($3::uuid[] IS NULL OR r.key_id = ANY ($3) OR r.user_id = ANY ($4::uuid[]))""",
        workspace_id,
        request_id,
        wanted.key_ids,
        wanted.people,
    )
    return None if row is None else Detail(**row)


async def days_of_models(connection: Connection, workspace_id: WorkspaceId, spans: Sequence[Span]) -> list[DayOfModel]:
    """Return what each model was on each UTC day, oldest first; a day may come in several parts."""
    rows = []
    if summed(spans):
        rows += await connection.fetch(
            """SELECT date_trunc('day', start)::date AS day, model_id, sum(requests)::bigint AS requests,
                      sum(charge)::bigint AS charge, sum(provider_charge)::bigint AS provider_charge
               FROM usage_summed($1, $2, $3, $4, $5, $6, $7, $8, $9) GROUP BY 1, 2 ORDER BY 1, 2""",
            *_summed(workspace_id, spans, Filter()),
        )
    if raw(spans):
        rows += await connection.fetch(
            """SELECT date_trunc('day', id_made_at(request_id))::date AS day, model_id, count(*) AS requests,
                      sum(charge)::bigint AS charge, sum(provider_charge)::bigint AS provider_charge
               FROM usage_single($1, $2, $3, $4, $5, $6, $7, $8) GROUP BY 1, 2 ORDER BY 1, 2""",
            *_single(workspace_id, spans, Filter()),
        )
    return [DayOfModel(**row) for row in rows]
