"""Random aborts, faults and retries at once: every count of what happened agrees afterwards."""

import asyncio
import contextlib
import random
from collections import Counter

import pytest

from omna.ids import parse
from omna.money import parse_credits
from tests.harness import depth
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation
from tests.harness.linter import read_stream
from tests.harness.wire import CHAT, HI, Connection, ServerClosed

pytestmark = pytest.mark.slow

SCENARIOS = [
    "ok", "ok", "ok", "long-40-400", "long-40-400", "reset-mid-stream", "fin-mid-stream", "error-mid-stream",
    "refuse-500", "status-429", "html-200", "usage-huge", "usage-negative", "usage-missing", "empty-answer", "malformed-json",
    "reset-before-headers", "tools-clean", "unicode-separators", "usage-every-chunk", "crlf", "one-byte-chunks",
]  # fmt: skip
#: More than any client may be charged for one of them.
MOST = 100 * PROMPT_TOKEN + 200 * COMPLETION_TOKEN


async def test_storm_of_aborts_and_faults_leaves_every_count_right(
    house: Installation, request: pytest.FixtureRequest
) -> None:
    dice = random.Random(request.config.getoption("--hypothesis-seed"))
    for scenario in set(SCENARIOS):
        await house.model(scenario)
    tenant = await house.new_tenant("1")
    stated: dict[str, int] = {}
    heard: Counter[int] = Counter()

    async def one_request(port: int, scenario: str, streamed: bool, patience: float | None) -> None:
        fields = {"stream": True, "stream_options": {"include_usage": True}} if streamed else {}
        body = {"model": scenario, "messages": HI, "max_tokens": 150, **fields}
        async with Connection(port) as client:
            with contextlib.suppress(TimeoutError, ServerClosed):
                async with asyncio.timeout(patience):
                    answer = await (await client.open("POST", CHAT, body, key=tenant.key)).read()
                heard[answer.status] += 1
                if answer.status != 200:
                    assert answer.status in (402, 429, 502, 503)
                    stated[answer.request_id] = 0
                    return
                usage = read_stream(answer.body, include_usage=True).usage if streamed else answer.json["usage"]
                if usage is not None:
                    stated[answer.request_id] = parse_credits(usage["cost_details"]["total"])

    async with house.replica(SETTINGS) as one, house.replica(SETTINGS, workers=2) as two:
        for _ in range(depth.of(3, 6)):
            await asyncio.gather(
                *(
                    one_request(
                        dice.choice((one, two)).port,
                        dice.choice(SCENARIOS),
                        dice.random() < 0.6,
                        dice.uniform(0, 0.2) if dice.random() < 0.4 else None,
                    )
                    for _ in range(80)
                )
            )
            wallet = await house.wallet(tenant)
            assert wallet.available >= 0
            assert wallet.held >= 0
        await house.books_are_right()
    rows = {row["request_id"]: row for row in await house.requests(tenant)}
    # What a client was told is what was booked.
    for request_id, cost in stated.items():
        row = rows.get(parse(request_id, "req"))
        assert (row["charge"] if row is not None else 0) == cost
    # Nothing is charged for nothing, nothing above a bound, and the balance is what is left.
    for row in rows.values():
        assert 0 <= row["charge"] <= MOST
        if row["outcome"] == "failed":
            assert row["charge"] == 0
    wallet = await house.wallet(tenant)
    assert (wallet.available, wallet.held) == (10**9 - sum(row["charge"] for row in rows.values()), 0)
    # Output that was paid for was produced: the provider's own journal is not below it.
    produced = sum(arrival.tokens_sent for arrival in house.upstream.journal if arrival.model.startswith("long-"))
    paid = sum(row["completion_tokens"] for row in rows.values() if row["model_id"].startswith("long-"))
    assert 0 < paid <= produced
    assert heard[200] > depth.of(50, 100)
    assert {row["outcome"] for row in rows.values()} >= {"completed", "client_left", "interrupted", "failed"}
