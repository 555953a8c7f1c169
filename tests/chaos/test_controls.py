"""Freeze, stop, revoke, limit, cap: when the command has returned, no replica admits anything against it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from omna.keys import service as keys
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, Tenant
from tests.harness.linter import read_stream
from tests.harness.replica import Replica
from tests.harness.wire import CHAT, Answer, Connection, ServerClosed, ask, chat

Pair = tuple[Replica, Replica]


@pytest.fixture(scope="module")
async def pair(house: Installation) -> AsyncIterator[Pair]:
    """Two replicas on one database."""
    await house.model("ok")
    # Nothing here may end by a deadline: only by a control.
    patient = SETTINGS | {"GATEWAY_PROGRESS_TIMEOUT": "60", "GATEWAY_ANSWER_TIMEOUT": "60"}
    async with house.replica(patient) as one, house.replica(patient) as two:
        yield one, two


@dataclass
class Load:
    """What clients hear while they ask without a pause: (when the request was sent, status, code)."""

    heard: list[tuple[float, int, str]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, sent: float, answer: Answer) -> None:
        self.heard.append((sent, answer.status, "" if answer.status == 200 else answer.error["code"]))
        self.news.set()

    async def wait_for(self, count: int, *, after: float = 0.0) -> None:
        """Return when so many answers to requests sent after a moment are there."""
        async with asyncio.timeout(30):
            while sum(sent > after for sent, _, _ in self.heard) < count:
                self.news.clear()
                await self.news.wait()

    def since(self, moment: float) -> set[tuple[int, str]]:
        return {(status, code) for sent, status, code in self.heard if sent > moment}


@contextlib.asynccontextmanager
async def load(pair: Pair, tenant: Tenant, model: str, clients: int = 4) -> AsyncIterator[Load]:
    """Keep both replicas busy with a tenant's requests for as long as the block runs."""
    heard = Load()
    stop = asyncio.Event()

    async def hammer(replica: Replica) -> None:
        async with Connection(replica.port) as client:
            while not stop.is_set():
                sent = time.monotonic()
                answer = await client.chat(tenant.key, model)
                heard.hear(sent, answer)

    tasks = [asyncio.create_task(hammer(pair[number % 2])) for number in range(clients)]
    try:
        yield heard
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def heard_on_both(pair: Pair, tenant: Tenant, model: str) -> list[tuple[int, str]]:
    return [(await chat(replica.port, tenant.key, model)).code for replica in pair]


async def admitted_after(house: Installation, tenant: Tenant, moment: datetime) -> int:
    """Return how many holds of a workspace were booked after a moment of the database's clock."""
    count: int = await house.connection.fetchval(
        "SELECT count(*) FROM transfers WHERE workspace_id = $1 AND kind = 'hold' AND booked_at > $2",
        tenant.workspace_id, moment,
    )  # fmt: skip
    return count


async def check(
    house: Installation,
    pair: Pair,
    tenant: Tenant,
    model: str,
    act: Callable[[], Awaitable[object]],
    expected: tuple[int, str],
) -> None:
    """Act under load; from the return on, both replicas say `expected` and the ledger holds nothing new."""
    async with load(pair, tenant, model) as heard:
        await heard.wait_for(20)
        assert 200 in {status for _, status, _ in heard.heard}
        await act()
        returned_at = time.monotonic()
        moment = await house.connection.fetchval("SELECT clock_timestamp()")
        await heard.wait_for(20, after=returned_at)
    assert heard.since(returned_at) == {expected}
    assert await admitted_after(house, tenant, moment) == 0
    assert await heard_on_both(pair, tenant, model) == [expected, expected]


async def command(house: Installation, *tokens: str) -> None:
    result = await house.omna(*tokens)
    assert result.code == 0, result.error


async def test_freeze_and_unfreeze(house: Installation, pair: Pair) -> None:
    tenant = await house.new_tenant()
    await check(
        house, pair, tenant, "ok", lambda: command(house, "freeze", tenant.email, "--reason", "under review"),
        (403, "account_frozen"),
    )  # fmt: skip
    refused = await chat(pair[0].port, tenant.key, "ok")
    assert "under review" in refused.error["message"]
    assert "metadata" in refused.error
    assert (await ask(pair[0].port, "GET", "/v1/credits", key=tenant.key)).status == 403
    assert (await chat(pair[0].port, house.tenant.key, "ok")).status == 200
    await command(house, "unfreeze", tenant.email)
    assert [(await chat(replica.port, tenant.key, "ok")).status for replica in pair] == [200, 200]
    await house.books_are_right()


