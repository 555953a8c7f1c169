"""SQL of the ways into an account."""

from collections.abc import Sequence

from omna.db.pool import Connection
from omna.ids import UserId


async def lock_user(connection: Connection, user_id: UserId) -> None:
    await connection.execute("SELECT FROM users WHERE user_id = $1 FOR NO KEY UPDATE", user_id)


async def count(connection: Connection, user_id: UserId, rp_id: str, issuers: Sequence[str]) -> int:
    """Return how many ways lead in: the password, keys of this domain, identities of these issuers."""
    number: int = await connection.fetchval(
        "SELECT (SELECT count(*) FROM users WHERE user_id = $1 AND password_hash IS NOT NULL)"
        " + (SELECT count(*) FROM passkeys WHERE user_id = $1 AND rp_id = $2)"
        " + (SELECT count(*) FROM identities WHERE user_id = $1 AND issuer = ANY ($3))",
        user_id,
        rp_id,
        list(issuers),
    )
    return number


async def delete_all(connection: Connection, user_id: UserId) -> None:
    for statement in (
        "DELETE FROM passkeys WHERE user_id = $1",
        "DELETE FROM passkey_challenges WHERE user_id = $1",
        "DELETE FROM identities WHERE user_id = $1",
        "DELETE FROM oauth_journeys WHERE user_id = $1",
    ):
        await connection.execute(statement, user_id)
