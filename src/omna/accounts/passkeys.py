"""Passkeys: make one, sign in with one, prove with one that it is still you, take one away.

An answer of an authenticator is judged in a transaction of its own, which is committed whatever comes out: a challenge
that was answered wrongly is used up, and a key that seems to be copied is remembered. Only then is the error raised.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omna import names
from omna.accounts import credentials, letters, passkeys_store, service, throttle, tokens, ways
from omna.accounts import passkeys_model as model
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.accounts.passkeys_model import Assertion, Ceremony, Passkey, RelyingParty
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.db.pool import Connection, transaction
from omna.errors import Conflict, InvalidValue, NotFound, PasskeyRefused
from omna.http.origin import network_of
from omna.http.principal import Person
from omna.ids import PasskeyId, SessionId, UserId, new_id, show
from omna.mail.service import Kind

__all__ = [
    "Ceremony",
    "Passkey",
    "Proven",
    "begin",
    "begin_add",
    "begin_sign_in",
    "check",
    "finish_add",
    "list_of",
    "of_browser",
    "of_session",
    "prove",
    "remove",
    "rename",
]


_FAILURES = Window(most=60, seconds=600)
#: Sign-in pages that one network opens: an office of people stays below it.
_OPTIONS = Window(most=300, seconds=300)


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose key answered, and to what."""

    ceremony: Ceremony
    user_id: UserId
    passkey_id: PasskeyId


def of_session(session_id: SessionId) -> bytes:
    """Return what binds a challenge to a session."""
    return hashlib.sha256(session_id.bytes).digest()


def of_browser(token: str) -> bytes:
    """Return what binds a challenge to the cookie of somebody who is not signed in."""
    return tokens.digest(token)


async def list_of(connection: Connection, desk: Desk, user_id: UserId) -> list[Passkey]:
    """Return a person's passkeys, oldest first."""
    return await passkeys_store.list_of(connection, user_id, _party(desk).rp_id)


async def begin_add(connection: Connection, desk: Desk, user: User, session_id: SessionId) -> dict[str, Any]:
    """Return what the browser makes a key from. Errors: Conflict when there are too many, or none can be made here."""
    party = _usable(desk)
    present = await _room(connection, party, user.user_id)
    challenge = await _challenge(connection, Ceremony.ADD, of_session(session_id), user.user_id)
    return model.creation_options(party, challenge, user.user_id, user.email, user.name, present)


async def finish_add(
    connection: Connection,
    desk: Desk,
    user: User,
    session_id: SessionId,
    name: str,
    credential: dict[str, Any],
    *,
    origin: str,
) -> Passkey:
    """Keep the key that the browser made, and end the person's other sessions.

    Errors  PasskeyRefused, InvalidValue for the name, Conflict when the key is known
    """
    name = _name(name)
    party = _usable(desk)
    challenge = model.challenge_of(credential)
    taken = await passkeys_store.take_challenge(connection, _digest(challenge), {Ceremony.ADD: of_session(session_id)})
    if taken is None or taken.user_id != user.user_id:
        raise PasskeyRefused
    new = model.verify_new(party, credential, challenge)
    await ways.hold(connection, user.user_id)
    await _room(connection, party, user.user_id)
    passkey = await passkeys_store.add(connection, PasskeyId(new_id()), user.user_id, party.rp_id, name, new)
    if passkey is None:
        raise Conflict("This passkey is known already.")
    await audit.record(
        connection,
        desk.actor(user.user_id, origin),
        "passkey.add",
        show("pky", passkey.passkey_id),
        after={"name": name, "backed_up": passkey.backed_up},
    )
    await credentials.changed(connection, user.user_id, keep_session=session_id)
    await letters.security(connection, Kind.SECOND_FACTOR_CHANGED, user, origin, {"change": "passkey_added"})
    return passkey


async def rename(
    connection: Connection, desk: Desk, user_id: UserId, passkey_id: PasskeyId, name: str, *, origin: str
) -> Passkey:
    """Give a passkey another name. Errors: NotFound, InvalidValue."""
    name = _name(name)
    changed = await passkeys_store.rename(connection, user_id, passkey_id, name)
    if changed is None:
        raise NotFound("There is no such passkey.")
    before, passkey = changed
    await audit.record(
        connection,
        desk.actor(user_id, origin),
        "passkey.rename",
        show("pky", passkey_id),
        before={"name": before},
        after={"name": name},
    )
    return passkey


async def remove(
    connection: Connection, desk: Desk, user: User, session_id: SessionId, passkey_id: PasskeyId, *, origin: str
) -> None:
    """Take a passkey away, and end the person's other sessions. Errors: NotFound, LastWayIn."""
    await ways.hold(connection, user.user_id)
    passkey = await passkeys_store.remove(connection, user.user_id, passkey_id)
    if passkey is None:
        raise NotFound("There is no such passkey.")
    await ways.require_one(connection, desk.settings, user.user_id)
    await audit.record(
        connection,
        desk.actor(user.user_id, origin),
        "passkey.remove",
        show("pky", passkey_id),
        before={"name": passkey.name},
    )
    await credentials.changed(connection, user.user_id, keep_session=session_id)
    await letters.security(connection, Kind.SECOND_FACTOR_CHANGED, user, origin, {"change": "passkey_removed"})


