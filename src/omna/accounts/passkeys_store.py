"""SQL of passkeys and of what authenticators are asked to sign."""

from collections.abc import Mapping
from dataclasses import dataclass

from asyncpg import Record

from omna.accounts.passkeys_model import CHALLENGE_SECONDS, Ceremony, NewPasskey, Passkey
from omna.db.pool import Connection
from omna.ids import PasskeyId, UserId

_COLUMNS = (
    "passkey_id, user_id, credential_id, public_key, sign_count, transports, name, backed_up, created_at, last_used_at"
)
#: Ended challenges that one new one clears away.
_CLEARED = 50


@dataclass(frozen=True, slots=True)
class Taken:
    """A challenge that is gone now."""

    ceremony: Ceremony
    user_id: UserId | None


async def add_challenge(
    connection: Connection, digest: bytes, ceremony: Ceremony, binding: bytes, user_id: UserId | None
) -> None:
    await connection.execute(
        "DELETE FROM passkey_challenges WHERE challenge_digest IN (SELECT challenge_digest FROM passkey_challenges"
        " WHERE expires_at < now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
        _CLEARED,
    )
    await connection.execute(
        "INSERT INTO passkey_challenges (challenge_digest, purpose, binding, user_id, expires_at)"
        " VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))",
        digest,
        ceremony,
        binding,
        user_id,
        CHALLENGE_SECONDS,
    )


async def take_challenge(connection: Connection, digest: bytes, bindings: Mapping[Ceremony, bytes]) -> Taken | None:
    """Return an open challenge that was given to this browser for one of these ceremonies, and delete it."""
    row = await connection.fetchrow(
        "DELETE FROM passkey_challenges AS open USING unnest($2::text[], $3::bytea[]) AS allowed (purpose, binding)"
        " WHERE open.challenge_digest = $1 AND open.purpose = allowed.purpose AND open.binding = allowed.binding"
        " AND open.expires_at > now() RETURNING open.purpose, open.user_id",
        digest,
        list(bindings.keys()),
        list(bindings.values()),
    )
    if row is None:
        return None
    return Taken(Ceremony(row["purpose"]), None if row["user_id"] is None else UserId(row["user_id"]))


async def sweep(connection: Connection) -> int:
    rows = await connection.fetch("DELETE FROM passkey_challenges WHERE expires_at < now() RETURNING true")
    return len(rows)


async def add(
    connection: Connection, passkey_id: PasskeyId, user_id: UserId, rp_id: str, name: str, new: NewPasskey
) -> Passkey | None:
    """Return the new passkey, or None when somebody has it already."""
    row = await connection.fetchrow(
        "INSERT INTO passkeys (passkey_id, user_id, rp_id, credential_id, public_key, sign_count, transports, name,"  # noqa: S608
        " backed_up) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (credential_id) DO NOTHING"
        f" RETURNING {_COLUMNS}",
        passkey_id,
        user_id,
        rp_id,
        new.credential_id,
        new.public_key,
        new.sign_count,
        list(new.transports),
        name,
        new.backed_up,
    )
    return None if row is None else _passkey(row)


async def list_of(connection: Connection, user_id: UserId, rp_id: str) -> list[Passkey]:
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM passkeys WHERE user_id = $1 AND rp_id = $2 ORDER BY passkey_id",  # noqa: S608
        user_id,
        rp_id,
    )
    return [_passkey(row) for row in rows]


async def has_any(connection: Connection, user_id: UserId) -> bool:
    return await connection.fetchval("SELECT true FROM passkeys WHERE user_id = $1 LIMIT 1", user_id) is True


async def guard_staff(connection: Connection, user_id: UserId) -> bool:
    """Return whether somebody of the staff has a passkey: their password alone lets nobody in."""
    return (
        await connection.fetchval(
            "SELECT true FROM users WHERE user_id = $1 AND staff_role IS NOT NULL"
            " AND EXISTS (SELECT FROM passkeys WHERE passkeys.user_id = users.user_id)",
            user_id,
        )
        is True
    )


async def lock_by_credential(connection: Connection, credential_id: bytes, rp_id: str) -> Passkey | None:
    """Return a passkey and hold its row: its counter is read and written by one at a time."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM passkeys WHERE credential_id = $1 AND rp_id = $2 FOR UPDATE",  # noqa: S608
        credential_id,
        rp_id,
    )
    return None if row is None else _passkey(row)


async def mark_used(connection: Connection, passkey_id: PasskeyId, sign_count: int, backed_up: bool) -> None:
    await connection.execute(
        "UPDATE passkeys SET sign_count = $2, backed_up = $3, last_used_at = now() WHERE passkey_id = $1",
        passkey_id,
        sign_count,
        backed_up,
    )


async def rename(
    connection: Connection, user_id: UserId, passkey_id: PasskeyId, name: str
) -> tuple[str, Passkey] | None:
    """Return the name before and the passkey, or None when the person has no such passkey."""
    row = await connection.fetchrow(
        "UPDATE passkeys SET name = $3 FROM (SELECT passkey_id AS id, name AS name_before FROM passkeys"  # noqa: S608
        " WHERE user_id = $1 AND passkey_id = $2 FOR UPDATE) AS before WHERE passkey_id = before.id"
        f" RETURNING before.name_before, {_COLUMNS}",
        user_id,
        passkey_id,
        name,
    )
    return None if row is None else (row["name_before"], _passkey(row))


async def remove(connection: Connection, user_id: UserId, passkey_id: PasskeyId) -> Passkey | None:
    row = await connection.fetchrow(
        f"DELETE FROM passkeys WHERE user_id = $1 AND passkey_id = $2 RETURNING {_COLUMNS}",  # noqa: S608
        user_id,
        passkey_id,
    )
    return None if row is None else _passkey(row)


async def remove_all(connection: Connection, user_id: UserId) -> int:
    """Return how many passkeys a person had."""
    return len(await connection.fetch("DELETE FROM passkeys WHERE user_id = $1 RETURNING 1", user_id))


def _passkey(row: Record) -> Passkey:
    return Passkey(
        passkey_id=PasskeyId(row["passkey_id"]),
        user_id=UserId(row["user_id"]),
        credential_id=row["credential_id"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        transports=tuple(row["transports"]),
        name=row["name"],
        backed_up=row["backed_up"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )
