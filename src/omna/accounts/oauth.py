"""Sign-in by other services: go there, come back, be somebody, link and unlink.

Who somebody is here hangs on issuer and subject, never on an address. An address that has an account already is linked
by its owner, signed in and proven afresh; otherwise whoever gets an address at a service would get the account.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from omna.accounts import credentials, letters, oauth_store, policy, service, sign_in, store, throttle, tokens, ways
from omna.accounts import oauth_model as model
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.oauth_model import Claims, Identity, Metadata, Service
from omna.accounts.oauth_store import Arrival, Journey
from omna.accounts.oauth_wire import Services
from omna.accounts.sign_in import Entered, SecondStep
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.db.pool import Connection, transaction
from omna.errors import (
    AddressHasAccount,
    BadCredentials,
    Conflict,
    NotFound,
    OmnaError,
    ServiceSignInRefused,
    SignUpClosed,
)
from omna.http.origin import network_of
from omna.http.principal import Person
from omna.ids import IdentityId, SessionId, UserId, new_id, show
from omna.mail.service import Kind

__all__ = [
    "Arrival",
    "Back",
    "Identity",
    "In",
    "Linked",
    "New",
    "Services",
    "begin",
    "finish",
    "list_of",
    "look_up_arrival",
    "settle",
    "unlink",
]

MOST_IDENTITIES = 10
_JOURNEYS = Window(most=60, seconds=600)
_NEW_OF_NETWORK = Window(most=30, seconds=3600)
_LOST = "This sign-in was begun in another browser, or too long ago. Start it again."
_DENIED = "The other service did not let you in, or you did not want to. Nothing was changed."
_NO_ADDRESS = (
    "The service tells no address of yours. Make an account with the form, and link the service in its settings."
)


@dataclass(frozen=True, slots=True)
class Back:
    """What a browser brings back from a service: the parameters of the callback."""

    state: str
    code: str
    error: str
    issuer: str | None


@dataclass(frozen=True, slots=True)
class In:
    """Somebody known: signed in, or one step before it."""

    outcome: Entered | SecondStep
    next_path: str


@dataclass(frozen=True, slots=True)
class New:
    """Somebody unknown, who has to agree to the terms. The token belongs into a cookie of this browser."""

    token: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The service is linked to the account that is signed in."""

    next_path: str


async def begin(
    connection: Connection,
    desk: Desk,
    other: Service,
    metadata: Metadata,
    browser: str,
    next_path: str,
    origin: str,
    *,
    linking: Person | None = None,
) -> str:
    """Return where the browser is to go.

    browser     the value of its cookie: nobody else can come back on this journey
    linking     who wants to link it; None signs in
    Errors      TooManyAttempts
    """
    if linking is None:
        await throttle.count(connection, [(f"oauth-network:{network_of(origin)}", _JOURNEYS)])
    state = tokens.make()
    journey = Journey(
        provider=other.slug,
        nonce=tokens.make(),
        verifier=secrets.token_urlsafe(48),
        user_id=None if linking is None else linking.user_id,
        session_id=None if linking is None else linking.session_id,
        next_path=next_path,
    )
    await oauth_store.add_journey(connection, tokens.digest(state), tokens.digest(browser), journey)
    return model.authorize_url(
        other,
        metadata,
        state=state,
        nonce=journey.nonce,
        verifier=journey.verifier,
        redirect=model.redirect_uri(desk.settings.server.public_url, other),
    )


async def finish(
    desk: Desk, services: Services, slug: str, back: Back, browser: str | None, client: Client, who: Person | None
) -> In | New | Linked:
    """Take what a browser brought back.

    who     whose session this browser has
    Errors  ServiceSignInRefused, SignInServiceUnavailable, AddressHasAccount, Conflict, SignUpClosed
    """
    other = services.named(slug)
    async with transaction(desk.pool) as connection:
        journey = await oauth_store.take_journey(
            connection, tokens.digest(back.state), tokens.digest(browser or ""), slug
        )
    if journey is None:
        raise ServiceSignInRefused(_LOST)
    try:
        if back.error or not back.code:
            raise ServiceSignInRefused(_DENIED)
        # Between two transactions: another machine is asked, and no connection waits for it.
        claims = await services.identify(
            other,
            code=back.code,
            verifier=journey.verifier,
            nonce=journey.nonce,
            redirect=model.redirect_uri(desk.settings.server.public_url, other),
            issuer=back.issuer,
        )
        async with transaction(desk.pool) as connection:
            if journey.user_id is not None:
                return await _link(connection, desk, other, claims, journey, client, who)
            return await _sign_in(connection, desk, other, claims, journey, client)
    except OmnaError as error:
        await _note_failure(desk, slug, error, client, journey.user_id)
        raise


async def look_up_arrival(connection: Connection, token: str) -> Arrival:
    """Return who came from a service and has no account yet. Errors: ServiceSignInRefused when it is too long ago."""
    arrival = await oauth_store.arrival(connection, tokens.digest(token))
    if arrival is None:
        raise ServiceSignInRefused(_LOST)
    return arrival


