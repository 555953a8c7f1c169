"""A forgotten password: a link by mail that counts once within half an hour. It signs nobody in and leaves second
factors as they are, but for those of an address that nobody has proven.
"""

import hashlib

from omna.accounts import (
    credentials,
    devices,
    factor_store,
    letters,
    link_store,
    service,
    store,
    throttle,
    tokens,
    ways,
)
from omna.accounts.desk import Desk
from omna.accounts.link_store import Link
from omna.accounts.model import SHORTEST_PASSWORD, Client, User
from omna.accounts.password_rules import check_password
from omna.accounts.sign_in import account_subject
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.db.pool import Connection, transaction
from omna.errors import LinkExpired
from omna.http.origin import network_of
from omna.ids import show
from omna.mail import service as mail
from omna.mail.service import Kind

SECONDS = 30 * 60
_OF_ADDRESS = Window(most=3, seconds=3600)
_OF_NETWORK = Window(most=30, seconds=3600)


async def request(desk: Desk, email: str, client: Client, language: str | None = None) -> None:
    """Mail a link to the person with an address, or to a stranger's address the news that it has no account here.

    The same for every address.
    Errors  InvalidValue for a text that is no address, TooManyAttempts
    """
    normalized = service.normalize(email)
    async with transaction(desk.pool) as connection:
        await throttle.count(
            connection,
            [
                (f"reset:{hashlib.sha256(normalized.encode()).hexdigest()}", _OF_ADDRESS),
                (f"reset-network:{network_of(client.origin)}", _OF_NETWORK),
            ],
        )
        user = await store.by_email(connection, normalized)
        if user is None:
            await mail.enqueue(connection, Kind.RESET_UNKNOWN, normalized, language, {})
        elif user.may_sign_in:
            await _send(connection, user)
            actor = desk.actor("system:sign-in", client.origin)
            await audit.record(connection, actor, "user.reset_request", show("usr", user.user_id))


async def look_up(connection: Connection, token: str) -> User:
    """Return whose password a link would change, and leave it unused. Errors: LinkExpired."""
    return await _owner(connection, await link_store.find(connection, tokens.digest(token)))


async def reset(desk: Desk, token: str, password: str, client: Client) -> None:
    """Give a person a new password, and end every session they have.

    Errors  LinkExpired, also for the second of two that use it at the same time; InvalidValue, which leaves the link
            unused; GatewayOverloaded
    """
    async with transaction(desk.pool) as connection:
        user = await look_up(connection, token)
        shortest = SHORTEST_PASSWORD
        if user.verified:
            shortest = await service.shortest_password(connection, user.user_id)
    chosen = check_password(password, user.email_normalized, shortest=shortest)
    password_hash = await desk.passwords.hash(chosen)
    async with transaction(desk.pool) as connection:
        # The person first, as everywhere: of two links used at once, each voids the other.
        user = await look_up(connection, token)
        if await link_store.use(connection, tokens.digest(token)) is None:
            raise LinkExpired
        await store.set_password_hash(connection, user.user_id, password_hash, alone=service.stands_alone(chosen))
        await credentials.changed(connection, user.user_id, keep_session=None)
        if not user.verified:
            # Nobody has proven the address before. What else leads in may be a stranger's, who signed up with it.
            await ways.close_all(connection, user.user_id)
            await factor_store.delete_totp(connection, user.user_id)
            await factor_store.delete_codes(connection, user.user_id)
        # Whoever knew the old password may have made a browser known.
        await devices.forget_all(connection, user.user_id)
        await throttle.forget(connection, account_subject(user.email_normalized))
        await letters.security(connection, Kind.PASSWORD_CHANGED, user, client.origin)
        await audit.record(
            connection,
            desk.actor(user.user_id, client.origin),
            "user.password",
            show("usr", user.user_id),
            reason="reset by mail",
        )


async def _send(connection: Connection, user: User) -> None:
    token = tokens.make()
    await link_store.add(
        connection,
        tokens.digest(token),
        user.user_id,
        "reset",
        user.email,
        user.email_normalized,
        user.credential_version,
        SECONDS,
    )
    await letters.plain(connection, Kind.RESET_PASSWORD, user, {"name": user.name, "token": token})


async def _owner(connection: Connection, link: Link | None) -> User:
    user = None if link is None or link.purpose != "reset" else await store.lock(connection, link.user_id)
    if link is None or user is None or not user.may_sign_in or user.credential_version != link.credential_version:
        raise LinkExpired
    return user
