"""Every scope and level of the emergency stop, freezes of people and a provider's cap, on two replicas that are busy;
and a restart of everything in between."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from omna.errors import EmergencyStop
from omna.ids import UserId
from omna.membership import arrival
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.payments.recharges import service as recharges
from omna.risk import service as risk
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, Tenant, durable_server
from tests.harness.linter import read_stream
from tests.harness.replica import Replica
from tests.harness.wire import Answer, chat
from tests.upstream.server import Upstream

Pair = tuple[Replica, Replica]
STOPPED = (503, "emergency_stop")
#: Scope → whether requests of a key to the model `ok` at `main` are what it stops.
SCOPES = {
    "all": True, "api": True, "provider:main": True, "model:ok": True,
    "chat": False, "provider:other": False, "model:spare": False, "recharge": False, "signup": False,
}  # fmt: skip


@pytest.fixture(scope="module")
async def pair(house: Installation) -> AsyncIterator[Pair]:
    """Two replicas on one database, on which nothing ends by a deadline."""
    for model in ("ok", "hang-mid-stream"):
        await house.model(model)
    await house.add_provider("other", house.upstream.base_url)
    await house.model("spare", upstream_model="ok")
    patient = SETTINGS | {"GATEWAY_PROGRESS_TIMEOUT": "60", "GATEWAY_ANSWER_TIMEOUT": "60"}
    async with house.replica(patient) as one, house.replica(patient) as two:
        yield one, two


class Load:
    """Both replicas kept busy by a tenant; when each request was sent and what it heard."""

    def __init__(self, pair: Pair, tenant: Tenant, model: str = "ok", clients: int = 4) -> None:
        self.heard: list[tuple[float, tuple[int, str]]] = []
        self._over = False
        self._tasks = [asyncio.create_task(self._ask(pair[number % 2], tenant, model)) for number in range(clients)]

    async def _ask(self, replica: Replica, tenant: Tenant, model: str) -> None:
        while not self._over:
            sent = time.monotonic()
            answer = await chat(replica.port, tenant.key, model)
            self.heard.append((sent, (200, "") if answer.status == 200 else answer.code))

    async def after(self, moment: float, count: int = 8) -> set[tuple[int, str]]:
        """Return what requests heard that were sent after a moment."""
        async with asyncio.timeout(30):
            while len(found := [heard for sent, heard in self.heard if sent > moment]) < count:
                await asyncio.sleep(0.01)
        return set(found)

    async def end(self) -> None:
        self._over = True
        await asyncio.gather(*self._tasks)


async def set_stop(house: Installation, scope: str, *, cut: bool = False) -> datetime:
    """Stop, and return a moment of the database's clock after the act has returned."""
    async with house.connection.transaction():
        await risk.stop(
            house.connection, scope, cut_streams=cut, reason="drill", message="Back soon.", actor=house.actor
        )
    moment: datetime = await house.connection.fetchval("SELECT clock_timestamp()")
    return moment


async def resume(house: Installation, scope: str) -> None:
    async with house.connection.transaction():
        await risk.resume(house.connection, scope, reason="over", actor=house.actor)


async def holds_after(house: Installation, tenant: Tenant, moment: datetime) -> int:
    count: int = await house.connection.fetchval(
        "SELECT count(*) FROM transfers WHERE workspace_id = $1 AND kind IN ('hold', 'extend') AND booked_at > $2",
        tenant.workspace_id,
        moment,
    )
    return count


async def test_no_scope_admits_anything_after_the_act_returned_and_each_resumes(
    house: Installation, pair: Pair
) -> None:
    tenant = await house.new_tenant()
    load = Load(pair, tenant)
    try:
        for level in (False, True):
            for scope, stops in SCOPES.items():
                assert await load.after(time.monotonic()) == {(200, "")}, scope
                moment = await set_stop(house, scope, cut=level)
                heard = await load.after(time.monotonic())
                held = await holds_after(house, tenant, moment)
                assert heard == {STOPPED if stops else (200, "")}, scope
                assert (held == 0) == stops, scope
                await resume(house, scope)
        assert await load.after(time.monotonic()) == {(200, "")}
    finally:
        await load.end()
    counted = await refused(house)
    assert all((counted[scope] > 0) == stops for scope, stops in SCOPES.items()), counted
    await house.books_are_right()


async def refused(house: Installation) -> dict[str, int]:
    await asyncio.sleep(2.5)  # a process says what it refused every two seconds
    rows = await house.connection.fetch("SELECT scope, sum(refused)::int AS refused FROM stop_episodes GROUP BY scope")
    return {row["scope"]: row["refused"] for row in rows}


