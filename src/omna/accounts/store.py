"""SQL of users."""

from collections.abc import Sequence

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
) -> User | None:
    """Return the new user, or None when the address is taken."""
    row = await connection.fetchrow(
        "INSERT INTO users (user_id, email, email_normalized, name, password_hash, staff_role)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email_normalized) DO NOTHING"
        " RETURNING user_id, email, email_normalized, name, staff_role,"
        " password_hash IS NOT NULL AS has_password, created_at",
        user_id,
        email,
        email_normalized,
        name,
        password_hash,
        staff_role,
    )
    return None if row is None else _user(row)


async def by_email(connection: Connection, email_normalized: str) -> User | None:
    row = await connection.fetchrow(
        "SELECT user_id, email, email_normalized, name, staff_role,"
        " password_hash IS NOT NULL AS has_password, created_at"
        " FROM users WHERE email_normalized = $1",
        email_normalized,
    )
    return None if row is None else _user(row)


async def password_hash(connection: Connection, user_id: UserId) -> str | None:
    value: str | None = await connection.fetchval("SELECT password_hash FROM users WHERE user_id = $1", user_id)
    return value


async def set_password_hash(connection: Connection, user_id: UserId, value: str) -> None:
    await connection.execute("UPDATE users SET password_hash = $2 WHERE user_id = $1", user_id, value)


async def with_role(connection: Connection, roles: Sequence[StaffRole]) -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM users WHERE staff_role = ANY ($1)", list(roles))
    return count


def _user(row: Record) -> User:
    return User(
        user_id=UserId(row["user_id"]),
        email=row["email"],
        email_normalized=row["email_normalized"],
        name=row["name"],
        staff_role=None if row["staff_role"] is None else StaffRole(row["staff_role"]),
        has_password=row["has_password"],
        created_at=row["created_at"],
    )
