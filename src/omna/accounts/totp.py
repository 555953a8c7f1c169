"""An authenticator app as the second factor: it counts once it has shown a right code."""

from dataclasses import dataclass

from omna.accounts import codes, credentials, letters, second_step, service, store
from omna.accounts import factor_store as factors
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.audit import service as audit
from omna.db.pool import Connection, transaction
from omna.errors import BadCode, Conflict
from omna.http.principal import Person
from omna.ids import UserId, show
from omna.mail.service import Kind
from omna.vault.keyring import Keyring, Purpose

#: How long a setup may take, in seconds.
SETUP_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator needs, shown once."""

    secret: str
    uri: str
    qr_svg: str


async def begin(connection: Connection, desk: Desk, who: Person) -> Setup:
    """Make a secret that counts once `confirm` has seen a code of it; one that counts already stays until then.

    The caller asks for a step-up first.
    """
    user = await service.get(connection, who.user_id)
    secret = codes.make_secret()
    sealed = desk.keyring.seal(Purpose.TOTP, secret, second_step.place(who.user_id))
    await factors.put_pending(connection, who.user_id, sealed, SETUP_SECONDS)
    actor = desk.actor(who.user_id, who.origin)
    await audit.record(connection, actor, "user.totp_begin", show("usr", who.user_id))
    uri = codes.setup_uri(secret, user.email, desk.settings.accounts.operator_name or "Omna")
    return Setup(secret, uri, codes.qr_svg(uri))


async def confirm(desk: Desk, who: Person, code: str) -> list[str]:
    """Let the new authenticator count, end all other sessions, and return ten new recovery codes, shown once.

    Errors  Conflict when no setup is under way, BadCode, TooManyAttempts
    """
    recovery = None
    async with transaction(desk.pool) as connection:
        user = await _lock(connection, who.user_id)
        factor = await factors.totp(connection, who.user_id)
        if factor is None or factor.pending is None:
            raise Conflict("No setup is under way; begin it again.")
        await second_step.count_try(connection, who.user_id)
        secret = desk.keyring.unseal(Purpose.TOTP, factor.pending, second_step.place(who.user_id))
        step = codes.matching_step(secret, codes.tidy(code), await factors.now(connection))
        if step is not None and await factors.confirm_pending(connection, who.user_id, factor.pending, step):
            await second_step.forgive_try(connection, who.user_id)
            recovery = await _renew_codes(connection, who.user_id)
            await _changed(connection, desk, user, who, "totp_added", "user.totp")
    if recovery is None:
        raise BadCode(param="code")
    return recovery


async def remove(connection: Connection, desk: Desk, who: Person) -> None:
    """Turn the second factor off, void the recovery codes and end all other sessions.

    The caller asks for a step-up first.
    Errors  Conflict when there is none, or when the password is too short to stand alone
    """
    user = await _lock(connection, who.user_id)
    if not await factors.totp_is_on(connection, who.user_id):
        raise Conflict("There is no authenticator to turn off.")
    if user.has_password and not user.password_alone:
        raise Conflict("Choose a password of 15 characters or more first: without a second factor yours is too short.")
    await factors.delete_totp(connection, who.user_id)
    await factors.delete_codes(connection, who.user_id)
    await _changed(connection, desk, user, who, "totp_removed", "user.totp_remove")


async def clear(connection: Connection, user: User, *, reason: str, actor: audit.Actor) -> None:
    """Turn off the second factor of somebody who lost it, codes and all; the operator has made sure who they are.

    Their password is what it was, and long enough only if it stands alone: a shorter one has to be chosen anew by mail.
    Errors  Conflict when there is none
    """
    if not await factors.delete_totp(connection, user.user_id):
        raise Conflict("This person has no authenticator.")
    await factors.delete_codes(connection, user.user_id)
    if user.has_password and not user.password_alone:
        await store.delete_password(connection, user.user_id)
    await credentials.changed(connection, user.user_id, keep_session=None)
    await letters.security(connection, Kind.SECOND_FACTOR_CHANGED, user, actor.origin, {"change": "totp_removed"})
    await audit.record(connection, actor, "user.totp_clear", show("usr", user.user_id), reason=reason)


async def regenerate_codes(connection: Connection, desk: Desk, who: Person) -> list[str]:
    """Return ten new recovery codes, shown once; those before are void. The caller asks for a step-up first.

    Errors  Conflict without a second factor
    """
    user = await _lock(connection, who.user_id)
    if not await factors.totp_is_on(connection, who.user_id):
        raise Conflict("Recovery codes belong to an authenticator; set one up first.")
    recovery = await _renew_codes(connection, who.user_id)
    await _changed(connection, desk, user, who, "recovery_codes_made", "user.recovery_codes")
    return recovery


async def codes_left(connection: Connection, user_id: UserId) -> int | None:
    """Return how many recovery codes are unused; None without an authenticator."""
    if not await factors.totp_is_on(connection, user_id):
        return None
    return await factors.codes_left(connection, user_id)


async def reseal(connection: Connection, keyring: Keyring) -> int:
    """Seal every authenticator's secret with the keyring's sealing key, and return how many there were."""
    sealed = await factors.sealed_totps(connection)
    for user_id, secret, pending in sealed:
        await factors.set_sealed(
            connection, user_id, _again(keyring, user_id, secret), _again(keyring, user_id, pending)
        )
    return len(sealed)


def _again(keyring: Keyring, user_id: UserId, sealed: str | None) -> str | None:
    if sealed is None:
        return None
    place = second_step.place(user_id)
    return keyring.seal(Purpose.TOTP, keyring.unseal(Purpose.TOTP, sealed, place), place)


async def _lock(connection: Connection, user_id: UserId) -> User:
    user = await store.lock(connection, user_id)
    assert user is not None, "a session belongs to somebody"
    return user


async def _renew_codes(connection: Connection, user_id: UserId) -> list[str]:
    recovery = codes.make_recovery_codes()
    digests = [codes.recovery_digest(user_id, codes.tidy(code)) for code in recovery]
    await factors.put_codes(connection, user_id, digests)
    return recovery


async def _changed(connection: Connection, desk: Desk, user: User, who: Person, change: str, action: str) -> None:
    await credentials.changed(connection, user.user_id, keep_session=who.session_id)
    await letters.security(connection, Kind.SECOND_FACTOR_CHANGED, user, who.origin, {"change": change})
    await audit.record(connection, desk.actor(user.user_id, who.origin), action, show("usr", user.user_id))
