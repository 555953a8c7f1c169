"""SQL of who is of the staff."""

from dataclasses import dataclass
from datetime import datetime

from omna.accounts.model import StaffRole
from omna.db.pool import Connection
from omna.ids import UserId


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody of the staff. second_factor: without one the console does not open to them."""

    user_id: UserId
    email: str
    name: str
    role: StaffRole
    second_factor: bool
    console_seen_at: datetime | None
    disabled_at: datetime | None


async def lock_owners(connection: Connection) -> list[UserId]:
    """Return the owners who can act, whom nobody else changes until this transaction ends."""
    rows = await connection.fetch(
        "SELECT user_id FROM users WHERE staff_role = 'owner' AND disabled_at IS NULL AND deleted_at IS NULL"
        " AND frozen_at IS NULL ORDER BY user_id FOR UPDATE"
    )
    return [UserId(row["user_id"]) for row in rows]


async def set_role(connection: Connection, user_id: UserId, role: StaffRole | None) -> None:
    await connection.execute("UPDATE users SET staff_role = $2 WHERE user_id = $1", user_id, role)


async def close_doors(connection: Connection, user_id: UserId) -> None:
    """Close the console in every session of somebody: a new role opens it anew."""
    await connection.execute(
        "UPDATE sessions SET console_opened_at = NULL, console_seen_at = NULL"
        " WHERE user_id = $1 AND console_opened_at IS NOT NULL",
        user_id,
    )


async def everybody(connection: Connection) -> list[Employee]:
    """Return the staff, owners first."""
    rows = await connection.fetch(
        "SELECT user_id, email, name, staff_role, disabled_at,"
        " EXISTS (SELECT FROM totp_factors AS t WHERE t.user_id = u.user_id AND secret IS NOT NULL)"
        " OR EXISTS (SELECT FROM passkeys AS p WHERE p.user_id = u.user_id) AS second_factor,"
        " (SELECT max(console_seen_at) FROM sessions AS s WHERE s.user_id = u.user_id) AS console_seen_at"
        " FROM users AS u WHERE staff_role IS NOT NULL AND deleted_at IS NULL"
        " ORDER BY array_position(ARRAY['owner', 'finance', 'support', 'auditor'], staff_role), lower(name), user_id"
    )
    return [
        Employee(
            UserId(row["user_id"]),
            row["email"],
            row["name"],
            StaffRole(row["staff_role"]),
            row["second_factor"],
            row["console_seen_at"],
            row["disabled_at"],
        )
        for row in rows
    ]
