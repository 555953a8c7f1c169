"""What is booked stays booked: nobody changes it, and whoever gets around that is found."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from omna.ledger import service as ledger
from tests.integration.ledger.conftest import OpenWallet
from tests.integration.ledger.test_booking import grant
from tests.integration.ledger.test_holds import held_one, settle

IMMUTABLE = {"transfers": "reason = 'x'", "entries": "amount = amount + 1", "ledger_blocks": "transfers = 0"}
CHANGES = [
    *(f"UPDATE {table} SET {change}" for table, change in IMMUTABLE.items()),
    *(f"DELETE FROM {table}" for table in IMMUTABLE),
    *(f"TRUNCATE {table} CASCADE" for table in IMMUTABLE),
]


@pytest.fixture
async def booked(connection: asyncpg.Connection, open_wallet: OpenWallet) -> None:
    """A ledger that has seen everything: paid and promo, an open hold and a settled one, and a sealed block."""
    workspace_id = await open_wallet(100)
    await grant(connection, workspace_id, 20)
    await held_one(connection, workspace_id, 30)
    hold_id = await held_one(connection, workspace_id, 30)
    await settle(connection, workspace_id, hold_id, 12)
    assert (await ledger.seal(connection)).transfers == 5
    assert await ledger.verify(connection) == []


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """The role that owns the tables and may do to them what no trigger refuses."""
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "role": "omna_owner"})
    yield opened
    opened.terminate()


async def test_runtime_role_may_not_change_what_is_booked(booked: None, connection: asyncpg.Connection) -> None:
    for statement in CHANGES:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_owner_is_stopped_by_triggers(booked: None, owner: asyncpg.Connection) -> None:
    for statement in CHANGES:
        with pytest.raises(asyncpg.RestrictViolationError, match="never changed or removed"):
            await owner.execute(statement)


@pytest.mark.parametrize("mode", ["origin", "replica"])
async def test_superuser_is_stopped_too_also_when_replicating(
    booked: None, connection: asyncpg.Connection, superuser: asyncpg.Connection, mode: str
) -> None:
    await superuser.execute(f"SET session_replication_role = {mode}")
    for statement in CHANGES:
        with pytest.raises(asyncpg.RestrictViolationError):
            await superuser.execute(statement)
    assert await ledger.verify(connection) == []


async def test_runtime_role_may_only_read_the_tables_of_the_ledger(
    booked: None, connection: asyncpg.Connection
) -> None:
    tables = (
        "wallets", "transfers", "entries", "holds", "hold_promos", "promo_grants", "ledger_blocks", "ledger_fences",
        "ledger_rules",
    )  # fmt: skip
    for table in tables:
        rights = await connection.fetch(
            "SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p"
            " WHERE has_table_privilege($1, p)",
            table,
        )
        assert [row["p"] for row in rights] == ["SELECT"], table


async def test_runtime_role_may_not_post_by_itself(connection: asyncpg.Connection) -> None:
    granted = {
        row["proname"]
        for row in await connection.fetch(
            "SELECT p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
            " WHERE n.nspname = 'omna' AND p.prosecdef AND p.proname LIKE 'ledger%'"
            " AND has_function_privilege('omna_runtime', p.oid, 'EXECUTE')"
        )
    }
    assert granted == {
        "ledger_open_wallet", "ledger_lock", "ledger_hold", "ledger_resolve", "ledger_transfer",
        "ledger_expire_promos", "ledger_fence", "ledger_seal",
        "ledger_store_lines", "ledger_correct", "ledger_give_up", "ledger_withdraw_promo",
    }  # fmt: skip
