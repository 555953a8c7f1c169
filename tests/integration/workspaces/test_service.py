import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.config import Risk
from omna.errors import InvalidValue, NotFound
from omna.ids import new_id, show
from omna.ledger import service as ledger
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace


async def test_a_personal_workspace_has_its_owner_and_an_empty_wallet(
    connection: asyncpg.Connection, workspace: Workspace
) -> None:
    wallet = await ledger.wallet(connection, workspace.workspace_id)
    assert wallet.balance == 0
    member = await connection.fetchrow("SELECT user_id, role FROM members")
    assert member is not None
    assert (member["user_id"], member["role"]) == (workspace.personal_user_id, "owner")


async def test_the_default_daily_limit_is_the_settings(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        user = await accounts.create_user(connection, "bob@example.com", actor=actor)
        made = await workspaces.create_personal(
            connection, user.user_id, "Bob", risk=Risk(default_daily_limit="2.5"), actor=actor
        )
    assert made.daily_limit == 2_500_000_000


async def test_a_workspace_is_found_by_id_and_by_address(connection: asyncpg.Connection, workspace: Workspace) -> None:
    for text in (
        show("ws", workspace.workspace_id),
        str(workspace.workspace_id),
        workspace.workspace_id.hex,
        " ANN@example.com ",
    ):
        assert await workspaces.find(connection, text) == workspace


async def test_other_texts_find_nothing(connection: asyncpg.Connection, workspace: Workspace) -> None:
    for text in (show("ws", new_id()), "nobody@example.com"):
        with pytest.raises(NotFound):
            await workspaces.find(connection, text)
    for text in ("", "ann", show("key", workspace.workspace_id), "@"):
        with pytest.raises(InvalidValue):
            await workspaces.find(connection, text)
