"""SQL of users."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from asyncpg import Record

from omna.accounts.model import StaffRole, User
from omna.db.pool import Connection
from omna.ids import UserId


async def add(
    connection: Connection,
    user_id: UserId,
    email: str,
    email_normalized: str,
    name: str,
    password_hash: str | None,
    staff_role: StaffRole | None,
    *,
    verified: bool,
    approved: bool,
    language: str | None,
    terms_version: str | None,
) -> User | None:
    """Return the new user, or None when the address is taken."""
    row = await connection.fetchrow(
        "INSERT INTO users (user_id, email, email_normalized, name, password_hash, staff_role, language,"
        " terms_version, email_verified_at, approved_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9 THEN now() END, CASE WHEN $10 THEN now() END)"
        " ON CONFLICT (email_normalized) DO NOTHING"
        " RETURNING user_id, email, email_normalized, name, staff_role, password_hash IS NOT NULL AS has_password,"
        " created_at, email_verified_at, approved_at, disabled_at, deleted_at, credential_version, password_alone,"
        " language, theme, zone, terms_version, notifications, frozen_at, frozen_reason, frozen_note, frozen_until",
        user_id,
        email,
        email_normalized,
        name,
        password_hash,
        staff_role,
        language,
        terms_version,
        verified,
        approved,
    )
    return None if row is None else _user(row)


async def by_email(connection: Connection, email_normalized: str) -> User | None:
    row = await connection.fetchrow(
        "SELECT user_id, email, email_normalized, name, staff_role, password_hash IS NOT NULL AS has_password,"
        " created_at, email_verified_at, approved_at, disabled_at, deleted_at, credential_version, password_alone,"
        " language, theme, zone, terms_version, notifications, frozen_at, frozen_reason, frozen_note, frozen_until"
        " FROM users WHERE email_normalized = $1",
        email_normalized,
    )
    return None if row is None else _user(row)


async def by_id(connection: Connection, user_id: UserId) -> User | None:
    row = await connection.fetchrow(
        "SELECT user_id, email, email_normalized, name, staff_role, password_hash IS NOT NULL AS has_password,"
        " created_at, email_verified_at, approved_at, disabled_at, deleted_at, credential_version, password_alone,"
        " language, theme, zone, terms_version, notifications, frozen_at, frozen_reason, frozen_note, frozen_until"
        " FROM users WHERE user_id = $1",
        user_id,
    )
    return None if row is None else _user(row)


async def by_ids(connection: Connection, user_ids: Sequence[UserId]) -> list[User]:
    rows = await connection.fetch(
        "SELECT user_id, email, email_normalized, name, staff_role, password_hash IS NOT NULL AS has_password,"
        " created_at, email_verified_at, approved_at, disabled_at, deleted_at, credential_version, password_alone,"
        " language, theme, zone, terms_version, notifications, frozen_at, frozen_reason, frozen_note, frozen_until"
        " FROM users WHERE user_id = ANY ($1)",
        user_ids,
    )
    return [_user(row) for row in rows]


async def lock(connection: Connection, user_id: UserId) -> User | None:
    """Return a person whom nobody else changes until this transaction ends."""
    row = await connection.fetchrow(
        "SELECT user_id, email, email_normalized, name, staff_role, password_hash IS NOT NULL AS has_password,"
        " created_at, email_verified_at, approved_at, disabled_at, deleted_at, credential_version, password_alone,"
        " language, theme, zone, terms_version, notifications, frozen_at, frozen_reason, frozen_note, frozen_until"
        " FROM users WHERE user_id = $1 FOR UPDATE",
        user_id,
    )
    return None if row is None else _user(row)


async def password_hash(connection: Connection, user_id: UserId) -> str | None:
    value: str | None = await connection.fetchval("SELECT password_hash FROM users WHERE user_id = $1", user_id)
    return value


async def set_password_hash(connection: Connection, user_id: UserId, value: str, *, alone: bool) -> None:
    await connection.execute(
        "UPDATE users SET password_hash = $2, password_alone = $3 WHERE user_id = $1", user_id, value, alone
    )


async def delete_password(connection: Connection, user_id: UserId) -> None:
    await connection.execute("UPDATE users SET password_hash = NULL, password_alone = true WHERE user_id = $1", user_id)


async def replace_password_hash(connection: Connection, user_id: UserId, old: str, new: str) -> None:
    """Store the same password under newer parameters, unless it was changed meanwhile."""
    await connection.execute(
        "UPDATE users SET password_hash = $3 WHERE user_id = $1 AND password_hash = $2", user_id, old, new
    )


async def raise_credential_version(connection: Connection, user_id: UserId) -> None:
    await connection.execute("UPDATE users SET credential_version = credential_version + 1 WHERE user_id = $1", user_id)


async def set_verified(connection: Connection, user_id: UserId) -> bool:
    """Return whether this was the first time."""
    return (
        await connection.fetchval(
            "UPDATE users SET email_verified_at = now() WHERE user_id = $1 AND email_verified_at IS NULL"
            " RETURNING true",
            user_id,
        )
        is True
    )


async def set_approved(connection: Connection, user_id: UserId) -> bool:
    """Return whether this was the first time."""
    return (
        await connection.fetchval(
            "UPDATE users SET approved_at = now() WHERE user_id = $1 AND approved_at IS NULL RETURNING true", user_id
        )
        is True
    )


async def set_disabled(connection: Connection, user_id: UserId, disabled: bool) -> bool:
    """Return whether that changed anything."""
    return (
        await connection.fetchval(
            "UPDATE users SET disabled_at = CASE WHEN $2 THEN now() END"
            " WHERE user_id = $1 AND (disabled_at IS NOT NULL) <> $2 RETURNING true",
            user_id,
            disabled,
        )
        is True
    )


async def set_frozen(
    connection: Connection, user_id: UserId, reason: str | None, note: str, until: datetime | None
) -> None:
    await connection.execute(
        "UPDATE users SET frozen_at = CASE WHEN $2::text IS NOT NULL THEN coalesce(frozen_at, now()) END,"
        " frozen_reason = $2, frozen_note = $3, frozen_until = $4 WHERE user_id = $1",
        user_id,
        reason,
        note,
        until,
    )


async def freezes_ended(connection: Connection, limit: int) -> list[UserId]:
    rows = await connection.fetch(
        "SELECT user_id FROM users WHERE frozen_until <= now() ORDER BY frozen_until, user_id LIMIT $1", limit
    )
    return [UserId(row["user_id"]) for row in rows]


async def waiting(connection: Connection, limit: int) -> list[User]:
    """Return who waits for the operator's approval, longest first."""
    rows = await connection.fetch(
        "SELECT user_id, email, email_normalized, name, staff_role, password_hash IS NOT NULL AS has_password,"
        " created_at, email_verified_at, approved_at, disabled_at, deleted_at, credential_version, password_alone,"
        " language, theme, zone, terms_version, notifications, frozen_at, frozen_reason, frozen_note, frozen_until"
        " FROM users WHERE approved_at IS NULL AND disabled_at IS NULL AND deleted_at IS NULL"
        " ORDER BY created_at, user_id LIMIT $1",
        limit,
    )
    return [_user(row) for row in rows]