@pytest.mark.parametrize("scope", ["all", "api", "provider:main", "model:ok"])
async def test_stop_and_resume(house: Installation, pair: Pair, scope: str) -> None:
    tenant = await house.new_tenant()
    await house.model("other", upstream_model="ok")
    await check(
        house, pair, tenant, "ok", lambda: command(house, "stop", "--scope", scope, "--reason", "drill"),
        (503, "emergency_stop"),
    )  # fmt: skip
    try:
        refused = await chat(pair[0].port, tenant.key, "ok", stream=True)
        assert refused.header("x-should-retry") == "false"
        assert refused.header("retry-after") == "60"
        assert refused.error["metadata"]["scope"] == scope
        other = await chat(pair[1].port, tenant.key, "other")
        assert other.status == (200 if scope == "model:ok" else 503)
        for path in ("/v1/models", "/v1/models/ok", "/v1/key", "/v1/credits"):
            assert (await ask(pair[0].port, "GET", path, key=tenant.key)).status == 200
        if scope in ("all", "api"):
            # Before authentication, whoever asks.
            for key in (None, "sk-nothing", "omna_" + "0" * 43 + "_04Ppzy"):
                unknown = await chat(pair[0].port, key, "ok")
                assert unknown.code == (503, "emergency_stop")
                assert unknown.error["metadata"]["scope"] == scope
            assert (await ask(pair[0].port, "POST", CHAT, b"{", key=tenant.key)).code == (503, "emergency_stop")
        else:
            assert (await chat(pair[0].port, "sk-nothing", "ok")).code == (401, "invalid_api_key")
    finally:
        await command(house, "resume", "--scope", scope)
    assert [(await chat(replica.port, tenant.key, "ok")).status for replica in pair] == [200, 200]
    await house.books_are_right()


async def test_stop_of_another_scope_stops_nothing_here(house: Installation, pair: Pair) -> None:
    for scope in ("chat", "recharge", "signup"):
        await command(house, "stop", "--scope", scope, "--reason", "drill")
        assert (await chat(pair[0].port, house.tenant.key, "ok")).status == 200
        await command(house, "resume", "--scope", scope)


async def test_revoked_key_and_switched_off_key(house: Installation, pair: Pair) -> None:
    tenant = await house.new_tenant()

    async def switch_off() -> None:
        async with house.connection.transaction():
            await keys.disable(
                house.connection,
                tenant.workspace_id,
                tenant.key_id,
                reason="leak",
                actor=house.actor,
            )

    async def revoke() -> None:
        async with house.connection.transaction():
            await keys.revoke(
                house.connection,
                tenant.workspace_id,
                tenant.key_id,
                reason="leak",
                actor=house.actor,
            )

    await check(house, pair, tenant, "ok", switch_off, (403, "key_disabled"))
    async with house.connection.transaction():
        await keys.enable(house.connection, tenant.workspace_id, tenant.key_id, reason="", actor=house.actor)
    await check(house, pair, tenant, "ok", revoke, (401, "invalid_api_key"))
    assert (await ask(pair[0].port, "GET", "/v1/key", key=tenant.key)).code == (401, "invalid_api_key")


async def test_daily_limit(house: Installation, pair: Pair) -> None:
    tenant = await house.new_tenant()
    await check(
        house, pair, tenant, "ok", lambda: command(house, "limit", tenant.email, "--daily", "0"),
        (402, "user_limit_exceeded"),
    )  # fmt: skip
    refused = await chat(pair[0].port, tenant.key, "ok")
    facts = refused.error["metadata"]
    assert (facts["limit_name"], facts["limit"], facts["scope"]) == ("user_daily", "0", "account")
    assert datetime.fromisoformat(facts["resets_at"]) > datetime.now(UTC)
    assert refused.header("x-should-retry") == "false"
    await command(house, "limit", tenant.email, "--daily", "none")
    assert (await chat(pair[1].port, tenant.key, "ok")).status == 200


async def test_provider_cap_and_model_cap(house: Installation, pair: Pair) -> None:
    tenant = await house.new_tenant()
    await check(
        house, pair, tenant, "ok", lambda: command(house, "provider", "cap", "main", "--daily", "0.000001"),
        (503, "spend_cap_reached"),
    )  # fmt: skip
    refused = await chat(pair[0].port, tenant.key, "ok")
    assert refused.error["metadata"]["limit_name"] == "provider_daily"
    assert refused.header("x-should-retry") == "false"
    assert refused.header("retry-after") == "60"
    await command(house, "provider", "cap", "main", "--daily", "none")
    await house.model("capped", upstream_model="ok")
    prices = ("--prompt-price", "2", "--completion-price", "8", "--provider", "main", "--upstream-model", "ok")
    await check(
        house, pair, tenant, "capped", lambda: command(house, "model", "add", "capped", *prices, "--cap-daily", "0"),
        (503, "spend_cap_reached"),
    )  # fmt: skip
    assert (await chat(pair[0].port, tenant.key, "capped")).error["metadata"]["limit_name"] == "model_daily"
    await house.books_are_right()


