"""SQL of the lists of people and workspaces.

Reads  users, sessions, members, workspaces, wallets, workspace_spend, risk_cases
"""

from uuid import UUID

from asyncpg import Record

from omna.console.patterns import pattern
from omna.db.pool import Connection


async def users(connection: Connection, show: str, text: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Return people, newest first.

    show    all, frozen, disabled, pending (wait for approval), unverified or staff
    text    part of an address or of a name
    """
    return list(
        await connection.fetch(
            "SELECT u.user_id, u.email, u.name, u.staff_role, u.created_at, u.email_verified_at, u.approved_at,"
            " u.disabled_at, u.frozen_at, w.workspace_id, w.frozen_at AS workspace_frozen_at,"
            " coalesce(available_paid + available_promo, 0) AS available, coalesce(-debt, 0) AS owed,"
            " (SELECT max(last_seen_at) FROM sessions AS s WHERE s.user_id = u.user_id) AS last_seen_at"
            " FROM users AS u LEFT JOIN workspaces AS w ON w.personal_user_id = u.user_id"
            " LEFT JOIN wallets ON wallets.workspace_id = w.workspace_id"
            " WHERE u.deleted_at IS NULL AND CASE $1"
            "  WHEN 'frozen' THEN u.frozen_at IS NOT NULL"
            "  WHEN 'disabled' THEN u.disabled_at IS NOT NULL"
            "  WHEN 'pending' THEN u.approved_at IS NULL AND u.disabled_at IS NULL"
            "  WHEN 'unverified' THEN u.email_verified_at IS NULL"
            "  WHEN 'staff' THEN u.staff_role IS NOT NULL"
            "  ELSE true END"
            " AND ($2::text IS NULL OR u.email_normalized LIKE lower($2) OR u.name ILIKE $2)"
            " AND ($3::uuid IS NULL OR u.user_id < $3)"
            " ORDER BY u.user_id DESC LIMIT $4",
            show,
            pattern(text),
            after,
            limit,
        )
    )


async def workspaces(
    connection: Connection, show: str, text: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return workspaces, newest first.

    show    all, frozen, debt, flagged (a case of risk is open), pending, team or personal
    text    part of a name, or of the address of a member
    """
    return list(
        await connection.fetch(
            "SELECT w.workspace_id, w.name, w.kind, w.created_at, w.frozen_at, w.pending, w.daily_limit,"
            " available_paid + available_promo AS available, held_paid + held_promo AS held, -debt AS owed,"
            " (SELECT count(*) FROM members AS m WHERE m.workspace_id = w.workspace_id) AS members,"
            " (SELECT u.email FROM members AS m JOIN users AS u USING (user_id) WHERE m.workspace_id = w.workspace_id"
            "  AND m.role = 'owner' ORDER BY m.created_at, m.user_id LIMIT 1) AS owner_email,"
            " coalesce((SELECT spent FROM workspace_spend AS s WHERE s.workspace_id = w.workspace_id"
            "  AND s.day = (now() AT TIME ZONE 'UTC')::date), 0) AS spent_today"
            " FROM workspaces AS w JOIN wallets USING (workspace_id)"
            " WHERE w.deleted_at IS NULL AND CASE $1"
            "  WHEN 'frozen' THEN w.frozen_at IS NOT NULL"
            "  WHEN 'debt' THEN debt < 0"
            "  WHEN 'pending' THEN w.pending IS NOT NULL"
            "  WHEN 'flagged' THEN EXISTS (SELECT FROM risk_cases AS c WHERE c.workspace_id = w.workspace_id"
            "   AND c.state = 'open')"
            "  WHEN 'team' THEN w.kind = 'team'"
            "  WHEN 'personal' THEN w.kind = 'personal'"
            "  ELSE true END"
            " AND ($2::text IS NULL OR w.name ILIKE $2 OR EXISTS (SELECT FROM members AS m JOIN users AS u"
            "  USING (user_id) WHERE m.workspace_id = w.workspace_id AND u.email_normalized LIKE lower($2)))"
            " AND ($3::uuid IS NULL OR w.workspace_id < $3)"
            " ORDER BY w.workspace_id DESC LIMIT $4",
            show,
            pattern(text),
            after,
            limit,
        )
    )
