"""SQL of what is known about one person, wherever it stands; nothing that would let anybody in.

Reads   users, sessions, known_devices, passkeys, identities, totp_factors, recovery_codes, members, workspaces,
        invitations, access_requests, api_keys, management_keys, recharges, refunds, billing_details, mail_outbox,
        audit_log
Writes  data_exports
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import UserId


@dataclass(frozen=True, slots=True)
class Export:
    """A permission to download. `over`: its time has passed."""

    export_id: UUID
    created_at: datetime
    expires_at: datetime
    over: bool


async def add(connection: Connection, export_id: UUID, user_id: UserId, lifetime: timedelta) -> Export:
    """Return a new permission; those of the person that are over are forgotten."""
    await connection.execute("DELETE FROM data_exports WHERE user_id = $1 AND expires_at <= now()", user_id)
    row = await connection.fetchrow(
        "INSERT INTO data_exports (export_id, user_id, expires_at) VALUES ($1, $2, now() + $3::interval)"
        " RETURNING export_id, created_at, expires_at, false AS over",
        export_id,
        user_id,
        lifetime,
    )
    assert row is not None
    return Export(**row)


async def get(connection: Connection, export_id: UUID, user_id: UserId) -> Export | None:
    row = await connection.fetchrow(
        "SELECT export_id, created_at, expires_at, expires_at <= now() AS over FROM data_exports"
        " WHERE export_id = $1 AND user_id = $2",
        export_id,
        user_id,
    )
    return None if row is None else Export(**row)


async def person(connection: Connection, user_id: UserId) -> Record | None:
    return await connection.fetchrow(
        "SELECT u.user_id, u.email, u.name, u.created_at, u.email_verified_at, u.approved_at, u.staff_role, u.language,"
        " u.theme, u.zone, u.terms_version, u.notifications, u.password_hash IS NOT NULL AS has_password,"
        " (SELECT t.confirmed_at FROM totp_factors AS t WHERE t.user_id = u.user_id) AS authenticator_since,"
        " (SELECT count(*) FROM recovery_codes AS c WHERE c.user_id = u.user_id) AS recovery_codes_left"
        " FROM users AS u WHERE u.user_id = $1",
        user_id,
    )


async def sessions(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT session_id, method, user_agent, origin, created_at, last_seen_at, ends_at FROM sessions"
        " WHERE user_id = $1 ORDER BY created_at",
        user_id,
    )
    return list(rows)


async def devices(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT device_id, created_at, last_seen_at FROM known_devices WHERE user_id = $1 ORDER BY created_at", user_id
    )
    return list(rows)


async def passkeys(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT passkey_id, name, backed_up, created_at, last_used_at FROM passkeys WHERE user_id = $1"
        " ORDER BY created_at",
        user_id,
    )
    return list(rows)


async def identities(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT identity_id, issuer, subject, email, created_at, last_used_at FROM identities WHERE user_id = $1"
        " ORDER BY created_at",
        user_id,
    )
    return list(rows)


async def memberships(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT w.workspace_id, w.name, w.kind, m.role, m.created_at AS joined_at, m.spend_limit, m.spend_period"
        " FROM members AS m JOIN workspaces AS w USING (workspace_id) WHERE m.user_id = $1 ORDER BY m.created_at",
        user_id,
    )
    return list(rows)


async def invitations(connection: Connection, user_id: UserId) -> Sequence[Record]:
    """Return invitations to the person's address, and those they accepted or wrote."""
    rows = await connection.fetch(
        "SELECT i.invitation_id, w.name AS workspace_name, i.email, i.role, i.created_at, i.expires_at, i.accepted_at,"
        " i.revoked_at, i.invited_by = $1 AS written_by_you"
        " FROM invitations AS i JOIN workspaces AS w USING (workspace_id)"
        " WHERE i.email_normalized = (SELECT email_normalized FROM users WHERE user_id = $1)"
        " OR i.accepted_by = $1 OR i.invited_by = $1 ORDER BY i.created_at",
        user_id,
    )
    return list(rows)


async def access_requests(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT r.email, r.name, r.message, r.requested_at FROM access_requests AS r JOIN users AS u"
        " USING (email_normalized) WHERE u.user_id = $1",
        user_id,
    )
    return list(rows)


async def chatted_in(connection: Connection, user_id: UserId) -> list[UUID]:
    """Return the workspaces in which the person ever chatted."""
    rows = await connection.fetch("SELECT DISTINCT workspace_id FROM chat_spend WHERE user_id = $1", user_id)
    return [row["workspace_id"] for row in rows]


