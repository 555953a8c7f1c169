"""SQL of notices and deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from omna.alerts.model import Alert
from omna.alerts.store import as_alert
from omna.db.pool import Connection
from omna.ids import AlertId


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery to the webhook. `body` is sent as it is."""

    delivery_id: UUID
    notice_id: UUID
    reason: str
    alerts: tuple[AlertId, ...]
    body: str
    state: str
    attempts: int
    due_at: datetime
    last_status: int | None
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What people were told, when, and the mails of it."""

    notice_id: UUID
    reason: str
    at: datetime
    alerts: tuple[AlertId, ...]
    mails: tuple[UUID, ...]


async def lock(connection: Connection) -> None:
    """Let one worker at a time tell people: what is told now decides what is told next."""
    await connection.execute("SELECT pg_advisory_xact_lock(5108, 46)")


async def skip_below(connection: Connection, severities: Sequence[str]) -> None:
    """Tell nobody of what is due and of none of these severities."""
    await connection.execute(
        "UPDATE alerts SET next_notice_at = NULL WHERE next_notice_at <= now() AND severity <> ALL ($1)",
        list(severities),
    )


async def due(connection: Connection, limit: int) -> list[Alert]:
    """Return alerts that are due, locked, those that wait longest first."""
    rows = await connection.fetch(
        "SELECT alert_id, kind, subject, severity, message, facts::text AS facts, state, opened_at, last_at, count,"
        " acknowledged_at, acknowledged_by, resolved_at, notices, last_notice_at, next_notice_at"
        " FROM alerts WHERE next_notice_at <= now() ORDER BY next_notice_at, alert_id LIMIT $1"
        " FOR UPDATE SKIP LOCKED",
        limit,
    )
    return [as_alert(row) for row in rows]


async def told(connection: Connection, window: timedelta) -> tuple[int, int]:
    """Return how many single notices and digests there were within a window."""
    row = await connection.fetchrow(
        "SELECT count(*) FILTER (WHERE reason IN ('opened', 'reminder', 'resolved')) AS single,"
        " count(*) FILTER (WHERE reason = 'digest') AS digests FROM alert_notices WHERE at > now() - $1::interval",
        window,
    )
    assert row is not None
    return row["single"], row["digests"]


async def note(connection: Connection, alert_id: AlertId, pause: timedelta | None) -> None:
    """Count a notice of an alert. pause: until the next one; None: there is none."""
    await connection.execute(
        "UPDATE alerts SET notices = notices + 1, last_notice_at = now(), next_notice_at = now() + $2::interval"
        " WHERE alert_id = $1",
        alert_id,
        pause,
    )


async def add_notice(
    connection: Connection, notice_id: UUID, reason: str, alerts: Sequence[AlertId], mails: Sequence[UUID]
) -> None:
    await connection.execute(
        "INSERT INTO alert_notices (notice_id, reason, alerts, mails) VALUES ($1, $2, $3, $4)",
        notice_id,
        reason,
        list(alerts),
        list(mails),
    )


async def notices_of(connection: Connection, alert_id: AlertId, limit: int) -> list[Notice]:
    rows = await connection.fetch(
        "SELECT notice_id, reason, at, alerts, mails FROM alert_notices WHERE alerts @> ARRAY[$1::uuid]"
        " ORDER BY at DESC, notice_id DESC LIMIT $2",
        alert_id,
        limit,
    )
    return [_notice(row) for row in rows]


async def notices(connection: Connection, before: UUID | None, limit: int) -> list[Notice]:
    rows = await connection.fetch(
        "SELECT notice_id, reason, at, alerts, mails FROM alert_notices WHERE $1::uuid IS NULL OR notice_id < $1"
        " ORDER BY notice_id DESC LIMIT $2",
        before,
        limit,
    )
    return [_notice(row) for row in rows]


async def add_delivery(connection: Connection, delivery_id: UUID, notice_id: UUID, body: str) -> None:
    await connection.execute(
        "INSERT INTO alert_deliveries (delivery_id, notice_id, body) VALUES ($1, $2, $3)", delivery_id, notice_id, body
    )


async def claim(connection: Connection, lease: timedelta) -> Delivery | None:
    """Return one delivery that is due and count an attempt; until the lease ends, nobody else gets it."""
    claimed: UUID | None = await connection.fetchval(
        "UPDATE alert_deliveries SET attempts = attempts + 1, due_at = now() + $1::interval"
        " WHERE delivery_id = (SELECT delivery_id FROM alert_deliveries WHERE state = 'queued' AND due_at <= now()"
        " ORDER BY due_at, delivery_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING delivery_id",
        lease,
    )
    return None if claimed is None else await delivery(connection, claimed)


async def delivery(connection: Connection, delivery_id: UUID) -> Delivery | None:
    row = await connection.fetchrow(
        "SELECT d.delivery_id, d.notice_id, n.reason, n.alerts, d.body, d.state, d.attempts, d.due_at, d.last_status,"
        " d.last_error, d.created_at, d.sent_at FROM alert_deliveries AS d JOIN alert_notices AS n USING (notice_id)"
        " WHERE d.delivery_id = $1",
        delivery_id,
    )
    return None if row is None else _delivery(row)


async def deliveries(connection: Connection, before: UUID | None, limit: int) -> list[Delivery]:
    """Return deliveries, newest first; `before` continues a page."""
    rows = await connection.fetch(
        "SELECT d.delivery_id, d.notice_id, n.reason, n.alerts, d.body, d.state, d.attempts, d.due_at, d.last_status,"
        " d.last_error, d.created_at, d.sent_at FROM alert_deliveries AS d JOIN alert_notices AS n USING (notice_id)"
        " WHERE $1::uuid IS NULL OR d.delivery_id < $1 ORDER BY d.delivery_id DESC LIMIT $2",
        before,
        limit,
    )
    return [_delivery(row) for row in rows]


async def of_notices(connection: Connection, notice_ids: Sequence[UUID]) -> list[Delivery]:
    rows = await connection.fetch(
        "SELECT d.delivery_id, d.notice_id, n.reason, n.alerts, d.body, d.state, d.attempts, d.due_at, d.last_status,"
        " d.last_error, d.created_at, d.sent_at FROM alert_deliveries AS d JOIN alert_notices AS n USING (notice_id)"
        " WHERE d.notice_id = ANY ($1::uuid[])",
        list(notice_ids),
    )
    return [_delivery(row) for row in rows]


async def set_sent(connection: Connection, delivery_id: UUID, status: int) -> None:
    await connection.execute(
        "UPDATE alert_deliveries SET state = 'sent', sent_at = now(), last_status = $2, last_error = NULL"
        " WHERE delivery_id = $1 AND state = 'queued'",
        delivery_id,
        status,
    )


async def set_failed(connection: Connection, delivery_id: UUID, status: int | None, error: str) -> None:
    await connection.execute(
        "UPDATE alert_deliveries SET state = 'failed', last_status = $2, last_error = $3"
        " WHERE delivery_id = $1 AND state = 'queued'",
        delivery_id,
        status,
        error,
    )


async def set_later(
    connection: Connection, delivery_id: UUID, status: int | None, error: str, pause: timedelta
) -> None:
    await connection.execute(
        "UPDATE alert_deliveries SET last_status = $2, last_error = $3, due_at = now() + $4::interval"
        " WHERE delivery_id = $1 AND state = 'queued'",
        delivery_id,
        status,
        error,
        pause,
    )


async def again(connection: Connection, delivery_id: UUID) -> bool:
    """Queue a delivery that was given up once more; False when it is not one."""
    status: str = await connection.execute(
        "UPDATE alert_deliveries SET state = 'queued', attempts = 0, due_at = now()"
        " WHERE delivery_id = $1 AND state = 'failed'",
        delivery_id,
    )
    return status == "UPDATE 1"


async def fail_queued(connection: Connection, why: str) -> int:
    """Give up everything that waits; return how many."""
    status: str = await connection.execute(
        "UPDATE alert_deliveries SET state = 'failed', last_error = $1 WHERE state = 'queued'", why
    )
    return int(status.rpartition(" ")[2])


_DELETE_DELIVERIES = "DELETE FROM alert_deliveries WHERE created_at < now() - $1::interval AND state <> 'queued'"
_DELETE_NOTICES = (
    "DELETE FROM alert_notices AS n WHERE at < now() - $1::interval"
    " AND NOT EXISTS (SELECT FROM alert_deliveries AS d WHERE d.notice_id = n.notice_id)"
)
_DELETE_ALERTS = "DELETE FROM alerts WHERE state = 'resolved' AND resolved_at < now() - $1::interval"


async def delete_older(connection: Connection, notices_age: timedelta, alerts_age: timedelta) -> int:
    """Delete what is old; return how many rows."""
    deleted = 0
    for statement, age in (
        (_DELETE_DELIVERIES, notices_age),
        (_DELETE_NOTICES, notices_age),
        (_DELETE_ALERTS, alerts_age),
    ):
        status: str = await connection.execute(statement, age)
        deleted += int(status.rpartition(" ")[2])
    return deleted


def _notice(row: Record) -> Notice:
    return Notice(
        notice_id=row["notice_id"],
        reason=row["reason"],
        at=row["at"],
        alerts=tuple(AlertId(one) for one in row["alerts"]),
        mails=tuple(row["mails"]),
    )


def _delivery(row: Record) -> Delivery:
    return Delivery(
        delivery_id=row["delivery_id"],
        notice_id=row["notice_id"],
        reason=row["reason"],
        alerts=tuple(AlertId(one) for one in row["alerts"]),
        body=row["body"],
        state=row["state"],
        attempts=row["attempts"],
        due_at=row["due_at"],
        last_status=row["last_status"],
        last_error=row["last_error"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
    )
