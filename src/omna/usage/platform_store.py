"""SQL of usage over all workspaces: sums of hours and days, and single requests since the last summed hour."""

from collections.abc import Sequence
from datetime import datetime

from omna.db.pool import Connection
from omna.ids import first_id_at
from omna.usage.platform_model import HourSums, ModelSum, ProviderDay, WorkspaceCount
from omna.usage.report_model import ERRORS
from omna.usage.spans import Span, raw, summed


async def models_by_day(
    connection: Connection, spans: Sequence[Span], model_id: str | None = None
) -> list[tuple[datetime, ModelSum]]:
    """Return what each model was, by UTC day; a day may come in several parts. model_id: only this one."""
    found = []
    for span in spans:
        if span.grain == "r":
            rows = await connection.fetch(
                """SELECT date_trunc('day', id_made_at(request_id), 'UTC') AS day, model_id, count(*) AS requests,
                          count(*) FILTER (WHERE outcome = ANY ($4)) AS errors,
                          coalesce(sum(charge), 0)::bigint AS charge,
                          coalesce(sum(provider_charge), 0)::bigint AS provider_charge,
                          count(*) FILTER (WHERE charge > 0) AS paid_requests,
                          coalesce(sum(prompt_tokens) FILTER (WHERE charge > 0), 0)::bigint AS prompt,
                          coalesce(sum(completion_tokens) FILTER (WHERE charge > 0), 0)::bigint AS completion,
                          coalesce(sum(cached_tokens) FILTER (WHERE charge > 0), 0)::bigint AS cached,
                          coalesce(sum(cache_write_tokens) FILTER (WHERE charge > 0), 0)::bigint AS cache_write,
                          coalesce(sum(reasoning_tokens) FILTER (WHERE charge > 0), 0)::bigint AS reasoning
                   FROM requests
                   WHERE request_id >= $1 AND request_id < $2 AND ($3::text IS NULL OR model_id = $3)
                   GROUP BY 1, 2""",
                first_id_at(span.start),
                first_id_at(span.end),
                model_id,
                ERRORS,
            )
        else:
            rows = await connection.fetch(
                """SELECT date_trunc('day', start, 'UTC') AS day, model_id, sum(requests)::bigint AS requests,
                          coalesce(sum(requests) FILTER (WHERE outcome = ANY ($5)), 0)::bigint AS errors,
                          sum(charge)::bigint AS charge, sum(provider_charge)::bigint AS provider_charge,
                          coalesce(sum(requests) FILTER (WHERE charge > 0), 0)::bigint AS paid_requests,
                          coalesce(sum(prompt_tokens) FILTER (WHERE charge > 0), 0)::bigint AS prompt,
                          coalesce(sum(completion_tokens) FILTER (WHERE charge > 0), 0)::bigint AS completion,
                          coalesce(sum(cached_tokens) FILTER (WHERE charge > 0), 0)::bigint AS cached,
                          coalesce(sum(cache_write_tokens) FILTER (WHERE charge > 0), 0)::bigint AS cache_write,
                          coalesce(sum(reasoning_tokens) FILTER (WHERE charge > 0), 0)::bigint AS reasoning
                   FROM usage_sums
                   WHERE grain = $1::text::"char" AND start >= $2 AND start < $3
                     AND ($4::text IS NULL OR model_id = $4)
                   GROUP BY 1, 2""",
                span.grain,
                span.start,
                span.end,
                model_id,
                ERRORS,
            )
        found += [(row["day"], ModelSum(*list(row.values())[1:])) for row in rows]
    return found


async def model_hours(connection: Connection, model_id: str | None, start: datetime, end: datetime) -> HourSums:
    """Return the sums of a model, None: of all, over the summed hours that begin in [start, end)."""
    row = await connection.fetchrow(
        """SELECT coalesce(sum(requests), 0)::bigint AS requests,
                  coalesce(sum(requests) FILTER (WHERE outcome = ANY ($4)), 0)::bigint AS errors,
                  coalesce(sum(first_delta_ms), 0)::bigint AS first_delta_ms,
                  coalesce(sum(first_deltas), 0)::bigint AS first_deltas,
                  coalesce(sum(duration_ms) FILTER (WHERE outcome = 'completed'), 0)::bigint AS completed_ms,
                  coalesce(sum(first_delta_ms) FILTER (WHERE outcome = 'completed'), 0)::bigint AS completed_first_ms,
                  coalesce(sum(completion_tokens) FILTER (WHERE outcome = 'completed'), 0)::bigint AS completed_tokens
           FROM usage_sums WHERE grain = 'h' AND start >= $2 AND start < $3
             AND ($1::text IS NULL OR model_id = $1)""",
        model_id,
        start,
        end,
        ERRORS,
    )
    assert row is not None, "a row of sums"
    return HourSums(**row)


async def providers_by_day(connection: Connection, spans: Sequence[Span]) -> list[ProviderDay]:
    """Return what each provider was, by UTC day; a day may come in several parts."""
    found = []
    for span in raw(spans):
        rows = await connection.fetch(
            """SELECT date_trunc('day', start, 'UTC') AS day, provider_id, sum(calls)::bigint AS calls,
                      sum(failures)::bigint AS failures, sum(requests)::bigint AS requests,
                      sum(charge)::bigint AS charge, sum(provider_charge)::bigint AS provider_charge
               FROM usage_calls($1, $2) GROUP BY 1, 2""",
            first_id_at(span.start),
            first_id_at(span.end),
        )
        found += [ProviderDay(**row) for row in rows]
    for span in summed(spans):
        rows = await connection.fetch(
            """SELECT date_trunc('day', start, 'UTC') AS day, provider_id, sum(calls)::bigint AS calls,
                      sum(failures)::bigint AS failures, sum(requests)::bigint AS requests,
                      sum(charge)::bigint AS charge, sum(provider_charge)::bigint AS provider_charge
               FROM provider_sums WHERE grain = $1::text::"char" AND start >= $2 AND start < $3 GROUP BY 1, 2""",
            span.grain,
            span.start,
            span.end,
        )
        found += [ProviderDay(**row) for row in rows]
    return found


async def active_workspaces(connection: Connection, since: datetime) -> WorkspaceCount:
    """Return how many workspaces, and people by keys they made or in chat, asked for something since a UTC day."""
    row = await connection.fetchrow(
        """SELECT (SELECT count(DISTINCT workspace_id) FROM workspace_spend WHERE day >= $1 AND requests > 0) AS spaces,
                  (SELECT count(*) FROM (
                       SELECT k.created_by FROM key_spend AS s JOIN api_keys AS k USING (key_id)
                       WHERE s.day >= $1 AND s.requests > 0 AND k.created_by IS NOT NULL
                       UNION
                       SELECT s.user_id FROM chat_spend AS s WHERE s.day >= $1 AND s.requests > 0
                   ) AS person) AS people""",
        since.date(),
    )
    assert row is not None, "a row of counts"
    return WorkspaceCount(row["spaces"], row["people"])


async def open_holds(connection: Connection) -> tuple[int, int]:
    """Return how many requests are running and what is held for them."""
    row = await connection.fetchrow(
        "SELECT count(*) AS running, coalesce(sum(amount), 0)::bigint AS held FROM running_requests"
    )
    assert row is not None, "a row of counts"
    return row["running"], row["held"]
