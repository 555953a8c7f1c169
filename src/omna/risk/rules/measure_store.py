"""SQL that measures. The same statements serve judging and dry runs: only the range differs.

Usage is measured by UTC hours, each window ending with one. Closed hours come from `usage_sums`; the hour that runs
comes from `workspace_spend`, less what is summed of its day, while exactly that hour is missing there. Within an hour
what was spent only grows, so a window that is a hit while its hour runs is one when the hour is closed, and a dry
run finds the same windows as judging did.

Events are measured in the order of their positions, each with those up to its own.
"""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import WorkspaceId
from omna.risk.rules.model import Measure

#: Days whose usage is what is usual.
USUAL_DAYS = 30
#: Of the workspaces that have something in common, the newest.
MOST_OF_A_MARKER = 50
#: Seconds a statement may take, if its transaction allows as much.
LONGEST = 60


async def spend(
    connection: Connection, since: datetime, until: datetime, *, hours: int, at_least: int, most: int | None
) -> list[Measure]:
    """Return what workspaces spent in the windows that end with an hour in [since, until), where it is at_least."""
    rows = await connection.fetch(
        "WITH reach AS (SELECT summed_until, summed_until = date_trunc('hour', clock_timestamp(), 'UTC') AS up_to_date"
        " FROM usage_state), hourly AS ("
        " SELECT s.workspace_id, s.start, sum(s.charge) AS charge FROM usage_sums AS s"
        " WHERE s.grain = 'h' AND s.start >= $1::timestamptz - make_interval(hours => $3 - 1) AND s.start < $2"
        " GROUP BY s.workspace_id, s.start"
        " UNION ALL SELECT w.workspace_id, reach.summed_until, w.spent - coalesce((SELECT sum(s.charge)"
        "  FROM usage_sums AS s WHERE s.workspace_id = w.workspace_id AND s.grain = 'h'"
        "  AND s.start >= date_trunc('day', reach.summed_until, 'UTC') AND s.start < reach.summed_until), 0)"
        " FROM reach JOIN workspace_spend AS w ON w.day = (reach.summed_until AT TIME ZONE 'UTC')::date"
        " WHERE reach.up_to_date AND reach.summed_until >= $1 AND reach.summed_until < $2 AND w.spent > 0"
        "), windows AS (SELECT workspace_id, start, charge, sum(charge) OVER (PARTITION BY workspace_id ORDER BY start"
        "  RANGE BETWEEN make_interval(hours => $3 - 1) PRECEDING AND CURRENT ROW) AS spent FROM hourly),"
        " reached AS (SELECT windows.*, w.created_at,"
        "  date_trunc('day', start - make_interval(hours => $3 - 1), 'UTC') AS day"
        "  FROM windows JOIN workspaces AS w USING (workspace_id)"
        "  WHERE start >= $1 AND charge > 0 AND spent >= $4::bigint AND w.deleted_at IS NULL"
        "  ORDER BY start, workspace_id LIMIT $5)"
        " SELECT reached.workspace_id, start AS at, created_at, spent::bigint AS spent, usual.before,"
        " greatest(0, least($6::integer, extract(day FROM day - date_trunc('day', created_at, 'UTC'))::integer))"
        " AS days"
        " FROM reached CROSS JOIN LATERAL (SELECT coalesce(sum(s.charge), 0)::bigint AS before FROM usage_sums AS s"
        "  WHERE s.workspace_id = reached.workspace_id AND s.grain = 'd'"
        "  AND s.start >= day - make_interval(days => $6) AND s.start < day) AS usual"
        " ORDER BY at, workspace_id",
        since,
        until,
        hours,
        at_least,
        most,
        USUAL_DAYS,
        timeout=LONGEST,
    )
    return [
        _of_hour(row, {"spent": row["spent"], "hours": hours, "before": row["before"], "history_days": row["days"]})
        for row in rows
    ]


async def model_mix(
    connection: Connection,
    since: datetime,
    until: datetime,
    *,
    hours: int,
    at_least: int,
    share: int,
    most: int | None,
) -> list[Measure]:
    """Return how much of what was spent in windows went to models that were not used in the 30 days before them, where
    it is a share of so many percent.
    """
    rows = await connection.fetch(
        "WITH hourly AS (SELECT s.workspace_id, s.start, sum(s.charge) AS charge FROM usage_sums AS s"
        " WHERE s.grain = 'h' AND s.start >= $1::timestamptz - make_interval(hours => $3 - 1) AND s.start < $2"
        " GROUP BY s.workspace_id, s.start HAVING sum(s.charge) > 0),"
        " windows AS (SELECT workspace_id, start, sum(charge) OVER (PARTITION BY workspace_id ORDER BY start"
        "  RANGE BETWEEN make_interval(hours => $3 - 1) PRECEDING AND CURRENT ROW) AS spent FROM hourly),"
        " reached AS (SELECT windows.*, w.created_at, start - make_interval(hours => $3 - 1) AS began"
        "  FROM windows JOIN workspaces AS w USING (workspace_id)"
        "  WHERE start >= $1 AND spent >= $4::bigint AND w.deleted_at IS NULL),"
        # By the index of a workspace and a model: a window has few rows, the whole stretch has many.
        " mixed AS MATERIALIZED (SELECT reached.*, mix.fresh, mix.models FROM reached CROSS JOIN LATERAL ("
        "  SELECT coalesce(sum(of_model.charge), 0)::bigint AS fresh,"
        "  coalesce(array_agg(of_model.model_id ORDER BY of_model.charge DESC, of_model.model_id), '{}') AS models"
        "  FROM (SELECT h.model_id, sum(h.charge) AS charge FROM usage_sums AS h"
        "   WHERE h.workspace_id = reached.workspace_id AND h.grain = 'h'"
        "   AND h.start >= reached.began AND h.start <= reached.start"
        "   GROUP BY h.model_id HAVING sum(h.charge) > 0) AS of_model"
        "  WHERE NOT EXISTS (SELECT FROM usage_sums AS s WHERE s.workspace_id = reached.workspace_id AND s.grain = 'h'"
        "   AND s.model_id = of_model.model_id AND s.start >= reached.began - make_interval(days => $6)"
        "   AND s.start < reached.began)) AS mix WHERE mix.fresh * 100 >= reached.spent * $7::integer)"
        " SELECT workspace_id, start AS at, created_at, spent::bigint AS spent, fresh, models,"
        " (SELECT count(DISTINCT s.model_id) FROM usage_sums AS s WHERE s.workspace_id = mixed.workspace_id"
        "  AND s.grain = 'h' AND s.start >= began - make_interval(days => $6) AND s.start < began) AS known"
        " FROM mixed ORDER BY at, workspace_id LIMIT $5",
        since,
        until,
        hours,
        at_least,
        most,
        USUAL_DAYS,
        share,
        timeout=LONGEST,
    )
    return [
        _of_hour(
            row,
            {
                "spent": row["spent"],
                "hours": hours,
                "fresh": row["fresh"],
                "fresh_models": list(row["models"])[:5],
                "known_models": row["known"],
            },
        )
        for row in rows
    ]


