"""SQL of finding anything by what somebody quotes.

Reads  users, workspaces, members, api_keys, management_keys, recharges, payments, refunds, disputes, tickets,
       payment_events, requests, running_requests, transfers
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from omna.console.patterns import pattern
from omna.db.pool import Connection
from omna.ids import made_at

#: What is found of one kind at most.
MOST = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found.

    title, detail   of a person: address, name; of a key: name, label; of an order: reference, state
    """

    kind: str
    identifier: UUID
    workspace_id: UUID | None
    title: str
    detail: str


async def by_address(connection: Connection, part: str) -> list[Hit]:
    """Return people whose address or name has a part, the address that is exactly it first."""
    rows = await connection.fetch(
        "SELECT 'user' AS kind, user_id AS identifier, NULL::uuid AS workspace_id, email AS title, name AS detail"
        " FROM users WHERE deleted_at IS NULL AND (email_normalized LIKE $1 OR name ILIKE $1)"
        " ORDER BY email_normalized <> lower($2), email_normalized LIMIT $3",
        pattern(part.lower()),
        part,
        MOST,
    )
    return [_hit(row) for row in rows]


async def by_name(connection: Connection, part: str) -> list[Hit]:
    """Return workspaces whose name has a part."""
    rows = await connection.fetch(
        "SELECT 'workspace' AS kind, workspace_id AS identifier, workspace_id, name AS title, kind AS detail"
        " FROM workspaces WHERE name ILIKE $1 AND deleted_at IS NULL ORDER BY lower(name), workspace_id LIMIT $2",
        pattern(part),
        MOST,
    )
    return [_hit(row) for row in rows]


async def by_last_four(connection: Connection, last_four: str) -> list[Hit]:
    """Return keys by the last characters that are still shown of them, those that work first."""
    rows = await connection.fetch(
        "SELECT 'key' AS kind, key_id AS identifier, workspace_id, name AS title, prefix || '…' || last_four AS detail,"
        " revoked_at IS NOT NULL AS ended FROM api_keys WHERE last_four = $1"
        " UNION ALL SELECT 'management_key', management_key_id, workspace_id, name, prefix || '…' || last_four,"
        " revoked_at IS NOT NULL FROM management_keys WHERE last_four = $1"
        " ORDER BY ended, identifier DESC LIMIT $2",
        last_four,
        MOST,
    )
    return [_hit(row) for row in rows]


async def by_digest(connection: Connection, digest: bytes) -> list[Hit]:
    """Return the key with a SHA-256."""
    rows = await connection.fetch(
        "SELECT 'key' AS kind, key_id AS identifier, workspace_id, name AS title, prefix || '…' || last_four AS detail"
        " FROM api_keys WHERE digest = $1"
        " UNION ALL SELECT 'management_key', management_key_id, workspace_id, name, prefix || '…' || last_four"
        " FROM management_keys WHERE digest = $1",
        digest,
    )
    return [_hit(row) for row in rows]


async def by_reference(connection: Connection, text: str, normalised: str) -> list[Hit]:
    """Return orders, refunds, disputes and events by a reference of ours, of a bank or of a payment service.

    normalised  as references of banks are compared
    """
    rows = await connection.fetch(
        "SELECT 'recharge' AS kind, recharge_id AS identifier, workspace_id, reference AS title, state AS detail"
        " FROM recharges WHERE reference = upper($1) OR (payer_reference = $2 AND $2 <> '') OR session_id = $1"
        " UNION SELECT 'recharge', r.recharge_id, r.workspace_id, r.reference, r.state FROM payments AS p"
        " JOIN recharges AS r ON r.workspace_id = p.workspace_id AND r.recharge_id = p.recharge_id"
        " WHERE p.payment_id = $1"
        " UNION SELECT 'refund', f.refund_id, f.workspace_id, r.reference, f.state FROM refunds AS f"
        " JOIN recharges AS r ON r.workspace_id = f.workspace_id AND r.recharge_id = f.recharge_id"
        " WHERE f.processor_refund = $1"
        " UNION SELECT 'dispute', d.dispute_id, d.workspace_id, r.reference, d.state FROM disputes AS d"
        " JOIN recharges AS r ON r.workspace_id = d.workspace_id AND r.recharge_id = d.recharge_id"
        " WHERE d.external_id = $1"
        " UNION SELECT 'event', event_key, workspace_id, kind, state FROM payment_events WHERE external_id = $1"
        " LIMIT $3",
        text,
        normalised,
        2 * MOST,
    )
    return [_hit(row) for row in rows]


