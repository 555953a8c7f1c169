"""SQL of everything that stands on the page of a person or a workspace. No text that people send to a model.

Reads  users, sessions, totp_factors, recovery_codes, passkeys, identities, members, workspaces, wallets, tickets,
       recharges, refunds, disputes, requests, running_requests, holds, api_keys, workspace_spend
"""

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId

#: Of each list on a page; the lists themselves have more.
MOST = 10
_REQUESTS = 20
_RUNNING = 50
_MEMBERS = 200


async def ways_in(connection: Connection, user_id: UserId) -> Record:
    """Return what a person signs in with."""
    row = await connection.fetchrow(
        "SELECT EXISTS (SELECT FROM totp_factors WHERE user_id = $1 AND secret IS NOT NULL) AS authenticator,"
        " (SELECT count(*) FROM recovery_codes WHERE user_id = $1) AS recovery_codes,"
        " (SELECT count(*) FROM passkeys WHERE user_id = $1) AS passkeys,"
        " ARRAY(SELECT issuer FROM identities WHERE user_id = $1 ORDER BY created_at) AS services",
        user_id,
    )
    assert row is not None, "a row of facts"
    return row


async def memberships(connection: Connection, user_id: UserId) -> list[Record]:
    """Return the workspaces of a person."""
    return list(
        await connection.fetch(
            "SELECT w.workspace_id, w.name, w.kind, m.role, w.frozen_at, w.pending,"
            " available_paid + available_promo AS available, -debt AS owed"
            " FROM members AS m JOIN workspaces AS w USING (workspace_id) JOIN wallets USING (workspace_id)"
            " WHERE m.user_id = $1 AND w.deleted_at IS NULL ORDER BY w.kind, lower(w.name), w.workspace_id LIMIT $2",
            user_id,
            _MEMBERS,
        )
    )


async def members(connection: Connection, workspace_id: WorkspaceId) -> list[Record]:
    """Return the people of a workspace, owners first."""
    return list(
        await connection.fetch(
            "SELECT u.user_id, u.email, u.name, m.role, m.spend_limit, m.spend_period, m.created_at, u.disabled_at,"
            " u.frozen_at FROM members AS m JOIN users AS u USING (user_id) WHERE m.workspace_id = $1"
            " ORDER BY array_position(ARRAY['owner', 'admin', 'billing', 'member'], m.role), m.created_at, u.user_id"
            " LIMIT $2",
            workspace_id,
            _MEMBERS,
        )
    )


async def running(connection: Connection, workspace_id: WorkspaceId) -> list[Record]:
    """Return what runs now and holds Credits, oldest first."""
    return list(
        await connection.fetch(
            "SELECT h.hold_id, h.paid + h.promo AS held, h.created_at, r.model_id, r.source, k.name AS key_name"
            " FROM holds AS h LEFT JOIN running_requests AS r"
            "  ON r.workspace_id = h.workspace_id AND r.request_id = h.hold_id"
            " LEFT JOIN api_keys AS k ON k.key_id = r.key_id"
            " WHERE h.workspace_id = $1 ORDER BY h.hold_id LIMIT $2",
            workspace_id,
            _RUNNING,
        )
    )


async def requests(connection: Connection, workspace_id: WorkspaceId) -> list[Record]:
    """Return the last requests: counts, costs and outcomes."""
    return list(
        await connection.fetch(
            "SELECT request_id, model_id, outcome, error_code, charge, provider_charge, prompt_tokens,"
            " completion_tokens, duration_ms, settled_at, source FROM requests WHERE workspace_id = $1"
            " ORDER BY request_id DESC LIMIT $2",
            workspace_id,
            _REQUESTS,
        )
    )


async def orders(connection: Connection, workspace_id: WorkspaceId) -> list[Record]:
    """Return the last recharges."""
    return list(
        await connection.fetch(
            "SELECT recharge_id, reference, state, credits, channel, flag, created_at FROM recharges"
            " WHERE workspace_id = $1 ORDER BY recharge_id DESC LIMIT $2",
            workspace_id,
            MOST,
        )
    )


async def refunds(connection: Connection, workspace_id: WorkspaceId) -> list[Record]:
    """Return the last refunds."""
    return list(
        await connection.fetch(
            "SELECT f.refund_id, r.reference, f.state, coalesce(f.approved_credits, f.credits) AS credits, f.created_at"
            " FROM refunds AS f JOIN recharges AS r USING (workspace_id, recharge_id)"
            " WHERE workspace_id = $1 ORDER BY f.refund_id DESC LIMIT $2",
            workspace_id,
            MOST,
        )
    )


async def disputes(connection: Connection, workspace_id: WorkspaceId) -> list[Record]:
    """Return the last disputes."""
    return list(
        await connection.fetch(
            "SELECT d.dispute_id, r.reference, d.state, d.amount_minor, d.currency, d.opened_at"
            " FROM disputes AS d JOIN recharges AS r USING (workspace_id, recharge_id)"
            " WHERE workspace_id = $1 ORDER BY d.dispute_id DESC LIMIT $2",
            workspace_id,
            MOST,
        )
    )


async def tickets_of_person(connection: Connection, user_id: UserId) -> list[Record]:
    """Return the last requests for support of a person."""
    return list(
        await connection.fetch(
            "SELECT ticket_id, subject, category, state, updated_at FROM tickets WHERE opened_by = $1"
            " ORDER BY updated_at DESC, ticket_id DESC LIMIT $2",
            user_id,
            MOST,
        )
    )


async def tickets_of_workspace(connection: Connection, workspace_id: WorkspaceId) -> list[Record]:
    """Return the last requests for support of a workspace."""
    return list(
        await connection.fetch(
            "SELECT ticket_id, subject, category, state, updated_at FROM tickets WHERE workspace_id = $1"
            " ORDER BY updated_at DESC, ticket_id DESC LIMIT $2",
            workspace_id,
            MOST,
        )
    )


async def workspace(connection: Connection, workspace_id: WorkspaceId) -> Record | None:
    """Return a workspace with its wallet and its day, also one that is deleted."""
    return await connection.fetchrow(
        "SELECT w.workspace_id, w.kind, w.name, w.personal_user_id, w.created_at, w.deleted_at, w.pending,"
        " w.frozen_at, w.frozen_reason, w.frozen_note, w.frozen_until, w.frozen_with_person, w.daily_limit,"
        " w.own_daily_limit, w.max_running, available_paid, available_promo, held_paid + held_promo AS held,"
        " -debt AS owed, refund_pending, coalesce(s.spent, 0) AS spent_today, coalesce(s.requests, 0) AS requests_today"
        " FROM workspaces AS w JOIN wallets USING (workspace_id) LEFT JOIN workspace_spend AS s"
        "  ON s.workspace_id = w.workspace_id AND s.day = (now() AT TIME ZONE 'UTC')::date"
        " WHERE w.workspace_id = $1",
        workspace_id,
    )
