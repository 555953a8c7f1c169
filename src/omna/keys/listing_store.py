"""SQL of the list of keys: what each spent, and when it was last used."""

from collections.abc import Sequence

from omna.db.pool import Connection
from omna.ids import KeyId, UserId, WorkspaceId
from omna.keys.model import KeyRow
from omna.keys.store import key_of


async def rows(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    created_by: UserId | None = None,
    key_id: KeyId | None = None,
    search: str | None = None,
    status: str | None = None,
) -> Sequence[KeyRow]:
    """Return keys with what they spent. Revoked ones are among them only when they are asked for.

    created_by  of this member alone; search: part of the name or of the label, in any case
    """
    found = await connection.fetch(
        # The last 24 hours, once for all keys: whole hours from their sums, the ends from single requests. A busy
        # workspace has too many of those to count. What is longer ago is kept by day.
        """WITH bounds AS (
               SELECT ends.began, ends.whole_from, greatest(state.summed_until, ends.whole_from) AS whole_until
               FROM usage_state AS state
               CROSS JOIN LATERAL (
                   SELECT now() - interval '24 hours' AS began,
                          date_trunc('hour', now() - interval '24 hours', 'UTC') + interval '1 hour' AS whole_from
               ) AS ends
           ), recent AS MATERIALIZED (
               SELECT part.key_id, sum(part.requests)::bigint AS requests, sum(part.spent)::bigint AS spent
               FROM (
                   SELECT s.key_id, s.requests, s.charge AS spent
                   FROM bounds CROSS JOIN usage_sums AS s
                   WHERE s.workspace_id = $1 AND s.grain = 'h'
                     AND s.start >= bounds.whole_from AND s.start < bounds.whole_until
                   UNION ALL
                   SELECT r.key_id, 1, r.charge
                   FROM bounds CROSS JOIN requests AS r
                   WHERE r.workspace_id = $1
                     AND r.request_id >= first_id_at(bounds.began) AND r.request_id < first_id_at(bounds.whole_from)
                   UNION ALL
                   SELECT r.key_id, 1, r.charge
                   FROM bounds CROSS JOIN requests AS r
                   WHERE r.workspace_id = $1 AND r.request_id >= first_id_at(bounds.whole_until)
               ) AS part
               GROUP BY part.key_id
           )
           SELECT k.key_id, k.workspace_id, k.name, k.prefix, k.last_four, k.rpm, k.spend_limit, k.spend_period,
                  k.allowed_models, k.expires_at, k.disabled_at, k.revoked_at, k.created_by, k.created_at,
                  k.max_running, k.rotated_to,
                  state.status, u.name AS creator_name,
                  spend.last_used_at, spend.in_period, spend.held, spend.requests_30d, spend.spent_30d,
                  CASE WHEN k.spend_period <> 'total'
                       THEN (date_trunc(k.spend_period, today.day::timestamp)
                             + ('1 ' || k.spend_period)::interval) AT TIME ZONE 'UTC' END AS resets_at,
                  coalesce(recent.requests, 0) AS requests_24h, coalesce(recent.spent, 0) AS spent_24h
           FROM api_keys AS k
           CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE 'UTC')::date AS day) AS today
           CROSS JOIN LATERAL (
               SELECT CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked'
                           WHEN k.expires_at <= now() THEN 'expired'
                           WHEN k.disabled_at IS NOT NULL THEN 'disabled'
                           WHEN k.rotated_to IS NOT NULL THEN 'rotating'
                           ELSE 'active' END AS status
           ) AS state
           CROSS JOIN LATERAL (
               SELECT max(s.last_used_at) AS last_used_at,
                      coalesce(sum(s.spent) FILTER (
                          WHERE k.spend_period = 'total'
                             OR s.day >= date_trunc(nullif(k.spend_period, 'total'), today.day::timestamp)::date
                      ), 0)::bigint AS in_period,
                      coalesce(sum(s.held), 0)::bigint AS held,
                      coalesce(sum(s.requests) FILTER (WHERE s.day > today.day - 30), 0)::bigint AS requests_30d,
                      coalesce(sum(s.spent) FILTER (WHERE s.day > today.day - 30), 0)::bigint AS spent_30d
               FROM key_spend AS s WHERE s.workspace_id = k.workspace_id AND s.key_id = k.key_id
           ) AS spend
           LEFT JOIN recent ON recent.key_id = k.key_id
           LEFT JOIN users AS u ON u.user_id = k.created_by
           WHERE k.workspace_id = $1
             AND ($2::uuid IS NULL OR k.created_by = $2)
             AND ($3::uuid IS NULL OR k.key_id = $3)
             AND ($4::text IS NULL OR position(lower($4) IN lower(k.name)) > 0
                  OR position($4 IN k.prefix || '…' || k.last_four) > 0)
             AND (state.status = $5 OR ($5 IS NULL AND (k.revoked_at IS NULL OR $3 IS NOT NULL)))""",
        workspace_id,
        created_by,
        key_id,
        search,
        status,
    )
    return [
        KeyRow(
            key=key_of(row),
            status=row["status"],
            creator_name=row["creator_name"],
            last_used_at=row["last_used_at"],
            spent_in_period=row["in_period"],
            held=row["held"],
            resets_at=row["resets_at"],
            requests_24h=row["requests_24h"],
            spent_24h=row["spent_24h"],
            requests_30d=row["requests_30d"],
            spent_30d=row["spent_30d"],
        )
        for row in found
    ]