async def settle(
    desk: Desk,
    token: str,
    *,
    name: str,
    language: str | None,
    terms_version: str,
    invited: bool,
    client: Client,
    then: Callable[[Connection, User], Awaitable[None]],
) -> tuple[Arrival, Entered | SecondStep | None]:
    """Make the account of somebody who came from a service and agreed to the terms.

    invited     an invitation to this very address was shown
    then        what belongs to a new person, in the transaction that makes them
    Returns     the way in; None when the service vouches for no address, which a mail then has to prove: the answer is
                the same whether or not the address has an account
    Errors      ServiceSignInRefused, AddressHasAccount, SignUpClosed, InvalidValue, TooManyAttempts
    """
    async with transaction(desk.pool) as connection:
        network = network_of(client.origin)
        await throttle.count(connection, [(f"oauth-new-network:{network}", _NEW_OF_NETWORK)])
    async with transaction(desk.pool) as connection:
        arrival = await oauth_store.take_arrival(connection, tokens.digest(token))
        if arrival is None:
            raise ServiceSignInRefused(_LOST)
        claims = arrival.claims
        invited = invited and claims.email_verified
        mode = (await policy.effective(connection, desk.settings.accounts)).sign_up
        if mode == "invite" and not invited:
            raise SignUpClosed
        user = await store.add(
            connection,
            UserId(new_id()),
            claims.email,
            service.normalize(claims.email),
            service.check_name(name),
            None,
            None,
            verified=claims.email_verified,
            approved=invited or mode != "approval",
            language=language,
            terms_version=terms_version,
        )
        if user is None:
            if claims.email_verified:
                raise AddressHasAccount
            await _tell(connection, claims.email)
            return arrival, None
        actor = desk.actor(user.user_id, client.origin)
        after = {"terms_version": terms_version, "mode": mode, "invited": invited, "provider": arrival.provider}
        await audit.record(connection, actor, "user.sign_up", show("usr", user.user_id), after=after)
        identity = await oauth_store.add_identity(
            connection, IdentityId(new_id()), user.user_id, arrival.issuer, claims
        )
        if identity is None:
            raise ServiceSignInRefused(_LOST)
        await then(connection, user)
        if not claims.email_verified:
            return arrival, None
        return arrival, await sign_in.enter(connection, desk, user.user_id, arrival.provider, client)


async def list_of(connection: Connection, user_id: UserId) -> list[Identity]:
    """Return a person's identities at other services, oldest first."""
    return await oauth_store.identities(connection, user_id)


async def unlink(
    connection: Connection, desk: Desk, user: User, session_id: SessionId, identity_id: IdentityId, *, origin: str
) -> None:
    """Let a service lead into the account no more, and end the person's other sessions. Errors: NotFound, LastWayIn."""
    await ways.hold(connection, user.user_id)
    identity = await oauth_store.remove_identity(connection, user.user_id, identity_id)
    if identity is None:
        raise NotFound("There is no such service linked.")
    await ways.require_one(connection, desk.settings, user.user_id)
    await audit.record(
        connection,
        desk.actor(user.user_id, origin),
        "identity.unlink",
        show("idy", identity_id),
        before={"issuer": identity.issuer},
    )
    await credentials.changed(connection, user.user_id, keep_session=session_id)
    await letters.security(connection, Kind.SECOND_FACTOR_CHANGED, user, origin, {"change": "identity_unlinked"})


async def _sign_in(
    connection: Connection, desk: Desk, other: Service, claims: Claims, journey: Journey, client: Client
) -> In | New:
    identity = await oauth_store.use_identity(connection, other.issuer, claims.subject)
    if identity is not None:
        try:
            outcome = await sign_in.enter(connection, desk, identity.user_id, other.slug, client)
        except BadCredentials:
            raise ServiceSignInRefused("This account cannot be signed in to.") from None
        return In(outcome, journey.next_path)
    if not claims.email:
        raise ServiceSignInRefused(_NO_ADDRESS)
    # Of an address that nobody vouches for it is not told whether it has an account.
    if claims.email_verified and await service.find_by_email(connection, claims.email) is not None:
        raise AddressHasAccount
    service.normalize(claims.email)
    token = tokens.make()
    arrival = Arrival(other.slug, other.issuer, claims, journey.next_path)
    await oauth_store.add_arrival(connection, tokens.digest(token), arrival)
    return New(token)


async def _link(
    connection: Connection,
    desk: Desk,
    other: Service,
    claims: Claims,
    journey: Journey,
    client: Client,
    who: Person | None,
) -> Linked:
    # The browser that comes back must still be signed in as the one that left.
    if who is None or who.session_id != journey.session_id or who.user_id != journey.user_id:
        raise ServiceSignInRefused(_LOST)
    await ways.hold(connection, who.user_id)
    user = await service.get(connection, who.user_id)
    if len(await oauth_store.identities(connection, who.user_id)) >= MOST_IDENTITIES:
        raise Conflict(f"An account is linked to at most {MOST_IDENTITIES} others.")
    identity = await oauth_store.add_identity(connection, IdentityId(new_id()), who.user_id, other.issuer, claims)
    if identity is None:
        raise Conflict("That account is linked already, to this account or to another one.")
    await audit.record(
        connection,
        desk.actor(who.user_id, client.origin),
        "identity.link",
        show("idy", identity.identity_id),
        after={"issuer": other.issuer},
    )
    await credentials.changed(connection, who.user_id, keep_session=who.session_id)
    await letters.security(connection, Kind.SECOND_FACTOR_CHANGED, user, client.origin, {"change": "identity_linked"})
    return Linked(journey.next_path)


async def _note_failure(desk: Desk, slug: str, error: OmnaError, client: Client, user_id: UserId | None) -> None:
    async with transaction(desk.pool) as connection:
        await audit.record(
            connection,
            desk.actor("system:sign-in", client.origin),
            "user.sign_in_fail" if user_id is None else "identity.link_fail",
            "unknown" if user_id is None else show("usr", user_id),
            reason=f"{slug}: {error.code}",
        )


async def _tell(connection: Connection, email: str) -> None:
    user = await service.find_by_email(connection, email)
    if user is not None and user.may_sign_in:
        await letters.plain(connection, Kind.ALREADY_REGISTERED, user, {"name": user.name})
