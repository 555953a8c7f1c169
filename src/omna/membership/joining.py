"""Joining: an invitation is accepted by somebody who has an account, or makes one on the way.

The link came by mail, so whoever has it reads the mails of that address: accepting proves it. Where accounts are made
by invitation only, this is how one is made.
"""

from omna.accounts import service as accounts
from omna.accounts import sign_in, sign_up
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.sign_in import Entered, SecondStep
from omna.accounts.sign_up import SignUp
from omna.db.pool import Connection, borrow, transaction
from omna.errors import AccountFrozen, Conflict, frozen_sentence
from omna.membership import arrival
from omna.workspaces import invitations
from omna.workspaces.invitations import Invited


async def accept(desk: Desk, token: str, user: User, *, origin: str) -> Invited:
    """Make a person the member they were invited to be.

    Errors  NotFound for a link that leads nowhere any more, Forbidden when it was sent to another address;
            AccountFrozen
    """
    if user.frozen_reason is not None:
        raise AccountFrozen(frozen_sentence("Your account", user.frozen_reason))
    async with transaction(desk.pool) as connection:
        return await _accept(connection, desk, token, user, origin)


async def join(
    desk: Desk, token: str, *, name: str, password: str, language: str, terms_version: str, client: Client
) -> tuple[Invited, Entered | SecondStep]:
    """Make an account for the invited address, accept, and sign in: all or nothing.

    Errors  NotFound, InvalidValue, TooManyAttempts, EmergencyStop, Conflict when the address has an account already
    """
    async with borrow(desk.pool) as connection:
        await arrival.require_open(connection)
        invited = await invitations.look_up(connection, token)

    async def then(connection: Connection, user: User) -> None:
        await arrival.welcome(connection, desk, user, origin=client.origin)
        await _accept(connection, desk, token, user, client.origin)

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
        raise Conflict("There is an account with this address already: sign in to accept.")
    async with transaction(desk.pool) as connection:
        entered = await sign_in.enter(connection, desk, user.user_id, "password", client)
    return invited, entered


async def _accept(connection: Connection, desk: Desk, token: str, user: User, origin: str) -> Invited:
    actor = desk.actor(user.user_id, origin)
    invited = await invitations.accept(connection, token, user.user_id, user.email_normalized, actor=actor)
    if not user.verified and await accounts.mark_verified(connection, user.user_id, actor=actor):
        await arrival.settle_in(connection, desk, user.user_id, origin=origin)
    return invited
