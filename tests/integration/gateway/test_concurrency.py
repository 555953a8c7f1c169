"""Bounds on requests at a time: of a key and of a workspace, exact on two replicas, and back when a request ends."""

import asyncio
import contextlib

from omna.risk import service as risk
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation
from tests.harness.replica import Replica
from tests.harness.wire import Connection, chat

MODEL = "hang-mid-stream"


async def test_bound_of_a_key_refuses_one_more_and_admits_again(house: Installation, replica: Replica) -> None:
    await house.model(MODEL)
    await house.model("ok")
    tenant = await house.new_tenant(max_running=2)
    _, other_key = await house.new_key(tenant.workspace_id)
    async with contextlib.AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(Connection(replica.port)) for _ in range(2)]
        for connection in streams:
            assert (await connection.stream(tenant.key, MODEL)).status == 200
        answer = await chat(replica.port, tenant.key, "ok")
        assert answer.code == (429, "rate_limit_exceeded")
        metadata = answer.error["metadata"]
        assert (metadata["limit_name"], metadata["limit"], metadata["used"]) == ("key_concurrency", 2, 2)
        assert answer.header("retry-after") == "1"
        # It is the key's bound, and a refused request uses up nothing.
        assert (await chat(replica.port, other_key, "ok")).status == 200
        streams[0].close()
        await house.wait_for_running(1)
        assert (await chat(replica.port, tenant.key, "ok")).status == 200
    await house.books_are_right()


async def test_bound_of_a_workspace_is_exact_on_two_replicas(house: Installation, replica: Replica) -> None:
    await house.model(MODEL)
    tenant = await house.new_tenant()
    async with house.connection.transaction():
        await risk.limit_running(house.connection, tenant.workspace_id, 7, actor=house.actor)
    async with house.replica(SETTINGS) as second, contextlib.AsyncExitStack() as stack:
        ports = [replica.port, second.port] * 15
        connections = [await stack.enter_async_context(Connection(port)) for port in ports]
        answers = await asyncio.gather(*(connection.stream(tenant.key, MODEL) for connection in connections))
        statuses = [answer.status for answer in answers]
        assert (statuses.count(200), statuses.count(429)) == (7, 23)
    await house.books_are_right()


async def test_command_sets_and_lifts_the_bound(house: Installation) -> None:
    tenant = await house.new_tenant()
    result = await house.omna("limit", tenant.email, "--concurrency", "3", "--json")
    assert result.json["concurrency"] == 3
    assert (await house.omna("limit", tenant.email, "--concurrency", "none", "--json")).json["concurrency"] is None
    assert (await house.omna("limit", tenant.email)).code != 0
    assert (await house.omna("limit", tenant.email, "--concurrency", "many")).code != 0
    created = await house.omna(
        "key", "create", "--workspace", tenant.email, "--name", "k", "--concurrency", "4", "--json"
    )
    assert created.json["concurrency"] == 4