async def by_id(connection: Connection, identifier: UUID) -> list[Hit]:
    """Return whatever has an id, except for requests and lines of the ledger."""
    rows = await connection.fetch(
        "SELECT 'user' AS kind, user_id AS identifier, NULL::uuid AS workspace_id, email AS title, name AS detail"
        " FROM users WHERE user_id = $1"
        " UNION ALL SELECT 'workspace', workspace_id, workspace_id, name, kind FROM workspaces WHERE workspace_id = $1"
        " UNION ALL SELECT 'key', key_id, workspace_id, name, prefix || '…' || last_four FROM api_keys"
        " WHERE key_id = $1"
        " UNION ALL SELECT 'management_key', management_key_id, workspace_id, name, prefix || '…' || last_four"
        " FROM management_keys WHERE management_key_id = $1"
        " UNION ALL SELECT 'recharge', recharge_id, workspace_id, reference, state FROM recharges"
        " WHERE recharge_id = $1"
        " UNION ALL SELECT 'refund', f.refund_id, f.workspace_id, r.reference, f.state FROM refunds AS f"
        " JOIN recharges AS r ON r.workspace_id = f.workspace_id AND r.recharge_id = f.recharge_id"
        " WHERE f.refund_id = $1"
        " UNION ALL SELECT 'dispute', d.dispute_id, d.workspace_id, r.reference, d.state FROM disputes AS d"
        " JOIN recharges AS r ON r.workspace_id = d.workspace_id AND r.recharge_id = d.recharge_id"
        " WHERE d.dispute_id = $1"
        " UNION ALL SELECT 'ticket', ticket_id, workspace_id, subject, state FROM tickets WHERE ticket_id = $1"
        " UNION ALL SELECT 'event', event_key, workspace_id, kind, state FROM payment_events WHERE event_key = $1",
        identifier,
    )
    return [_hit(row) for row in rows]


async def requests(connection: Connection, identifier: UUID) -> list[Hit]:
    """Return the request with an id, running or settled."""
    rows = await connection.fetch(
        "SELECT 'request' AS kind, request_id AS identifier, workspace_id, model_id AS title, outcome AS detail"
        " FROM requests WHERE request_id = $1"
        " UNION ALL SELECT 'request', request_id, workspace_id, model_id, 'running' FROM running_requests"
        " WHERE request_id = $1",
        identifier,
    )
    return [_hit(row) for row in rows]


async def ledger_lines(connection: Connection, identifier: UUID) -> list[Hit]:
    """Return the line of a ledger with an id.

    There is no index over the lines of everybody: they are looked for around the moment the id was made.
    """
    made = made_at(identifier)
    for until in (made + timedelta(minutes=10), made + timedelta(days=35)):
        rows = await _lines_between(connection, identifier, made - timedelta(minutes=1), until)
        if rows:
            return [_hit(row) for row in rows]
    return []


async def _lines_between(
    connection: Connection, identifier: UUID, since: datetime, until: datetime
) -> Sequence[Record]:
    rows: Sequence[Record] = await connection.fetch(
        "SELECT 'ledger_line' AS kind, transfer_id AS identifier, workspace_id, kind::text AS title,"
        " coalesce(reason, '') AS detail FROM transfers"
        " WHERE transfer_id = $1 AND booked_at >= $2 AND booked_at < $3",
        identifier,
        since,
        until,
    )
    return rows


def _hit(row: Record) -> Hit:
    return Hit(row["kind"], row["identifier"], row["workspace_id"], row["title"], row["detail"])
