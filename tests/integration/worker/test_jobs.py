"""What each job does to a real ledger."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from omna import ids
from omna.config import Log
from omna.ids import TransferId, WorkspaceId
from omna.ledger import service as ledger
from omna.money import Nanocredits
from omna.observability import logs
from omna.worker.ledger import PROMO_BATCH, expire_promos, seal, verify
from omna.worker.usage import make_partitions


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(Log(format="json"), stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


def events(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def open_wallet(pool: asyncpg.Pool) -> WorkspaceId:
    workspace = WorkspaceId(ids.new_id())
    async with pool.acquire() as connection:
        await ledger.open_wallet(connection, workspace)
    return workspace


async def grant(pool: asyncpg.Pool, workspace: WorkspaceId, expires_at: datetime | None) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await ledger.grant_promo(
            connection,
            transfer_id=TransferId(ids.new_id()),
            workspace_id=workspace,
            amount=Nanocredits(5),
            expires_at=expires_at,
            actor="test",
            reason="a grant",
        )


async def test_seal_covers_everything_booked_and_names_the_head(pool: asyncpg.Pool, lines: io.StringIO) -> None:
    workspace = await open_wallet(pool)
    await grant(pool, workspace, None)
    await grant(pool, workspace, None)
    await seal(pool)
    head = await pool.fetchrow("SELECT height, digest, transfers FROM ledger_blocks ORDER BY height DESC LIMIT 1")
    assert head["transfers"] == 2
    [line] = events(lines)
    assert line["event"] == "ledger sealed"
    assert (line["height"], line["digest"]) == (head["height"], head["digest"].hex())

    await seal(pool)
    assert await pool.fetchval("SELECT max(height) FROM ledger_blocks") == head["height"]


async def test_expired_promos_are_swept_to_the_last_and_others_kept(pool: asyncpg.Pool, lines: io.StringIO) -> None:
    workspace = await open_wallet(pool)
    soon = datetime.now(UTC) + timedelta(milliseconds=300)
    for expires_at in (soon, soon, datetime.now(UTC) + timedelta(days=1), None):
        await grant(pool, workspace, expires_at)
    await pool.execute("SELECT pg_sleep(greatest(0, extract(epoch FROM $1 - clock_timestamp())))", soon)
    await expire_promos(pool)
    async with pool.acquire() as connection:
        assert (await ledger.wallet(connection, workspace)).available_promo == 10
        assert await ledger.verify(connection) == []
    assert sum(int(str(line["grants"])) for line in events(lines)) == 2
    assert PROMO_BATCH > 2


async def test_verify_reports_every_broken_row_as_an_error(
    pool: asyncpg.Pool, database_url: str, lines: io.StringIO
) -> None:
    workspace = await open_wallet(pool)
    await grant(pool, workspace, None)
    await verify(pool)
    assert [line["event"] for line in events(lines)] == ["ledger verified"]

    administrator = await asyncpg.connect(database_url)
    try:
        # Not even the owner can do this by accident; a superuser who switches the triggers off can.
        await administrator.execute("SET session_replication_role = replica")
        await administrator.execute("ALTER TABLE omna.wallets DISABLE TRIGGER USER")
        await administrator.execute(
            "UPDATE omna.wallets SET available_promo = available_promo + 1 WHERE workspace_id = $1", workspace
        )
    finally:
        await administrator.close()
    await verify(pool)
    broken = [line for line in events(lines) if line["event"] == "ledger invariant broken"]
    assert {"wallets_match"} <= {line["invariant"] for line in broken}
    assert all(line["level"] == "error" for line in broken)
    assert any(str(workspace) in str(line["subject"]) for line in broken)


async def test_partitions_exist_for_the_months_ahead(pool: asyncpg.Pool) -> None:
    await make_partitions(pool)
    await make_partitions(pool)
    partitions = await pool.fetchval(
        "SELECT count(*) FROM pg_inherits"
        " WHERE inhparent = 'requests'::regclass AND inhrelid::regclass::text LIKE 'requests\\_20%'"
    )
    assert partitions == 3