async def test_cap_is_never_exceeded_by_two_replicas(house: Installation, pair: Pair) -> None:
    tenant = await house.new_tenant()
    await house.model("budget", upstream_model="ok")
    # A request holds its prompt and ten tokens; twenty holds of them fit, less whatever they give back.
    one = 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
    prices = ("--prompt-price", "2", "--completion-price", "8", "--provider", "main", "--upstream-model", "ok")
    await command(house, "model", "add", "budget", *prices, "--cap-daily", "0.001")
    answers = await asyncio.gather(
        *(chat(pair[number % 2].port, tenant.key, "budget", max_tokens=10) for number in range(100))
    )
    await house.books_are_right()
    served = sum(answer.status == 200 for answer in answers)
    assert {answer.status for answer in answers} == {200, 503}
    row = await house.connection.fetchrow("SELECT spent, held FROM model_cost WHERE model_id = 'budget'")
    assert row is not None
    assert (row["spent"], row["held"]) == (served * one, 0)
    assert row["spent"] <= 1_000_000


@pytest.mark.parametrize("scope", ["all", "model:hang-mid-stream", "provider:main"])
async def test_stop_that_cuts_ends_running_streams_within_seconds(house: Installation, pair: Pair, scope: str) -> None:
    await house.model("hang-mid-stream")
    await house.model("hang-before-headers")
    tenant = await house.new_tenant()
    streams = [asyncio.create_task(cut_stream(replica, tenant)) for replica in pair]
    model = "hang-mid-stream" if scope.startswith("model:") else "hang-before-headers"
    silent = asyncio.create_task(chat(pair[0].port, tenant.key, model))
    await house.wait_for_running(3)
    # Without --cut-streams what runs goes on.
    await command(house, "stop", "--scope", scope, "--reason", "drill")
    assert await house.running() == 3
    try:
        stopped_at = time.monotonic()
        await command(house, "stop", "--scope", scope, "--cut-streams", "--reason", "drill")
        for answer in await asyncio.gather(*streams):
            reading = read_stream(answer.body)
            assert reading.error is not None
            assert reading.error["code"] == "emergency_stop"
            row = await house.request(answer.request_id)
            # Delivered output only: no prompt.
            assert (row["outcome"], row["charge"]) == ("cut", 4 * COMPLETION_TOKEN)
        assert time.monotonic() - stopped_at < 5
        answer = await silent
        assert answer.code == (503, "emergency_stop")
        assert (await house.request(answer.request_id))["charge"] == 0
    finally:
        await command(house, "resume", "--scope", scope)
    await house.books_are_right()


async def test_freeze_ends_running_streams_and_charges_prompt_and_output(house: Installation, pair: Pair) -> None:
    await house.model("hang-mid-stream")
    tenant = await house.new_tenant()
    streams = [asyncio.create_task(cut_stream(replica, tenant)) for replica in pair]
    await house.wait_for_running(2)
    await command(house, "freeze", tenant.email, "--reason", "fraud check")
    for answer in await asyncio.gather(*streams):
        reading = read_stream(answer.body)
        assert reading.error is not None
        assert reading.error["code"] == "account_frozen"
        assert "fraud check" in reading.error["message"]
        row = await house.request(answer.request_id)
        assert row["outcome"] == "frozen"
        assert row["charge"] == row["prompt_tokens"] * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
        assert row["prompt_tokens"] > 0
    await house.books_are_right()


async def cut_stream(replica: Replica, tenant: Tenant) -> Answer:
    return await chat(replica.port, tenant.key, "hang-mid-stream", stream=True)


async def test_controls_outlive_a_restart(house: Installation) -> None:
    tenant = await house.new_tenant()
    await command(house, "freeze", tenant.email, "--reason", "still")
    await command(house, "stop", "--scope", "model:ok", "--reason", "still")
    try:
        async with house.replica(SETTINGS) as replica:
            assert (await chat(replica.port, house.tenant.key, "ok")).code == (503, "emergency_stop")
            await replica.kill()
            await replica.start()
            assert (await chat(replica.port, house.tenant.key, "ok")).code == (503, "emergency_stop")
            await house.model("other", upstream_model="ok")
            assert (await chat(replica.port, tenant.key, "other")).code == (403, "account_frozen")
    finally:
        await command(house, "resume", "--scope", "model:ok")


async def test_stop_is_decided_before_the_body_is_read(house: Installation, pair: Pair) -> None:
    """A client that trickles a body learns of the stop all the same, and its request is never admitted."""
    async with Connection(pair[0].port) as client:
        body = b'{"model":"ok","messages":[{"role":"user","content":"hi"}]}'
        headers = [("authorization", f"Bearer {house.tenant.key}"), ("content-length", str(len(body)))]
        await client.send("POST", CHAT, headers)
        client.writer.write(body[:10])
        await command(house, "stop", "--scope", "all", "--reason", "drill")
        try:
            client.writer.write(body[10:])
            with contextlib.suppress(ServerClosed):
                assert (await (await client.head()).read()).code in ((503, "emergency_stop"), (408, "request_timeout"))
        finally:
            await command(house, "resume", "--scope", "all")
