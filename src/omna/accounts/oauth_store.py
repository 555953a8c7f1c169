"""SQL of journeys to other services, of those who arrive from there, and of identities."""

from dataclasses import dataclass

from asyncpg import Record

from omna.accounts.oauth_model import ARRIVAL_SECONDS, JOURNEY_SECONDS, Claims, Identity
from omna.db.pool import Connection
from omna.ids import IdentityId, SessionId, UserId

_IDENTITY = "identity_id, user_id, issuer, email, created_at, last_used_at"
_CLEARED = 50


@dataclass(frozen=True, slots=True)
class Journey:
    """A journey that is over now. user_id and session_id: who links the service, None for a sign-in."""

    provider: str
    nonce: str
    verifier: str
    user_id: UserId | None
    session_id: SessionId | None
    next_path: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom a service knows and we do not."""

    provider: str
    issuer: str
    claims: Claims
    next_path: str


async def add_journey(connection: Connection, state_digest: bytes, browser: bytes, journey: Journey) -> None:
    await connection.execute(
        "DELETE FROM oauth_journeys WHERE state_digest IN (SELECT state_digest FROM oauth_journeys"
        " WHERE expires_at < now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
        _CLEARED,
    )
    await connection.execute(
        "INSERT INTO oauth_journeys (state_digest, provider, browser, nonce, verifier, user_id, session_id, next_path,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))",
        state_digest,
        journey.provider,
        browser,
        journey.nonce,
        journey.verifier,
        journey.user_id,
        journey.session_id,
        journey.next_path,
        JOURNEY_SECONDS,
    )


async def take_journey(connection: Connection, state_digest: bytes, browser: bytes, provider: str) -> Journey | None:
    """Return an open journey of this browser to this service, and delete it."""
    row = await connection.fetchrow(
        "DELETE FROM oauth_journeys WHERE state_digest = $1 AND browser = $2 AND provider = $3 AND expires_at > now()"
        " RETURNING provider, nonce, verifier, user_id, session_id, next_path",
        state_digest,
        browser,
        provider,
    )
    if row is None:
        return None
    return Journey(
        provider=row["provider"],
        nonce=row["nonce"],
        verifier=row["verifier"],
        user_id=None if row["user_id"] is None else UserId(row["user_id"]),
        session_id=None if row["session_id"] is None else SessionId(row["session_id"]),
        next_path=row["next_path"],
    )


async def add_arrival(connection: Connection, digest: bytes, arrival: Arrival) -> None:
    await connection.execute(
        "DELETE FROM oauth_arrivals WHERE arrival_digest IN (SELECT arrival_digest FROM oauth_arrivals"
        " WHERE expires_at < now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
        _CLEARED,
    )
    await connection.execute(
        "INSERT INTO oauth_arrivals (arrival_digest, provider, issuer, subject, email, email_verified, name, next_path,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))",
        digest,
        arrival.provider,
        arrival.issuer,
        arrival.claims.subject,
        arrival.claims.email,
        arrival.claims.email_verified,
        arrival.claims.name,
        arrival.next_path,
        ARRIVAL_SECONDS,
    )


async def arrival(connection: Connection, digest: bytes) -> Arrival | None:
    row = await connection.fetchrow(
        "SELECT provider, issuer, subject, email, email_verified, name, next_path FROM oauth_arrivals"
        " WHERE arrival_digest = $1 AND expires_at > now()",
        digest,
    )
    return None if row is None else _arrival(row)


async def take_arrival(connection: Connection, digest: bytes) -> Arrival | None:
    row = await connection.fetchrow(
        "DELETE FROM oauth_arrivals WHERE arrival_digest = $1 AND expires_at > now()"
        " RETURNING provider, issuer, subject, email, email_verified, name, next_path",
        digest,
    )
    return None if row is None else _arrival(row)


async def sweep(connection: Connection) -> int:
    journeys = await connection.fetch("DELETE FROM oauth_journeys WHERE expires_at < now() RETURNING true")
    arrivals = await connection.fetch("DELETE FROM oauth_arrivals WHERE expires_at < now() RETURNING true")
    return len(journeys) + len(arrivals)


async def use_identity(connection: Connection, issuer: str, subject: str) -> Identity | None:
    """Return who a service's subject is here, and note that it was used."""
    row = await connection.fetchrow(
        f"UPDATE identities SET last_used_at = now() WHERE issuer = $1 AND subject = $2 RETURNING {_IDENTITY}",  # noqa: S608
        issuer,
        subject,
    )
    return None if row is None else _identity(row)


async def add_identity(
    connection: Connection, identity_id: IdentityId, user_id: UserId, issuer: str, claims: Claims
) -> Identity | None:
    """Return the new identity, or None when somebody has it already."""
    row = await connection.fetchrow(
        "INSERT INTO identities (identity_id, user_id, issuer, subject, email) VALUES ($1, $2, $3, $4, $5)"  # noqa: S608
        f" ON CONFLICT (issuer, subject) DO NOTHING RETURNING {_IDENTITY}",
        identity_id,
        user_id,
        issuer,
        claims.subject,
        claims.email or None,
    )
    return None if row is None else _identity(row)


async def identities(connection: Connection, user_id: UserId) -> list[Identity]:
    rows = await connection.fetch(
        f"SELECT {_IDENTITY} FROM identities WHERE user_id = $1 ORDER BY identity_id",  # noqa: S608
        user_id,
    )
    return [_identity(row) for row in rows]


async def remove_identity(connection: Connection, user_id: UserId, identity_id: IdentityId) -> Identity | None:
    row = await connection.fetchrow(
        f"DELETE FROM identities WHERE user_id = $1 AND identity_id = $2 RETURNING {_IDENTITY}",  # noqa: S608
        user_id,
        identity_id,
    )
    return None if row is None else _identity(row)


def _identity(row: Record) -> Identity:
    return Identity(
        identity_id=IdentityId(row["identity_id"]),
        user_id=UserId(row["user_id"]),
        issuer=row["issuer"],
        email=row["email"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )


def _arrival(row: Record) -> Arrival:
    return Arrival(
        provider=row["provider"],
        issuer=row["issuer"],
        claims=Claims(row["subject"], row["email"], row["email_verified"], row["name"]),
        next_path=row["next_path"],
    )
