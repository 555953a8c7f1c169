"""Who is let in, as the operator decides it: sign-ups that wait, requests for access, invitations to make an account.

An invitation came by mail, so whoever has its link reads the mails of that address: accepting proves it, and the
account needs no approval. It makes an account and nothing else; a team invites for itself.
"""

import hashlib
import secrets
from uuid import UUID

from omna.accounts import service as accounts
from omna.accounts import sign_in, sign_up
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.sign_in import Entered, SecondStep
from omna.accounts.sign_up import SignUp
from omna.audit import service as audit
from omna.db.pool import Connection, borrow, transaction
from omna.errors import Conflict, InvalidValue, LinkExpired, TooManyAttempts
from omna.ids import UserId, new_id, show
from omna.mail import address
from omna.mail import service as mail
from omna.membership import access_store as store
from omna.membership import arrival
from omna.membership.access_store import AccessInvitation

__all__ = [
    "AccessInvitation",
    "approve",
    "decline",
    "decline_request",
    "invitations",
    "invite",
    "invite_request",
    "join",
    "look_up",
    "revoke",
    "sweep",
]

#: How long an invitation can be accepted, in days.
DAYS = 7
_MOST = 200
_KEPT_DAYS = 90
_LONGEST_TOKEN = 64


async def approve(connection: Connection, user_id: UserId, *, reason: str, actor: audit.Actor) -> int:
    """Let somebody in who waits; they hear of it by mail. Returns the audit line.

    Errors  NotFound; Conflict when somebody decided already
    """
    user = await _waiting(connection, user_id)
    await arrival.approve(connection, user, actor=actor)
    return await audit.record(connection, actor, "access.approve", show("usr", user_id), reason=reason)


async def decline(connection: Connection, user_id: UserId, message: str, *, reason: str, actor: audit.Actor) -> int:
    """Keep somebody out who waits: the account is disabled, and they hear of it by mail. Returns the audit line.

    message  what they read, beside that it was declined
    Errors   NotFound; Conflict when somebody decided already
    """
    user = await _waiting(connection, user_id)
    await accounts.disable(connection, user, reason=reason, actor=actor)
    await _tell_declined(connection, user.email, user.language, user.name, message, user.user_id)
    return await audit.record(connection, actor, "access.decline", show("usr", user_id), reason=reason)


async def invite(
    connection: Connection,
    email: str,
    *,
    by: UserId | None,
    language: str | None = None,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Mail somebody who has no account a link to make one. Returns the audit line.

    Errors  InvalidValue; Conflict when there is an account, or an open invitation; TooManyAttempts
    """
    try:
        normalized = address.normalize(email)
    except ValueError as error:
        raise InvalidValue(str(error), param="email") from None
    if await accounts.find_by_email(connection, normalized) is not None:
        raise Conflict("There is an account with this address already.", param="email")
    token, invitation_id = secrets.token_urlsafe(32), new_id()
    if not await store.add(connection, invitation_id, email.strip(), normalized, _digest(token), by, DAYS):
        raise Conflict("This address has an open invitation already; revoke it first.", param="email")
    if await mail.enqueue(connection, mail.Kind.ACCESS_INVITATION, normalized, language, {"token": token}) is None:
        raise TooManyAttempts("This address got several invitations within the hour.", retry_after=3600)
    return await audit.record(connection, actor, "access.invite", show("ain", invitation_id), reason=reason)


async def invite_request(
    connection: Connection, access_request_id: UUID, *, by: UserId, reason: str, actor: audit.Actor
) -> int:
    """Answer a request for access by an invitation. Returns the audit line. Errors: Conflict, as of `invite`."""
    taken = await store.take_request(connection, access_request_id)
    if taken is None:
        raise Conflict("This request was answered already.")
    return await invite(connection, taken[0].email, by=by, reason=reason, actor=actor)


async def decline_request(
    connection: Connection, access_request_id: UUID, message: str, *, reason: str, actor: audit.Actor
) -> int:
    """Answer a request for access with no. Returns the audit line. Errors: Conflict when it was answered already."""
    taken = await store.take_request(connection, access_request_id)
    if taken is None:
        raise Conflict("This request was answered already.")
    request, _ = taken
    # Anybody can ask with the address of a stranger: the name they typed is not delivered there.
    await _tell_declined(connection, request.email, None, "", message, None)
    return await audit.record(connection, actor, "access.decline", show("acr", access_request_id), reason=reason)


async def invitations(connection: Connection) -> list[AccessInvitation]:
    """Return the invitations that wait for somebody, newest first; those that ran out, too."""
    return await store.open_ones(connection, _MOST)


async def revoke(connection: Connection, access_invitation_id: UUID, *, reason: str, actor: audit.Actor) -> int:
    """Void an invitation. Returns the audit line. Errors: Conflict when it was accepted or revoked already."""
    if not await store.revoke(connection, access_invitation_id):
        raise Conflict("This invitation is not open any more.")
    return await audit.record(connection, actor, "access.revoke", show("ain", access_invitation_id), reason=reason)


async def look_up(connection: Connection, token: str) -> AccessInvitation:
    """Return what a token invites to; nothing is used up. Errors: LinkExpired."""
    found = await store.by_digest(connection, _digest(token))
    if found is None:
        raise LinkExpired("This invitation was used, revoked, replaced by a newer one, or is older than 7 days.")
    return found


async def join(
    desk: Desk, token: str, *, name: str, password: str, language: str, terms_version: str, client: Client
) -> Entered | SecondStep:
    """Make an account for the invited address and sign in: all or nothing.

    Errors  LinkExpired, InvalidValue, TooManyAttempts, EmergencyStop, Conflict when there is an account already
    """
    async with borrow(desk.pool) as connection:
        await arrival.require_open(connection)
        invited = await look_up(connection, token)

    async def then(connection: Connection, user: User) -> None:
        if not await store.use_up(connection, invited.access_invitation_id, user.user_id):
            raise LinkExpired("This invitation was used already.")
        await audit.record(
            connection,
            desk.actor(user.user_id, client.origin),
            "access.accept",
            show("ain", invited.access_invitation_id),
            after={"user": show("usr", user.user_id)},
        )
        await arrival.welcome(connection, desk, user, origin=client.origin)

    request = SignUp(
        email=invited.email,
        name=name,
        password=password,
        language=language,
        terms_version=terms_version,
        invited=True,
    )
    user = await sign_up.sign_up(desk, request, client, then)
    if user is None:
        raise Conflict("There is an account with this address already: sign in.")
    async with transaction(desk.pool) as connection:
        return await sign_in.enter(connection, desk, user.user_id, "password", client)


async def sweep(connection: Connection) -> int:
    """Delete invitations that ended 90 days ago, and return how many."""
    return await store.sweep(connection, _KEPT_DAYS)


async def _waiting(connection: Connection, user_id: UserId) -> User:
    user = await accounts.hold(connection, user_id)
    if user.approved or not user.may_sign_in:
        raise Conflict("Somebody decided about this account already.")
    return user


async def _tell_declined(
    connection: Connection, to: str, language: str | None, name: str, message: str, user_id: UserId | None
) -> None:
    values = {"name": name, "decision": "declined", "reason": message}
    await mail.enqueue(connection, mail.Kind.ACCESS_DECISION, to, language, values, user_id=user_id)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token[:_LONGEST_TOKEN].encode(errors="replace")).digest()