async def keys(connection: Connection, user_id: UserId, personal: UUID | None) -> Sequence[Record]:
    """Return the keys that the person made, and all of their personal workspace."""
    rows = await connection.fetch(
        "SELECT key_id, workspace_id, name, prefix, last_four, rpm, max_running, spend_limit, spend_period,"
        " allowed_models, created_at, expires_at, disabled_at, revoked_at"
        " FROM api_keys WHERE created_by = $1 OR workspace_id = $2 ORDER BY created_at, key_id",
        user_id,
        personal,
    )
    return list(rows)


async def management_keys(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT management_key_id, workspace_id, name, prefix, last_four, role, created_at, expires_at, revoked_at,"
        " last_used_at FROM management_keys WHERE created_by = $1 ORDER BY created_at",
        user_id,
    )
    return list(rows)


async def uploads(connection: Connection, user_id: UserId) -> Sequence[Record]:
    """Return what a person handed in, without the content: they have it."""
    rows = await connection.fetch(
        "SELECT upload_id, workspace_id, name, media_type, size, created_at FROM uploads WHERE uploaded_by = $1"
        " ORDER BY upload_id",
        user_id,
    )
    return list(rows)


async def tickets(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT ticket_id, workspace_id, category, subject, state, account_email, payment_method, payment_reference,"
        " amount, reason, browser, created_at, updated_at FROM tickets WHERE opened_by = $1 ORDER BY ticket_id",
        user_id,
    )
    return list(rows)


async def ticket_messages(connection: Connection, user_id: UserId) -> Sequence[Record]:
    """Return what was said in the person's tickets. Who else said it is about them; what staff noted is theirs."""
    rows = await connection.fetch(
        "SELECT m.ticket_id, m.created_at, CASE WHEN author_id = $1 THEN 'you' WHEN side = 'staff' THEN 'staff'"
        " ELSE 'somebody else' END AS by, text"
        " FROM ticket_messages AS m JOIN tickets AS t USING (workspace_id, ticket_id)"
        " WHERE (opened_by = $1 OR author_id = $1) AND NOT internal ORDER BY message_id",
        user_id,
    )
    return list(rows)


async def recharges(connection: Connection, user_id: UserId, personal: UUID | None) -> Sequence[Record]:
    """Return the orders a person made or handed something in for, and all of their personal workspace."""
    rows = await connection.fetch(
        "SELECT recharge_id, workspace_id, created_at, channel, state, reference, credits, bonus, price_minor,"
        " fee_minor, currency, payer_words AS payment_reference, paid_on, note, proof_id, proof_name,"
        " billing ->> 'name' AS billing_name, billing ->> 'address' AS billing_address,"
        " billing ->> 'tax_id' AS billing_tax_id, terms_version, question, credited_at"
        " FROM recharges WHERE created_by = $1 OR submitted_by = $1 OR workspace_id = $2 ORDER BY recharge_id",
        user_id,
        personal,
    )
    return list(rows)


async def refunds(connection: Connection, user_id: UserId, personal: UUID | None) -> Sequence[Record]:
    """Return the refunds a person asked for, and all of their personal workspace."""
    rows = await connection.fetch(
        "SELECT refund_id, workspace_id, recharge_id, created_at, kind, preference, state, credits, approved_credits,"
        " amount_minor, currency, reason, answer, decided_at, paid_at"
        " FROM refunds WHERE requested_by = $1 OR workspace_id = $2 ORDER BY refund_id",
        user_id,
        personal,
    )
    return list(rows)


async def billing_details(connection: Connection, personal: UUID | None) -> Sequence[Record]:
    """Return what a person had put on the receipts of their personal workspace."""
    rows = await connection.fetch(
        "SELECT workspace_id, name, address, tax_id, email, updated_at FROM billing_details WHERE workspace_id = $1",
        personal,
    )
    return list(rows)


async def mails(connection: Connection, user_id: UserId) -> Sequence[Record]:
    rows = await connection.fetch(
        "SELECT mail_id, kind, recipient, subject, state, created_at, sent_at FROM mail_outbox WHERE user_id = $1"
        " ORDER BY created_at",
        user_id,
    )
    return list(rows)


async def last_audit_row(connection: Connection) -> int:
    number: int | None = await connection.fetchval("SELECT max(seq) FROM audit_log")
    return number or 0


async def audit_rows(connection: Connection, person: str, after: int, until: int) -> Sequence[Record]:
    """Return what somebody did, and what was done to them, in a stretch of the log. person: `usr_…`"""
    rows: list[Any] = await connection.fetch(
        "SELECT seq, at, actor, action, subject, reason, before::text AS before, after::text AS after, origin"
        " FROM audit_log WHERE seq > $2 AND seq <= $3 AND (actor = $1 OR subject = $1) ORDER BY seq",
        person,
        after,
        until,
    )
    return rows
