"""SQL of links in mails. A link counts once, until its end, and only while nothing newer replaced it."""

from dataclasses import dataclass
from typing import Any

from omna.db.pool import Connection
from omna.ids import UserId


@dataclass(frozen=True, slots=True)
class Link:
    """What a click on a link proves: that its person reads mails to this address."""

    user_id: UserId
    purpose: str
    email: str
    email_normalized: str
    credential_version: int


async def add(
    connection: Connection,
    token_digest: bytes,
    user_id: UserId,
    purpose: str,
    email: str,
    email_normalized: str,
    credential_version: int,
    seconds: int,
) -> None:
    await connection.execute(
        "INSERT INTO mail_links (token_digest, user_id, purpose, email, email_normalized, credential_version, ends_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))",
        token_digest,
        user_id,
        purpose,
        email,
        email_normalized,
        credential_version,
        seconds,
    )


async def find(connection: Connection, token_digest: bytes) -> Link | None:
    row = await connection.fetchrow(
        "SELECT user_id, purpose, email, email_normalized, credential_version FROM mail_links"
        " WHERE token_digest = $1 AND used_at IS NULL AND ends_at > now()",
        token_digest,
    )
    return None if row is None else _link(row)


async def use(connection: Connection, token_digest: bytes) -> Link | None:
    """Return a link and use it up; of two that use it at once, one gets it."""
    row = await connection.fetchrow(
        "UPDATE mail_links SET used_at = now() WHERE token_digest = $1 AND used_at IS NULL AND ends_at > now()"
        " RETURNING user_id, purpose, email, email_normalized, credential_version",
        token_digest,
    )
    return None if row is None else _link(row)


async def void(connection: Connection, user_id: UserId, purpose: str) -> None:
    await connection.execute(
        "UPDATE mail_links SET used_at = now() WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL",
        user_id,
        purpose,
    )


async def pending_email(connection: Connection, user_id: UserId) -> str | None:
    """Return the address that a person wants to change to and has not proven yet."""
    email: str | None = await connection.fetchval(
        "SELECT email FROM mail_links WHERE user_id = $1 AND purpose = 'change' AND used_at IS NULL"
        " AND ends_at > now() ORDER BY created_at DESC LIMIT 1",
        user_id,
    )
    return email


async def sweep(connection: Connection, days: int) -> int:
    """Return how many links that ended so long ago were deleted."""
    rows = await connection.fetch(
        "DELETE FROM mail_links WHERE ends_at < now() - make_interval(days => $1) RETURNING 1", days
    )
    return len(rows)


def _link(row: Any) -> Link:
    return Link(
        UserId(row["user_id"]), row["purpose"], row["email"], row["email_normalized"], row["credential_version"]
    )
