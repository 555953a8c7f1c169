"""A workspace at a glance, for each role."""

import asyncpg
import pytest

from omna.ids import TransferId, new_id
from omna.ledger import service as ledger
from omna.money import Nanocredits
from tests.integration.usage.conftest import Browse, Tenant


@pytest.fixture
async def funded(connection: asyncpg.Connection, superuser: asyncpg.Connection, tenant: Tenant) -> None:
    async with connection.transaction():
        for number in range(7):
            await ledger.recharge(
                connection, transfer_id=TransferId(new_id()), workspace_id=tenant.workspace_id,
                amount=Nanocredits(10**9), actor="test", reason=f"number {number}",
            )  # fmt: skip
    await superuser.execute("UPDATE workspaces SET daily_limit = 5000000000")
    await superuser.execute(
        """INSERT INTO workspace_spend (workspace_id, day, spent, requests)
           VALUES ($1, timezone('UTC', now())::date, 1500000000, 3), ($1, timezone('UTC', now())::date - 1, 7, 7)""",
        tenant.workspace_id,
    )


async def test_an_owner_sees_balance_spend_and_the_last_five_lines(browse: Browse, funded: None) -> None:
    body = (await browse("/overview")).json()
    assert (body["available"], body["spent_today"], body["daily_limit"], body["requests_today"]) == ("7", "1.5", "5", 3)
    assert [line["description"] for line in body["lines"]] == [f"number {number}" for number in (6, 5, 4, 3, 2)]
    assert body["lines"][0]["balance_after"] == "7"
    assert body["resets_at"].endswith("T00:00:00.000Z")
    assert body["steps"] == {"verified": False, "has_key": True, "first_call": False, "first_chat": False}


async def test_a_member_sees_the_balance_and_no_line(
    browse: Browse, superuser: asyncpg.Connection, tenant: Tenant, funded: None
) -> None:
    await superuser.execute("UPDATE users SET email_verified_at = now() WHERE user_id = $1", tenant.bob)
    body = (await browse("/overview", role="member", user=tenant.bob)).json()
    assert (body["available"], body["lines"], body["steps"]["verified"]) == ("7", [], True)
