"""The job that puts the end of viewings on record which nobody ended by hand."""

from collections.abc import Awaitable, Callable

from omna.accounts import viewing
from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.jobs.periodic import Pool
from omna.vault import service as vault
from omna.vault.keyring import Purpose


def end_viewings(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that ends viewings whose time, console or session is over."""

    async def end(pool: Pool) -> None:
        async with borrow(pool) as connection:
            keyring = await vault.open_keyring(connection, settings)
        actor = Actor("system:viewings", "", keyring.derive(Purpose.AUDIT_CHAIN))
        ended = viewing.BATCH
        while ended >= viewing.BATCH:
            async with transaction(pool) as connection:
                ended = await viewing.end_over(connection, actor=actor)

    return end
