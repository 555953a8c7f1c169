import asyncio
from typing import Any

import asyncpg

from omna.alerts import service as alerts
from omna.alerts.model import Alert, State
from omna.gateway.alert_count import AlertCount
from omna.ids import AlertId
from omna.observability.metrics import Metrics


async def up(
    connection: asyncpg.Connection, subject: str = "openai", severity: Any = "warning", **facts: Any
) -> AlertId:
    async with connection.transaction():
        return await alerts.raise_alert(
            connection, "provider.cap", subject, severity=severity, facts=facts, message=f"{subject} nears its cap"
        )


async def down(connection: asyncpg.Connection, subject: str = "openai") -> AlertId | None:
    async with connection.transaction():
        return await alerts.resolve(connection, "provider.cap", subject)


async def seen(connection: asyncpg.Connection, alert_id: AlertId) -> Alert:
    found = await alerts.get(connection, alert_id)
    assert found is not None
    return found


async def told(connection: asyncpg.Connection, minutes_ago: int = 0) -> None:
    await connection.execute(
        "UPDATE alerts SET notices = 1, next_notice_at = NULL, last_notice_at = now() - make_interval(mins => $1)",
        minutes_ago,
    )


async def test_more_of_the_same_counts(connection: asyncpg.Connection) -> None:
    first = await up(connection, percent=80)
    await told(connection)
    assert await up(connection, percent=85) == first
    alert = await seen(connection, first)
    assert (alert.count, alert.facts, alert.state) == (2, {"percent": 85}, State.OPEN)
    assert alert.next_notice_at is None
    assert await up(connection, "anthropic") != first


async def test_a_severity_rises_and_never_falls(connection: asyncpg.Connection) -> None:
    alert_id = await up(connection)
    await told(connection)
    await connection.execute(
        "UPDATE alerts SET state = 'acknowledged', acknowledged_at = now(), acknowledged_by = 'usr_1'"
    )
    await up(connection, severity="info")
    alert = await seen(connection, alert_id)
    assert (alert.severity, alert.state, alert.next_notice_at) == ("warning", State.ACKNOWLEDGED, None)
    await up(connection, severity="critical")
    alert = await seen(connection, alert_id)
    assert (alert.severity, alert.state, alert.acknowledged_by) == ("critical", State.OPEN, None)
    assert alert.next_notice_at is not None


async def test_the_end_is_told_when_the_beginning_was(connection: asyncpg.Connection) -> None:
    quiet = await up(connection)
    assert await down(connection) == quiet
    assert (await seen(connection, quiet)).next_notice_at is None
    loud = await up(connection, "anthropic")
    await told(connection)
    await down(connection, "anthropic")
    assert (await seen(connection, loud)).next_notice_at is not None
    assert await down(connection, "anthropic") is None


async def test_one_that_comes_back_soon_is_the_same(connection: asyncpg.Connection) -> None:
    first = await up(connection)
    await told(connection)
    await down(connection)
    assert await up(connection) == first
    alert = await seen(connection, first)
    assert alert.state is State.OPEN
    assert alert.last_notice_at is not None
    assert alert.next_notice_at is not None
    assert (alert.next_notice_at - alert.last_notice_at).total_seconds() == 600
    await down(connection)
    await connection.execute("UPDATE alerts SET resolved_at = resolved_at - interval '31 minutes'")
    assert await up(connection) != first


async def test_what_is_no_longer_true_ends(connection: asyncpg.Connection) -> None:
    for subject in ("a", "b", "c"):
        await up(connection, subject)
    async with connection.transaction():
        assert await alerts.resolve_others(connection, "provider.cap", {"b"}) == 2
    left = await connection.fetch("SELECT subject FROM alerts WHERE state = 'open'")
    assert [row["subject"] for row in left] == ["b"]


async def test_many_processes_make_one_alert(pool: asyncpg.Pool) -> None:
    async def one() -> AlertId:
        async with pool.acquire() as connection:
            return await up(connection)

    assert len(set(await asyncio.gather(*(one() for _ in range(8))))) == 1
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT count FROM alerts") == 8


async def test_open_alerts_are_a_metric(pool: asyncpg.Pool, connection: asyncpg.Connection) -> None:
    metrics = Metrics()
    count = AlertCount(pool, metrics)
    await up(connection, severity="critical")
    await up(connection, "anthropic")
    acknowledged = await up(connection, "gemini")
    async with connection.transaction():
        await alerts.acknowledge(connection, acknowledged, "usr_1")
    await count.turn()
    value = metrics.registry.get_sample_value
    found = {
        severity: value("omna_alerts_open", {"severity": severity}) for severity in ("critical", "warning", "info")
    }
    assert found == {"critical": 1, "warning": 1, "info": 0}