async def begin_sign_in(connection: Connection, desk: Desk, browser: str, *, origin: str) -> dict[str, Any]:
    """Return what a browser is asked when nobody has said who they are: it offers every key it has for us.

    Errors  Conflict, TooManyAttempts
    """
    party = _usable(desk)
    # Each is a row for five minutes, and anybody may ask.
    await throttle.count(connection, [(f"passkey-options-network:{network_of(origin)}", _OPTIONS)])
    challenge = await _challenge(connection, Ceremony.SIGN_IN, of_browser(browser), None)
    return model.request_options(party, challenge, (), verify_user=True)


async def begin(connection: Connection, desk: Desk, ceremony: Ceremony, user: User, binding: bytes) -> dict[str, Any]:
    """Return what the browser of a known person is asked, as a second step or a fresh proof.

    Errors  Conflict when they have no passkey
    """
    party = _usable(desk)
    present = await passkeys_store.list_of(connection, user.user_id, party.rp_id)
    if not present:
        raise Conflict("This account has no passkey.")
    challenge = await _challenge(connection, ceremony, binding, user.user_id)
    return model.request_options(party, challenge, present, verify_user=_verifies(ceremony, user))


async def check(desk: Desk, bindings: Mapping[Ceremony, bytes], credential: dict[str, Any], *, origin: str) -> Proven:
    """Return whose key answered a challenge that this browser was given for one of these ceremonies.

    Opens its own transaction. Errors: PasskeyRefused, the same for every reason; TooManyAttempts
    """
    answer = model.read(credential)
    async with transaction(desk.pool) as connection:
        # There is nothing to guess; but failures are written down, and nobody may fill the log.
        network = f"passkey-network:{network_of(origin)}"
        await throttle.count(connection, [(network, _FAILURES)])
        proven = await _judge(connection, desk, bindings, credential, answer, origin)
        if proven is None:
            actor = desk.actor("system:sign-in", origin)
            await audit.record(connection, actor, "passkey.fail", "unknown", reason=" or ".join(sorted(bindings)))
        else:
            await throttle.forgive(connection, network)
    if proven is None:
        raise PasskeyRefused
    return proven


async def prove(desk: Desk, who: Person, credential: dict[str, Any]) -> None:
    """Check an answer to a `STEP_UP` challenge of this session. Errors: PasskeyRefused."""
    await check(desk, {Ceremony.STEP_UP: of_session(who.session_id)}, credential, origin=who.origin)


async def _judge(
    connection: Connection,
    desk: Desk,
    bindings: Mapping[Ceremony, bytes],
    credential: dict[str, Any],
    answer: model.Answer,
    origin: str,
) -> Proven | None:
    party = _party(desk)
    taken = await passkeys_store.take_challenge(connection, _digest(answer.challenge), bindings)
    passkey = await passkeys_store.lock_by_credential(connection, answer.credential_id, party.rp_id)
    if taken is None or passkey is None:
        return None
    handles = (None, passkey.user_id.bytes) if taken.user_id is not None else (passkey.user_id.bytes,)
    if taken.user_id not in (None, passkey.user_id) or answer.user_handle not in handles:
        return None
    user = await service.find(connection, passkey.user_id)
    if user is None or not user.may_sign_in:
        return None
    try:
        assertion = model.verify_assertion(
            party, credential, answer.challenge, passkey.public_key, verify_user=_verifies(taken.ceremony, user)
        )
    except PasskeyRefused:
        return None
    if model.is_copy(passkey.sign_count, assertion.sign_count):
        await _alarm(connection, desk, user, passkey, assertion, origin)
        return None
    await passkeys_store.mark_used(connection, passkey.passkey_id, assertion.sign_count, assertion.backed_up)
    return Proven(taken.ceremony, user.user_id, passkey.passkey_id)


async def _alarm(
    connection: Connection, desk: Desk, user: User, passkey: Passkey, assertion: Assertion, origin: str
) -> None:
    await audit.record(
        connection,
        desk.actor("system:passkeys", origin),
        "passkey.counter",
        show("pky", passkey.passkey_id),
        reason="the counter of the key did not grow: it may have been copied",
        before={"sign_count": passkey.sign_count},
        after={"sign_count": assertion.sign_count},
    )
    await letters.security(connection, Kind.PASSKEY_REFUSED, user, origin, {"passkey": passkey.name})


def _verifies(ceremony: Ceremony, user: User) -> bool:
    """Whether the key must have seen its owner: always, but for the second step of somebody outside the staff."""
    return ceremony is not Ceremony.SECOND_STEP or user.staff_role is not None


async def _challenge(connection: Connection, ceremony: Ceremony, binding: bytes, user_id: UserId | None) -> bytes:
    challenge = secrets.token_bytes(32)
    await passkeys_store.add_challenge(connection, _digest(challenge), ceremony, binding, user_id)
    return challenge


async def _room(connection: Connection, party: RelyingParty, user_id: UserId) -> list[Passkey]:
    present = await passkeys_store.list_of(connection, user_id, party.rp_id)
    if len(present) >= model.MOST_PASSKEYS:
        raise Conflict(f"An account has at most {model.MOST_PASSKEYS} passkeys.")
    return present


def _party(desk: Desk) -> RelyingParty:
    return model.relying_party(desk.settings.server.public_url)


def _usable(desk: Desk) -> RelyingParty:
    party = _party(desk)
    if not party.usable:
        raise Conflict("Browsers make passkeys for names only, and this installation is reached by an address.")
    return party


def _name(name: str) -> str:
    name = names.one_line(name)
    if not name or len(name) > model.LONGEST_NAME:
        raise InvalidValue(f"A name has 1 to {model.LONGEST_NAME} characters.", param="name")
    return name


def _digest(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
