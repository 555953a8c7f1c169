"""A worker's metrics say how the installation stands."""

import asyncio
import urllib.request

import asyncpg
import pytest

from omna.config import Server
from omna.worker import standing, traffic
from omna.worker.watching import Watch
from tests.harness.replica import free_port


def scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    return text


@pytest.fixture
async def troubled(database_url: str) -> None:
    """A database in trouble: a hold whose gateway died, an open breaker, an alert, mails and events that wait."""
    administrator = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    try:
        await administrator.execute(
            """INSERT INTO holds (workspace_id, hold_id, paid, promo, lease_until, created_at)
               VALUES (gen_random_uuid(), gen_random_uuid(), 5, 0, now() - interval '1 minute',
                       now() - interval '90 seconds');
               INSERT INTO providers (provider_id, name, kind, base_url)
               VALUES ('00000000-0000-7000-8000-000000000001', 'acme', 'openai', 'https://acme.example');
               INSERT INTO provider_breakers (process_id, provider_id, upstream_model, state, open_until)
               SELECT gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'm', 'open', now() FROM generate_series(1, 2);
               INSERT INTO alerts (alert_id, kind, subject, severity, message, facts)
               VALUES (gen_random_uuid(), 'ledger.broken', 'books', 'critical', 'x', '{}');
               INSERT INTO payment_events (event_key, processor, external_id, kind, livemode, payload, state)
               VALUES (gen_random_uuid(), 'stripe', 'evt_1', 'x', true, '{}', 'failed');"""
        )
    finally:
        await administrator.close()


async def test_numbers_are_those_of_the_database(troubled: None, connection: asyncpg.Connection) -> None:
    now = await standing.read(connection)
    assert (now.holds, now.lapsed, now.events_failed) == (1, 1, 1)
    assert 90 <= now.oldest_hold < 600
    assert now.breakers == {("acme", "open"): 2}
    assert now.alerts == {("ledger.broken", "critical"): 1}
    assert (now.unsealed, now.unsealed_age, now.ledger_checked, now.ledger_broken) == (0, 0, None, False)
    assert now.connections >= 1
    assert now.database_bytes > 0


async def test_large_tables_are_entered_by_an_index(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plans = [
            "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}", most))
            for statement, most in (
                (standing._COUNTS, standing.MOST_UNSEALED),
                (traffic._OUTCOMES, 60.0),
                (traffic._SUMS, 60.0),
            )
        ]
    assert "transfers_by_time" in plans[0]
    for plan in plans[1:]:
        # Months that are over are not looked into.
        assert "Index Cond: (request_id >=" in plan or "Index Cond: (requests" in plan, plan
        assert "Seq Scan" not in plan


async def test_an_old_lapse_is_seen_by_whoever_scrapes_the_worker(troubled: None, pool: asyncpg.Pool) -> None:
    port = free_port()
    watch = Watch(pool, Server(worker_metrics_port=port))
    watch.start()
    try:
        await watch.turn()
        text = await asyncio.to_thread(scrape, port)
    finally:
        await watch.close()
    assert "omna_holds_lapsed 1.0" in text
    assert 'omna_breaker_processes{provider="acme",state="open"} 2.0' in text
    assert 'omna_alerts_unseen{kind="ledger.broken",severity="critical"} 1.0' in text
    assert float(text.split("\nomna_process_memory_bytes ")[1].split()[0]) > 1e6


async def test_a_port_that_is_taken_stops_no_worker(pool: asyncpg.Pool) -> None:
    port = free_port()
    first, second = (Watch(pool, Server(worker_metrics_port=port)) for _ in range(2))
    first.start()
    second.start()
    assert second.server is None
    await second.close()
    await first.close()
