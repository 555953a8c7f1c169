"""Protection on seeded numbers: who is told of, what is stopped, and what is left alone."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from omna.alerts import service as alerts
from omna.audit.service import Actor
from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.ids import first_id_at, new_id
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.risk import service as risk
from omna.risk.protection import service as protection
from omna.risk.protection.stopping import ACTOR
from omna.vault.keyring import Keyring
from omna.workspaces.service import Workspace

CREDIT = NANO_PER_CREDIT
CHANCE = random.Random(6)


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection with every right, for rows that requests would leave behind."""
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()


@pytest.fixture
def system(actor: Actor) -> Actor:
    return Actor(ACTOR, "", actor.key)


@pytest.fixture
async def providers(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> dict[str, UUID]:
    """Providers one and two; one has the models a, b and c, two has c."""
    found = {}
    async with connection.transaction():
        for name in ("one", "two"):
            provider = await catalog.add_provider(
                connection, name, kind="openai", base_url=f"https://{name}.example.com/v1", secret=None,
                allow_private=False, keyring=keyring, actor=actor,
            )  # fmt: skip
            found[name] = provider.provider_id
        for model in ("a", "b", "c"):
            await catalog.add_model(
                connection,
                model,
                provider="one",
                upstream_model=model,
                prices=rates(2, 2),
                costs=rates(1, 1),
                actor=actor,
            )
        await catalog.add_model(
            connection, "c", provider="two", upstream_model="c", prices=rates(2, 2), costs=rates(1, 1), actor=actor
        )
    return found


async def called(
    owner: asyncpg.Connection,
    workspace: Workspace,
    provider_id: UUID,
    model: str,
    count: int,
    *,
    outcome: str = "completed",
    cost: int = 0,
    ago: timedelta = timedelta(seconds=30),
) -> None:
    """Leave rows of settled requests."""
    moment = datetime.now(UTC) - ago
    names = [
        "workspace_id",
        "request_id",
        "provider_id",
        "route_id",
        "price_version_id",
        "settled_at",
        "held",
        "charge",
        "unrounded",
        "provider_charge",
        "prompt_tokens",
        "completion_tokens",
        "cached_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
        "duration_ms",
        "outcome",
        "streamed",
        "estimated",
        "source",
        "model_id",
    ]
    records = [
        (workspace.workspace_id, UUID(int=first_id_at(moment).int + CHANCE.getrandbits(60)), provider_id, new_id(), new_id(),
         moment, 0, cost, cost * 10**6, cost, 1, 1, 0, 0, 0, 5, outcome, False, False, "api", model)
        for _ in range(count)
    ]  # fmt: skip
    await owner.copy_records_to_table("requests", schema_name="omna", columns=names, records=records)


async def told(connection: asyncpg.Connection, *kinds: str) -> list[tuple[str, str, str]]:
    rows = await connection.fetch(
        "SELECT kind, subject, severity FROM alerts WHERE state <> 'resolved' AND ($1::text[] = '{}' OR kind = ANY ($1))"
        " ORDER BY kind, subject",
        list(kinds),
    )
    return [tuple(row) for row in rows]


async def look(connection: asyncpg.Connection, watch: Any, **named: Any) -> Any:
    async with connection.transaction():
        return await watch(connection, **named)


async def allow(connection: asyncpg.Connection, actor: Actor, **changes: int) -> None:
    async with connection.transaction():
        await protection.change(connection, changes, reason="a test", actor=actor)


async def test_caps_are_told_at_80_and_99_percent_and_over_with_the_next_day(
    connection: asyncpg.Connection, owner: asyncpg.Connection, providers: dict[str, UUID], actor: Actor
) -> None:
    async with connection.transaction():
        await risk.cap_provider(connection, "one", Nanocredits(100 * CREDIT), actor=actor)
        await risk.cap_model(connection, "a", Nanocredits(100 * CREDIT), actor=actor)
    await look(connection, protection.watch_caps)
    assert await told(connection) == []
    await owner.execute("UPDATE provider_cost SET spent = $1", 80 * CREDIT)
    await owner.execute("UPDATE model_cost SET spent = $1, held = $2", 79 * CREDIT, 20 * CREDIT)
    for _ in range(2):
        await look(connection, protection.watch_caps)
    assert await told(connection) == [("model.cap", "a", "critical"), ("provider.cap", "one", "warning")]
    assert await connection.fetchval("SELECT max(count) FROM alerts") == 1, "looking again is not happening again"
    await owner.execute("UPDATE provider_cost SET spent = $1", 76 * CREDIT)
    await look(connection, protection.watch_caps)
    assert ("provider.cap", "one", "warning") in await told(connection)
    await owner.execute("UPDATE provider_cost SET day = day - 1")
    await owner.execute("UPDATE model_cost SET day = day - 1")
    await look(connection, protection.watch_caps)
    assert await told(connection) == []


async def test_errors_are_told_and_nothing_is_stopped_unless_it_was_allowed(
    connection: asyncpg.Connection, owner: asyncpg.Connection, providers: dict[str, UUID], workspace: Workspace,
    system: Actor,
) -> None:  # fmt: skip
    await called(owner, workspace, providers["one"], "a", 20, outcome="failed")
    await called(owner, workspace, providers["one"], "b", 40)
    await called(owner, workspace, providers["one"], "c", 40, ago=timedelta(minutes=10), outcome="failed")
    assert await look(connection, protection.watch_errors, actor=system) == []
    assert await told(connection) == [("model.errors", "a @ one", "warning")]
    assert await risk.stops(connection) == []
    await called(owner, workspace, providers["one"], "a", 60)
    await look(connection, protection.watch_errors, actor=system)
    assert await told(connection) == []


async def test_the_failing_model_is_stopped_once_an_hour_and_resumed_by_people(
    connection: asyncpg.Connection, owner: asyncpg.Connection, providers: dict[str, UUID], workspace: Workspace,
    system: Actor, actor: Actor,
) -> None:  # fmt: skip
    await allow(connection, actor, errors_stop=1)
    await called(owner, workspace, providers["one"], "a", 20, outcome="failed")
    await called(owner, workspace, providers["one"], "b", 40)
    assert await look(connection, protection.watch_errors, actor=system) == ["model:a"]
    [stop] = await risk.stops(connection)
    assert (stop.scope, stop.actor, stop.cut_streams) == ("model:a", ACTOR, False)
    assert "20 of 20 calls in 5 minutes (100 %)" in stop.reason
    # Nothing is called behind the stop: that nobody fails any more does not mean that it is over.
    await owner.execute("DELETE FROM requests")
    assert await look(connection, protection.watch_errors, actor=system) == []
    assert await told(connection) == [("model.errors", "a @ one", "warning")]
    async with connection.transaction():
        await risk.resume(connection, "model:a", reason="it is well again", actor=actor)
    await called(owner, workspace, providers["one"], "a", 20, outcome="failed")
    assert await look(connection, protection.watch_errors, actor=system) == []
    assert await risk.stops(connection) == [], "who resumed it knows something that the numbers do not"
    await owner.execute("DELETE FROM requests")
    await look(connection, protection.watch_errors, actor=system)
    assert await told(connection) == []


async def test_a_provider_that_fails_as_a_whole_is_stopped_as_a_whole(
    connection: asyncpg.Connection, owner: asyncpg.Connection, providers: dict[str, UUID], workspace: Workspace,
    system: Actor, actor: Actor,
) -> None:  # fmt: skip
    await allow(connection, actor, errors_stop=1)
    for model in ("a", "b", "c"):
        await called(owner, workspace, providers["one"], model, 10, outcome="failed")
    await called(owner, workspace, providers["two"], "c", 100)
    assert await look(connection, protection.watch_errors, actor=system) == ["provider:one"]
    assert await told(connection) == [("provider.errors", "one", "critical")]


async def test_attempts_that_failed_before_another_provider_answered_count(
    connection: asyncpg.Connection, owner: asyncpg.Connection, providers: dict[str, UUID], workspace: Workspace,
    system: Actor, actor: Actor,
) -> None:  # fmt: skip
    await allow(connection, actor, errors_stop=1)
    await called(owner, workspace, providers["two"], "c", 30)
    await owner.execute(
        """UPDATE requests SET attempts = '[{"provider_name": "one", "kind": "status", "status": 500},
                                           {"provider_name": "two", "kind": "status", "status": 400}]'"""
    )
    assert await look(connection, protection.watch_errors, actor=system) == []
    assert await told(connection) == [("model.errors", "c @ one", "warning")]
    [alert] = await alerts.current(connection, "model.errors")
    assert (alert.facts["calls"], alert.facts["failures"], alert.facts["scope"]) == (30, 30, None)


async def test_spending_many_times_the_usual_is_told_and_stopped(
    connection: asyncpg.Connection, owner: asyncpg.Connection, providers: dict[str, UUID], workspace: Workspace,
    system: Actor, actor: Actor,
) -> None:  # fmt: skip
    for day in range(1, 15):
        for hour in (0, 1):
            await owner.execute(
                "INSERT INTO provider_sums (grain, start, provider_id, calls, failures, requests, charge, provider_charge,"
                " duration_ms, first_delta_ms, first_deltas) VALUES ('h', date_trunc('hour', now(), 'UTC')"
                " - make_interval(days => $1, hours => $2), $3, 1, 0, 1, $4, $4, 1, 0, 0)",
                day, hour, providers["one"], 16 * CREDIT,
            )  # fmt: skip
    await called(owner, workspace, providers["one"], "a", 1, cost=19 * CREDIT)
    assert await look(connection, protection.watch_spend, actor=system) == []
    assert await told(connection) == []
    await called(owner, workspace, providers["one"], "b", 1, cost=2 * CREDIT)
    assert await look(connection, protection.watch_spend, actor=system) == []
    assert await told(connection) == [("provider.spend", "one", "critical"), ("spend.unusual", "all", "critical")]
    [alert] = await alerts.current(connection, "provider.spend")
    assert (alert.facts["amount"], alert.facts["usual"], alert.facts["times"]) == ("21", "4", "5.25")
    await allow(connection, actor, spend_stop=1)
    assert await look(connection, protection.watch_spend, actor=system) == ["model:a"]


async def test_models_that_lose_money_are_told(
    connection: asyncpg.Connection, owner: asyncpg.Connection, providers: dict[str, UUID], workspace: Workspace,
    actor: Actor,
) -> None:  # fmt: skip
    async with connection.transaction():
        await catalog.add_model(
            connection,
            "free",
            provider="one",
            upstream_model="free",
            prices=rates(0, 0),
            costs=rates(1, 1),
            actor=actor,
        )
    for model, charge, cost in (("a", 5, 6), ("b", 6, 5), ("c", 0, 0), ("free", 0, 100)):
        await owner.execute(
            "INSERT INTO usage_sums (workspace_id, grain, start, requests, charge, provider_charge, prompt_tokens,"
            " completion_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, duration_ms, first_delta_ms,"
            " first_deltas, source, outcome, model_id) VALUES ($1, 'h', date_trunc('hour', now(), 'UTC') - interval '2 hours',"
            " 1, $2, $3, 1, 1, 0, 0, 0, 1, 0, 0, 'api', 'completed', $4)",
            workspace.workspace_id, charge * CREDIT, cost * CREDIT, model,
        )  # fmt: skip
    await look(connection, protection.watch_margins)
    assert await told(connection, "model.margin") == [("model.margin", "a", "warning")]
    await owner.execute("UPDATE routes SET cost_prompt = 9 WHERE model_id = 'b'")
    await look(connection, protection.watch_margins)
    assert await told(connection, "model.below_cost") == [("model.below_cost", "b", "warning")]
    await owner.execute("UPDATE routes SET cost_prompt = 1 WHERE model_id = 'b'")
    await owner.execute("DELETE FROM usage_sums")
    await look(connection, protection.watch_margins)
    assert await told(connection) == []


async def test_debts_are_compared_with_the_beginning_of_the_day(
    connection: asyncpg.Connection, owner: asyncpg.Connection, workspace: Workspace
) -> None:
    await look(connection, protection.watch_debts)
    await owner.execute("ALTER TABLE wallets DISABLE TRIGGER USER")
    await owner.execute("UPDATE wallets SET debt = $1", -49 * CREDIT)
    await look(connection, protection.watch_debts)
    assert await told(connection) == []
    await owner.execute("UPDATE wallets SET debt = $1", -50 * CREDIT)
    await look(connection, protection.watch_debts)
    assert await told(connection) == [("debts.grown", "all", "warning")]
    await connection.execute("UPDATE installation SET value = '2020-01-01:0' WHERE name = 'protection.debt_before'")
    await look(connection, protection.watch_debts)
    assert await told(connection) == []
