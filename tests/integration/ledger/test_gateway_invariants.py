"""Every kind of damage between running requests, usage rows, limits and the ledger is found by gateway/verify.sql."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import omna.gateway
from omna.ids import TransferId, new_id
from omna.ledger import service as ledger
from omna.ledger.verification import findings, read_invariants
from omna.money import Nanocredits
from omna.workspaces.service import Workspace
from tests.property.test_requests import ADMIT, SETTLE, USAGE

INVARIANTS = read_invariants(Path(omna.gateway.__file__).with_name("verify.sql"))
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)

BOTH = {"spend_matches", "member_spend_matches"}
DAMAGE = [
    ("running_match", "UPDATE running_requests SET amount = amount + 1", BOTH),
    ("running_match", "DELETE FROM running_requests", BOTH),
    ("running_match", "DELETE FROM holds", set()),
    ("usage_matches", "UPDATE requests SET charge = charge + 1", BOTH),
    ("usage_matches", "DELETE FROM requests", BOTH),
    ("spend_matches", "UPDATE workspace_spend SET held = held + 1", set()),
    ("spend_matches", "UPDATE workspace_spend SET spent = spent - 1", set()),
    ("member_spend_matches", "UPDATE chat_spend SET held = held + 1", set()),
    ("member_spend_matches", "UPDATE chat_spend SET spent = spent - 1", set()),
    (
        "member_spend_matches",
        "INSERT INTO key_spend (workspace_id, key_id, day, held) SELECT workspace_id, user_id, day - 1, 1 FROM chat_spend",
        set(),
    ),
    ("sums_match", "UPDATE usage_state SET summed_until = now() + interval '1 hour'", set()),
    (
        "sums_match",
        """UPDATE usage_state SET summed_until = '2020-01-02Z';
           INSERT INTO usage_sums SELECT workspace_id, 'd', '2020-01-01Z', 1, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 'api',
                  'completed', 'small' FROM wallets""",
        set(),
    ),
]


async def admit(connection: asyncpg.Connection, workspace: Workspace, amount: int) -> UUID:
    request_id, some = new_id(), new_id()
    version = await connection.fetchval("SELECT version FROM catalog_state")
    arguments: list[Any] = [
        [request_id], [request_id], [None], [workspace.workspace_id], ["chat"], ["small"], [some], ["example"], [some], [some],
        [amount], [amount], [version], [FUTURE], [1], [False], [workspace.personal_user_id],
    ]  # fmt: skip
    rows = await connection.fetch(ADMIT, some, timedelta(minutes=1), *arguments)
    assert [row["verdict"] for row in rows] == ["admitted"]
    return request_id


@pytest.fixture
async def served(connection: asyncpg.Connection, workspace: Workspace) -> None:
    """A workspace with a settled request and a running one."""
    async with connection.transaction():
        await ledger.recharge(
            connection, transfer_id=TransferId(new_id()), workspace_id=workspace.workspace_id,
            amount=Nanocredits(100), actor="test", reason="setup",
        )  # fmt: skip
    request_id = await admit(connection, workspace, 30)
    await admit(connection, workspace, 20)
    codes = await connection.fetch(
        SETTLE, [request_id], [workspace.workspace_id], [new_id()], [12], [12], [USAGE], False
    )
    assert [row["code"] for row in codes] == ["settled"]
    assert await findings(connection, INVARIANTS) == []
    assert await ledger.verify(connection) == []


def test_every_invariant_has_damage_it_must_find() -> None:
    assert {name for name, _, _ in DAMAGE} == {invariant.name for invariant in INVARIANTS}


@pytest.mark.parametrize(("name", "statement", "others"), DAMAGE)
async def test_damage_is_found(
    served: None,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    name: str,
    statement: str,
    others: set[str],
) -> None:
    await superuser.execute(statement)
    assert {finding.invariant for finding in await findings(connection, INVARIANTS)} == {name} | others


async def test_charges_of_usage_rows_are_the_revenue_of_the_ledger(
    served: None, connection: asyncpg.Connection
) -> None:
    revenue = await connection.fetchval("SELECT sum(amount)::bigint FROM entries WHERE account = 'revenue'")
    assert revenue == await connection.fetchval("SELECT sum(charge)::bigint FROM requests") == 12
