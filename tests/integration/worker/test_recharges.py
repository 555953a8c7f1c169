"""The job that ends orders nobody acted on."""

from pathlib import Path

import asyncpg

from omna.audit import service as audit
from omna.audit.service import Actor
from omna.config import Settings
from omna.vault import service as vault
from omna.vault.keyring import Purpose
from omna.worker.recharges import expire_recharges
from omna.workspaces.service import Workspace
from tests.harness.recharges import order


async def test_orders_whose_time_is_over_end_on_record(
    pool: asyncpg.Pool, connection: asyncpg.Connection, workspace: Workspace, actor: Actor, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path)
    keyring = await vault.open_keyring(connection, settings)
    late = await order(connection, workspace.workspace_id, actor)
    await connection.execute("UPDATE recharges SET expires_at = now()")
    await order(connection, workspace.workspace_id, actor)
    await order(connection, workspace.workspace_id, actor, channel="checkout")
    for _ in range(2):
        await expire_recharges(settings)(pool)
    states = await connection.fetch("SELECT recharge_id, state FROM recharges ORDER BY recharge_id")
    assert [row["state"] for row in states] == ["expired", "awaiting_proof", "created"]
    assert states[0]["recharge_id"] == late.recharge_id
    keys = [actor.key, keyring.derive(Purpose.AUDIT_CHAIN)]
    assert await audit.verify(connection, keys) == []
