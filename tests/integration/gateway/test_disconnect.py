"""A client that goes away at any moment: the provider is let go within a second, and what was delivered is paid.

Every dialect and kind of provider at every point of a stream: test_dialect_disconnect.py.
"""

import asyncio
import contextlib
import time

import pytest

from tests.harness.dialects import COMPLETIONS, DIALECTS, Dialect
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, Tenant, until
from tests.harness.replica import Replica
from tests.harness.wire import CHAT, Connection

DELIVERED = 4 * COMPLETION_TOKEN


@pytest.fixture
async def tenant(house: Installation) -> Tenant:
    return await house.new_tenant()


@pytest.mark.parametrize("streamed", [False, True])
async def test_leaving_while_the_provider_is_silent_costs_nothing(
    house: Installation, replica: Replica, tenant: Tenant, streamed: bool
) -> None:
    await house.model("hang-before-headers")
    seen = len(house.upstream.journal)
    async with Connection(replica.port) as client:
        asking = asyncio.create_task(client.chat(tenant.key, "hang-before-headers", stream=streamed))
        arrival = await house.upstream.next_arrival(seen)
        left_at = time.monotonic()
        client.close()
        await arrival.was_left(left_at)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await asking
    row = await house.only_request(tenant)
    assert (row["outcome"], row["charge"], row["completion_tokens"]) == ("client_left", 0, 0)
    await house.books_are_right()


async def test_leaving_between_headers_and_first_delta_costs_nothing(
    house: Installation, replica: Replica, tenant: Tenant
) -> None:
    await house.model("hang-after-headers")
    seen = len(house.upstream.journal)
    async with Connection(replica.port) as client:
        answer = await client.stream(tenant.key, "hang-after-headers")
        await answer.read_until(b": omna processing")
        arrival = await house.upstream.next_arrival(seen)
        left_at = time.monotonic()
        client.close()
        await arrival.was_left(left_at)
    row = await house.only_request(tenant)
    assert (row["outcome"], row["charge"]) == ("client_left", 0)
    await house.books_are_right()


async def test_leaving_mid_stream_costs_prompt_and_delivered_output(
    house: Installation, replica: Replica, tenant: Tenant
) -> None:
    await house.model("hang-mid-stream")
    seen = len(house.upstream.journal)
    async with Connection(replica.port) as client:
        answer = await client.stream(tenant.key, "hang-mid-stream")
        await answer.read_until(b" fox")
        arrival = await house.upstream.next_arrival(seen)
        left_at = time.monotonic()
        client.close()
        await arrival.was_left(left_at)
    row = await house.only_request(tenant)
    assert (row["outcome"], row["estimated"], row["completion_tokens"]) == ("client_left", True, 4)
    assert row["charge"] == row["prompt_tokens"] * PROMPT_TOKEN + DELIVERED
    await house.books_are_right()


async def test_leaving_a_flowing_stream_stops_the_provider(
    house: Installation, replica: Replica, tenant: Tenant
) -> None:
    await house.model("long-2000-200")
    seen = len(house.upstream.journal)
    async with Connection(replica.port) as client:
        answer = await client.stream(tenant.key, "long-2000-200")
        await answer.read_until(b"tok ")
        arrival = await house.upstream.next_arrival(seen)
        left_at = time.monotonic()
        client.close()
        await arrival.was_left(left_at)
    row = await house.only_request(tenant)
    # The last piece may count as two tokens here: its blank has no word to go with yet.
    assert 1 <= row["completion_tokens"] <= arrival.tokens_sent + 1 < 1000
    assert row["charge"] == row["prompt_tokens"] * PROMPT_TOKEN + row["completion_tokens"] * COMPLETION_TOKEN
    await house.books_are_right()


async def test_leaving_after_the_last_delta_costs_what_the_provider_counted(
    house: Installation, replica: Replica, tenant: Tenant
) -> None:
    """Everything was said, usage too, when the client left without waiting for the end."""
    await house.model("hang-after-finish")
    seen = len(house.upstream.journal)
    async with Connection(replica.port) as client:
        answer = await client.stream(tenant.key, "hang-after-finish")
        await answer.read_until(b" fox")
        arrival = await house.upstream.next_arrival(seen)
        left_at = time.monotonic()
        client.close()
        await arrival.was_left(left_at)
    row = await house.only_request(tenant)
    assert row["charge"] == 9 * PROMPT_TOKEN + DELIVERED or (
        # The gateway may see the client go before it reads the usage: then its own count of the same text counts.
        row["estimated"] and row["charge"] == row["prompt_tokens"] * PROMPT_TOKEN + DELIVERED
    )
    await house.books_are_right()


@pytest.mark.parametrize("delay", [0.0, 0.001, 0.003, 0.01, 0.03])
@pytest.mark.parametrize("dialect", [*DIALECTS, COMPLETIONS], ids=str)
async def test_leaving_at_any_moment_settles_exactly_once(
    house: Installation, replica: Replica, tenant: Tenant, delay: float, dialect: Dialect
) -> None:
    """Before admission, while it runs, during the call, during the settlement: whatever the delay happens to hit."""
    await house.model("flow", upstream_model="long-50-2000", endpoints=("chat", "completions"))

    async def leave(streamed: bool) -> None:
        async with Connection(replica.port) as client:
            body = dialect.body("flow", stream=streamed)
            asking = asyncio.create_task(client.open("POST", dialect.path, body, key=tenant.key))
            await asyncio.sleep(delay)
            client.close()
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await asking

    await asyncio.gather(*(leave(bool(number % 2)) for number in range(24)))

    async def all_is_settled() -> bool | None:
        # Some of the requests may still be on their way through the gateway.
        spent = sum(row["charge"] for row in await house.requests(tenant))
        return (await house.wallet(tenant)).available == 100 * 10**9 - spent or None

    await until(all_is_settled, "the balance is not what the requests left")
    await house.books_are_right()
    assert {row["outcome"] for row in await house.requests(tenant)} <= {"client_left", "completed"}


async def test_body_that_never_ends_holds_nothing(house: Installation, replica: Replica, tenant: Tenant) -> None:
    async with Connection(replica.port) as client:
        await client.send("POST", CHAT, [("authorization", f"Bearer {tenant.key}"), ("content-length", "500")])
        client.writer.write(b'{"model":"ok",')
        await asyncio.sleep(0)
    assert await house.running() == 0
    assert await house.requests(tenant) == []


async def test_client_that_reads_nothing_is_let_go(house: Installation, tenant: Tenant) -> None:
    await house.model("flood", upstream_model="long-4000000", max_output=8_000_000)
    rich = await house.new_tenant("1000")
    async with (
        house.replica(SETTINGS | {"GATEWAY_CLIENT_STALL_SECONDS": "1"}) as replica,
        Connection(replica.port) as client,
    ):
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await client.send(
            "POST", CHAT, [("authorization", f"Bearer {rich.key}"), ("content-length", str(len(_FLOOD)))], _FLOOD
        )
        row = await house.only_request(rich)
        assert row["outcome"] == "client_left"
        assert row["completion_tokens"] < 4_000_000
    await house.books_are_right()


_FLOOD = b'{"model":"flood","stream":true,"messages":[{"role":"user","content":"hi"}]}'
