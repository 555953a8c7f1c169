"""Whether pages invite strangers to make an account, or to ask for access. Decided elsewhere; this is for display."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from omna.accounts import policy
from omna.accounts.desk import desk_of
from omna.accounts.policy import SignUpMode
from omna.clock import monotonic
from omna.config import Accounts
from omna.db.pool import borrow
from omna.errors import OmnaError

#: How long a page that many strangers open shows what was true before.
_SECONDS = 5.0


async def mode(request: Request, settings: Accounts) -> SignUpMode:
    """Return who may make an account; without a database, as it is configured."""
    try:
        async with borrow(desk_of(request).pool) as connection:
            return (await policy.effective(connection, settings)).sign_up
    except OmnaError:
        return settings.sign_up


def remembered(settings: Accounts) -> Callable[[Request], Awaitable[SignUpMode]]:
    """Return `mode` that asks the database every few seconds at most."""
    known: SignUpMode = settings.sign_up
    until = 0.0

    async def ask(request: Request) -> SignUpMode:
        nonlocal known, until
        if monotonic() >= until:
            until = monotonic() + _SECONDS
            known = await mode(request, settings)
        return known

    return ask
