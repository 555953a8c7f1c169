"""SQL of requests for access, and of mailboxes that starter Credits were granted for."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.membership.model import AccessRequest


async def put_request(
    connection: Connection, access_request_id: UUID, email: str, email_normalized: str, name: str, message: str
) -> AccessRequest:
    """Return the request of an address; a second one takes the place of the first."""
    row = await connection.fetchrow(
        "INSERT INTO access_requests (access_request_id, email, email_normalized, name, message)"
        " VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (email_normalized) DO UPDATE"
        " SET email = excluded.email, name = excluded.name, message = excluded.message, requested_at = now()"
        " RETURNING access_request_id, email, name, message, requested_at",
        access_request_id,
        email,
        email_normalized,
        name,
        message,
    )
    assert row is not None, "an upsert returns its row"
    return _request(row)


async def requests(connection: Connection, limit: int) -> list[AccessRequest]:
    """Return the requests of addresses that have no account yet, newest first."""
    rows = await connection.fetch(
        "SELECT r.access_request_id, r.email, r.name, r.message, r.requested_at FROM access_requests AS r"
        " WHERE NOT EXISTS (SELECT FROM users AS u WHERE u.email_normalized = r.email_normalized)"
        " ORDER BY r.requested_at DESC LIMIT $1",
        limit,
    )
    return [_request(row) for row in rows]


async def take_starter(connection: Connection, digests: Sequence[bytes]) -> bool:
    """Return whether a mailbox is new, and remember it. digests: by every key, the current one's first"""
    return (
        await connection.fetchval(
            "INSERT INTO starter_addresses (digest) SELECT $1 WHERE NOT EXISTS"
            " (SELECT FROM starter_addresses WHERE digest = ANY ($2)) ON CONFLICT DO NOTHING RETURNING true",
            digests[0],
            list(digests),
        )
        is True
    )


def _request(row: Record) -> AccessRequest:
    return AccessRequest(
        access_request_id=row["access_request_id"],
        email=row["email"],
        name=row["name"],
        message=row["message"],
        requested_at=row["requested_at"],
    )
