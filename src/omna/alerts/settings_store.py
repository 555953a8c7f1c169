"""SQL of whom alerts are told to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from omna.alerts.model import Severity
from omna.db.pool import Connection


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Whom alerts are told to. Secrets are envelopes. recipients: None is every owner among staff."""

    recipients: tuple[str, ...] | None
    least_severity: Severity
    webhook_url: str | None
    webhook_allowed: bool
    webhook_secret: str | None
    webhook_old_secret: str | None
    webhook_old_until: datetime | None


async def get(connection: Connection) -> AlertSettings:
    row = await connection.fetchrow(
        "SELECT recipients, least_severity, webhook_url, webhook_allowed, webhook_secret,"
        " CASE WHEN webhook_old_until > now() THEN webhook_old_secret END AS webhook_old_secret,"
        " CASE WHEN webhook_old_until > now() THEN webhook_old_until END AS webhook_old_until FROM alert_settings"
    )
    assert row is not None, "the migration made the row"
    return AlertSettings(
        recipients=None if row["recipients"] is None else tuple(row["recipients"]),
        least_severity=row["least_severity"],
        webhook_url=row["webhook_url"],
        webhook_allowed=row["webhook_allowed"],
        webhook_secret=row["webhook_secret"],
        webhook_old_secret=row["webhook_old_secret"],
        webhook_old_until=row["webhook_old_until"],
    )


async def lock(connection: Connection) -> AlertSettings:
    """Return the settings, which nobody else changes until this commit."""
    await connection.execute("SELECT FROM alert_settings FOR UPDATE")
    return await get(connection)


async def set_recipients(connection: Connection, recipients: Sequence[str] | None, least_severity: Severity) -> None:
    await connection.execute(
        "UPDATE alert_settings SET recipients = $1, least_severity = $2",
        None if recipients is None else list(recipients),
        least_severity,
    )


async def set_webhook(connection: Connection, url: str | None, allowed: bool, secret: str | None) -> None:
    """Change address and secret; a secret that is another ends the old one, too."""
    await connection.execute(
        "UPDATE alert_settings SET webhook_url = $1, webhook_allowed = $2, webhook_secret = $3,"
        " webhook_old_secret = CASE WHEN webhook_secret = $3 THEN webhook_old_secret END,"
        " webhook_old_until = CASE WHEN webhook_secret = $3 THEN webhook_old_until END",
        url,
        allowed,
        secret,
    )


async def rotate(connection: Connection, secret: str, old: str, keep: timedelta) -> datetime:
    until: datetime = await connection.fetchval(
        "UPDATE alert_settings SET webhook_secret = $1, webhook_old_secret = $2,"
        " webhook_old_until = now() + $3::interval RETURNING webhook_old_until",
        secret,
        old,
        keep,
    )
    return until


async def sealed(connection: Connection) -> tuple[str | None, str | None]:
    """Return both envelopes, the old one whether it still signs or not."""
    row = await connection.fetchrow("SELECT webhook_secret, webhook_old_secret FROM alert_settings FOR UPDATE")
    assert row is not None, "the migration made the row"
    return row["webhook_secret"], row["webhook_old_secret"]


async def set_sealed(connection: Connection, secret: str | None, old: str | None) -> None:
    await connection.execute("UPDATE alert_settings SET webhook_secret = $1, webhook_old_secret = $2", secret, old)
