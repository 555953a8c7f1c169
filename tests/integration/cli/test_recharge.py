"""`omna recharge …`: what an operator sees of orders without the console."""

from pathlib import Path

import asyncpg
import pytest

from omna.audit.service import Actor
from omna.ids import show
from omna.workspaces.service import Workspace
from tests.harness.recharges import order
from tests.integration.cli.test_commands import Shell


@pytest.fixture
def omna(database_url: str, tmp_path: Path) -> Shell:
    return Shell(database_url, tmp_path)


async def test_orders_are_listed_and_read_on_record(
    omna: Shell, connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    waiting, other = [await order(connection, workspace.workspace_id, actor) for _ in range(2)]
    await connection.execute(
        "UPDATE recharges SET state = 'submitted', submitted_at = now() WHERE recharge_id = $1", waiting.recharge_id
    )
    [row] = (await omna("recharge", "list", "--json")).json
    assert (row["reference"], row["total"], row["credits"]) == (waiting.reference, "100.00 USD", "100")
    assert len((await omna("recharge", "list", "--all", "--json")).json) == 2
    [found] = (await omna("recharge", "list", "--all", "--find", other.reference.lower(), "--json")).json
    assert found["state"] == "awaiting_proof"
    assert waiting.reference in (await omna("recharge", "list")).output
    assert (await omna("recharge", "list", "--state", "paid")).code == 1
    shown = (await omna("recharge", "show", row["recharge"], "--json")).json
    assert [step["step"] for step in shown["steps"]] == ["created"]
    assert waiting.reference in (await omna("recharge", "show", row["recharge"])).output
    assert (await omna("recharge", "show", show("rch", workspace.workspace_id))).code == 1
    assert await connection.fetchval("SELECT count(*) FROM audit_log WHERE action = 'recharge.read'") == 2
