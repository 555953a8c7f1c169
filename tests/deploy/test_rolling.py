"""Replicas behind HAProxy are restarted one after the other, and nobody who streams notices."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.deploy.common import NOTICE_SECONDS
from tests.deploy.proxies import Haproxy, needs_haproxy
from tests.harness import depth
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation
from tests.harness.linter import read_stream
from tests.harness.replica import Replica
from tests.harness.wire import Connection

pytestmark = [needs_haproxy, pytest.mark.slow, pytest.mark.timeout(600)]

CLIENTS = depth.of(6, 500)
SETTINGS = {
    "SERVER_TRUSTED_PROXIES": "127.0.0.1",
    "SERVER_DRAIN_NOTICE_SECONDS": str(NOTICE_SECONDS + 1),
    "SERVER_DRAIN_SECONDS": "120",
    "GATEWAY_BREAKER_COOL_DOWN": "0",
}
#: 1.5 s each, or 15 s: as many as so many clients can read at once.
STREAM = depth.of("long-30-20", "long-30-2")


@dataclass(frozen=True)
class Fleet:
    house: Installation
    replicas: list[Replica]
    proxy: Haproxy


@pytest.fixture(scope="module")
async def fleet(house: Installation, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with contextlib.AsyncExitStack() as stack:
        replicas = [house.replica(SETTINGS) for _ in range(2)]
        await asyncio.gather(*(stack.enter_async_context(one) for one in replicas))
        proxy = Haproxy([one.port for one in replicas], tmp_path_factory.mktemp("proxy"))
        await stack.enter_async_context(proxy.running())
        await proxy.until("ready", ["UP", "UP"])
        yield Fleet(house, replicas, proxy)


async def test_call_ends_when_its_client_leaves_the_proxy(fleet: Fleet) -> None:
    house = fleet.house
    await house.model("hang-before-headers")
    tenant = await house.new_tenant()
    async with Connection(fleet.proxy.port) as client:
        waiting = asyncio.create_task(client.chat(tenant.key, "hang-before-headers"))
        await house.wait_for_running(1)
    await asyncio.gather(waiting, return_exceptions=True)
    # Long before the 60 s after which the provider's silence would end it.
    await house.quiet(20)
    assert (await house.only_request(tenant))["outcome"] == "client_left"


async def test_rolling_restart_breaks_no_stream(fleet: Fleet) -> None:
    house, proxy = fleet.house, fleet.proxy
    await house.model(STREAM)
    tenant = await house.new_tenant("1000")
    done = asyncio.Event()
    streams = 0

    async def stream(client: Connection) -> None:
        nonlocal streams
        answer = await client.stream(tenant.key, STREAM)
        assert answer.status == 200
        await answer.read()
        reading = read_stream(answer.body)
        assert (reading.content, reading.finish[0]) == ("tok " * 30, "stop")
        streams += 1

    async def on_new_connections() -> None:
        while not done.is_set():
            async with Connection(proxy.port) as client:
                await stream(client)

    async def on_a_kept_connection() -> None:
        async with Connection(proxy.port) as client:
            while not done.is_set():
                await stream(client)

    async with asyncio.TaskGroup() as clients:
        for number in range(CLIENTS):
            clients.create_task(on_new_connections() if number % 2 else on_a_kept_connection())
        await house.wait_for_running(CLIENTS)
        # In a full run one after the other; what the second shows that the first does not is only its order.
        for replica in fleet.replicas[: depth.of(1, 2)]:
            replica.terminate()
            assert await replica.ended(120) == 0
            await replica.start()
            await proxy.until("ready", ["UP", "UP"])
        done.set()
    assert streams > CLIENTS
    await house.books_are_right()
    charges = [row["charge"] for row in await house.requests(tenant)]
    assert charges == [9 * PROMPT_TOKEN + 30 * COMPLETION_TOKEN] * streams
