import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from omna.audit import service as audit
from omna.audit.service import Actor
from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.errors import InvalidValue, ModelNotFound, NotFound
from omna.ids import first_id_at, new_id
from omna.money import Nanocredits
from omna.risk import service as risk
from omna.vault.keyring import Keyring
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
async def provider_id(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> UUID:
    """A provider named example with a model named small."""
    async with connection.transaction():
        provider = await catalog.add_provider(
            connection,
            "example",
            kind="openai",
            base_url="https://api.example.com/v1",
            secret=None,
            allow_private=False,
            keyring=keyring,
            actor=actor,
        )
        await catalog.add_model(
            connection,
            "small",
            provider="example",
            upstream_model="small",
            prices=rates(1, 1),
            costs=rates(1, 1),
            actor=actor,
        )
    return provider.provider_id


@pytest.fixture
async def owner(database_url: str) -> asyncpg.Connection:
    """A connection with every right, for rows that requests would leave behind."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield connection
    connection.terminate()


async def run(owner: asyncpg.Connection, provider_id: UUID, amount: int, at: datetime | None = None) -> UUID:
    """Leave the row of a running request."""
    moment = at or datetime.now(UTC)
    request_id = new_id() if at is None else UUID(int=first_id_at(at).int + new_id().int % 2**60)
    await owner.execute(
        "INSERT INTO running_requests (workspace_id, request_id, process_id, source, model_id, provider_id, route_id,"
        " price_version_id, streamed, day, amount, provider_amount, prompt_tokens, started_at)"
        " VALUES ($1, $2, $1, 'api', 'small', $3, $1, $1, false, $5, 0, $4, 0, $6)",
        new_id(),
        request_id,
        provider_id,
        amount,
        moment.date(),
        moment,
    )
    return request_id


async def settle(owner: asyncpg.Connection, request_id: UUID, charge: int) -> None:
    """Turn the row of a running request into the row of a finished one, in the order settlement does it."""
    await owner.execute(
        "WITH ended AS (DELETE FROM running_requests WHERE request_id = $1 RETURNING *)"
        " INSERT INTO requests (workspace_id, request_id, provider_id, route_id, price_version_id, settled_at, held,"
        " charge, unrounded, provider_charge, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens,"
        " reasoning_tokens, duration_ms, outcome, streamed, estimated, source, model_id)"
        " SELECT workspace_id, request_id, provider_id, route_id, price_version_id, now(), 0, 0, 0, $2, 0, 0, 0, 0, 0,"
        " 1, 'completed', false, false, 'api', model_id FROM ended",
        request_id,
        charge,
    )
    await owner.execute(
        "UPDATE model_cost SET held = held - 10, spent = spent + $1 WHERE model_id = 'small' AND day = current_date",
        charge,
    )


async def cost_of(connection: asyncpg.Connection) -> tuple[int, int]:
    row = await connection.fetchrow("SELECT spent, held FROM model_cost WHERE model_id = 'small'")
    assert row is not None
    return row["spent"], row["held"]


async def waiting(owner: asyncpg.Connection, kind: str) -> None:
    """Return when some session waits for a lock of this kind."""
    async with asyncio.timeout(5):
        # The server tells nobody that a session has begun to wait, so it is asked until one has.
        statement = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = $1"
        while not await owner.fetchval(statement, kind):
            await asyncio.sleep(0)


async def test_a_stop_is_in_force_until_exactly_its_scope_is_resumed(
    connection: asyncpg.Connection, provider_id: UUID, actor: Actor
) -> None:
    async with connection.transaction():
        for scope in ("all", "provider:example", "model:small"):
            await risk.stop(connection, scope, cut_streams=False, reason="test", actor=actor)
        await risk.stop(connection, "all", cut_streams=True, reason="worse", actor=actor)
    assert [(stop.scope, stop.cut_streams) for stop in await risk.stops(connection)] == [
        ("all", True),
        ("provider:example", False),
        ("model:small", False),
    ]
    async with connection.transaction():
        await risk.resume(connection, "all", reason="over", actor=actor)
    assert [stop.scope for stop in await risk.stops(connection)] == ["provider:example", "model:small"]
    with pytest.raises(NotFound, match="in force: provider:example, model:small"):
        async with connection.transaction():
            await risk.resume(connection, "all", reason="", actor=actor)


async def test_a_stop_of_something_that_is_not_there_is_refused(
    connection: asyncpg.Connection, provider_id: UUID, actor: Actor
) -> None:
    for scope, refusal in (
        ("provider:exmaple", NotFound),
        ("model:smal", ModelNotFound),
        ("everything", InvalidValue),
    ):
        with pytest.raises(refusal):
            async with connection.transaction():
                await risk.stop(connection, scope, cut_streams=False, reason="test", actor=actor)
    assert await risk.stops(connection) == []


async def test_the_application_writes_controls_through_the_functions_only(connection: asyncpg.Connection) -> None:
    for statement in (
        "INSERT INTO stops (scope, reason, actor) VALUES ('all', 'x', 'x')",
        "DELETE FROM stops",
        "INSERT INTO model_cost (model_id, day) VALUES ('x', now())",
        "UPDATE provider_cost SET spent = 0",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_the_functions_of_controls_are_not_for_everybody(owner: asyncpg.Connection) -> None:
    public = await owner.fetch(
        "SELECT p.proname FROM pg_proc AS p WHERE p.proname LIKE 'controls\\_%'"
        " AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = 0))"
    )
    assert public == []


@pytest.mark.parametrize("act", ["stop", "resume", "freeze", "unfreeze", "limit", "cap_model", "cap_provider"])
async def test_every_control_waits_for_the_admissions_in_flight(
    connection: asyncpg.Connection,
    owner: asyncpg.Connection,
    provider_id: UUID,
    workspace: Workspace,
    actor: Actor,
    act: str,
) -> None:
    subject = workspace.workspace_id
    async with connection.transaction():
        await risk.stop(connection, "chat", cut_streams=False, reason="test", actor=actor)
        if act == "unfreeze":
            await risk.freeze(connection, subject, reason="test", actor=actor)

    async def change() -> None:
        async with connection.transaction():
            match act:
                case "stop":
                    await risk.stop(connection, "all", cut_streams=False, reason="test", actor=actor)
                case "resume":
                    await risk.resume(connection, "chat", reason="", actor=actor)
                case "freeze":
                    await risk.freeze(connection, subject, reason="test", actor=actor)
                case "unfreeze":
                    await risk.unfreeze(connection, subject, actor=actor)
                case "limit":
                    await risk.limit_daily(connection, subject, Nanocredits(1), actor=actor)
                case "cap_model":
                    await risk.cap_model(connection, "small", Nanocredits(1), actor=actor)
                case "cap_provider":
                    await risk.cap_provider(connection, "example", Nanocredits(1), actor=actor)

    admission = owner.transaction()
    await admission.start()
    await owner.execute("SELECT pg_advisory_xact_lock_shared(5108, 1)")
    task = asyncio.create_task(change())
    await waiting(owner, "advisory")
    assert not task.done()
    await admission.commit()
    await task


async def test_freeze_and_limit_are_stored_and_audited_with_before_and_after(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    subject = workspace.workspace_id
    async with connection.transaction():
        await risk.freeze(connection, subject, reason="odd", actor=actor)
        await risk.limit_daily(connection, subject, Nanocredits(2_500_000_000), actor=actor)
    frozen = await workspaces.get(connection, subject)
    assert (frozen.frozen_reason, frozen.daily_limit) == ("odd", 2_500_000_000)
    async with connection.transaction():
        await risk.unfreeze(connection, subject, reason="fine", actor=actor)
        await risk.unfreeze(connection, subject, reason="again", actor=actor)
        await risk.limit_daily(connection, subject, None, actor=actor)
    free = await workspaces.get(connection, subject)
    assert (free.frozen_reason, free.frozen_at, free.daily_limit) == (None, None, None)
    limits = await audit.by_actor(connection, actor.name, "workspace.limit", LONG_AGO)
    assert [(act.before, act.after) for act in limits] == [
        ('{"daily_limit": null}', '{"daily_limit": "2.5"}'),
        ('{"daily_limit": "2.5"}', '{"daily_limit": null}'),
    ]
    assert len(await audit.by_actor(connection, actor.name, "workspace.unfreeze", LONG_AGO)) == 1
    assert await audit.verify(connection, [actor.key]) == []


async def test_a_cap_counts_what_was_admitted_today(
    connection: asyncpg.Connection, owner: asyncpg.Connection, provider_id: UUID, actor: Actor
) -> None:
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(milliseconds=1)
    await run(owner, provider_id, 10)
    await settle(owner, await run(owner, provider_id, 10), 7)
    await run(owner, provider_id, 1_000, at=yesterday)
    await settle(owner, await run(owner, provider_id, 10, at=yesterday), 2_000)
    async with connection.transaction():
        await risk.cap_model(connection, "small", Nanocredits(100), actor=actor)
        await risk.cap_provider(connection, "example", Nanocredits(100), actor=actor)
    assert await cost_of(connection) == (7, 10)
    assert await connection.fetchval("SELECT (spent, held)::text FROM provider_cost") == "(7,10)"
    assert (await catalog.find_provider(connection, "example")).daily_cap == 100
    async with connection.transaction():
        await risk.cap_model(connection, "small", None, actor=actor)
    assert (await catalog.find_model(connection, "small")).daily_cap is None
    assert await cost_of(connection) == (7, 10)


async def test_a_cap_of_a_month_counts_its_earlier_days_once(
    connection: asyncpg.Connection, owner: asyncpg.Connection, provider_id: UUID, actor: Actor
) -> None:
    now = datetime.now(UTC)
    spent = 0
    for days, charge in ((0, 7), (1, 20), (3, 300), (40, 4_000)):
        at = now - timedelta(days=days)
        await settle(owner, await run(owner, provider_id, 10, at=at), charge)
        if (at.year, at.month) == (now.year, now.month):
            spent += charge
    await run(owner, provider_id, 50_000, at=now)
    counted = """SELECT sum(spent), sum(held) FROM provider_cost
                 WHERE date_trunc('month', day::timestamp) = date_trunc('month', timezone('UTC', now()))"""
    for daily, monthly in ((None, 100), (5, 200), (5, None), (None, 300)):
        async with connection.transaction():
            await risk.cap_provider(
                connection, "example", None if daily is None else Nanocredits(daily),
                monthly_cap=None if monthly is None else Nanocredits(monthly), reason="test", actor=actor,
            )  # fmt: skip
        assert tuple(await connection.fetchrow(counted)) == (spent, 50_000)
        provider = await catalog.find_provider(connection, "example")
        assert (provider.daily_cap, provider.monthly_cap) == (daily, monthly)
    async with connection.transaction():
        seq = await risk.cap_provider(connection, "example", Nanocredits(1), actor=actor)
    assert (await catalog.find_provider(connection, "example")).monthly_cap == 300
    assert await connection.fetchval("SELECT action FROM audit_log WHERE seq = $1", seq) == "provider.cap"


async def test_a_settlement_in_flight_is_counted_once_when_it_comes_first(
    connection: asyncpg.Connection, owner: asyncpg.Connection, provider_id: UUID, actor: Actor
) -> None:
    request_id = await run(owner, provider_id, 10)

    async def cap() -> None:
        async with connection.transaction():
            await risk.cap_model(connection, "small", Nanocredits(100), actor=actor)

    settlement = owner.transaction()
    await settlement.start()
    await settle(owner, request_id, 7)
    task = asyncio.create_task(cap())
    await waiting(owner, "relation")
    await settlement.commit()
    await task
    assert await cost_of(connection) == (7, 0)


async def test_a_settlement_that_comes_second_finds_the_row(
    connection: asyncpg.Connection, owner: asyncpg.Connection, provider_id: UUID, actor: Actor, database_url: str
) -> None:
    request_id = await run(owner, provider_id, 10)
    observer = await asyncpg.connect(database_url)
    capping = connection.transaction()
    await capping.start()
    await risk.cap_model(connection, "small", Nanocredits(100), actor=actor)
    task = asyncio.create_task(settle(owner, request_id, 7))
    await waiting(observer, "relation")
    await capping.commit()
    await task
    await observer.close()
    assert await cost_of(connection) == (7, 0)


async def test_a_negative_limit_is_refused(
    connection: asyncpg.Connection, provider_id: UUID, workspace: Workspace, actor: Actor
) -> None:
    with pytest.raises(InvalidValue):
        await risk.limit_daily(connection, workspace.workspace_id, Nanocredits(-1), actor=actor)
    with pytest.raises(InvalidValue):
        await risk.cap_model(connection, "small", Nanocredits(-1), actor=actor)
