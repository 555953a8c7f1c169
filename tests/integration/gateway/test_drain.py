"""SIGTERM: running streams end, new requests are refused, everything is settled, and the exit code is 0."""

import asyncio
import time

from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, until
from tests.harness.linter import read_stream
from tests.harness.replica import Replica
from tests.harness.wire import Connection, ServerClosed, ask


async def refused(replica: Replica, key: str, model: str) -> bool | None:
    """Return True when a new request is refused: by an answer, or because nobody listens any more."""
    try:
        async with Connection(replica.port) as client:
            answer = await client.chat(key, model, max_tokens=1)
    except (ServerClosed, OSError):
        return True
    if answer.status == 503:
        assert answer.code == (503, "gateway_overloaded")
        assert answer.header("retry-after") == "1"
        return True
    return None


async def test_running_streams_end_and_new_requests_are_refused(house: Installation) -> None:
    await house.model("three-seconds", upstream_model="long-30-10")
    await house.model("ok")
    tenant = await house.new_tenant()
    async with house.replica(SETTINGS | {"SERVER_DRAIN_SECONDS": "20"}, workers=2) as replica:
        async with Connection(replica.port) as one, Connection(replica.port) as two, Connection(replica.port) as idle:
            assert (await idle.chat(tenant.key, "ok")).status == 200
            streams = [await client.stream(tenant.key, "three-seconds") for client in (one, two)]
            for stream in streams:
                await stream.read_until(b"tok")
            whole = asyncio.create_task(ask_whole(replica, tenant.key))
            await house.wait_for_running(3)
            replica.terminate()

            async def turned_away() -> bool | None:
                return await refused(replica, tenant.key, "ok")

            await until(turned_away, "new requests are still served", 2)
            assert await house.running() == 3
            for stream in streams:
                await stream.read()
                reading = read_stream(stream.body)
                assert (reading.content, reading.finish[0]) == ("tok " * 30, "stop")
            assert await whole == 200
        began = time.monotonic()
        assert await replica.ended() == 0
        assert time.monotonic() - began < 5
    await house.books_are_right()
    full = 9 * PROMPT_TOKEN + 30 * COMPLETION_TOKEN
    # The probes of `turned_away` may be served, and charged, before the signal has reached every worker.
    running = [row for row in await house.requests(tenant) if row["model_id"] == "three-seconds"]
    assert [(row["charge"], row["outcome"]) for row in running] == [(full, "completed")] * 3


async def ask_whole(replica: Replica, key: str) -> int:
    async with Connection(replica.port) as client:
        return (await client.chat(key, "three-seconds")).status


async def test_streams_that_do_not_end_in_time_are_cut_and_charged_for_their_output(house: Installation) -> None:
    await house.model("hang-mid-stream")
    await house.model("hang-before-headers")
    tenant = await house.new_tenant()
    patient = SETTINGS | {
        "SERVER_DRAIN_SECONDS": "1", "GATEWAY_PROGRESS_TIMEOUT": "60", "GATEWAY_ANSWER_TIMEOUT": "60",
    }  # fmt: skip
    async with house.replica(patient) as replica:
        async with Connection(replica.port) as one, Connection(replica.port) as two:
            stream = await one.stream(tenant.key, "hang-mid-stream")
            await stream.read_until(b" fox")
            silent = asyncio.create_task(two.chat(tenant.key, "hang-before-headers"))
            await house.wait_for_running(2)
            replica.terminate()
            await stream.read()
            reading = read_stream(stream.body)
            assert reading.error is not None
            assert reading.error["code"] == "gateway_overloaded"
            assert (await silent).code == (503, "gateway_overloaded")
        assert await replica.ended() == 0
    rows = {row["model_id"]: row for row in await house.requests(tenant)}
    assert (rows["hang-mid-stream"]["outcome"], rows["hang-mid-stream"]["charge"]) == ("cut", 4 * COMPLETION_TOKEN)
    assert rows["hang-before-headers"]["charge"] == 0
    await house.books_are_right()


async def test_idle_gateway_ends_at_once_and_starts_again(house: Installation) -> None:
    await house.model("ok")
    async with house.replica(SETTINGS) as replica:
        async with Connection(replica.port) as client:
            assert (await client.chat(house.tenant.key, "ok")).status == 200
            began = time.monotonic()
            replica.terminate()
            assert await replica.ended() == 0
            assert time.monotonic() - began < 5
        await replica.start()
        assert (await ask(replica.port, "GET", "/v1/models", key=house.tenant.key)).status == 200


async def test_readiness_goes_before_the_last_stream_does(house: Installation) -> None:
    await house.model("three-seconds", upstream_model="long-30-10")
    async with house.replica(SETTINGS | {"SERVER_DRAIN_SECONDS": "20"}) as replica:
        async with Connection(replica.port) as client, Connection(replica.port) as probe:
            assert (await probe.get("/readyz")).status == 200
            stream = await client.stream(house.tenant.key, "three-seconds")
            await stream.read_until(b"tok")
            replica.terminate()

            async def draining() -> bool | None:
                try:
                    async with Connection(replica.port) as fresh:
                        return True if (await fresh.get("/readyz")).status == 503 else None
                except (ServerClosed, OSError):
                    return True

            await until(draining, "it still asks for traffic", 2)
            await stream.read()
            assert read_stream(stream.body).finish[0] == "stop"
        assert await replica.ended() == 0


async def test_new_requests_are_served_until_balancers_had_time_to_notice(house: Installation) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    async with house.replica(SETTINGS | {"SERVER_DRAIN_NOTICE_SECONDS": "60"}) as replica:
        replica.terminate()

        async def unready() -> bool | None:
            return True if (await ask(replica.port, "GET", "/readyz")).status == 503 else None

        await until(unready, "it still asks for traffic", 5)
        async with Connection(replica.port) as late:
            assert (await late.chat(tenant.key, "ok")).status == 200
        # A second signal does not wait for anybody's notice.
        began = time.monotonic()
        replica.terminate()
        assert await replica.ended() == 0
        assert time.monotonic() - began < 15


async def test_notice_ends_by_itself(house: Installation) -> None:
    async with house.replica(SETTINGS | {"SERVER_DRAIN_NOTICE_SECONDS": "0.5"}) as replica:
        replica.terminate()
        assert await replica.ended() == 0