async def test_each_refused_request_is_counted_once(house: Installation, pair: Pair) -> None:
    tenant = await house.new_tenant()
    before = (await refused(house)).get("model:ok", 0)
    await set_stop(house, "model:ok")
    try:
        answers = await asyncio.gather(*(chat(pair[number % 2].port, tenant.key, "ok") for number in range(40)))
        assert {answer.code for answer in answers} == {STOPPED}
        assert "Back soon." in answers[0].error["message"]
        assert (await refused(house))["model:ok"] - before == 40
    finally:
        await resume(house, "model:ok")


async def test_what_runs_ends_only_by_a_stop_of_its_scope_that_cuts(house: Installation, pair: Pair) -> None:
    tenant = await house.new_tenant()
    for scope in ("all", "api", "provider:main", "model:hang-mid-stream"):
        streams = [asyncio.create_task(stream(replica, tenant)) for replica in pair]
        await house.wait_for_running(2)
        for other in ("chat", "provider:other", "model:ok", "recharge", "signup"):
            await set_stop(house, other, cut=True)
            await resume(house, other)
        await set_stop(house, scope)
        assert await house.running() == 2
        began = time.monotonic()
        await set_stop(house, scope, cut=True)
        try:
            for answer in await asyncio.gather(*streams):
                reading = read_stream(answer.body)
                assert reading.error is not None
                assert reading.error["code"] == "emergency_stop", scope
                row = await house.request(answer.request_id)
                assert (row["outcome"], row["charge"]) == ("cut", 4 * COMPLETION_TOKEN), scope
            assert time.monotonic() - began < 5, scope
        finally:
            await resume(house, scope)
    await house.books_are_right()


async def stream(replica: Replica, tenant: Tenant) -> Answer:
    return await chat(replica.port, tenant.key, "hang-mid-stream", stream=True)


async def owned(house: Installation) -> tuple[Tenant, UserId]:
    """Return a tenant whose key was made by the owner of its workspace."""
    tenant = await house.new_tenant()
    user_id = await house.connection.fetchval(
        "UPDATE api_keys AS k SET created_by = m.user_id FROM members AS m"
        " WHERE m.workspace_id = k.workspace_id AND k.key_id = $1 RETURNING m.user_id",
        tenant.key_id,
    )
    return tenant, UserId(user_id)


async def test_a_frozen_person_is_admitted_nowhere_and_their_streams_end(house: Installation, pair: Pair) -> None:
    tenant, user_id = await owned(house)
    other = await house.new_tenant()
    # Their key in somebody else's workspace, too.
    await house.connection.execute(
        "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'member')", other.workspace_id, user_id
    )
    await house.connection.execute("UPDATE api_keys SET created_by = $2 WHERE key_id = $1", other.key_id, user_id)
    loads = [Load(pair, tenant, clients=2), Load(pair, other, clients=2)]
    streams = [asyncio.create_task(stream(pair[0], tenant)), asyncio.create_task(stream(pair[1], other))]
    await house.wait_for_running(2)
    try:
        for load in loads:
            await load.after(0.0)
        async with house.connection.transaction():
            await risk.freeze_user(
                house.connection, user_id, reason="cards", message="We look into it", actor=house.actor
            )
        returned = time.monotonic()
        moment = await house.connection.fetchval("SELECT clock_timestamp()")
        for load in loads:
            assert await load.after(returned) == {(403, "account_frozen")}
        for place in (tenant, other):
            assert await holds_after(house, place, moment) == 0
        for answer in await asyncio.gather(*streams):
            assert b"We look into it" in answer.body
            row = await house.request(answer.request_id)
            assert row["outcome"] == "frozen"
            assert row["charge"] == row["prompt_tokens"] * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
        assert time.monotonic() - returned < 5
        async with house.connection.transaction():
            await risk.unfreeze_user(house.connection, user_id, actor=house.actor)
        for load in loads:
            assert await load.after(time.monotonic()) == {(200, "")}
    finally:
        for load in loads:
            await load.end()
    await house.books_are_right()


async def test_recharges_and_sign_ups_are_refused_and_nothing_else(house: Installation) -> None:
    for scope in ("all", "recharge", "signup"):
        await set_stop(house, scope, cut=True)
        try:
            assert (await recharges.pause(house.connection) is not None) == (scope != "signup")
            if scope == "recharge":
                await arrival.require_open(house.connection)
            else:
                with pytest.raises(EmergencyStop):
                    await arrival.require_open(house.connection)
        finally:
            await resume(house, scope)


