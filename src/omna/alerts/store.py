"""SQL of alerts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from omna.alerts.model import Alert, Severity, State
from omna.db.pool import Connection
from omna.ids import AlertId

# Of advisory locks: who raises and who resolves one alert take turns.
_LOCK = 5108_45


async def lock(connection: Connection, kind: str, subject: str) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _LOCK, f"{kind} {subject}")


async def count_again(
    connection: Connection, kind: str, subject: str, severity: Severity, message: str, facts: str, by: int
) -> AlertId | None:
    """Count one more of an open alert; a higher severity makes it open again and due at once."""
    found: AlertId | None = await connection.fetchval(
        """
        UPDATE alerts SET count = count + $6, last_at = now(), message = $4, facts = $5::text::jsonb,
               severity = CASE WHEN higher THEN $3 ELSE severity END,
               state = CASE WHEN higher THEN 'open' ELSE state END,
               acknowledged_at = CASE WHEN higher THEN NULL ELSE acknowledged_at END,
               acknowledged_by = CASE WHEN higher THEN NULL ELSE acknowledged_by END,
               next_notice_at = CASE WHEN higher THEN now() ELSE next_notice_at END
          FROM (SELECT alert_id AS it,
                       array_position(ARRAY['info', 'warning', 'critical'], $3)
                       > array_position(ARRAY['info', 'warning', 'critical'], severity) AS higher
                  FROM alerts WHERE kind = $1 AND subject = $2 AND state <> 'resolved' FOR UPDATE) AS found
         WHERE alert_id = it
        RETURNING alert_id
        """,
        kind,
        subject,
        severity,
        message,
        facts,
        by,
    )
    return found


async def reopen(
    connection: Connection,
    kind: str,
    subject: str,
    severity: Severity,
    message: str,
    facts: str,
    *,
    within: timedelta,
    pause: timedelta,
) -> AlertId | None:
    """Open the one again that ended a short while ago; people hear of it after a pause since the last notice."""
    found: AlertId | None = await connection.fetchval(
        """
        UPDATE alerts SET state = 'open', resolved_at = NULL, acknowledged_at = NULL, acknowledged_by = NULL,
               severity = $3, message = $4, facts = $5::text::jsonb, count = count + 1, last_at = now(),
               next_notice_at = greatest(now(), last_notice_at + $7::interval)
         WHERE alert_id = (SELECT alert_id FROM alerts
                            WHERE kind = $1 AND subject = $2 AND state = 'resolved'
                              AND resolved_at > now() - $6::interval
                            ORDER BY resolved_at DESC LIMIT 1)
        RETURNING alert_id
        """,
        kind,
        subject,
        severity,
        message,
        facts,
        within,
        pause,
    )
    return found


async def add(
    connection: Connection, alert_id: AlertId, kind: str, subject: str, severity: Severity, message: str, facts: str
) -> None:
    await connection.execute(
        "INSERT INTO alerts (alert_id, kind, subject, severity, message, facts)"
        " VALUES ($1, $2, $3, $4, $5, $6::text::jsonb)",
        alert_id,
        kind,
        subject,
        severity,
        message,
        facts,
    )


async def resolve(connection: Connection, kind: str, subject: str) -> AlertId | None:
    """End an alert. It is told when its opening was told, unless a reminder of the end is out already."""
    found: AlertId | None = await connection.fetchval(
        "UPDATE alerts SET state = 'resolved', resolved_at = now(),"
        "       next_notice_at = CASE WHEN notices > 0 THEN now() END"
        " WHERE kind = $1 AND subject = $2 AND state <> 'resolved' RETURNING alert_id",
        kind,
        subject,
    )
    return found


async def open_subjects(connection: Connection, kind: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT subject FROM alerts WHERE kind = $1 AND state <> 'resolved' ORDER BY subject", kind
    )
    return [row["subject"] for row in rows]


async def current(connection: Connection, kind: str) -> list[Alert]:
    rows = await connection.fetch(
        "SELECT alert_id, kind, subject, severity, message, facts::text AS facts, state, opened_at, last_at, count,"
        " acknowledged_at, acknowledged_by, resolved_at, notices, last_notice_at, next_notice_at"
        " FROM alerts WHERE kind = $1 AND state <> 'resolved' ORDER BY subject",
        kind,
    )
    return [as_alert(row) for row in rows]


async def get(connection: Connection, alert_id: AlertId) -> Alert | None:
    row = await connection.fetchrow(
        "SELECT alert_id, kind, subject, severity, message, facts::text AS facts, state, opened_at, last_at, count,"
        " acknowledged_at, acknowledged_by, resolved_at, notices, last_notice_at, next_notice_at"
        " FROM alerts WHERE alert_id = $1",
        alert_id,
    )
    return None if row is None else as_alert(row)


async def acknowledge(connection: Connection, alert_id: AlertId, by: str) -> None:
    await connection.execute(
        "UPDATE alerts SET state = 'acknowledged', acknowledged_at = now(), acknowledged_by = $2,"
        " next_notice_at = NULL WHERE alert_id = $1 AND state = 'open'",
        alert_id,
        by,
    )


async def opened(connection: Connection) -> dict[str, int]:
    rows = await connection.fetch("SELECT severity, count(*) AS alerts FROM alerts WHERE state = 'open' GROUP BY 1")
    return {row["severity"]: row["alerts"] for row in rows}


async def page(
    connection: Connection,
    states: Sequence[str],
    severity: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Alert]:
    moment, last = before or (None, None)
    rows = await connection.fetch(
        "SELECT alert_id, kind, subject, severity, message, facts::text AS facts, state, opened_at, last_at, count,"
        " acknowledged_at, acknowledged_by, resolved_at, notices, last_notice_at, next_notice_at FROM alerts"
        " WHERE state = ANY ($1) AND ($2::text IS NULL OR severity = $2)"
        " AND ($3::timestamptz IS NULL OR (opened_at, alert_id) < ($3, $4))"
        " ORDER BY opened_at DESC, alert_id DESC LIMIT $5",
        list(states),
        severity,
        moment,
        last,
        limit,
    )
    return [as_alert(row) for row in rows]


def as_alert(row: Record) -> Alert:
    facts: dict[str, Any] = msgspec.json.decode(row["facts"])
    return Alert(
        alert_id=row["alert_id"],
        kind=row["kind"],
        subject=row["subject"],
        severity=row["severity"],
        message=row["message"],
        facts=facts,
        state=State(row["state"]),
        opened_at=row["opened_at"],
        last_at=row["last_at"],
        count=row["count"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
        resolved_at=row["resolved_at"],
        notices=row["notices"],
        last_notice_at=row["last_notice_at"],
        next_notice_at=row["next_notice_at"],
    )
