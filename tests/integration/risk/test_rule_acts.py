"""What rules do about what they find, who is spared, and how it is put back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from omna.alerts import service as alerts
from omna.audit import service as audit
from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import transaction
from omna.errors import Conflict, Forbidden
from omna.ids import UserId, WorkspaceId, new_id
from omna.membership import notices
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.risk import service as risk
from omna.risk.rules import acting, case_store, cases, service
from omna.risk.rules.cases import Choice, Decision
from omna.risk.rules.store import Hit
from omna.worker.risk import forget_hits, watch_events
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace
from tests.harness.misuse import Past, past_of, rule_of

STAFF = UserId(new_id())


@pytest.fixture
async def past(database_url: str) -> AsyncIterator[Past]:
    async with past_of(database_url) as opened:
        await opened.forget_rules()
        yield opened


@pytest.fixture
def watch(pool: asyncpg.Pool, tmp_path: Path) -> Any:
    return watch_events(Settings(data=tmp_path))


async def find(past: Past, watch: Any, pool: asyncpg.Pool, workspace_id: WorkspaceId, **rule: Any) -> UUID:
    """Let a rule about warnings find a workspace; return the hit."""
    await past.connection.execute("UPDATE risk_rules SET enabled = false")
    made = await past.rule(rule_of("fraud_warning", cooldown_hours=0, **rule))
    await past.event("fraud_warning", workspace_id, past.now)
    await watch(pool)
    found: UUID = await past.connection.fetchval("SELECT hit_id FROM risk_hits WHERE rule_id = $1", made.rule_id)
    return found


async def look(pool: asyncpg.Pool, workspace_id: WorkspaceId) -> tuple[Workspace, Hit]:
    async with transaction(pool) as connection:
        flags = await service.flags_of(connection, workspace_id)
        return await workspaces.get(connection, workspace_id), flags.hits[0]


async def put_back(pool: asyncpg.Pool, hit_id: UUID, actor: Actor) -> None:
    async with transaction(pool) as connection:
        await acting.reverse(connection, hit_id, reason="Mistaken.", by=STAFF, tell=notices.tell_freeze, actor=actor)


async def test_a_limit_lowers_and_is_put_back_as_it_was(
    past: Past, pool: asyncpg.Pool, watch: Any, actor: Actor
) -> None:
    workspace_id = await past.workspace()
    async with transaction(pool) as connection:
        await risk.limit_daily(connection, workspace_id, Nanocredits(50 * NANO_PER_CREDIT), actor=actor)
    hit_id = await find(past, watch, pool, workspace_id, outcome="limit", limit_to=5 * NANO_PER_CREDIT)
    workspace, hit = await look(pool, workspace_id)
    assert (workspace.daily_limit, hit.acted, hit.case_id is None) == (5 * NANO_PER_CREDIT, "limit", False)
    again = await find(past, watch, pool, workspace_id, outcome="limit", limit_to=9 * NANO_PER_CREDIT)
    _, second = await look(pool, workspace_id)
    assert (second.hit_id, second.acted, second.spared) == (again, "review", "already")
    await put_back(pool, hit_id, actor)
    assert (await look(pool, workspace_id))[0].daily_limit == 50 * NANO_PER_CREDIT
    for impossible in (hit_id, again):
        with pytest.raises(Conflict):
            await put_back(pool, impossible, actor)
    rows = await past.connection.fetch("SELECT actor, action, after FROM audit_log ORDER BY seq")
    assert [tuple(row)[:2] for row in rows] == [
        ("cli:tester", "workspace.limit"),
        ("system:risk", "workspace.limit"),
        ("system:risk", "risk.hit"),
        ("system:risk", "risk.hit"),
        ("cli:tester", "workspace.limit"),
        ("cli:tester", "risk.reverse"),
    ]
    assert rows[2]["after"]["daily_limit"] == "5"


async def test_a_freeze_is_told_and_put_back_only_as_the_rule_left_it(
    past: Past, pool: asyncpg.Pool, watch: Any, actor: Actor
) -> None:
    workspace_id = await past.workspace(owner="carol")
    hit_id = await find(past, watch, pool, workspace_id, outcome="freeze")
    workspace, hit = await look(pool, workspace_id)
    assert workspace.frozen_reason is not None
    assert (hit.acted, hit.spared) == ("freeze", "")
    await put_back(pool, hit_id, actor)
    workspace, hit = await look(pool, workspace_id)
    assert (workspace.frozen_reason, hit.reversed_by) == (None, STAFF)
    mails = await past.connection.fetch("SELECT kind FROM mail_outbox ORDER BY created_at, mail_id")
    assert [row["kind"] for row in mails] == ["workspace_frozen", "workspace_unfrozen"]
    other = await find(past, watch, pool, workspace_id, outcome="freeze")
    async with transaction(pool) as connection:
        await risk.freeze(connection, workspace_id, reason="By hand.", actor=actor)
    with pytest.raises(Conflict, match="Somebody changed this"):
        await put_back(pool, other, actor)
    assert (await look(pool, workspace_id))[0].frozen_reason == "By hand."


async def test_who_looks_after_an_alert_or_a_case_never_waits_for_a_rule_that_waits_for_them(
    past: Past, pool: asyncpg.Pool, watch: Any, actor: Actor
) -> None:
    workspace_id = await past.workspace()
    first = await find(past, watch, pool, workspace_id, outcome="freeze")
    await put_back(pool, first, actor)
    alert_id, case_id = await past.connection.fetchrow("SELECT (SELECT alert_id FROM alerts), case_id FROM risk_cases")
    await past.connection.execute("UPDATE alerts SET state = 'open', resolved_at = NULL")

    async def end_alert(connection: asyncpg.Connection) -> None:
        await alerts.end(connection, alert_id)

    async def hold_case(connection: asyncpg.Connection) -> None:
        await case_store.lock(connection, case_id)

    for hold in (end_alert, hold_case):
        async with transaction(pool) as connection:
            await hold(connection)
            acting_rule = asyncio.create_task(find(past, watch, pool, workspace_id, outcome="freeze"))
            async with asyncio.timeout(10):
                while not await pool.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1::integer = ANY (pg_blocking_pids(pid)))",
                    await connection.fetchval("SELECT pg_backend_pid()"),
                ):
                    await asyncio.sleep(0.01)
            # As everybody does last. The rule must not have come so far.
            await audit.record(connection, actor, "case.note", "test")
        await put_back(pool, await acting_rule, actor)


async def test_staff_and_who_is_trusted_are_shown_and_left_alone(
    past: Past, pool: asyncpg.Pool, watch: Any, actor: Actor
) -> None:
    staff, trusted = await past.workspace(owner="dora"), await past.workspace()
    await past.connection.execute("UPDATE users SET staff_role = 'support' WHERE email = 'dora@example.com'")
    async with transaction(pool) as connection:
        await cases.trust(connection, trusted, True, reason="Known.", by=STAFF, actor=actor)
    for workspace_id, spared in ((staff, "staff"), (trusted, "trusted")):
        await find(past, watch, pool, workspace_id, outcome="freeze")
        workspace, hit = await look(pool, workspace_id)
        assert (workspace.frozen_reason, hit.acted, hit.spared, hit.case_id) == (None, "flag", spared, None)
    assert await past.connection.fetchval("SELECT count(*) FROM risk_cases") == 0


async def test_two_workers_act_once(past: Past, pool: asyncpg.Pool, watch: Any, actor: Actor) -> None:
    ids = [await past.workspace(owner=f"person{number}") for number in range(8)]
    await past.rule(rule_of("fraud_warning", outcome="freeze"))
    await past.rule(rule_of("fraud_warning", outcome="limit", limit_to=1))
    for workspace_id in ids:
        await past.event("fraud_warning", workspace_id, past.now)
    await asyncio.gather(*(watch(pool) for _ in range(4)))
    counts = await past.connection.fetch("SELECT action, count(*) FROM audit_log GROUP BY action ORDER BY action")
    assert [tuple(row) for row in counts] == [("risk.hit", 16), ("workspace.freeze", 8), ("workspace.limit", 8)]
    assert await past.connection.fetchval("SELECT count(*) FROM risk_cases") == 8
    assert await past.connection.fetchval("SELECT count(*) FROM mail_outbox") == 8


async def test_of_two_decisions_one_counts(past: Past, pool: asyncpg.Pool, watch: Any, actor: Actor) -> None:
    workspace_id = await past.workspace()
    await find(past, watch, pool, workspace_id, outcome="review")
    _, hit = await look(pool, workspace_id)
    assert hit.case_id is not None

    async def decide(choice: Choice) -> str:
        try:
            async with transaction(pool) as connection:
                await cases.decide(
                    connection,
                    hit.case_id,
                    Decision(choice, "Looked at."),
                    by=STAFF,
                    tell=notices.tell_freeze,
                    actor=actor,
                )
        except Conflict:
            return "conflict"
        return "done"

    outcomes = await asyncio.gather(decide(Choice.FREEZE), decide(Choice.CLEAR))
    assert sorted(outcomes) == ["conflict", "done"]
    workspace, _ = await look(pool, workspace_id)
    assert (workspace.frozen_reason is not None) == (outcomes[0] == "done")
    # The next hit opens another case.
    await find(past, watch, pool, workspace_id, outcome="review")
    assert await past.connection.fetchval("SELECT count(*) FROM risk_cases WHERE state = 'open'") == 1


async def test_nobody_decides_about_their_own_workspace(
    past: Past, pool: asyncpg.Pool, watch: Any, actor: Actor
) -> None:
    workspace_id = await past.workspace()
    hit_id = await find(past, watch, pool, workspace_id, outcome="freeze")
    _, hit = await look(pool, workspace_id)
    own = UserId(await past.connection.fetchval("SELECT user_id FROM members WHERE workspace_id = $1", workspace_id))
    decision = Decision(Choice.CLEAR, "It is me.")
    assert hit.case_id is not None
    for attempt in (
        lambda connection: cases.decide(
            connection, hit.case_id, decision, by=own, tell=notices.tell_freeze, actor=actor
        ),
        lambda connection: cases.trust(connection, workspace_id, True, reason="Me.", by=own, actor=actor),
        lambda connection: acting.reverse(
            connection, hit_id, reason="Me.", by=own, tell=notices.tell_freeze, actor=actor
        ),
    ):
        with pytest.raises(Forbidden):
            async with transaction(pool) as connection:
                await attempt(connection)


async def test_a_ban_reaches_every_workspace_of_the_owner(
    past: Past, pool: asyncpg.Pool, watch: Any, actor: Actor
) -> None:
    workspace_id = await past.workspace(owner="mallory")
    own = UserId(await past.connection.fetchval("SELECT user_id FROM members WHERE workspace_id = $1", workspace_id))
    async with transaction(pool) as connection:
        await workspaces.set_pending(connection, own, None)
    team = await past.workspace()
    await past.connection.execute("UPDATE members SET user_id = $1 WHERE workspace_id = $2", own, team)
    await find(past, watch, pool, workspace_id, outcome="review")
    _, hit = await look(pool, workspace_id)
    assert hit.case_id is not None
    async with transaction(pool) as connection:
        await cases.decide(
            connection,
            hit.case_id,
            Decision(Choice.BAN, "Stolen cards.", message="Closed for misuse."),
            by=STAFF,
            tell=notices.tell_freeze,
            actor=actor,
        )
    for one in (workspace_id, team):
        async with transaction(pool) as connection:
            assert (await workspaces.get(connection, one)).frozen_reason == "Closed for misuse."
    after = await past.connection.fetchval("SELECT after FROM audit_log WHERE action = 'case.ban'")
    assert len(after["workspaces"]) == 2


async def test_what_is_old_is_forgotten_and_cases_stay(
    past: Past, pool: asyncpg.Pool, watch: Any, tmp_path: Path
) -> None:
    workspace_id = await past.workspace()
    await find(past, watch, pool, workspace_id, outcome="flag")
    await find(past, watch, pool, workspace_id, outcome="review")
    await past.connection.execute(
        "UPDATE risk_events SET at = at - interval '401 days'; UPDATE risk_hits SET found_at = found_at - interval '401 days'"
    )
    forget = forget_hits(Settings(data=tmp_path))
    await forget(pool)
    counts = await past.connection.fetchrow(
        "SELECT (SELECT count(*) FROM risk_events), (SELECT count(*) FROM risk_hits), (SELECT count(*) FROM risk_cases)"
    )
    # A case that waits for somebody keeps what it is about.
    assert tuple(counts) == (0, 1, 1)


async def test_where_a_person_came_from_is_forgotten_with_them(past: Past, pool: asyncpg.Pool, watch: Any) -> None:
    ids = [await past.workspace() for _ in range(2)]
    await past.rule(rule_of("sign_up_velocity", parameters={"accounts": 2}))
    people = [await past.connection.fetchval("SELECT user_id FROM members WHERE workspace_id = $1", one) for one in ids]
    for workspace_id, person in zip(ids, people, strict=True):
        async with transaction(pool) as connection:
            await service.note_sign_up(connection, person, workspace_id, "2001:db8::1:2:3:4")
    await watch(pool)
    markers = "SELECT numbers ->> 'marker' FROM risk_hits WHERE workspace_id = $1"
    assert await past.connection.fetchval(markers, ids[0]) == "2001:db8::/64"
    async with transaction(pool) as connection:
        await service.forget_person(connection, people[0])
    assert await past.connection.fetchval(markers, ids[0]) is None
    assert await past.connection.fetchval(markers, ids[1]) == "2001:db8::/64"
    assert await past.connection.fetchval("SELECT array_agg(marker ORDER BY event_id) FROM risk_events") == [
        "",
        "2001:db8::/64",
    ]
