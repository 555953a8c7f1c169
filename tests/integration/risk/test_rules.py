"""Rules on a real database: what they measure, that judging and dry runs agree, that two workers are one."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from omna.db.pool import transaction
from omna.errors import InvalidValue
from omna.ids import UserId, WorkspaceId, new_id
from omna.money import NANO_PER_CREDIT
from omna.risk.rules import history
from omna.risk.rules.judging import judge_events, judge_usage
from omna.risk.rules.model import BY_EVENTS, Rule, Verdict
from tests.harness.misuse import HOUR, Past, past_of, rule_of


@pytest.fixture
async def past(database_url: str) -> AsyncIterator[Past]:
    async with past_of(database_url) as opened:
        await opened.forget_rules()
        yield opened


async def judge_all(pool: asyncpg.Pool) -> int:
    found = 0
    for judge in (judge_events, judge_usage):
        more = True
        while more:
            async with transaction(pool) as connection:
                hits, more = await judge(connection)
            found += hits
    return found


async def try_out(pool: asyncpg.Pool, rule: Rule, days: int = 90) -> list[Verdict]:
    async with transaction(pool) as connection:
        now = await connection.fetchval("SELECT clock_timestamp()")
        since = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
        return await history.find(connection, rule, since, now)


async def start(past: Past, hours_ago: int) -> None:
    await past.connection.execute("UPDATE risk_state SET hours_until = $1", past.now - hours_ago * HOUR)


async def test_spend_is_measured_over_hours_and_against_what_is_usual(past: Past, pool: asyncpg.Pool) -> None:
    steady, sudden, young = [await past.workspace(days=days) for days in (100, 100, 3)]
    for day in range(1, 40):
        past.use(steady, day * 24 + 1, 8)
        past.use(sudden, day * 24 + 1, 1)
    past.use(steady, 2, 5)
    past.use(steady, 1, 6)
    past.use(sudden, 2, 9)
    past.use(sudden, 1, 4)
    past.use(young, 1, 50)
    await past.close(past.now - 1000 * HOUR, past.now)
    plain = await past.rule(rule_of("spend_velocity", parameters={"at_least": "11", "hours": 2}))
    unusual = await past.rule(rule_of("spend_velocity", parameters={"at_least": "5", "hours": 2, "times": 50}))
    fresh = await past.rule(rule_of("spend_velocity", parameters={"at_least": "5", "hours": 2}, new_accounts_days=7))
    await start(past, 3)
    await judge_all(pool)
    assert [(hit[0], hit[2]["spent"] // NANO_PER_CREDIT) for hit in await past.hits(plain.rule_id)] == sorted(
        [(steady, 11), (sudden, 13), (young, 50)]
    )
    # 30 days of 1 Credit are a twelfth of a Credit in 2 hours; those of `steady` are eight times that.
    [found] = await past.hits(unusual.rule_id)
    assert (found[0], found[2]) == (
        sudden,
        {"spent": 9 * NANO_PER_CREDIT, "hours": 2, "before": 30 * NANO_PER_CREDIT, "history_days": 30},
    )
    assert [hit[0] for hit in await past.hits(fresh.rule_id)] == [young]


async def test_the_hour_that_runs_counts_once_and_the_same_when_it_is_closed(past: Past, pool: asyncpg.Pool) -> None:
    workspace = await past.workspace()
    rule = await past.rule(rule_of("spend_velocity", parameters={"at_least": "10", "hours": 3}, cooldown_hours=0))
    past.use(workspace, 1, 4)
    await past.close(past.now - 5 * HOUR, past.now)
    await start(past, 2)
    earlier = 4 * NANO_PER_CREDIT if (past.now - HOUR).date() == past.now.date() else 0

    async def spend(amount: int) -> int:
        await past.connection.execute(
            "INSERT INTO workspace_spend (workspace_id, day, spent) VALUES ($1, $2, $3)"
            " ON CONFLICT (workspace_id, day) DO UPDATE SET spent = excluded.spent",
            workspace, past.now.date(), earlier + amount * NANO_PER_CREDIT,
        )  # fmt: skip
        return await judge_all(pool)

    steps = [await spend(amount) for amount in (5, 6, 20)]
    if await past.connection.fetchval("SELECT date_trunc('hour', clock_timestamp(), 'UTC') <> $1", past.now):
        pytest.skip("the hour ended meanwhile")
    assert steps == [0, 1, 0]
    [found] = await past.hits(rule.rule_id)
    assert (found[1], found[2]["spent"]) == (f"hour:{past.now:%Y-%m-%dT%H}", 10 * NANO_PER_CREDIT)
    [tried] = await try_out(pool, rule)
    assert (tried.measure.window, tried.measure.numbers["spent"]) == (found[1], 24 * NANO_PER_CREDIT)
    past.use(workspace, 0, 20)
    await past.close(past.now, past.now + HOUR)
    assert await judge_all(pool) == 0
    assert [one.measure.window for one in await try_out(pool, rule)] == [found[1]]


async def test_models_are_new_that_were_not_used_for_a_month(past: Past, pool: asyncpg.Pool) -> None:
    regular, newcomer = await past.workspace(), await past.workspace()
    past.use(regular, 24 * 20, 1, "small")
    past.use(regular, 24 * 40, 1, "old")
    past.use(regular, 3, 3, "small")
    past.use(regular, 2, 12, "old")
    past.use(regular, 1, 5, "large")
    past.use(newcomer, 1, 50, "large")
    await past.close(past.now - 1100 * HOUR, past.now)
    rule = await past.rule(rule_of("model_mix", parameters={"at_least": "20", "hours": 24, "share": 85}))
    await start(past, 3)
    await judge_all(pool)
    [found] = await past.hits(rule.rule_id)
    assert (found[0], found[1]) == (regular, f"hour:{past.now - HOUR:%Y-%m-%dT%H}")
    assert found[2]["fresh_models"] == ["old", "large"]
    assert (found[2]["fresh"] // NANO_PER_CREDIT, found[2]["spent"] // NANO_PER_CREDIT) == (17, 20)


async def test_accounts_that_share_something_are_found_together(past: Past, pool: asyncpg.Pool) -> None:
    three = [await past.workspace() for _ in range(3)]
    other = await past.workspace()
    one_person = UserId(new_id())
    rule = await past.rule(rule_of("shared_payment_fingerprint", parameters={"accounts": 3, "days": 10}))
    for number, workspace in enumerate(three):
        await past.event("payment_means", workspace, past.now - (3 - number) * HOUR, "card:stripe-1", UserId(new_id()))
    for workspace in (three[0], three[1], other):
        await past.event("payment_means", workspace, past.now, "card:stripe-2", one_person)
    await past.event("payment_means", other, past.now - timedelta(days=11), "card:stripe-1", UserId(new_id()))
    assert await judge_all(pool) == 3
    found = await past.hits(rule.rule_id)
    assert {hit[0] for hit in found} == set(three)
    assert {hit[2]["accounts"] for hit in found} == {3}


async def test_recharges_that_end_badly_are_counted_by_how_they_ended(past: Past, pool: asyncpg.Pool) -> None:
    workspace = await past.workspace()
    rule = await past.rule(rule_of("failed_recharges", parameters={"count": 3, "days": 2, "outcomes": ["failed"]}))
    for hours, ended in ((60, "failed"), (30, "failed"), (20, "cancelled"), (10, "failed"), (5, "failed")):
        await past.event("recharge_ended", workspace, past.now - hours * HOUR, ended)
    await judge_all(pool)
    [found] = await past.hits(rule.rule_id)
    assert (found[2]["count"], len(found[2]["subjects"])) == (3, 4 - 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_judging_as_it_happens_finds_what_a_dry_run_finds(past: Past, pool: asyncpg.Pool, seed: int) -> None:
    chance = random.Random(seed)
    rules = [await past.rule(rule) for rule in some_rules(chance)]
    workspaces = [await past.workspace(days=chance.choice([2, 5, 20, 200])) for _ in range(8)]
    people = [UserId(new_id()) for _ in range(5)]
    length = 24 * 20
    for _ in range(600):
        past.use(
            chance.choice(workspaces), chance.randint(1, length), chance.choice([1, 2, 5, 30]), chance.choice("abcde")
        )
    await start(past, length)
    hour = past.now - length * HOUR
    while hour < past.now:
        until = min(hour + chance.randint(1, 40) * HOUR, past.now)
        await past.close(hour, until)
        for _ in range(chance.randint(0, 12)):
            kind, markers = chance.choice(EVENTS)
            # Some commit late: they stand behind what happened after them.
            at = hour + (until - hour) * chance.uniform(-0.5, 1)
            await past.event(kind, chance.choice(workspaces), at, chance.choice(markers), chance.choice(people))
        await judge_all(pool)
        hour = until
    await judge_all(pool)
    found = 0
    for rule in rules:
        tried = {
            (one.measure.workspace_id, one.measure.window): one.measure.numbers for one in await try_out(pool, rule)
        }
        hits = {(workspace, window): numbers for workspace, window, numbers in await past.hits(rule.rule_id)}
        assert hits == tried, rule
        found += len(hits)
    assert found > 20


EVENTS: list[tuple[str, list[str]]] = [
    ("sign_up", ["192.0.2.1", "192.0.2.2", "2001:db8::/64"]),
    ("payment_means", ["card:1", "card:2", "proof:3"]),
    ("recharge_ended", ["failed", "rejected", "cancelled"]),
    ("fraud_warning", [""]),
    ("dispute_opened", [""]),
]


def some_rules(chance: random.Random) -> list[Rule]:
    def pick(*values: int) -> int:
        return chance.choice(values)

    made = []
    for _ in range(2):
        made += [
            rule_of("spend_velocity", parameters={"at_least": str(pick(5, 20, 40)), "hours": pick(1, 3, 24)}),
            rule_of("spend_velocity", parameters={"at_least": "5", "hours": pick(1, 6), "times": pick(2, 5)}),
            rule_of("model_mix", parameters={"at_least": "5", "hours": pick(1, 24), "share": pick(50, 90)}),
            rule_of("sign_up_velocity", parameters={"accounts": pick(2, 3), "hours": pick(5, 48)}),
            rule_of("shared_payment_fingerprint", parameters={"accounts": pick(2, 4), "days": pick(1, 9)}),
            rule_of("failed_recharges", parameters={"count": pick(1, 2), "days": pick(1, 7)}),
            rule_of("fraud_warning"),
            rule_of("chargeback_history", parameters={"count": pick(1, 2), "days": pick(1, 30)}),
        ]
    return [
        rule_of(
            rule.kind,
            parameters=rule.parameters,
            cooldown_hours=pick(0, 1, 24, 100),
            new_accounts_days=chance.choice([None, None, 10]),
        )
        for rule in made
    ]


async def test_two_workers_at_once_find_everything_once(past: Past, pool: asyncpg.Pool) -> None:
    workspaces = [await past.workspace() for _ in range(20)]
    rules = [
        await past.rule(rule_of("fraud_warning")),
        await past.rule(rule_of("chargeback_history", parameters={"count": 1})),
    ]
    for workspace in workspaces:
        await past.event("fraud_warning", workspace, past.now)
        await past.event("dispute_opened", workspace, past.now)
    found = await asyncio.gather(*(judge_all(pool) for _ in range(4)))
    assert sum(found) == 40
    assert [len(await past.hits(rule.rule_id)) for rule in rules] == [20, 20]


async def test_a_dry_run_writes_nothing_and_says_who_is_flagged_already(past: Past, pool: asyncpg.Pool) -> None:
    known, unknown = await past.workspace(), await past.workspace()
    await past.rule(rule_of("fraud_warning"))
    await past.event("fraud_warning", known, past.now - 2 * HOUR)
    await judge_all(pool)
    for number in range(3):
        await past.event("dispute_opened", known, past.now - (50 - 25 * number) * HOUR)
    await past.event("dispute_opened", unknown, past.now - HOUR)
    await judge_all(pool)
    before = await past.connection.fetch("SELECT * FROM risk_hits")
    rule = rule_of("chargeback_history", parameters={"count": 1, "days": 1})
    async with transaction(pool) as connection:
        tried = await history.dry_run(connection, rule, 30)
    assert {one.first.workspace_id: (one.times, one.flagged_already) for one in tried.found} == {
        known: (3, True),
        unknown: (1, False),
    }
    assert (tried.workspaces, tried.hits, tried.flagged_already) == (2, 4, 1)
    assert await past.connection.fetch("SELECT * FROM risk_hits") == before
    assert await past.connection.fetchval("SELECT count(*) FROM risk_rules") == 1
    for days in (0, 91):
        with pytest.raises(InvalidValue):
            async with transaction(pool) as connection:
                await history.dry_run(connection, rule, days)


async def test_events_are_written_where_payments_are(past: Past, pool: asyncpg.Pool) -> None:
    workspace: WorkspaceId = await past.workspace()
    recharge = new_id()
    await past.connection.execute(
        "INSERT INTO recharges (workspace_id, recharge_id, channel, state, client_token, reference, credits, price_minor,"
        " currency, terms_version, expires_at, processor)"
        " VALUES ($1, $2, 'checkout', 'created', 'token-12345', 'R-1', 1, 1, 'usd', '1', now(), 'sandbox')",
        workspace, recharge,
    )  # fmt: skip
    for state in ("open", "failed", "failed", "open"):
        await past.connection.execute("UPDATE recharges SET state = $1", state)
    for number, fingerprint in enumerate(("abc", "")):
        await past.connection.execute(
            "INSERT INTO payments (workspace_id, payment_key, recharge_id, processor, payment_id, amount_minor, currency,"
            " credits, fingerprint) VALUES ($1, $2, $3, 'sandbox', $4, 1, 'usd', 1, $5)",
            workspace, new_id(), recharge, str(number), fingerprint,
        )  # fmt: skip
    await past.connection.execute(
        "INSERT INTO disputes (workspace_id, dispute_id, recharge_id, payment_key, processor, external_id, state,"
        " amount_minor, currency) VALUES ($1, $2, $3, $4, 'sandbox', 'd', 'warned', 1, 'usd')",
        workspace, new_id(), recharge, new_id(),
    )  # fmt: skip
    for state in ("inquiry", "open", "under_review", "lost"):
        await past.connection.execute("UPDATE disputes SET state = $1", state)
    rows = await past.connection.fetch("SELECT kind, marker FROM risk_events ORDER BY event_id")
    assert [tuple(row) for row in rows] == [
        ("recharge_ended", "failed"),
        ("payment_means", "card:abc"),
        ("fraud_warning", ""),
        ("dispute_opened", ""),
    ]
    assert {rule.kind for rule in some_rules(random.Random(0))} >= BY_EVENTS
