"""Signing in: a password, perhaps a second step, then a session.

An unknown address, a wrong password and a disabled account are answered with the same words after the same work. Tries
are limited per account and per network; a browser the person has used before has a count of its own, so that
strangers who fail on purpose cannot keep the owner out.
"""

import hashlib
from dataclasses import dataclass

from omna.accounts import devices, letters, second_step, sessions, store, throttle
from omna.accounts.desk import Desk
from omna.accounts.factor_store import StoredChallenge
from omna.accounts.model import Client, User, comparable
from omna.accounts.second_step import Challenge, SecondStep
from omna.accounts.throttle import Backoff
from omna.accounts.user_agent import describe
from omna.audit import service as audit
from omna.db.pool import Connection, transaction
from omna.errors import BadCode, BadCredentials, ChallengeOver, TooManyAttempts
from omna.http.origin import network_of
from omna.ids import SessionId, UserId, show
from omna.mail import address
from omna.mail.service import Kind

__all__ = [
    "Challenge",
    "Entered",
    "SecondStep",
    "enter",
    "finish_with_code",
    "finish_with_passkey",
    "open_challenge",
    "with_password",
]

#: How long a browser is known, in seconds.
DEVICE_LIFETIME_SECONDS = 400 * 24 * 3600
_IN_A_ROW = Backoff()
#: Many people share a network, and their successes end nobody else's row: quiet does.
_OF_NETWORK = Backoff(forget_after=3600)
_STRANGERS_END = (
    "This account had too many failed sign-ins in a row. Use a browser you have signed in with before, "
    "or choose a new password by mail."
)


@dataclass(frozen=True, slots=True)
class Entered:
    """A session has begun. `session_token` and `device_cookie` belong into cookies of this browser."""

    user_id: UserId
    session_id: SessionId
    session_token: str
    device_cookie: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    user: User | None
    password_hash: str
    #: Counts to forget, and counts to take one try back from, when this one succeeds.
    forget: tuple[str, ...]
    forgive: tuple[str, ...]


async def with_password(desk: Desk, email: str, password: str, client: Client) -> Entered | SecondStep:
    """Sign in with an address and a password.

    Errors  BadCredentials in every case of failure, TooManyAttempts with the wait, GatewayOverloaded
    """
    async with transaction(desk.pool) as connection:
        attempt = await _begin(connection, desk, email, client)
    typed = comparable(password)
    # The same work for everybody: what cannot be right is verified against a hash that nothing fits.
    fits = await desk.passwords.verify(attempt.password_hash, "" if typed is None else typed)
    fresh_hash = None
    if fits and typed and desk.passwords.outdated(attempt.password_hash):
        fresh_hash = await desk.passwords.hash(typed)
    async with transaction(desk.pool) as connection:
        entered = None
        if fits and typed and attempt.user is not None:
            entered = await _pass(connection, desk, attempt, attempt.user, fresh_hash, client)
        if entered is None:
            subject = "unknown" if attempt.user is None else show("usr", attempt.user.user_id)
            actor = desk.actor("system:sign-in", client.origin)
            await audit.record(connection, actor, "user.sign_in_fail", subject, reason="password")
    if entered is None:
        raise BadCredentials
    return entered


async def enter(
    connection: Connection,
    desk: Desk,
    user_id: UserId,
    method: str,
    client: Client,
    *,
    second_factor: bool = False,
) -> Entered | SecondStep:
    """Let somebody in who proved who they are by other means than a password.

    method          `passkey`, `google`, …: kept with the session
    second_factor   True of a passkey with user verification, which is two factors in one
    Errors          BadCredentials for a disabled account
    """
    user = await store.lock(connection, user_id)
    if user is None or not user.may_sign_in:
        raise BadCredentials
    if not second_factor and await second_step.is_needed(connection, user_id):
        return await second_step.begin(connection, user, method)
    return await _start(connection, desk, user, method, client)


async def open_challenge(connection: Connection, token: str) -> Challenge:
    """Return the second step behind the token of a browser. Errors: ChallengeOver."""
    return await second_step.look_up(connection, token)


async def finish_with_code(desk: Desk, token: str, code: str, client: Client) -> Entered:
    """Finish a sign-in with six digits of the authenticator or a recovery code.

    Errors  BadCode, ChallengeOver after five minutes or five tries, TooManyAttempts after ten tries of this account
    """
    entered = None
    async with transaction(desk.pool) as connection:
        user, challenge = await _hold(connection, token)
        await second_step.count_try(connection, challenge.user_id, challenge.challenge_id)
        actor = desk.actor(user.user_id, client.origin)
        if await second_step.code_is_right(connection, desk.keyring, user, code, actor=actor):
            await second_step.forgive_try(connection, user.user_id)
            await second_step.close(connection, challenge.challenge_id)
            entered = await _start(connection, desk, user, challenge.method, client)
        else:
            stranger = desk.actor("system:sign-in", client.origin)
            await audit.record(
                connection, stranger, "user.sign_in_fail", show("usr", user.user_id), reason="second step"
            )
    if entered is None:
        raise BadCode(param="code")
    return entered


