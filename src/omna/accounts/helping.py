"""What staff do for somebody's account, or against whoever else is in it: end sessions, take factors away.

The person is told by mail, without the network address of whoever did it.
"""

from omna.accounts import credentials, factor_store, letters, passkeys_store, session_store, store
from omna.accounts.model import User
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, NotFound
from omna.ids import UserId, show
from omna.mail.service import Kind


async def sign_out_everywhere(connection: Connection, user_id: UserId, *, reason: str, actor: audit.Actor) -> int:
    """End every session of a person and every sign-in under way. Returns the audit line. Errors: NotFound."""
    user = await _held(connection, user_id)
    await factor_store.delete_challenges_of(connection, user_id)
    ended = await session_store.delete_others(connection, user_id, None)
    await _tell(connection, Kind.SIGNED_OUT, user)
    return await audit.record(
        connection, actor, "user.sign_out", show("usr", user_id), reason=reason, after={"ended": ended}
    )


async def reset_second_factor(
    connection: Connection, user_id: UserId, *, passkeys: bool, reason: str, actor: audit.Actor
) -> int:
    """Take authenticator and recovery codes from a person, and with `passkeys` those, too. Every session ends.

    A password that is long enough only beside a second factor goes with it: a new one is chosen by mail.
    Returns the audit line
    Errors  NotFound; Conflict when there is nothing to take away
    """
    user = await _held(connection, user_id)
    authenticator = await factor_store.delete_totp(connection, user_id)
    await factor_store.delete_codes(connection, user_id)
    removed = await passkeys_store.remove_all(connection, user_id) if passkeys else 0
    if not authenticator and not removed:
        raise Conflict("There is no second factor to take away.")
    if authenticator and user.has_password and not user.password_alone:
        await store.delete_password(connection, user_id)
    await credentials.changed(connection, user_id, keep_session=None)
    await _tell(connection, Kind.SECOND_FACTOR_RESET, user)
    return await audit.record(
        connection,
        actor,
        "user.reset_factor",
        show("usr", user_id),
        reason=reason,
        after={"authenticator": authenticator, "passkeys": removed},
    )


async def _held(connection: Connection, user_id: UserId) -> User:
    user = await store.lock(connection, user_id)
    if user is None or user.deleted_at is not None:
        raise NotFound("There is no such person.")
    return user


async def _tell(connection: Connection, kind: Kind, user: User) -> None:
    await letters.plain(connection, kind, user, {"name": user.name, "at": await store.now(connection)})
