"""The job that ends freezes."""

from collections.abc import Awaitable, Callable

from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.jobs.periodic import Pool
from omna.membership import notices
from omna.observability.logs import get_logger
from omna.risk import service as risk
from omna.vault import service as vault
from omna.vault.keyring import Purpose

logger = get_logger(__name__)


def end_freezes(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that ends freezes of workspaces and people that have reached their end, and tells them."""

    async def end(pool: Pool) -> None:
        async with borrow(pool) as connection:
            keyring = await vault.open_keyring(connection, settings)
        actor = Actor("system:risk", "", keyring.derive(Purpose.AUDIT_CHAIN))
        more = True
        while more:
            async with transaction(pool) as connection:
                ended = await risk.end_freezes(connection, actor=actor)
                for workspace_id in ended.workspaces:
                    await notices.tell_freeze(connection, workspace_id)
                for user_id in ended.people:
                    await notices.tell_user_freeze(connection, user_id)
            if ended.workspaces or ended.people:
                logger.info("freezes ended", workspaces=len(ended.workspaces), people=len(ended.people))
            more = bool(ended.workspaces or ended.people)

    return end
