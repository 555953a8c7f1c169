"""SQL of the outbox."""

from collections.abc import Collection
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


async def these(connection: Connection, mail_ids: Collection[UUID]) -> list[Mail]:
    rows = await connection.fetch(
        "SELECT mail_id, kind, recipient, user_id, language, subject, text, html, state, created_at, expires_at,"
        " attempts, due_at, last_error, sent_at"
        " FROM mail_outbox WHERE mail_id = ANY ($1::uuid[])",
        list(mail_ids),
    )
    return [_mail(row) for row in rows]


async def newest(connection: Connection, recipient: str | None, limit: int) -> list[Mail]:
    rows = await connection.fetch(
        "SELECT mail_id, kind, recipient, user_id, language, subject, text, html, state, created_at, expires_at,"
        " attempts, due_at, last_error, sent_at"
        " FROM mail_outbox WHERE $1::text IS NULL OR recipient = $1 ORDER BY created_at DESC, mail_id DESC LIMIT $2",
        recipient,
        limit,
    )
    return [_mail(row) for row in rows]


async def page(
    connection: Connection,
    state: str | None,
    recipient: str | None,
    kind: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Mail]:
    moment, mail_id = before or (None, None)
    rows = await connection.fetch(
        "SELECT mail_id, kind, recipient, user_id, language, subject, text, html, state, created_at, expires_at,"
        " attempts, due_at, last_error, sent_at FROM mail_outbox"
        " WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR recipient = $2)"
        " AND ($3::text IS NULL OR kind = $3)"
        " AND ($4::timestamptz IS NULL OR (created_at, mail_id) < ($4, $5::uuid))"
        " ORDER BY created_at DESC, mail_id DESC LIMIT $6",
        state,
        recipient,
        kind,
        moment,
        mail_id,
        limit,
    )
    return [_mail(row) for row in rows]


async def counts(connection: Connection) -> list[tuple[str, int, datetime]]:
    """Return how many mails are in each state, and since when the oldest is."""
    rows = await connection.fetch(
        "SELECT state, count(*) AS count, min(created_at) AS oldest FROM mail_outbox GROUP BY state ORDER BY state"
    )
    return [(row["state"], row["count"], row["oldest"]) for row in rows]


async def requeue(connection: Connection, mail_id: UUID) -> bool:
    """Have a mail that was given up or kept sent again; False for one that cannot be."""
    moved = await connection.fetchval(
        "UPDATE mail_outbox SET state = 'queued', attempts = 0, due_at = now(), last_error = NULL, created_at = now()"
        " WHERE mail_id = $1 AND state IN ('failed', 'kept') AND text IS NOT NULL AND html IS NOT NULL"
        " AND expires_at > now() RETURNING true",
        mail_id,
    )
    return moved is not None


async def backlog(connection: Connection) -> tuple[int, int, int]:
    """Return how many mails wait, how many of them for an hour or more, and how many were given up in a day."""
    row = await connection.fetchrow(
        "SELECT count(*) FILTER (WHERE state = 'queued') AS waiting,"
        " count(*) FILTER (WHERE state = 'queued' AND created_at < now() - interval '1 hour') AS late,"
        " count(*) FILTER (WHERE state = 'failed') AS failed"
        " FROM mail_outbox WHERE created_at > now() - interval '1 day'"
    )
    assert row is not None
    return row["waiting"], row["late"], row["failed"]


async def claim(connection: Connection, lease: timedelta) -> Mail | None:
    """Return one mail that is due and count an attempt; until the lease ends, nobody else gets it."""
    row = await connection.fetchrow(
        "UPDATE mail_outbox SET attempts = attempts + 1, due_at = now() + $1::interval"
        " WHERE mail_id = (SELECT mail_id FROM mail_outbox WHERE state = 'queued' AND due_at <= now()"
        " AND expires_at > now() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING mail_id, kind, recipient, user_id, language, subject, text, html, state, created_at, expires_at,"
        " attempts, due_at, last_error, sent_at",
        lease,
    )
    return None if row is None else _mail(row)


async def set_sent(connection: Connection, mail_id: UUID) -> None:
    await connection.execute(
        "UPDATE mail_outbox SET state = 'sent', sent_at = now(), text = NULL, html = NULL, last_error = NULL"
        " WHERE mail_id = $1 AND state = 'queued'",
        mail_id,
    )


async def set_failed(connection: Connection, mail_id: UUID, reason: str) -> None:
    await connection.execute(
        "UPDATE mail_outbox SET state = 'failed', last_error = $2 WHERE mail_id = $1 AND state = 'queued'",
        mail_id,
        reason,
    )


async def set_later(connection: Connection, mail_id: UUID, reason: str, pause: timedelta, limit: timedelta) -> None:
    """Note another attempt after a pause, or give up when that would be too late."""
    await connection.execute(
        "UPDATE mail_outbox SET last_error = $2, due_at = now() + $3::interval,"
        " state = CASE WHEN now() + $3::interval > least(expires_at, created_at + $4::interval)"
        " THEN 'failed' ELSE 'queued' END"
        " WHERE mail_id = $1 AND state = 'queued'",
        mail_id,
        reason,
        pause,
        limit,
    )


async def fail_late(connection: Connection) -> int:
    """Give up what waited until its link ended; return how many."""
    status: str = await connection.execute(
        "UPDATE mail_outbox SET state = 'failed', last_error = coalesce(last_error, 'its link ended before that')"
        " WHERE state = 'queued' AND due_at <= now() AND expires_at <= now()"
    )
    return int(status.rpartition(" ")[2])


async def keep(connection: Connection) -> int:
    """Leave everything that waits to the operator; return how many."""
    status: str = await connection.execute("UPDATE mail_outbox SET state = 'kept' WHERE state = 'queued'")
    return int(status.rpartition(" ")[2])


async def take_texts(connection: Connection) -> int:
    """Take the text of mails away whose links have ended; return how many."""
    status: str = await connection.execute(
        "UPDATE mail_outbox SET text = NULL, html = NULL"
        " WHERE text IS NOT NULL AND expires_at <= now() AND state <> 'queued'"
    )
    return int(status.rpartition(" ")[2])


async def delete_older(connection: Connection, age: timedelta) -> int:
    """Delete old mails, and farewells as soon as they are gone: their address is nobody's here; return how many."""
    status: str = await connection.execute(
        "DELETE FROM mail_outbox WHERE state <> 'queued' AND (created_at < now() - $1::interval"
        " OR (kind = 'account_deleted' AND expires_at <= now()))",
        age,
    )
    return int(status.rpartition(" ")[2])


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
