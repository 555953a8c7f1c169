"""The seeded workspace of the report benchmark: its books verify, and every page that is measured answers."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from benchmarks.reports import measure
from benchmarks.seeding import seed
from omna.db.embedded import EmbeddedServer
from omna.worker.books import verify_books
from omna.worker.ledger import store_lines
from omna.worker.usage import roll_up


async def test_a_seeded_workspace_verifies_and_every_page_answers(
    database_server: EmbeddedServer, database_url: str, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.reports.ROUNDS", 1)
    superuser = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    try:
        made = await seed(superuser, 3000, lambda _: None, datetime.now(UTC), timedelta(days=40))
        async with pool.acquire() as connection:
            assert await verify_books(connection) == []
        await roll_up(pool)
        await store_lines(pool)
        async with pool.acquire() as connection:
            assert await verify_books(connection) == []
        outcome = await measure(pool, made, database_server.process_id or 0)
        assert len(outcome.findings) > 30
    finally:
        await superuser.close()
