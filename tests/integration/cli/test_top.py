"""`omna top` on a database with something to see."""

import json
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from rich.console import Console

from omna import processes
from omna.cli.session import Options
from omna.cli.top import top
from omna.cli.top_reading import as_json, look
from omna.cli.top_screen import screen
from omna.config import Database
from omna.db.pool import open_connection
from omna.observability.exposition import serve_registry
from omna.observability.metrics import Metrics

PROVIDER = "00000000-0000-7000-8000-000000000001"


@pytest.fixture
async def busy(database_url: str) -> AsyncIterator[str]:
    """Four requests a moment ago, one hold, a provider near its cap with an open breaker, a stop, an alert."""
    administrator = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    try:
        await administrator.execute(
            f"""INSERT INTO providers (provider_id, name, kind, base_url, daily_cap)
                VALUES ('{PROVIDER}', 'acme', 'openai', 'https://acme.example', 1000000000);
                INSERT INTO provider_cost (provider_id, day, spent) VALUES ('{PROVIDER}', timezone('UTC', now())::date, 900000000);
                INSERT INTO provider_breakers (process_id, provider_id, upstream_model, state, open_until)
                VALUES (gen_random_uuid(), '{PROVIDER}', 'm', 'open', now());
                INSERT INTO holds (workspace_id, hold_id, paid, promo, lease_until, created_at)
                VALUES (gen_random_uuid(), gen_random_uuid(), 5, 0, now() + interval '1 minute', now() - interval '7 s');
                INSERT INTO stops (scope, reason, actor) VALUES ('model:acme/x', 'a test', 'tester');
                INSERT INTO alerts (alert_id, kind, subject, severity, message, facts)
                VALUES (gen_random_uuid(), 'provider.cap', 'acme', 'warning', 'x', '{{}}');
                INSERT INTO requests (workspace_id, request_id, provider_id, route_id, price_version_id, settled_at, held,
                    charge, unrounded, provider_charge, prompt_tokens, completion_tokens, cached_tokens,
                    cache_write_tokens, reasoning_tokens, first_delta_ms, duration_ms, outcome, streamed, estimated,
                    source, model_id, error_code)
                SELECT gen_random_uuid(), (substr(first_id_at(now() - interval '5 s')::text, 1, 35) || n)::uuid, '{PROVIDER}', '{PROVIDER}', '{PROVIDER}', now(), 10, 500000000,
                    1, 250000000, 1, 1, 0, 0, 0, 100 * n, 1000 * n, CASE n WHEN 4 THEN 'failed' ELSE 'completed' END,
                    true, false, 'api', 'acme/m', CASE n WHEN 4 THEN 'provider_error' END
                FROM generate_series(1, 4) AS n;"""
        )
        yield database_url
    finally:
        await administrator.close()


async def test_everything_is_seen(busy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "a.jsonl").write_text("{}\n{}\n")
    metrics = Metrics()
    metrics.queue_is("admission", 3)
    server = serve_registry("127.0.0.1", 0, metrics.registry)
    monkeypatch.setattr(processes, "_part", "omna gateway")
    gateway = await open_connection(busy, Database())
    try:
        addresses = (f"http://127.0.0.1:{server.port}/metrics", "http://127.0.0.1:9/metrics")
        reading = await look(gateway, tmp_path, addresses)
    finally:
        server.close()
        await gateway.close()
    shown: dict[str, Any] = json.loads(json.dumps(as_json(reading)))
    assert shown["requests_per_second"] == 0.07
    assert shown["outcomes"] == {"completed": 3, "provider_error": 1}
    assert shown["seconds"]["p50"] == 2.5
    assert shown["first_output_seconds"]["p50"] == 0.25
    assert (shown["spent_per_minute"], shown["provider_cost_per_minute"]) == ("2", "1")
    assert shown["holds"]["open"] == 1
    assert 7 <= shown["holds"]["oldest_seconds"] < 300
    [provider] = shown["providers"]
    assert (provider["name"], provider["state"], provider["spent_today"]) == ("acme", "open", "0.9")
    assert shown["stops"] == ["model:acme/x"]
    assert shown["alerts"] == [{"kind": "provider.cap", "severity": "warning", "count": 1}]
    assert shown["processes"] == {"gateway": 1}
    assert shown["journal"] == 2
    assert shown["gateways"]["queues"] == {"admission": 3}
    assert shown["gateways"]["unread"] == ["http://127.0.0.1:9/metrics"]

    paper = StringIO()
    Console(file=paper, width=120).print(screen(reading))
    for words in ("1 gateway connected", "STOPPED: model:acme/x", "provider_error 1", "0.1/s", "2 settlements wait"):
        assert words in paper.getvalue()


async def test_command_needs_no_terminal(
    busy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMNA_DATABASE_URL", busy)
    await top(options=Options(json=True, data=tmp_path))
    assert json.loads(capsys.readouterr().out)["holds"]["open"] == 1
    await top(options=Options(data=tmp_path))
    assert "acme" in capsys.readouterr().out


async def test_an_empty_installation_can_be_watched(connection: asyncpg.Connection, tmp_path: Path) -> None:
    reading = await look(connection, tmp_path)
    assert as_json(reading)["seconds"] is None
    assert as_json(reading)["gateways"] is None
    paper = StringIO()
    Console(file=paper, width=120).print(screen(reading))
    assert "never checked" in paper.getvalue()