async def set_email(connection: Connection, user_id: UserId, email: str, email_normalized: str) -> None:
    """Errors: asyncpg.UniqueViolationError when the address is somebody else's."""
    await connection.execute(
        "UPDATE users SET email = $2, email_normalized = $3 WHERE user_id = $1", user_id, email, email_normalized
    )


async def set_profile(
    connection: Connection,
    user_id: UserId,
    *,
    name: str,
    language: str | None,
    theme: str,
    zone: str | None,
    notifications: Mapping[str, bool],
) -> None:
    await connection.execute(
        "UPDATE users SET name = $2, language = $3, theme = $4, zone = $5, notifications = $6 WHERE user_id = $1",
        user_id,
        name,
        language,
        theme,
        zone,
        dict(notifications),
    )


async def now(connection: Connection) -> datetime:
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return moment


async def with_role(connection: Connection, roles: Sequence[StaffRole]) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM users"
        " WHERE staff_role = ANY ($1) AND disabled_at IS NULL AND deleted_at IS NULL AND frozen_at IS NULL",
        list(roles),
    )
    return count


async def staff(connection: Connection, roles: Sequence[StaffRole]) -> list[User]:
    rows = await connection.fetch(
        "SELECT user_id, email, email_normalized, name, staff_role, password_hash IS NOT NULL AS has_password,"
        " created_at, email_verified_at, approved_at, disabled_at, deleted_at, credential_version, password_alone,"
        " language, theme, zone, terms_version, notifications, frozen_at, frozen_reason, frozen_note, frozen_until"
        " FROM users"
        " WHERE staff_role = ANY ($1) AND disabled_at IS NULL AND deleted_at IS NULL ORDER BY user_id",
        list(roles),
    )
    return [_user(row) for row in rows]


def _user(row: Record) -> User:
    return User(
        user_id=UserId(row["user_id"]),
        email=row["email"],
        email_normalized=row["email_normalized"],
        name=row["name"],
        staff_role=None if row["staff_role"] is None else StaffRole(row["staff_role"]),
        has_password=row["has_password"],
        created_at=row["created_at"],
        email_verified_at=row["email_verified_at"],
        approved_at=row["approved_at"],
        disabled_at=row["disabled_at"],
        deleted_at=row["deleted_at"],
        credential_version=row["credential_version"],
        password_alone=row["password_alone"],
        language=row["language"],
        theme=row["theme"],
        zone=row["zone"],
        terms_version=row["terms_version"],
        notifications=row["notifications"],
        frozen_at=row["frozen_at"],
        frozen_reason=row["frozen_reason"],
        frozen_note=row["frozen_note"],
        frozen_until=row["frozen_until"],
    )
