"""Sums by provider: what was answered, and what failed on the way."""

import asyncpg
import msgspec

from omna.ids import first_id_at, new_id

_ATTEMPTS = [
    {"provider_name": "first", "status": 503, "kind": "status", "latency": 10},
    {"provider_name": "first", "status": 400, "kind": "status", "latency": 10},
    {"provider_name": "gone", "status": 503, "kind": "status", "latency": 10},
]


async def test_calls_count_what_failed_before_another_provider_answered(
    superuser: asyncpg.Connection, connection: asyncpg.Connection
) -> None:
    first, second = new_id(), new_id()
    for provider_id, name in ((first, "first"), (second, "second")):
        await superuser.execute(
            "INSERT INTO providers (provider_id, name, kind, base_url) VALUES ($1, $2, 'openai', 'https://a.example')",
            provider_id,
            name,
        )
    hour = await connection.fetchval("SELECT date_trunc('hour', now() - interval '3 hours', 'UTC')")
    workspace = new_id()
    for number, (provider_id, outcome, attempts) in enumerate(
        (
            (second, "completed", _ATTEMPTS),
            (second, "interrupted", None),
            (first, "failed", _ATTEMPTS[:1]),
            (first, "completed", None),
        )
    ):
        request_id = type(first)(int=first_id_at(hour).int + number)
        await superuser.execute(
            "INSERT INTO requests (workspace_id, request_id, provider_id, route_id, price_version_id, settled_at, held,"
            " charge, unrounded, provider_charge, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens,"
            " reasoning_tokens, first_delta_ms, duration_ms, outcome, streamed, estimated, source, model_id, attempts)"
            " VALUES ($1, $2, $3, $1, $1, now(), 10, 10, 10, 4, 1, 1, 0, 0, 0, 5, 7, $4, false, false, 'api', 'm', $5)",
            workspace,
            request_id,
            provider_id,
            outcome,
            None if attempts is None else msgspec.json.encode(attempts).decode(),
        )
    assert await connection.fetchval("SELECT usage_roll_up()") is not None
    rows = await connection.fetch("SELECT * FROM provider_sums WHERE grain = 'h' AND start = $1", hour)
    found = {row["provider_id"]: row for row in rows}
    assert [found[first][name] for name in ("calls", "failures", "requests", "charge")] == [4, 2, 2, 20]
    assert [found[second][name] for name in ("calls", "failures", "requests", "provider_charge")] == [2, 1, 2, 8]
    # Summed again, an hour is what it was.
    await superuser.execute("DELETE FROM usage_sums")
    assert await connection.fetchval("SELECT usage_mend($1)", hour) == 1
    again = await connection.fetch("SELECT * FROM provider_sums WHERE grain = 'h' AND start = $1", hour)
    assert {row["provider_id"]: row for row in again} == found
