"""Wallets, and a connection with every right, for damage that no role of the product can do."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.money import Nanocredits

OpenWallet = Callable[[int], Awaitable[WorkspaceId]]


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()


@pytest.fixture
def open_wallet(connection: asyncpg.Connection) -> OpenWallet:
    """Open a wallet with so many paid nanocredits."""

    async def open_wallet(paid: int) -> WorkspaceId:
        workspace_id = WorkspaceId(new_id())
        async with connection.transaction():
            await ledger.open_wallet(connection, workspace_id)
            if paid:
                await ledger.recharge(
                    connection,
                    transfer_id=TransferId(new_id()),
                    workspace_id=workspace_id,
                    amount=Nanocredits(paid),
                    actor="test",
                    reason="setup",
                )
        return workspace_id

    return open_wallet
