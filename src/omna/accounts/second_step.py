"""Between password and session: five minutes and five tries to show a second factor."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.accounts import codes, letters, passkeys_store, throttle, tokens
from omna.accounts import factor_store as store
from omna.accounts.model import User
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import ChallengeOver
from omna.ids import UserId, new_id, show
from omna.mail.service import Kind
from omna.vault.envelope import Location
from omna.vault.keyring import Keyring, Purpose

SECONDS = 300
TRIES = 5
_PER_ACCOUNT = Window(most=10, seconds=900)


@dataclass(frozen=True, slots=True)
class SecondStep:
    """What is left to do before a session begins. The token belongs into a cookie of this browser."""

    token: str
    methods: tuple[str, ...]
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Challenge:
    """A second step that waits for its answer."""

    challenge_id: UUID
    user_id: UserId
    method: str
    methods: tuple[str, ...]
    tries_left: int
    ends_at: datetime


async def is_needed(connection: Connection, user_id: UserId) -> bool:
    """Return whether the person has a second factor that every sign-in by password asks for."""
    return await store.totp_is_on(connection, user_id) or await passkeys_store.guard_staff(connection, user_id)


async def begin(connection: Connection, user: User, method: str) -> SecondStep:
    """Open a challenge. method: what the first step was"""
    token = tokens.make()
    ends_at = await store.add_challenge(
        connection, new_id(), user.user_id, tokens.digest(token), method, user.credential_version, SECONDS
    )
    return SecondStep(token, await methods(connection, user.user_id), ends_at)


async def methods(connection: Connection, user_id: UserId) -> tuple[str, ...]:
    """Return what the second step of a person may be."""
    found = []
    if await store.totp_is_on(connection, user_id):
        found.append("totp")
    if await store.codes_left(connection, user_id):
        found.append("recovery_code")
    if await passkeys_store.has_any(connection, user_id):
        found.append("passkey")
    return tuple(found)


async def look_up(connection: Connection, token: str) -> Challenge:
    """Return the challenge of a token without using it. Errors: ChallengeOver."""
    stored = await store.challenge(connection, tokens.digest(token))
    if stored is None or stored.tries >= TRIES:
        raise ChallengeOver
    return Challenge(
        stored.challenge_id,
        stored.user_id,
        stored.method,
        await methods(connection, stored.user_id),
        TRIES - stored.tries,
        stored.ends_at,
    )


async def lock(connection: Connection, token: str) -> store.StoredChallenge:
    """Return the challenge of a token, which nobody else answers meanwhile. Errors: ChallengeOver."""
    stored = await store.lock_challenge(connection, tokens.digest(token))
    if stored is None or stored.tries >= TRIES:
        raise ChallengeOver
    return stored


async def count_try(connection: Connection, user_id: UserId, challenge_id: UUID | None = None) -> None:
    """Count a try before it is judged: of the challenge, when it is one, and of the account.

    Errors  TooManyAttempts when the account had ten in a quarter of an hour
    """
    await throttle.count(connection, [(_subject(user_id), _PER_ACCOUNT)], message="Too many codes were tried.")
    if challenge_id is not None:
        await store.count_try(connection, challenge_id)


async def forgive_try(connection: Connection, user_id: UserId) -> None:
    """Take the try of a right code back."""
    await throttle.forgive(connection, _subject(user_id))


async def close(connection: Connection, challenge_id: UUID) -> None:
    """Use a challenge up."""
    await store.delete_challenge(connection, challenge_id)


async def code_is_right(connection: Connection, keyring: Keyring, user: User, code: str, *, actor: audit.Actor) -> bool:
    """Return whether a code of the authenticator or a recovery code is right, and use it up: it works once."""
    code = codes.tidy(code)
    if codes.is_totp(code):
        factor = await store.totp(connection, user.user_id)
        if factor is None or factor.secret is None:
            return False
        secret = keyring.unseal(Purpose.TOTP, factor.secret, place(user.user_id))
        step = codes.matching_step(secret, code, await store.now(connection))
        return step is not None and await store.use_step(connection, user.user_id, step)
    # Codes count beside an authenticator alone: without one there is nothing to recover.
    if not await store.totp_is_on(connection, user.user_id):
        return False
    if not await store.use_code(connection, user.user_id, codes.recovery_digest(user.user_id, code)):
        return False
    left = await store.codes_left(connection, user.user_id)
    await audit.record(connection, actor, "user.recovery_code_use", show("usr", user.user_id), after={"left": left})
    await letters.security(connection, Kind.RECOVERY_CODE_USED, user, actor.origin, {"left": left})
    return True


def place(user_id: UserId) -> Location:
    """Return where the secret of an authenticator is sealed for."""
    return Location("totp_factors", str(user_id), "secret")


def _subject(user_id: UserId) -> str:
    return f"second-factor:{user_id.hex}"
