"""A client of any dialect that goes away at any moment: the provider is let go within a second, what was delivered is
paid, and the hold is resolved once. test_disconnect.py has more of chat.
"""

import asyncio
import time
from collections.abc import Mapping

import pytest

from omna.gateway.metering import count_text
from tests.harness.dialects import COMPLETIONS, DIALECTS, Dialect
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, Tenant
from tests.harness.replica import Replica
from tests.harness.wire import Connection
from tests.upstream.scenarios import TEXT
from tests.upstream.server import Arrival

#: By kind of provider: what says nothing, what stops after four words, what has said everything but its end.
SCENARIOS: Mapping[str, Mapping[str, str]] = {
    "openai": {
        "headers": "hang-before-headers", "delta": "hang-comments", "middle": "hang-mid-stream", "end": "hang-after-finish"
    },
    "anthropic": {"headers": "hang-before-headers", "delta": "hang-pings", "middle": "hang-mid-stream"},
    "gemini": {"headers": "hang-before-headers", "middle": "hang-mid-stream"},
}  # fmt: skip

POINTS = [
    (kind, moment, dialect)
    for kind, moments in SCENARIOS.items()
    for moment in moments
    for dialect in (*DIALECTS, *((COMPLETIONS,) if kind == "openai" else ()))
]


@pytest.fixture(scope="module", autouse=True)
async def models(house: Installation) -> None:
    await house.add_provider("anthropic", house.upstream.base_url, kind="anthropic")
    await house.add_provider("gemini", house.upstream.gemini_url, kind="gemini")
    for kind, moments in SCENARIOS.items():
        for scenario in moments.values():
            await house.model(
                f"{kind}/{scenario}", upstream_model=scenario, provider="main" if kind == "openai" else kind,
                endpoints=("chat", "completions"),
            )  # fmt: skip


@pytest.fixture
async def tenant(house: Installation) -> Tenant:
    return await house.new_tenant()


async def leave(
    house: Installation, replica: Replica, tenant: Tenant, dialect: Dialect, model: str, *, stream: bool, seen: bytes
) -> Arrival:
    """Ask, go away when `seen` was read (b"": when the provider was asked), and return the provider's side of it."""
    before = len(house.upstream.journal)
    async with Connection(replica.port) as client:
        body = dialect.body(model, stream=stream)
        asking = asyncio.create_task(client.open("POST", dialect.path, body, key=tenant.key))
        arrival = await house.upstream.next_arrival(before)
        if seen:
            await (await asking).read_until(seen)
        left_at = time.monotonic()
        client.close()
        await arrival.was_left(left_at)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert len(house.upstream.journal) == before + 1
    return arrival


@pytest.mark.parametrize(("kind", "moment", "dialect"), POINTS, ids=str)
async def test_leaving_a_stream_at_any_point_frees_the_provider_and_is_charged_once(
    house: Installation, replica: Replica, tenant: Tenant, kind: str, moment: str, dialect: Dialect
) -> None:
    seen = {"headers": b"", "delta": dialect.heartbeat, "middle": b" fox", "end": b" fox"}[moment]
    arrival = await leave(house, replica, tenant, dialect, f"{kind}/{SCENARIOS[kind][moment]}", stream=True, seen=seen)
    await house.books_are_right()
    row = await house.only_request(tenant)
    assert row["outcome"] == "client_left"
    booked = await house.revenue(tenant)
    assert booked.get(row["request_id"], 0) == row["charge"] <= row["held"]
    if moment in ("headers", "delta"):
        assert (row["charge"], row["prompt_tokens"], row["completion_tokens"]) == (0, 0, 0)
        return
    # Prompt and delivered output: the provider's own count if it was read before the client was seen to go.
    assert row["completion_tokens"] == arrival.tokens_sent == count_text(TEXT)
    assert row["charge"] == row["prompt_tokens"] * PROMPT_TOKEN + row["completion_tokens"] * COMPLETION_TOKEN
    assert row["prompt_tokens"] == 9 or row["estimated"]
    assert row["estimated"] or moment == "end" or kind == "gemini"


@pytest.mark.parametrize(
    ("kind", "dialect"), [(kind, dialect) for kind, moment, dialect in POINTS if moment == "headers"], ids=str
)
async def test_leaving_before_a_whole_answer_is_there_costs_nothing(
    house: Installation, replica: Replica, tenant: Tenant, kind: str, dialect: Dialect
) -> None:
    await leave(house, replica, tenant, dialect, f"{kind}/hang-before-headers", stream=False, seen=b"")
    await house.books_are_right()
    row = await house.only_request(tenant)
    assert (row["outcome"], row["charge"], row["completion_tokens"]) == ("client_left", 0, 0)
