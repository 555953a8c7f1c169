"""SQL that erases a person from every table of accounts."""

from omna.db.pool import Connection
from omna.ids import UserId


async def lock_owners(connection: Connection) -> int:
    """Return how many owners the installation has; none of them leaves before this transaction ends."""
    rows = await connection.fetch("SELECT user_id FROM users WHERE staff_role = 'owner' ORDER BY user_id FOR UPDATE")
    return len(rows)


async def forget(connection: Connection, user_id: UserId) -> None:
    await connection.execute(
        "DELETE FROM step_up_grants WHERE session_id IN (SELECT session_id FROM sessions WHERE user_id = $1)", user_id
    )
    for statement in (
        "DELETE FROM sessions WHERE user_id = $1",
        "DELETE FROM known_devices WHERE user_id = $1",
        "DELETE FROM sign_in_challenges WHERE user_id = $1",
        "DELETE FROM mail_links WHERE user_id = $1",
        "DELETE FROM totp_factors WHERE user_id = $1",
        "DELETE FROM recovery_codes WHERE user_id = $1",
    ):
        await connection.execute(statement, user_id)
    # No mail address, so it is in nobody's way; the name of nobody.
    await connection.execute(
        "UPDATE users SET email = 'deleted:' || $2, email_normalized = 'deleted:' || $2, name = '',"
        " password_hash = NULL, staff_role = NULL, language = NULL, theme = 'system', zone = NULL,"
        " terms_version = NULL, notifications = '{}', deleted_at = now(), credential_version = credential_version + 1"
        " WHERE user_id = $1",
        user_id,
        user_id.hex,
    )
