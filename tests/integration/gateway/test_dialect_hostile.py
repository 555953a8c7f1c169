"""What no provider may do to a client in any dialect: break its characters, or its balance by prices and usage."""

import asyncio
from typing import Any

import pytest

from omna.catalog.model import LARGEST_RATE, Rates, rates
from omna.ids import parse
from tests.harness.dialects import DIALECTS, Dialect
from tests.harness.installation import PRICES, Installation
from tests.harness.replica import Replica
from tests.harness.wire import ask
from tests.upstream import anthropic_scenarios, gemini_scenarios
from tests.upstream.outcomes import LIES
from tests.upstream.scenarios import SPLIT_TEXT, SPLITS

#: Of a token, of a request; as low and as high as prices get.
HOSTILE_PRICES: dict[str, Rates] = {
    "nothing": rates(0, 0),
    "cached-dearest": rates(1, 1, cached=10**12, cache_write=10**12, reasoning=10**12),
    "request-alone": rates(0, 0, request=7),
    "credit-a-token": rates(10**15, 10**15),
    "the-most": rates(LARGEST_RATE, LARGEST_RATE, request=LARGEST_RATE),
}
USAGES = {
    "main": LIES,
    "anthropic": list(anthropic_scenarios.USAGES),
    "gemini": list(gemini_scenarios.USAGES),
}


@pytest.fixture(scope="module", autouse=True)
async def providers(house: Installation) -> None:
    await house.add_provider("anthropic", house.upstream.base_url, kind="anthropic")
    await house.add_provider("gemini", house.upstream.gemini_url, kind="gemini")


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
async def test_characters_cut_at_every_byte_arrive_whole(
    house: Installation, replica: Replica, dialect: Dialect
) -> None:
    for at in SPLITS:
        await house.model(f"split-{at}")
    tenant = await house.new_tenant()
    gate = asyncio.Semaphore(16)

    async def stream(at: int) -> str:
        async with gate:
            body = dialect.body(f"split-{at}", stream=True)
            answer = await ask(replica.port, "POST", dialect.path, body, key=tenant.key)
        heard = dialect.heard(answer, stream=True)
        assert (heard.error, heard.usage) == (None, (9, 4))
        return heard.text

    assert set(await asyncio.gather(*map(stream, SPLITS))) == {SPLIT_TEXT}
    rows = await house.requests(tenant)
    assert {(row["completion_tokens"], row["estimated"]) for row in rows} == {(4, False)}
    assert len(rows) == len(SPLITS)
    await house.books_are_right()


@pytest.mark.parametrize("price", HOSTILE_PRICES)
async def test_no_price_and_no_usage_raises_a_balance_or_costs_more_than_was_held(
    house: Installation, replica: Replica, price: str
) -> None:
    workers = replica.worker_pids()
    balance = 10_000 * 10**9
    tenant = await house.new_tenant("10000")
    gate = asyncio.Semaphore(16)

    async def play(model: str, dialect: Dialect, streamed: bool) -> tuple[Any, int]:
        async with gate:
            body = dialect.body(model, stream=streamed, max_tokens=20)
            answer = await ask(replica.port, "POST", dialect.path, body, key=tenant.key)
        if answer.status != 200:
            assert dialect.code(answer) == (402, "insufficient_credits")
            return parse(answer.request_id, "req"), 0
        heard = dialect.heard(answer, stream=streamed)
        assert heard.error is None
        assert heard.cost is not None
        return parse(answer.request_id, "req"), heard.cost

    models = [
        await house.model(
            f"{provider}/{lie}/{price}", upstream_model=f"usage-{lie}", prices=HOSTILE_PRICES[price], costs=PRICES,
            provider=provider,
        )
        for provider, lies in USAGES.items()
        for lie in lies
    ]  # fmt: skip
    told = dict(
        await asyncio.gather(
            *(play(model, dialect, streamed) for model in models for dialect in DIALECTS for streamed in (True, False))
        )
    )
    await house.books_are_right()
    rows = await house.requests(tenant)
    booked = await house.revenue(tenant)
    for row in rows:
        assert 0 <= row["charge"] <= row["held"]
        assert booked.get(row["request_id"], 0) == row["charge"] == told[row["request_id"]]
    wallet = await house.wallet(tenant)
    assert (wallet.available, wallet.held, wallet.debt) == (balance - sum(row["charge"] for row in rows), 0, 0)
    assert 0 <= wallet.available <= balance
    assert replica.worker_pids() == workers
    match price:
        case "nothing":
            assert wallet.available == balance
        case "the-most":
            assert rows == []
        case _:
            assert len(rows) == len(told)
            assert all(row["charge"] > 0 for row in rows)