async def finish_with_passkey(connection: Connection, desk: Desk, token: str, client: Client) -> Entered:
    """Finish a sign-in whose person has just shown a passkey; the caller has checked whose it is.

    Errors  ChallengeOver
    """
    user, challenge = await _hold(connection, token)
    await second_step.close(connection, challenge.challenge_id)
    return await _start(connection, desk, user, challenge.method, client)


def account_subject(email_normalized: str) -> str:
    """Return under which name failures of an address are counted, whether or not somebody has it."""
    return f"sign-in:{hashlib.sha256(email_normalized.encode()).hexdigest()}"


async def _begin(connection: Connection, desk: Desk, email: str, client: Client) -> _Attempt:
    try:
        normalized = address.normalize(email)
    except ValueError:
        normalized = email.strip().lower()[:254].replace("\x00", "").encode(errors="replace").decode()
    user = await store.by_email(connection, normalized)
    device_id = devices.read(desk.keyring, client.device)
    known = user is not None and await devices.knows(connection, user.user_id, device_id)
    account = account_subject(normalized)
    forget: tuple[str, ...]
    forgive: tuple[str, ...]
    if known and user is not None and device_id is not None:
        of_device = f"sign-in-device:{device_id.hex}:{user.user_id.hex}"
        await throttle.count(connection, [(of_device, _IN_A_ROW)])
        forget, forgive = (of_device, account), ()
    else:
        network = f"sign-in-network:{network_of(client.origin)}"
        counted = await throttle.count(connection, [(account, _IN_A_ROW), (network, _OF_NETWORK)])
        if counted[0] > throttle.STRANGERS_END:
            raise TooManyAttempts(_STRANGERS_END)
        forget, forgive = (account,), (network,)
    stored = None if user is None or not user.may_sign_in else await store.password_hash(connection, user.user_id)
    return _Attempt(user, stored or desk.passwords.decoy, forget, forgive)


async def _pass(
    connection: Connection, desk: Desk, attempt: _Attempt, before: User, fresh_hash: str | None, client: Client
) -> Entered | SecondStep | None:
    """Return what a right password leads to; None when the account was changed while it was being verified."""
    user = await store.lock(connection, before.user_id)
    if user is None or not user.may_sign_in or user.credential_version != before.credential_version:
        return None
    for subject in attempt.forget:
        await throttle.forget(connection, subject)
    for subject in attempt.forgive:
        await throttle.forgive(connection, subject)
    if fresh_hash is not None:
        await store.replace_password_hash(connection, user.user_id, attempt.password_hash, fresh_hash)
    if await second_step.is_needed(connection, user.user_id):
        return await second_step.begin(connection, user, "password")
    return await _start(connection, desk, user, "password", client)


async def _start(connection: Connection, desk: Desk, user: User, method: str, client: Client) -> Entered:
    device_id = devices.read(desk.keyring, client.device) or devices.make()
    known = await devices.knows(connection, user.user_id, device_id)
    # The very first browser of a person is no news to them.
    if not known and await devices.has_any(connection, user.user_id):
        await letters.security(
            connection, Kind.NEW_DEVICE, user, client.origin, {"device": describe(client.user_agent)}
        )
    await devices.remember(connection, user.user_id, device_id)
    started = await sessions.start(connection, user.user_id, method, client)
    await audit.record(
        connection,
        desk.actor(user.user_id, client.origin),
        "user.sign_in",
        show("usr", user.user_id),
        after={"session": show("ses", started.session_id), "method": method, "new_device": not known},
    )
    return Entered(user.user_id, started.session_id, started.token, devices.write(desk.keyring, device_id))


async def _hold(connection: Connection, token: str) -> tuple[User, StoredChallenge]:
    """Return person and challenge of a token, both held until this transaction ends. Errors: ChallengeOver."""
    # The person first, as everywhere: a changed credential holds them while it deletes their challenges.
    user = await store.lock(connection, (await second_step.look_up(connection, token)).user_id)
    challenge = await second_step.lock(connection, token)
    if user is None or not user.may_sign_in or user.credential_version != challenge.credential_version:
        raise ChallengeOver
    return user, challenge
