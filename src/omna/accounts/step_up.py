"""A fresh proof that it is still the person themselves: good for one act on one thing, for five minutes, once."""

from datetime import datetime

from omna.accounts import factor_store, passkeys_store, second_step, store, throttle
from omna.accounts import step_up_store as grants
from omna.accounts.desk import Desk
from omna.accounts.model import User, comparable
from omna.accounts.throttle import Backoff
from omna.audit import service as audit
from omna.db.pool import Connection, transaction
from omna.errors import BadCode, BadCredentials, InvalidValue, StepUpRequired, Unauthenticated
from omna.http.principal import Person
from omna.ids import SessionId, UserId, show

SECONDS = 300
_IN_A_ROW = Backoff()


async def methods(connection: Connection, user_id: UserId) -> list[str]:
    """Return what a person can prove themselves with: `password`, `totp`, `passkey`.

    Who has a password and an authenticator shows both at once; a passkey is enough alone.
    """
    user = await store.by_id(connection, user_id)
    totp = await factor_store.totp_is_on(connection, user_id)
    # Whose second factor is a passkey alone has nothing to show beside a password.
    password = totp or not await passkeys_store.guard_staff(connection, user_id)
    found = []
    if user is not None and user.has_password and password:
        found.append("password")
    if totp:
        found.append("totp")
    if await passkeys_store.has_any(connection, user_id):
        found.append("passkey")
    return found


async def prove(
    desk: Desk, who: Person, action: str, target: str, *, password: str | None = None, code: str | None = None
) -> datetime:
    """Check password and code, and return until when the grant for this act holds.

    Errors  BadCredentials, BadCode, TooManyAttempts, InvalidValue when one of both is missing
    """
    async with transaction(desk.pool) as connection:
        user = await store.by_id(connection, who.user_id)
        if user is None:
            raise Unauthenticated
        # A passkey is shown another way: what is typed never stands in for one.
        needed = [method for method in await methods(connection, who.user_id) if method != "passkey"]
        if "password" in needed and password is None:
            raise InvalidValue("Your password is needed.", param="password")
        if "totp" in needed and not code:
            raise InvalidValue("A code of your authenticator is needed, too.", param="code")
        if not needed:
            raise InvalidValue("Nothing that can be typed proves it is you: show a passkey, or sign in again.")
        await throttle.count(connection, [(_subject(user), _IN_A_ROW)])
        if "totp" in needed:
            await second_step.count_try(connection, user.user_id)
        stored = await store.password_hash(connection, user.user_id)
    password_fits = True
    if "password" in needed:
        typed = comparable(password or "")
        password_fits = await desk.passwords.verify(stored or desk.passwords.decoy, typed or "") and bool(typed)
    until = None
    async with transaction(desk.pool) as connection:
        actor = desk.actor(who.user_id, who.origin)
        now = await store.lock(connection, who.user_id)
        if now is None or now.credential_version != user.credential_version:
            raise Unauthenticated
        # A code is used up only beside a right password: guessing one must not tell about the other.
        code_fits = password_fits and (
            "totp" not in needed
            or await second_step.code_is_right(connection, desk.keyring, user, code or "", actor=actor)
        )
        if code_fits:
            await throttle.forget(connection, _subject(user))
            if "totp" in needed:
                await second_step.forgive_try(connection, user.user_id)
            until = await grant(connection, who.session_id, action, target)
        else:
            await audit.record(connection, actor, "user.step_up_fail", show("usr", user.user_id), reason=action)
    if until is None:
        raise BadCredentials("The password is wrong.", param="password") if not password_fits else BadCode(param="code")
    return until


async def grant(connection: Connection, session_id: SessionId, action: str, target: str) -> datetime:
    """Store a grant for a person who has just proven themselves, and return until when it holds."""
    return await grants.put(connection, session_id, action, target, SECONDS)


async def use(connection: Connection, session_id: SessionId, action: str, target: str) -> None:
    """Use a grant up.

    Errors  StepUpRequired with action, target and methods; Unauthenticated when the session is over
    """
    if await grants.use(connection, session_id, action, target):
        return
    session = await grants.session(connection, session_id, SECONDS)
    if session is None:
        raise Unauthenticated
    possible = await methods(connection, session.user_id)
    # Who signs in by another service alone has nothing to show here but a sign-in of this moment.
    if not possible and session.is_fresh:
        return
    raise StepUpRequired(metadata={"action": action, "target": target, "methods": possible or ["sign_in"]})


def _subject(user: User) -> str:
    return f"step-up:{user.user_id.hex}"
