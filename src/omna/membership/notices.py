"""Tell people before their Credits or a limit run out, once a crossing and again only after a clear recovery; and of
freezes.

Reads   workspaces, wallets, members, users, api_keys, key_spend, workspace_spend
Writes  low_balance_notices, limit_notices, the outbox
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId, show
from omna.mail import service as mail
from omna.mail.kinds import wanted, when
from omna.mail.service import Kind

#: Workspaces or limits of one transaction.
BATCH = 100

#: A balance has recovered when it is this much of its threshold, in percent: a request more or less is no recovery.
RECOVERED = 110

#: A limit counts as used up here, in percent: the request that would use the rest exactly never comes.
USED_UP = 99


async def tell_low_balances(connection: Connection) -> int:
    """Write the mails of balances that fell below their threshold; return how many workspaces were told.

    The balance includes what running requests hold: most of it comes back.
    """
    await connection.execute(
        "DELETE FROM low_balance_notices AS n USING workspaces AS w, wallets"
        " WHERE w.workspace_id = n.workspace_id AND wallets.workspace_id = n.workspace_id"
        " AND (w.low_balance_threshold IS NULL OR w.deleted_at IS NOT NULL OR"
        " available_paid + available_promo + held_paid + held_promo >= w.low_balance_threshold / 100.0 * $1::integer)",
        RECOVERED,
    )
    crossed = await connection.fetch(
        "WITH low AS (INSERT INTO low_balance_notices (workspace_id, threshold)"
        " SELECT w.workspace_id, w.low_balance_threshold FROM workspaces AS w JOIN wallets USING (workspace_id)"
        " WHERE w.deleted_at IS NULL AND w.pending IS NULL"
        " AND available_paid + available_promo + held_paid + held_promo < w.low_balance_threshold"
        " AND NOT EXISTS (SELECT FROM low_balance_notices AS n WHERE n.workspace_id = w.workspace_id)"
        " LIMIT $1 ON CONFLICT DO NOTHING RETURNING workspace_id, threshold)"
        " SELECT w.workspace_id, w.name, low.threshold, available_paid + available_promo AS available"
        " FROM low JOIN workspaces AS w USING (workspace_id) JOIN wallets USING (workspace_id)",
        BATCH,
    )
    for row in crossed:
        for person in await _people(connection, row["workspace_id"], ["owner", "billing"]):
            await _tell(
                connection,
                person,
                Kind.LOW_BALANCE,
                {
                    "workspace": show("ws", row["workspace_id"]),
                    "workspace_name": row["name"],
                    "balance": row["available"],
                    "threshold": row["threshold"],
                },
            )
    return len(crossed)


async def tell_limits(connection: Connection) -> int:
    """Write the mails of limits that are used to 80 % or used up; return how many limits were told of."""
    limits = await _limits_in_use(connection)
    steps = [
        (row, percent)
        for row in limits
        for percent, reached in ((80, 80), (100, USED_UP))
        if row["spent"] * 100 >= row["most"] * reached
    ]
    new = await _note_steps(connection, steps)
    told = 0
    for row in limits:
        reached = [percent for percent in (80, 100) if (row["subject_id"], percent) in new]
        if reached:
            told += 1
            await _tell_of_limit(connection, row, max(reached))
    return told


async def tell_freeze(connection: Connection, workspace_id: WorkspaceId) -> None:
    """Tell the people who answer for a workspace that it was frozen, or that it works again, as it is now."""
    row = await connection.fetchrow(
        "SELECT name, frozen_reason, frozen_until, coalesce(frozen_at, now()) AS at FROM workspaces"
        " WHERE workspace_id = $1",
        workspace_id,
    )
    if row is None:
        return
    values = {"workspace": show("ws", workspace_id), "workspace_name": row["name"], "at": row["at"]}
    for person in await _people(connection, workspace_id, ["owner", "admin", "billing"]):
        if row["frozen_reason"] is None:
            await _tell(connection, person, Kind.WORKSPACE_UNFROZEN, values)
        else:
            await _tell(connection, person, Kind.WORKSPACE_FROZEN, values | _why(row))


async def tell_user_freeze(connection: Connection, user_id: UserId) -> None:
    """Tell a person that their account was frozen, or that it works again, as it is now."""
    row = await connection.fetchrow(
        "SELECT user_id, email_normalized, name, language, notifications, frozen_reason, frozen_until,"
        " coalesce(frozen_at, now()) AS at FROM users WHERE user_id = $1"
        " AND email_verified_at IS NOT NULL AND disabled_at IS NULL AND deleted_at IS NULL",
        user_id,
    )
    if row is None:
        return
    if row["frozen_reason"] is None:
        await _tell(connection, row, Kind.ACCOUNT_UNFROZEN, {"at": row["at"]})
    else:
        await _tell(connection, row, Kind.ACCOUNT_FROZEN, {"at": row["at"]} | _why(row))


def _why(row: Record) -> dict[str, Any]:
    until: datetime | None = row["frozen_until"]
    return {"reason": row["frozen_reason"], "until": "" if until is None else when(until)}


async def _limits_in_use(connection: Connection) -> Sequence[Record]:
    """Return the limits that are used to 80 %, and forget what was said of others that are clear of it."""
    rows = await connection.fetch(
        "WITH limits AS ("
        " SELECT k.workspace_id, k.key_id AS subject_id, k.name AS subject_name, k.created_by, k.spend_limit AS most,"
        " k.spend_period AS period,"
        " CASE k.spend_period WHEN 'total' THEN timestamp '-infinity'"
        " ELSE date_trunc(k.spend_period, now() AT TIME ZONE 'UTC') END AS began"
        " FROM api_keys AS k WHERE k.spend_limit > 0 AND k.revoked_at IS NULL AND k.disabled_at IS NULL"
        " AND (k.expires_at IS NULL OR k.expires_at > now())"
        " UNION ALL SELECT w.workspace_id, w.workspace_id, w.name, NULL, least(w.daily_limit, w.own_daily_limit),"
        " 'day', date_trunc('day', now() AT TIME ZONE 'UTC')"
        " FROM workspaces AS w WHERE least(w.daily_limit, w.own_daily_limit) > 0), used AS ("
        " SELECT limits.*, CASE WHEN limits.subject_id = limits.workspace_id THEN"
        " (SELECT coalesce(sum(s.spent), 0) FROM workspace_spend AS s"
        "  WHERE s.workspace_id = limits.workspace_id AND s.day >= limits.began::date)"
        " ELSE (SELECT coalesce(sum(s.spent), 0) FROM key_spend AS s WHERE s.workspace_id = limits.workspace_id"
        "  AND s.key_id = limits.subject_id AND s.day >= limits.began::date) END AS spent FROM limits"
        "), clear AS (DELETE FROM limit_notices AS n USING used WHERE n.workspace_id = used.workspace_id"
        " AND n.subject_id = used.subject_id AND used.spent * 100 < used.most::numeric * (n.percent - 10))"
        " SELECT used.workspace_id, used.subject_id, used.subject_name, used.created_by, used.most,"
        " used.began AT TIME ZONE 'UTC' AS began, used.spent::bigint AS spent, w.name AS workspace_name,"
        " CASE WHEN used.period <> 'total' THEN (used.began + ('1 ' || used.period)::interval) AT TIME ZONE 'UTC' END"
        " AS resets_at"
        " FROM used JOIN workspaces AS w USING (workspace_id)"
        " WHERE w.deleted_at IS NULL AND used.spent * 100 >= used.most::numeric * 80"
        " AND NOT EXISTS (SELECT FROM limit_notices AS n WHERE n.workspace_id = used.workspace_id"
        "  AND n.subject_id = used.subject_id AND n.period = used.began AT TIME ZONE 'UTC'"
        "  AND n.percent = CASE WHEN used.spent * 100 >= used.most::numeric * $2::integer THEN 100 ELSE 80 END)"
        " LIMIT $1",
        BATCH,
        USED_UP,
    )
    return list(rows)


async def _note_steps(connection: Connection, steps: Sequence[tuple[Record, int]]) -> set[tuple[Any, int]]:
    """Note that steps of limits were reached in their period; return those that nobody had noted."""
    rows = await connection.fetch(
        "INSERT INTO limit_notices (workspace_id, subject_id, percent, period)"
        " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[])"
        " ON CONFLICT (workspace_id, subject_id, percent) DO UPDATE SET period = excluded.period, noticed_at = now()"
        " WHERE limit_notices.period <> excluded.period RETURNING subject_id, percent",
        [row["workspace_id"] for row, _ in steps],
        [row["subject_id"] for row, _ in steps],
        [percent for _, percent in steps],
        [row["began"] for row, _ in steps],
    )
    return {(row["subject_id"], row["percent"]) for row in rows}


async def _tell_of_limit(connection: Connection, row: Record, percent: int) -> None:
    of_workspace = row["subject_id"] == row["workspace_id"]
    resets_at: datetime | None = row["resets_at"]
    roles = ["owner", "admin"] if of_workspace else ["owner"]
    for person in await _people(connection, row["workspace_id"], roles, row["created_by"]):
        await _tell(
            connection,
            person,
            Kind.LIMIT_REACHED,
            {
                "workspace": show("ws", row["workspace_id"]),
                "workspace_name": row["workspace_name"],
                "subject": "workspace" if of_workspace else "key",
                "subject_name": row["subject_name"],
                "percent": percent,
                "limit": row["most"],
                "used": row["spent"],
                "resets_at": "" if resets_at is None else when(resets_at),
            },
        )


async def _people(
    connection: Connection, workspace_id: Any, roles: Sequence[str], also: Any = None
) -> Sequence[Record]:
    """Return the members with one of the roles, and one other while a member, who can be written to."""
    rows = await connection.fetch(
        "SELECT u.user_id, u.email_normalized, u.name, u.language, u.notifications"
        " FROM members AS m JOIN users AS u USING (user_id)"
        " WHERE m.workspace_id = $1 AND (m.role = ANY ($2) OR m.user_id = $3)"
        " AND u.email_verified_at IS NOT NULL AND u.disabled_at IS NULL AND u.deleted_at IS NULL"
        " ORDER BY u.user_id",
        workspace_id,
        list(roles),
        also,
    )
    return list(rows)


async def _tell(connection: Connection, person: Record, kind: Kind, values: dict[str, Any]) -> None:
    if wanted(person["notifications"], kind):
        await mail.enqueue(
            connection,
            kind,
            person["email_normalized"],
            person["language"],
            {"name": person["name"], **values},
            user_id=UserId(person["user_id"]),
        )
