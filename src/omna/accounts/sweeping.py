"""What is over and only takes room: ended sessions, links, challenges, journeys and grants, and tries long past."""

from omna.accounts import (
    factor_store,
    link_store,
    oauth_store,
    passkeys_store,
    session_store,
    step_up_store,
    throttle_store,
)
from omna.accounts.sessions import IDLE_SECONDS
from omna.db.pool import Connection

#: An address that nobody tried for so long begins anew.
_DAYS_OF_TRIES = 30
#: A link is kept for a while after its end, so that its page can be told from one that never was.
_DAYS_OF_LINKS = 7


async def sweep(connection: Connection) -> int:
    """Delete what is over, and return how many rows that were."""
    return (
        await session_store.sweep(connection, IDLE_SECONDS)
        + await factor_store.sweep_challenges(connection)
        + await link_store.sweep(connection, _DAYS_OF_LINKS)
        + await step_up_store.sweep(connection)
        + await passkeys_store.sweep(connection)
        + await oauth_store.sweep(connection)
        + await throttle_store.sweep(connection, _DAYS_OF_TRIES)
    )
