"""SQL of second factors: authenticators, recovery codes, and the second steps that wait for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import UserId


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator. `secret` counts, `pending` waits for its first right code; both are sealed."""

    secret: str | None
    last_step: int
    pending: str | None


@dataclass(frozen=True, slots=True)
class StoredChallenge:
    challenge_id: UUID
    user_id: UserId
    method: str
    credential_version: int
    tries: int
    ends_at: datetime


async def totp(connection: Connection, user_id: UserId) -> Totp | None:
    """Return the authenticator of a person; `pending` only while it may still be confirmed."""
    row = await connection.fetchrow(
        "SELECT secret, last_step, CASE WHEN pending_ends_at > now() THEN pending END AS pending"
        " FROM totp_factors WHERE user_id = $1",
        user_id,
    )
    return None if row is None else Totp(row["secret"], row["last_step"], row["pending"])


async def totp_is_on(connection: Connection, user_id: UserId) -> bool:
    return (
        await connection.fetchval("SELECT true FROM totp_factors WHERE user_id = $1 AND secret IS NOT NULL", user_id)
        is True
    )


async def use_step(connection: Connection, user_id: UserId, step: int) -> bool:
    """Return whether no code of this or a later time step was used before; from here on it was."""
    return (
        await connection.fetchval(
            "UPDATE totp_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2 RETURNING true", user_id, step
        )
        is True
    )


async def put_pending(connection: Connection, user_id: UserId, pending: str, seconds: int) -> None:
    await connection.execute(
        "INSERT INTO totp_factors (user_id, pending, pending_ends_at)"
        " VALUES ($1, $2, now() + make_interval(secs => $3))"
        " ON CONFLICT (user_id) DO UPDATE SET pending = excluded.pending, pending_ends_at = excluded.pending_ends_at",
        user_id,
        pending,
        seconds,
    )


async def confirm_pending(connection: Connection, user_id: UserId, secret: str, step: int) -> bool:
    """Let the pending authenticator count, unless another request did or another one was begun meanwhile."""
    return (
        await connection.fetchval(
            "UPDATE totp_factors SET secret = pending, confirmed_at = now(), last_step = $3,"
            " pending = NULL, pending_ends_at = NULL WHERE user_id = $1 AND pending = $2 RETURNING true",
            user_id,
            secret,
            step,
        )
        is True
    )


async def delete_totp(connection: Connection, user_id: UserId) -> bool:
    return (
        await connection.fetchval("DELETE FROM totp_factors WHERE user_id = $1 RETURNING secret IS NOT NULL", user_id)
        is True
    )


async def sealed_totps(connection: Connection) -> list[tuple[UserId, str | None, str | None]]:
    """Return every sealed secret, locked: for a change of the master key."""
    rows = await connection.fetch("SELECT user_id, secret, pending FROM totp_factors ORDER BY user_id FOR UPDATE")
    return [(UserId(row["user_id"]), row["secret"], row["pending"]) for row in rows]


async def set_sealed(connection: Connection, user_id: UserId, secret: str | None, pending: str | None) -> None:
    await connection.execute(
        "UPDATE totp_factors SET secret = $2, pending = $3 WHERE user_id = $1", user_id, secret, pending
    )


async def put_codes(connection: Connection, user_id: UserId, digests: Sequence[bytes]) -> None:
    """Store recovery codes in place of all before them."""
    await connection.execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)
    await connection.execute(
        "INSERT INTO recovery_codes (user_id, code_digest) SELECT $1, unnest($2::bytea[])", user_id, list(digests)
    )


async def use_code(connection: Connection, user_id: UserId, digest: bytes) -> bool:
    return (
        await connection.fetchval(
            "DELETE FROM recovery_codes WHERE user_id = $1 AND code_digest = $2 RETURNING true", user_id, digest
        )
        is True
    )


async def codes_left(connection: Connection, user_id: UserId) -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM recovery_codes WHERE user_id = $1", user_id)
    return count


async def delete_codes(connection: Connection, user_id: UserId) -> None:
    await connection.execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)


async def add_challenge(
    connection: Connection,
    challenge_id: UUID,
    user_id: UserId,
    token_digest: bytes,
    method: str,
    credential_version: int,
    seconds: int,
) -> datetime:
    """Return when the challenge ends."""
    ends_at: datetime = await connection.fetchval(
        "INSERT INTO sign_in_challenges (challenge_id, user_id, token_digest, method, credential_version, ends_at)"
        " VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6)) RETURNING ends_at",
        challenge_id,
        user_id,
        token_digest,
        method,
        credential_version,
        seconds,
    )
    return ends_at


async def challenge(connection: Connection, token_digest: bytes) -> StoredChallenge | None:
    row = await connection.fetchrow(
        "SELECT challenge_id, user_id, method, credential_version, tries, ends_at FROM sign_in_challenges"
        " WHERE token_digest = $1 AND ends_at > now()",
        token_digest,
    )
    if row is None:
        return None
    return StoredChallenge(
        row["challenge_id"],
        UserId(row["user_id"]),
        row["method"],
        row["credential_version"],
        row["tries"],
        row["ends_at"],
    )


async def lock_challenge(connection: Connection, token_digest: bytes) -> StoredChallenge | None:
    """Return a challenge that nobody else answers until this transaction ends."""
    row = await connection.fetchrow(
        "SELECT challenge_id, user_id, method, credential_version, tries, ends_at FROM sign_in_challenges"
        " WHERE token_digest = $1 AND ends_at > clock_timestamp() FOR UPDATE",
        token_digest,
    )
    if row is None:
        return None
    return StoredChallenge(
        row["challenge_id"],
        UserId(row["user_id"]),
        row["method"],
        row["credential_version"],
        row["tries"],
        row["ends_at"],
    )


async def count_try(connection: Connection, challenge_id: UUID) -> None:
    await connection.execute("UPDATE sign_in_challenges SET tries = tries + 1 WHERE challenge_id = $1", challenge_id)


async def delete_challenge(connection: Connection, challenge_id: UUID) -> None:
    await connection.execute("DELETE FROM sign_in_challenges WHERE challenge_id = $1", challenge_id)


async def delete_challenges_of(connection: Connection, user_id: UserId) -> None:
    await connection.execute("DELETE FROM sign_in_challenges WHERE user_id = $1", user_id)


async def sweep_challenges(connection: Connection) -> int:
    """Return how many challenges that are over were deleted."""
    rows = await connection.fetch("DELETE FROM sign_in_challenges WHERE ends_at < now() RETURNING 1")
    return len(rows)


async def now(connection: Connection) -> float:
    """Return the database's time in seconds since 1970."""
    value: float = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    return value