async def counts(
    connection: Connection,
    kind: str,
    after: int,
    until: int,
    *,
    hours: int,
    markers: Sequence[str] | None,
    at_least: int,
    most: int | None,
) -> list[Measure]:
    """Return, for each event of a kind in (after, until], how many its workspace had in the hours up to it.

    markers  only those events; None: all
    """
    rows = await connection.fetch(
        "SELECT e.event_id, e.workspace_id, e.at, e.subject_id, w.created_at, counted.number, counted.subjects"
        " FROM risk_events AS e JOIN workspaces AS w USING (workspace_id)"
        " CROSS JOIN LATERAL (SELECT count(*) AS number,"
        "  (array_agg(o.subject_id ORDER BY o.position DESC) FILTER (WHERE o.subject_id IS NOT NULL))[1:10] AS subjects"
        "  FROM risk_events AS o WHERE o.workspace_id = e.workspace_id AND o.kind = e.kind"
        "  AND o.position <= e.position AND o.at > e.at - make_interval(hours => $4)"
        "  AND ($5::text[] IS NULL OR o.marker = ANY ($5))) AS counted"
        " WHERE e.kind = $1 AND e.position > $2 AND e.position <= $3 AND ($5::text[] IS NULL OR e.marker = ANY ($5))"
        " AND w.deleted_at IS NULL AND counted.number >= $6 ORDER BY e.position LIMIT $7",
        kind,
        after,
        until,
        hours,
        None if markers is None else list(markers),
        at_least,
        most,
        timeout=LONGEST,
    )
    return [
        _of_event(row, {"count": row["number"], "subjects": [one.hex for one in row["subjects"] or ()]}) for row in rows
    ]


async def in_common(
    connection: Connection, kind: str, after: int, until: int, *, hours: int, at_least: int, most: int | None
) -> list[Measure]:
    """Return, for each event in (after, until], how many accounts had its marker in the hours up to it: a measure for
    each of their workspaces, of the newest ones.
    """
    rows = await connection.fetch(
        "SELECT e.event_id, e.position, e.at, e.marker, other.workspace_id, w.created_at, shared.accounts,"
        " shared.workspaces FROM risk_events AS e"
        " CROSS JOIN LATERAL (SELECT count(DISTINCT coalesce(o.user_id, o.workspace_id)) AS accounts,"
        "  array_agg(DISTINCT o.workspace_id ORDER BY o.workspace_id DESC) AS workspaces"
        "  FROM risk_events AS o WHERE o.kind = e.kind AND o.marker = e.marker AND o.marker <> ''"
        "  AND o.position <= e.position AND o.at > e.at - make_interval(hours => $4)) AS shared"
        " CROSS JOIN LATERAL unnest(shared.workspaces[1:$7]) AS other (workspace_id)"
        " JOIN workspaces AS w ON w.workspace_id = other.workspace_id AND w.deleted_at IS NULL"
        " WHERE e.kind = $1 AND e.position > $2 AND e.position <= $3 AND e.marker <> '' AND shared.accounts >= $5"
        " ORDER BY e.position, other.workspace_id LIMIT $6",
        kind,
        after,
        until,
        hours,
        at_least,
        most,
        MOST_OF_A_MARKER,
        timeout=LONGEST,
    )
    return [
        _of_event(
            row,
            {
                "accounts": row["accounts"],
                "marker": row["marker"],
                "workspaces": [one.hex for one in row["workspaces"][:10]],
            },
        )
        for row in rows
    ]


def _of_hour(row: Record, numbers: dict[str, object]) -> Measure:
    at: datetime = row["at"]
    return Measure(WorkspaceId(row["workspace_id"]), f"hour:{at:%Y-%m-%dT%H}", at, row["created_at"], numbers)


def _of_event(row: Record, numbers: dict[str, object]) -> Measure:
    return Measure(WorkspaceId(row["workspace_id"]), f"event:{row['event_id']}", row["at"], row["created_at"], numbers)
