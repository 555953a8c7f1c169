"""Orders for tests, made by the services themselves."""

import asyncpg

from omna.audit.service import Actor
from omna.config import Payments
from omna.ids import UserId, WorkspaceId, new_id, show
from omna.money import Nanocredits, parse_credits
from omna.payments.recharges import methods, service
from omna.payments.recharges.model import Recharge
from omna.payments.recharges.quote import Offer, offer_of
from omna.payments.recharges.service import Channel, Wish
from omna.uploads import content
from omna.uploads import service as uploads
from tests.harness import files

#: With the pretended checkout, so that both channels are there.
OFFER = offer_of(Payments(sandbox=True), "1", "2026-11")


async def order(
    connection: asyncpg.Connection,
    workspace_id: WorkspaceId,
    actor: Actor,
    *,
    amount: str = "100",
    channel: Channel = "manual",
    offer: Offer = OFFER,
) -> Recharge:
    """Make an order of a workspace. The connection is in no transaction."""
    method_id = None
    if channel == "manual":
        method_id = (await methods.offered(connection, offer.tariff.currency))[0].method_id
    wish = Wish(f"token-{new_id()}", channel, Nanocredits(parse_credits(amount)), method_id)
    async with connection.transaction():
        made, _ = await service.create(
            connection, wish, workspace_id=workspace_id, user_id=None, offer=offer, actor=actor
        )
    return made


async def upload(connection: asyncpg.Connection, workspace_id: WorkspaceId, user_id: UserId, width: int = 8) -> str:
    """Hand in a picture (the same width is the same file) and return its id. The connection is in no transaction."""
    async with connection.transaction():
        made = await uploads.add(connection, workspace_id, user_id, "proof.png", content.PNG, files.png(width))
    return show("upl", made.upload_id)
