"""Making an account: the same answer, after the same work, whether or not somebody has the address already."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from omna.accounts import letters, policy, service, store, throttle
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.password_rules import check_password
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.db.pool import Connection, borrow, transaction
from omna.errors import SignUpClosed
from omna.http.origin import network_of
from omna.ids import UserId, new_id, show
from omna.mail.service import Kind

_HOUR = 3600
_OF_ADDRESS = Window(most=5, seconds=_HOUR)
_OF_NETWORK = Window(most=30, seconds=_HOUR)
_OF_ALL = Window(most=1000, seconds=_HOUR)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What a person filled in.

    terms_version   the terms they agreed to
    invited         an invitation to this very address was shown: it is proven, and the account needs no approval
    """

    email: str
    name: str
    password: str
    language: str | None
    terms_version: str
    invited: bool = False


#: What belongs to a new person, in the transaction that makes them: a workspace, a mail.
Then = Callable[[Connection, User], Awaitable[None]]


async def sign_up(desk: Desk, form: SignUp, client: Client, then: Then) -> User | None:
    """Make a person, or tell the one who has the address already by mail.

    Returns the new person, for whoever continues an invitation; what the caller answers must not depend on it
    Errors  SignUpClosed, InvalidValue, TooManyAttempts, GatewayOverloaded
    """
    async with borrow(desk.pool) as connection:
        mode = (await policy.effective(connection, desk.settings.accounts)).sign_up
    if mode == "invite" and not form.invited:
        raise SignUpClosed
    normalized, name = service.normalize(form.email), service.check_name(form.name)
    password = check_password(form.password, normalized)
    async with transaction(desk.pool) as connection:
        await throttle.count(
            connection,
            [
                (f"sign-up:{hashlib.sha256(normalized.encode()).hexdigest()}", _OF_ADDRESS),
                (f"sign-up-network:{network_of(client.origin)}", _OF_NETWORK),
                ("sign-up-all", _OF_ALL),
            ],
        )
    # Hashed even when the address turns out to be known: this is what takes the time.
    password_hash = await desk.passwords.hash(password)
    async with transaction(desk.pool) as connection:
        user = await store.add(
            connection,
            UserId(new_id()),
            form.email.strip(),
            normalized,
            name,
            password_hash,
            None,
            verified=form.invited,
            approved=form.invited or mode != "approval",
            language=form.language,
            terms_version=form.terms_version,
        )
        if user is None:
            await _tell(connection, normalized)
        else:
            await audit.record(
                connection,
                desk.actor(user.user_id, client.origin),
                "user.sign_up",
                show("usr", user.user_id),
                after={"terms_version": form.terms_version, "mode": mode, "invited": form.invited},
            )
            await then(connection, user)
    return user


async def _tell(connection: Connection, normalized: str) -> None:
    user = await store.by_email(connection, normalized)
    if user is not None and user.may_sign_in:
        await letters.plain(connection, Kind.ALREADY_REGISTERED, user, {"name": user.name})
