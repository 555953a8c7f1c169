"""The audit log as it is read: by what is asked for, newest first, and through an index."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from omna.audit import reading
from omna.audit import service as audit
from omna.audit.model import Wanted
from omna.audit.service import Actor
from omna.observability.logs import request_bound

ANN, BOB = "usr_ann", "cli:bob"


@pytest.fixture
async def written(connection: asyncpg.Connection, actor: Actor) -> asyncpg.Connection:
    lines = [
        (ANN, "refund.approve", "rfd_1", "10.0.0.1", "req_1", {"credits": "5"}),
        (ANN, "refund.reject", "rfd_2", "10.0.0.1", "req_2", None),
        (BOB, "refundable.look", "rfd_1", "host", None, None),
        (BOB, "model.price", "alpha", "host", None, {"note": "Straße 100%"}),
        (ANN, "model.price", "beta", "10.0.0.2", "req_3", None),
    ]
    for name, action, subject, origin, request, after in lines:
        with nullcontext() if request is None else request_bound(request):
            await record(connection, Actor(name, origin, actor.key), action, subject, after)
    return connection


async def record(connection: asyncpg.Connection, actor: Actor, action: str, subject: str, after: Any) -> None:
    async with connection.transaction():
        await audit.record(connection, actor, action, subject, reason="because", after=after)


async def numbers(connection: asyncpg.Connection, **wanted: Any) -> list[int]:
    rows, following = await reading.page(connection, Wanted(**wanted), None, 50)
    assert following is None
    return [row.seq for row in rows]


async def test_rows_are_found_by_every_wish(written: asyncpg.Connection) -> None:
    assert await numbers(written) == [5, 4, 3, 2, 1]
    assert await numbers(written, actor=ANN) == [5, 2, 1]
    assert await numbers(written, action="model.price") == [5, 4]
    assert await numbers(written, noun="refund") == [2, 1]
    assert await numbers(written, subject="rfd_1") == [3, 1]
    assert await numbers(written, origin="host") == [4, 3]
    assert await numbers(written, request_id="req_2") == [2]
    assert await numbers(written, text="STRASSE 100%") == []
    assert await numbers(written, text="straße 100%") == [4]
    assert await numbers(written, text='"credits": "5"') == [1]
    assert await numbers(written, actor=ANN, noun="model", text="because") == [5]
    now = await written.fetchval("SELECT clock_timestamp()")
    assert await numbers(written, start=now) == []
    assert await numbers(written, end=now) == [5, 4, 3, 2, 1]
    second = await written.fetchval("SELECT at FROM audit_log WHERE seq = 2")
    assert await numbers(written, end=second) == [1]
    assert await numbers(written, start=second, end=now + timedelta(days=1)) == [5, 4, 3, 2]
    assert await reading.actions(written) == ["model.price", "refund.approve", "refund.reject", "refundable.look"]


async def test_pages_follow_one_another(written: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, below = [], None
    while True:
        rows, below = await reading.page(written, Wanted(), below, 2)
        seen += [row.seq for row in rows]
        if below is None:
            break
    assert seen == [5, 4, 3, 2, 1]
    # A text is looked for among a bounded number of rows: the page is short, and there is a next one.
    monkeypatch.setattr(reading, "WINDOW", 1)
    monkeypatch.setattr(reading, "WINDOWS", 2)
    rows, below = await reading.page(written, Wanted(text="rfd_1"), None, 2)
    assert ([row.seq for row in rows], below) == ([], 4)
    rows, below = await reading.page(written, Wanted(text="rfd_1"), below, 2)
    assert ([row.seq for row in rows], below) == ([3], 2)
    rows, below = await reading.page(written, Wanted(text="rfd_1"), below, 2)
    assert ([row.seq for row in rows], below) == ([1], None)


async def test_a_large_log_is_read_through_an_index(connection: asyncpg.Connection, database_url: str) -> None:
    owner = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    try:
        await owner.execute(
            """INSERT INTO audit_log (seq, at, actor, action, subject, origin, request_id, mac)
               SELECT n, timestamptz '2026-01-01' + n * interval '1 minute', 'usr_' || n % 5000,
                      CASE WHEN n % 1000 = 0 THEN 'provider.cap' ELSE 'user.sign_in' END, 'usr_' || n % 5000,
                      '10.0.' || n % 200 || '.1', 'req_' || n, sha256('x')
               FROM generate_series(1, 50000) AS n"""
        )
        await owner.execute("ANALYZE audit_log")
    finally:
        await owner.close()
    statements = []
    connection.add_query_logger(lambda query: statements.append(query))
    await numbers(connection, actor="usr_7")
    page = next(one for one in statements if "ORDER BY seq DESC LIMIT" in one.query)
    for position, value, index in (
        (3, "usr_7", "audit_log_by_actor"), (4, "provider.cap", "audit_log_by_action"),
        (5, "provider", "audit_log_by_noun"), (6, "usr_7", "audit_log_by_subject"), (8, "req_7", "audit_log_by_request"),
    ):  # fmt: skip
        arguments: list[Any] = [50_001, 0, *[None] * 9, 51]
        arguments[position - 1] = value
        await connection.execute("SET plan_cache_mode = force_custom_plan")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {literal(page.query, arguments)}"))
        assert index in plan, plan
        assert "Seq Scan" not in plan, plan
    # From and to are numbers before they are moments.
    start = await connection.fetchval("SELECT timestamptz '2026-01-10'")
    assert len(await numbers(connection, start=start, end=start + timedelta(minutes=9))) == 9


def literal(query: str, arguments: list[Any]) -> str:
    for number, value in reversed(list(enumerate(arguments, 1))):
        query = query.replace(
            f"${number}", "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)
        )
    return query
