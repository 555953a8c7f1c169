"""The watch over the platform's own machinery."""

from typing import Any

import asyncpg
import pytest

from omna.payments.checkout.polling import Differences
from omna.worker import payments
from omna.worker import protection as jobs


async def told(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    rows = await connection.fetch("SELECT kind, subject FROM alerts WHERE state <> 'resolved' ORDER BY kind, subject")
    return [tuple(row) for row in rows]


async def test_what_stands_still_is_told_until_it_moves(pool: asyncpg.Pool, connection: asyncpg.Connection) -> None:
    look = jobs.watch_operations(["mail-send", "usage-mend"])
    await look(pool)
    assert await told(connection) == []
    await connection.execute(
        "INSERT INTO mail_outbox (mail_id, kind, recipient, language, subject, text, html, created_at, expires_at)"
        " VALUES (gen_random_uuid(), 'x', 'a@example.com', 'en', 's', 't', 'h', now() - interval '2 hours', now())"
    )
    for name, late in (("mail-send", 11), ("usage-mend", 9), ("removed", 1000)):
        await connection.execute(
            "INSERT INTO pgqueuer_schedules (expression, entrypoint, next_run)"
            " VALUES ('* * * * *', $1, now() - make_interval(mins => $2))",
            name,
            late,
        )
    await connection.execute(
        "INSERT INTO refused_deliveries (day, processor, cause, count)"
        " VALUES (timezone('UTC', now())::date, 'stripe', 'forged', 12), (timezone('UTC', now())::date, 'stripe', 'stale', 8),"
        " (timezone('UTC', now())::date - 1, 'sandbox', 'forged', 900)"
    )
    await look(pool)
    assert await told(connection) == [
        ("jobs.overdue", "mail-send"),
        ("mail.stuck", "outbox"),
        ("payments.refused", "stripe"),
    ]
    await connection.execute("UPDATE mail_outbox SET state = 'kept'")
    await connection.execute("UPDATE pgqueuer_schedules SET next_run = now()")
    await connection.execute("UPDATE refused_deliveries SET day = day - 1")
    await look(pool)
    assert await told(connection) == []


async def test_a_clock_that_is_wrong_is_told(
    pool: asyncpg.Pool, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = jobs.watch_operations([])
    true_time = jobs.time.time
    with monkeypatch.context() as patch:
        patch.setattr(jobs.time, "time", lambda: true_time() - 3)
        await look(pool)
    [(kind, _)] = await told(connection)
    assert kind == "clock.skewed"
    await look(pool)
    assert await told(connection) == []


async def test_lists_that_do_not_agree_are_told(connection: asyncpg.Connection) -> None:
    async def compared(found: Differences) -> Any:
        async with connection.transaction():
            await payments._tell(connection, "stripe", found)
        return await told(connection)

    assert await compared(Differences(["pi_1"], [], 0)) == [("payments.differ", "stripe")]
    assert await compared(Differences([], [], 5)) == []
