"""What a changed credential means for everything that was bound to the old one."""

from omna.accounts import factor_store, link_store, session_store, store
from omna.db.pool import Connection
from omna.ids import SessionId, UserId


async def changed(connection: Connection, user_id: UserId, *, keep_session: SessionId | None) -> int:
    """End all other sessions, open second steps and reset links of a person. Returns how many sessions ended.

    keep_session    the one that made the change; None ends it, too
    """
    await store.raise_credential_version(connection, user_id)
    await factor_store.delete_challenges_of(connection, user_id)
    await link_store.void(connection, user_id, "reset")
    return await session_store.delete_others(connection, user_id, keep_session)
