"""Asking for access where accounts are made by invitation only. Staff read the requests and answer by inviting."""

from omna import names
from omna.accounts import throttle
from omna.accounts.desk import Desk
from omna.accounts.model import Client
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.db.pool import Connection, transaction
from omna.errors import InvalidValue
from omna.http.origin import network_of
from omna.ids import new_id, show
from omna.mail import address
from omna.membership import store
from omna.membership.model import AccessRequest

LONGEST_MESSAGE = 2000
LONGEST_NAME = 100
_PER_NETWORK = Window(most=5, seconds=3600)
#: What staff can look through; more are refused for an hour.
_OF_ALL = Window(most=200, seconds=3600)


async def ask(desk: Desk, *, email: str, name: str, message: str, client: Client) -> None:
    """Keep a request; one for each address. Nobody learns whether the address has an account.

    Errors  InvalidValue, TooManyAttempts
    """
    try:
        normalized = address.normalize(email)
    except ValueError:
        raise InvalidValue("This is not a mail address.", param="email") from None
    if len(name) > LONGEST_NAME:
        raise InvalidValue(f"A name has at most {LONGEST_NAME} characters.", param="name")
    name = names.visible(name.strip())
    if len(message) > LONGEST_MESSAGE:
        raise InvalidValue(f"At most {LONGEST_MESSAGE:,} characters, please.", param="message")
    async with transaction(desk.pool) as connection:
        network = f"access-request-network:{network_of(client.origin)}"
        await throttle.count(connection, [(network, _PER_NETWORK), ("access-request", _OF_ALL)])
        kept = await store.put_request(connection, new_id(), email.strip(), normalized, name, message.strip())
        await audit.record(
            connection, desk.actor("system:arrival", client.origin), "access.ask", show("acr", kept.access_request_id)
        )


async def requests(connection: Connection, *, limit: int = 200) -> list[AccessRequest]:
    """Return who asks and has no account yet, newest first."""
    return await store.requests(connection, limit)
