"""SQL of the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId


@dataclass(frozen=True, slots=True)
class Mail:
    """A row of the outbox. `text` and `html` are None once they are taken away."""

    mail_id: UUID
    kind: str
    recipient: str
    user_id: UserId | None
    language: str
    subject: str
    text: str | None
    html: str | None
    state: str
    created_at: datetime
    expires_at: datetime
    attempts: int
    due_at: datetime
    last_error: str | None
    sent_at: datetime | None


async def recent(connection: Connection, recipient: str, kinds: list[str]) -> int:
    """Return how many mails of some kinds an address got in the last hour; until the commit, nobody else adds one."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('omna mail to ' || $1, 0))", recipient)
    count: int = await connection.fetchval(
        "SELECT count(*) FROM mail_outbox"
        " WHERE recipient = $1 AND kind = ANY ($2) AND created_at > now() - interval '1 hour'",
        recipient,
        kinds,
    )
    return count


async def add(
    connection: Connection,
    mail_id: UUID,
    kind: str,
    recipient: str,
    user_id: UserId | None,
    language: str,
    subject: str,
    text: str,
    html: str,
    lifetime: timedelta,
) -> None:
    await connection.execute(
        "INSERT INTO mail_outbox (mail_id, kind, recipient, user_id, language, subject, text, html, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::interval)",
        mail_id,
        kind,
        recipient,
        user_id,
        language,
        subject,
        text,
        html,
        lifetime,
    )


async def get(connection: Connection, mail_id: UUID) -> Mail | None:
    row = await connection.fetchrow(
        "SELECT mail_id, kind, recipient, user_id, language, subject, text, html, state, created_at, expires_at,"
        " attempts, due_at, last_error, sent_at"
        " FROM mail_outbox WHERE mail_id = $1",
        mail_id,
    )
    return None if row is None else _mail(row)


async def newest(connection: Connection, recipient: str | None, limit: int) -> list[Mail]:
    rows = await connection.fetch(
        "SELECT mail_id, kind, recipient, user_id, language, subject, text, html, state, created_at, expires_at,"
        " attempts, due_at, last_error, sent_at"
        " FROM mail_outbox WHERE $1::text IS NULL OR recipient = $1 ORDER BY created_at DESC, mail_id DESC LIMIT $2",
        recipient,
        limit,
    )
    return [_mail(row) for row in rows]


def _mail(row: Record) -> Mail:
    return Mail(
        mail_id=row["mail_id"],
        kind=row["kind"],
        recipient=row["recipient"],
        user_id=None if row["user_id"] is None else UserId(row["user_id"]),
        language=row["language"],
        subject=row["subject"],
        text=row["text"],
        html=row["html"],
        state=row["state"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        attempts=row["attempts"],
        due_at=row["due_at"],
        last_error=row["last_error"],
        sent_at=row["sent_at"],
    )
