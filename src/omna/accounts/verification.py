"""Mail addresses, proven by a link that counts once within a day: of a new person, and of one who changes theirs.

An address counts only when it is proven. Nobody learns here whether an address belongs to somebody else: its owner is
told by mail, and the link that would change it never exists.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from omna.accounts import credentials, letters, link_store, service, store, throttle, tokens
from omna.accounts.desk import Desk
from omna.accounts.link_store import Link
from omna.accounts.model import User
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import InvalidValue, LinkExpired, NotFound
from omna.ids import SessionId, UserId, show
from omna.mail.service import Kind

SECONDS = 24 * 3600
#: The outbox takes three mails an hour for an address; a minute passes between two.
_MAILS = Window(most=3, seconds=3600, pause=60)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a link has proven.

    first       the first proof in the life of this person: starter Credits hang on it
    changed     the address is another than before
    """

    user: User
    first: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a link would prove, for the page with its button."""

    user: User
    email: str
    changes: bool


async def send(connection: Connection, desk: Desk, user: User, *, origin: str) -> None:
    """Mail a link to the address that waits for its proof: a new one, or the person's own.

    Errors  TooManyAttempts with the seconds until the next mail
    """
    await throttle.count(connection, [(_subject(user.user_id), _MAILS)], message="A mail was sent a moment ago.")
    pending = await link_store.pending_email(connection, user.user_id)
    if pending is not None:
        await _send_change(connection, user, pending)
    elif not user.verified:
        await _send(connection, user, "verify", user.email, user.email_normalized)


async def next_mail_at(connection: Connection, user_id: UserId) -> datetime:
    """Return when the next mail may be asked for."""
    wait = await throttle.wait(connection, _subject(user_id), _MAILS)
    return await store.now(connection) + timedelta(seconds=wait)


async def pending_email(connection: Connection, user_id: UserId) -> str | None:
    """Return the address that a person wants to change to and has not proven yet."""
    return await link_store.pending_email(connection, user_id)


async def look_up(connection: Connection, token: str) -> Preview:
    """Return what a link would prove, and leave it unused. Errors: LinkExpired."""
    link = await link_store.find(connection, tokens.digest(token))
    user = None if link is None else await store.by_id(connection, link.user_id)
    if link is None or user is None or not _holds(link, user):
        raise LinkExpired
    return Preview(user, link.email, link.purpose == "change")


async def verify(
    connection: Connection, desk: Desk, token: str, *, origin: str, session_id: SessionId | None = None
) -> Verified:
    """Use a link up. Of two that use it at the same time, one gets LinkExpired.

    session_id  the session of the browser that shows the link, if any: it survives a change of address
    Errors      LinkExpired
    """
    link = await link_store.find(connection, tokens.digest(token))
    # The person first, as everywhere: whoever holds them may be about to void this link.
    user = None if link is None else await store.lock(connection, link.user_id)
    if link is None or user is None or not _holds(link, user):
        raise LinkExpired
    if await link_store.use(connection, tokens.digest(token)) is None:
        raise LinkExpired
    actor = desk.actor(user.user_id, origin)
    if link.purpose == "change":
        await _change(connection, user, link, actor, session_id)
    first = await service.mark_verified(connection, user.user_id, actor=actor)
    await link_store.void(connection, user.user_id, "verify")
    return Verified(await service.get(connection, user.user_id), first, link.purpose == "change")


async def change_email(connection: Connection, desk: Desk, user_id: UserId, email: str, *, origin: str) -> None:
    """Let a person have another address once they have proven it; the old one is told.

    A person whose address is not proven yet corrects it this way: links to the wrong one are void.
    Errors  InvalidValue, TooManyAttempts
    """
    normalized = service.normalize(email)
    user = await store.lock(connection, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    if normalized == user.email_normalized and user.verified:
        raise InvalidValue("This is your address already.", param="email")
    await throttle.count(connection, [(_subject(user_id), _MAILS)], message="A mail was sent a moment ago.")
    await link_store.void(connection, user_id, "change")
    actor = desk.actor(user_id, origin)
    if normalized == user.email_normalized:
        await _send(connection, user, "verify", user.email, normalized)
        return
    if user.verified:
        await letters.security(connection, Kind.EMAIL_CHANGING, user, origin, {"new_email": email.strip()})
    else:
        await link_store.void(connection, user_id, "verify")
    await _send_change(connection, user, email.strip())
    await audit.record(connection, actor, "user.email_request", show("usr", user_id))


async def cancel_change(connection: Connection, desk: Desk, user_id: UserId, *, origin: str) -> None:
    """Keep the address as it is; links to another one are void."""
    await store.lock(connection, user_id)
    if await link_store.pending_email(connection, user_id) is not None:
        await link_store.void(connection, user_id, "change")
        await audit.record(connection, desk.actor(user_id, origin), "user.email_cancel", show("usr", user_id))


async def _change(
    connection: Connection, user: User, link: Link, actor: audit.Actor, session_id: SessionId | None
) -> None:
    try:
        async with connection.transaction():
            await store.set_email(connection, user.user_id, link.email, link.email_normalized)
    except asyncpg.UniqueViolationError:
        # Somebody else proved the same address between the mail and the click.
        raise LinkExpired from None
    await link_store.void(connection, user.user_id, "change")
    if not user.verified:
        # A mistyped address was never a way in, so nobody is thrown out; what went there is void.
        await link_store.void(connection, user.user_id, "reset")
    else:
        # Who could read mails to the old address must not get in through one.
        await credentials.changed(connection, user.user_id, keep_session=session_id)
        await letters.security(connection, Kind.EMAIL_CHANGED, user, actor.origin, {"new_email": link.email})
    await audit.record(connection, actor, "user.email", show("usr", user.user_id))


async def _send_change(connection: Connection, user: User, email: str) -> None:
    normalized = service.normalize(email)
    owner = await store.by_email(connection, normalized)
    if owner is None:
        await _send(connection, user, "change", email, normalized)
        return
    # Looks the same from here; the token is known to nobody.
    await link_store.add(
        connection,
        tokens.digest(tokens.make()),
        user.user_id,
        "change",
        email,
        normalized,
        user.credential_version,
        SECONDS,
    )
    if owner.may_sign_in:
        await letters.plain(connection, Kind.ALREADY_REGISTERED, owner, {"name": owner.name})


async def _send(connection: Connection, user: User, purpose: str, email: str, normalized: str) -> None:
    token = tokens.make()
    # Earlier links to the same address stay good: mails overtake each other.
    await link_store.add(
        connection,
        tokens.digest(token),
        user.user_id,
        purpose,
        email,
        normalized,
        user.credential_version,
        SECONDS,
    )
    await letters.plain(connection, Kind.VERIFY_EMAIL, user, {"token": token}, to=email)


def _holds(link: Link, user: User) -> bool:
    if not user.may_sign_in:
        return False
    if link.purpose == "verify":
        return link.email_normalized == user.email_normalized
    # A change that was asked for before a credential changed may be the work of whoever was thrown out by it.
    return link.purpose == "change" and link.credential_version == user.credential_version


def _subject(user_id: UserId) -> str:
    return f"verify:{user_id.hex}"