async def test_the_cap_of_a_provider_holds_under_500_requests_at_once(house: Installation, pair: Pair) -> None:
    tenant = await house.new_tenant()
    cap = NANO_PER_CREDIT // 500
    async with house.connection.transaction():
        await risk.cap_provider(house.connection, "main", None, actor=house.actor)
    provider_id = await house.connection.fetchval("SELECT provider_id FROM providers WHERE name = 'main'")
    spent_before = await cost_of(house.connection, provider_id)
    async with house.connection.transaction():
        await risk.cap_provider(house.connection, "main", Nanocredits(cap), actor=house.actor)
    start = await house.connection.fetchval(
        "SELECT spent + held FROM provider_cost WHERE provider_id = $1", provider_id
    )
    if start > cap:  # requests of other tests count for today: leave room for some more
        cap = start + cap
        async with house.connection.transaction():
            await risk.cap_provider(house.connection, "main", Nanocredits(cap), actor=house.actor)
    samples: list[int] = []
    over = asyncio.Event()

    async def watch() -> None:
        while not over.is_set():
            samples.append(await counted(house.connection, provider_id))
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    try:
        answers = await asyncio.gather(
            *(chat(pair[number % 2].port, tenant.key, "ok", max_tokens=10) for number in range(500))
        )
    finally:
        over.set()
        await watching
        async with house.connection.transaction():
            await risk.cap_provider(house.connection, "main", None, actor=house.actor)
    await house.books_are_right()
    served = sum(answer.status == 200 for answer in answers)
    assert 0 < served < 500
    assert {answer.code for answer in answers if answer.status != 200} == {(503, "spend_cap_reached")}
    assert samples
    assert max(samples) <= cap
    # And at the end, by what was settled: nothing is held any more.
    spent = await cost_of(house.connection, provider_id)
    assert spent <= cap
    assert spent > spent_before


async def counted(connection: asyncpg.Connection, provider_id: object) -> int:
    """Return what a provider cost today and may cost by what runs: by its own row, and by the requests themselves."""
    row = await connection.fetchrow(
        "SELECT (SELECT spent + held FROM provider_cost WHERE provider_id = $1"
        "        AND day = (now() AT TIME ZONE 'UTC')::date) AS row,"
        " (SELECT coalesce(sum(provider_amount), 0) FROM running_requests WHERE provider_id = $1)"
        " + (SELECT coalesce(sum(provider_charge), 0) FROM requests WHERE provider_id = $1"
        "    AND request_id >= first_id_at(date_trunc('day', now(), 'UTC'))) AS requests",
        provider_id,
    )
    assert row is not None
    return max(int(row["row"]), int(row["requests"]))


async def cost_of(connection: asyncpg.Connection, provider_id: object) -> int:
    spent: int = await connection.fetchval(
        "SELECT coalesce(sum(provider_charge), 0)::bigint FROM requests WHERE provider_id = $1"
        " AND request_id >= first_id_at(date_trunc('day', now(), 'UTC'))",
        provider_id,
    )
    return spent


@pytest.mark.slow
async def test_a_restart_of_replicas_and_database_changes_nothing(tmp_path: Path) -> None:
    async with durable_server(tmp_path / "database") as server, Upstream() as upstream:
        house = Installation(server.url(), tmp_path / "house", upstream)
        async with house:
            await house.model("ok")
            await house.model("other", upstream_model="ok")
            tenant, (frozen, user_id) = await house.new_tenant(), await owned(house)
            await set_stop(house, "model:ok")
            async with house.connection.transaction():
                await risk.freeze_user(house.connection, user_id, reason="still", actor=house.actor)
            async with house.replica(SETTINGS) as one, house.replica(SETTINGS) as two:
                for restarted in (False, True):
                    if restarted:
                        # One replica dies with the database, the other lives through it.
                        await one.kill()
                        server.stop()
                        server.start()
                        house.connection.terminate()
                        await house.connect()
                        await one.start()
                    for replica in (one, two):
                        assert (await patient(replica, tenant, "ok")).code == STOPPED, restarted
                        assert (await patient(replica, frozen, "other")).code == (403, "account_frozen"), restarted
                        assert (await patient(replica, tenant, "other")).status == 200, restarted
                await resume(house, "model:ok")
                assert (await patient(one, tenant, "ok")).status == 200
            await house.books_are_right()


async def patient(replica: Replica, tenant: Tenant, model: str) -> Answer:
    """Ask until the database is back for the replica."""
    async with asyncio.timeout(30):
        while (answer := await chat(replica.port, tenant.key, model)).status == 503:
            if answer.code[1] != "service_unavailable":
                break
            await asyncio.sleep(0.2)
    return answer
