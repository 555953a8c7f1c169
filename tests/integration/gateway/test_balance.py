"""Nobody overspends by concurrency, and nobody is refused for nothing."""

import asyncio
import resource
from collections import Counter
from collections.abc import Iterator

import pytest

from omna.catalog.model import rates
from omna.money import format_credits, parse_credits
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, Installation
from tests.harness.linter import read_stream
from tests.harness.replica import Replica
from tests.harness.wire import Answer, chat

ONLY_OUTPUT = rates(0, COMPLETION_TOKEN * 1_000_000)
TOKENS = 50
#: A thousand callers at once may wait longer for each other than for a provider.
PATIENT = SETTINGS | {
    "GATEWAY_FIRST_BYTE_TIMEOUT": "60", "GATEWAY_PROGRESS_TIMEOUT": "60", "GATEWAY_ANSWER_TIMEOUT": "60",
}  # fmt: skip
CHARGE = TOKENS * COMPLETION_TOKEN


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    """Two thousand sockets in this process: clients and upstream."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def check_402(answer: Answer, balance: int) -> None:
    """A refusal shows numbers that add up, and says that trying again is no use."""
    assert answer.code == (402, "insufficient_credits")
    assert answer.header("x-should-retry") == "false"
    assert answer.header("retry-after") is None
    error = answer.error
    assert error["type"] == "insufficient_quota"
    facts = error["metadata"]
    assert (facts["limit_name"], facts["scope"], facts["unit"]) == ("balance", "account", "credits")
    limit, used, held, required, available = (
        parse_credits(facts[name]) for name in ("limit", "used", "held", "required", "available")
    )
    assert available == limit - used - held < required
    assert used == 0
    assert 0 <= limit <= balance
    assert facts["held"] in error["message"]
    assert facts["resets_at"] is None
    assert facts["remedy"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_thousand_at_once_on_a_balance_for_a_hundred(house: Installation, workers: int, streamed: bool) -> None:
    model = await house.model(f"exact-{workers}-{streamed}", upstream_model=f"long-{TOKENS}-100", prices=ONLY_OUTPUT)
    tenant = await house.new_tenant(format_credits(100 * CHARGE))
    calls_before = len(house.upstream.journal)
    async with house.replica(PATIENT, workers=workers) as replica:
        answers = await asyncio.gather(
            *(chat(replica.port, tenant.key, model, max_tokens=TOKENS, stream=streamed) for _ in range(1000))
        )
        assert Counter(answer.status for answer in answers) == {200: 100, 402: 900}
        for answer in answers:
            if answer.status == 402:
                check_402(answer, 100 * CHARGE)
            elif streamed:
                assert read_stream(answer.body).content == "tok " * TOKENS
            else:
                assert answer.json["usage"]["cost_details"]["total"] == format_credits(CHARGE)
        await house.books_are_right()
    wallet = await house.wallet(tenant)
    assert (wallet.available, wallet.held, wallet.debt) == (0, 0, 0)
    assert [row["charge"] for row in await house.requests(tenant)] == [CHARGE] * 100
    # A refusal calls no provider and leaves no line in the ledger.
    assert len(house.upstream.journal) - calls_before == 100
    booked = await house.connection.fetch(
        "SELECT kind::text AS kind, count(*) AS count FROM transfers WHERE workspace_id = $1 GROUP BY kind",
        tenant.workspace_id,
    )
    assert {record["kind"]: record["count"] for record in booked} == {"adjustment": 1, "hold": 100, "settle": 100}


async def test_holds_above_the_charge_let_through_what_the_balance_covers(house: Installation) -> None:
    model = await house.model("loose", upstream_model=f"long-{TOKENS}-100", prices=ONLY_OUTPUT)
    tenant = await house.new_tenant(format_credits(100 * CHARGE))
    async with house.replica(PATIENT, workers=2) as replica:
        answers = await asyncio.gather(
            *(chat(replica.port, tenant.key, model, max_tokens=2 * TOKENS) for _ in range(1000))
        )
        for answer in answers:
            if answer.status != 200:
                check_402(answer, 100 * CHARGE)
        served = sum(answer.status == 200 for answer in answers)
        # Fifty holds fit at once; the last half of the balance's last hold can never be held again.
        assert 50 <= served <= 99
        await house.books_are_right()
        wallet = await house.wallet(tenant)
        assert (wallet.available, wallet.held) == ((100 - served) * CHARGE, 0)
        # What is left is served one by one, as long as a hold fits.
        model = await house.model("loose-fast", upstream_model=f"long-{TOKENS}", prices=ONLY_OUTPUT)
        for _ in range(99 - served):
            assert (await chat(replica.port, tenant.key, model, max_tokens=2 * TOKENS)).status == 200
        check_402(await chat(replica.port, tenant.key, model, max_tokens=2 * TOKENS), CHARGE)
    wallet = await house.wallet(tenant)
    assert (wallet.available, wallet.held) == (CHARGE, 0)


async def test_refusal_names_what_running_requests_hold(house: Installation, replica: Replica) -> None:
    model = await house.model("held", upstream_model="hang-before-headers", prices=ONLY_OUTPUT)
    tenant = await house.new_tenant(format_credits(3 * CHARGE))
    running = [asyncio.ensure_future(chat(replica.port, tenant.key, model, max_tokens=TOKENS)) for _ in range(2)]
    await house.wait_for_running(2)
    answer = await chat(replica.port, tenant.key, model, max_tokens=2 * TOKENS)
    check_402(answer, 3 * CHARGE)
    facts = answer.error["metadata"]
    assert [facts[name] for name in ("limit", "held", "available", "required")] == [
        format_credits(amount) for amount in (3 * CHARGE, 2 * CHARGE, CHARGE, 2 * CHARGE)
    ]
    assert {answer.status for answer in await asyncio.gather(*running)} == {504}
    await house.books_are_right()
    assert (await house.wallet(tenant)).available == 3 * CHARGE


async def test_promo_credits_pay_first_and_paid_ones_the_rest(house: Installation, replica: Replica) -> None:
    model = await house.model("mixed", upstream_model=f"long-{TOKENS}", prices=ONLY_OUTPUT)
    tenant = await house.new_tenant(format_credits(CHARGE // 2), promo=True)
    assert (await chat(replica.port, tenant.key, model, max_tokens=TOKENS)).status == 402
    assert (await house.omna("credit", tenant.email, format_credits(CHARGE), "--reason", "more")).code == 0
    assert (await chat(replica.port, tenant.key, model, max_tokens=TOKENS)).status == 200
    await house.books_are_right()
    wallet = await house.wallet(tenant)
    assert (wallet.available_promo, wallet.available_paid) == (0, CHARGE // 2)


async def test_explicit_max_tokens_beyond_the_balance_is_refused_with_numbers(
    house: Installation, replica: Replica
) -> None:
    model = await house.model("bounded", upstream_model="long-5", prices=ONLY_OUTPUT, max_output=1000)
    tenant = await house.new_tenant(format_credits(CHARGE))
    for streamed in (False, True):
        answer = await chat(replica.port, tenant.key, model, max_tokens=TOKENS + 1, stream=streamed)
        check_402(answer, CHARGE)
        assert answer.error["metadata"]["required"] == format_credits(CHARGE + COMPLETION_TOKEN)
    # Both names of the field bound the hold, and a bound above the model's maximum counts as the maximum.
    assert (await chat(replica.port, tenant.key, model, max_completion_tokens=TOKENS, max_tokens=9000)).status == 200
    sent = house.upstream.journal[-1].body
    assert sent.get("max_tokens", sent.get("max_completion_tokens")) == TOKENS
    assert (await house.wallet(tenant)).available == CHARGE - 5 * COMPLETION_TOKEN


async def test_whole_answer_without_max_tokens_is_bounded_by_what_the_balance_affords(
    house: Installation, replica: Replica
) -> None:
    model = await house.model("afford", upstream_model="long-5", prices=ONLY_OUTPUT, max_output=1000)
    tenant = await house.new_tenant(format_credits(CHARGE))
    answer = await chat(replica.port, tenant.key, model)
    assert answer.status == 200
    assert house.upstream.journal[-1].body["max_tokens"] == TOKENS
    row = await house.request(answer.request_id)
    assert (row["held"], row["charge"]) == (CHARGE, 5 * COMPLETION_TOKEN)
    assert (await chat(replica.port, house.tenant.key, model)).status == 200
    assert house.upstream.journal[-1].body["max_tokens"] == 1000


async def test_last_credits_end_in_402_and_not_in_an_answer_of_no_tokens(house: Installation, replica: Replica) -> None:
    model = await house.model("crumbs", upstream_model="long-5", prices=ONLY_OUTPUT, max_output=1000)
    tenant = await house.new_tenant(format_credits(COMPLETION_TOKEN - 1))
    calls = len(house.upstream.journal)
    for streamed in (False, True):
        check_402(await chat(replica.port, tenant.key, model, stream=streamed), COMPLETION_TOKEN - 1)
    assert len(house.upstream.journal) == calls


async def test_stream_without_max_tokens_grows_its_hold_in_steps(house: Installation) -> None:
    model = await house.model("growing", upstream_model="long-2000-2000", prices=ONLY_OUTPUT, max_output=100_000)
    tenant = await house.new_tenant("10")
    async with house.replica(SETTINGS | {"GATEWAY_STREAM_STEP_TOKENS": "700"}) as replica:
        answer = await chat(replica.port, tenant.key, model, stream=True, stream_options={"include_usage": True})
        reading = read_stream(answer.body, include_usage=True)
    assert (reading.content, reading.finish[0]) == ("tok " * 2000, "stop")
    assert reading.usage is not None
    assert reading.usage["cost_details"]["total"] == format_credits(2000 * COMPLETION_TOKEN)
    row = await house.request(answer.request_id)
    assert row["charge"] == 2000 * COMPLETION_TOKEN <= row["held"]
    kinds = await house.connection.fetch(
        "SELECT kind::text FROM transfers WHERE workspace_id = $1 ORDER BY seq", tenant.workspace_id
    )
    steps = [record["kind"] for record in kinds][1:]
    assert (steps[0], steps[-1]) == ("hold", "settle")
    assert set(steps[1:-1]) == {"extend"}
    assert len(steps[1:-1]) >= 2
    await house.books_are_right()


async def test_stream_ends_with_length_and_the_reason_when_the_balance_ends(house: Installation) -> None:
    model = await house.model(
        "endless-balance", upstream_model="long-100000-4000", prices=ONLY_OUTPUT, max_output=10**6
    )
    tenant = await house.new_tenant(format_credits(2000 * COMPLETION_TOKEN))
    async with house.replica(SETTINGS | {"GATEWAY_STREAM_STEP_TOKENS": "700"}) as replica:
        answer = await chat(replica.port, tenant.key, model, stream=True)
        reading = read_stream(answer.body)
    assert reading.error is None
    assert (reading.finish[0], reading.native_finish[0]) == ("length", "credits_exhausted")
    row = await house.request(answer.request_id)
    await house.books_are_right()
    wallet = await house.wallet(tenant)
    assert row["outcome"] == "exhausted"
    assert row["charge"] == 2000 * COMPLETION_TOKEN - wallet.available
    # Nearly all of it was used, and next to nothing was delivered that could not be charged.
    delivered = len(reading.content) // len("tok ")
    assert row["completion_tokens"] >= 1400
    assert delivered * COMPLETION_TOKEN <= row["charge"] * 1.1


async def test_daily_limit_in_the_middle_of_a_stream_ends_it_like_an_empty_balance(house: Installation) -> None:
    model = await house.model("endless-limit", upstream_model="long-100000-4000", prices=ONLY_OUTPUT, max_output=10**6)
    tenant = await house.new_tenant("10")
    limit = format_credits(1500 * COMPLETION_TOKEN)
    assert (await house.omna("limit", tenant.email, "--daily", limit)).code == 0
    async with house.replica(SETTINGS | {"GATEWAY_STREAM_STEP_TOKENS": "700"}) as replica:
        answer = await chat(replica.port, tenant.key, model, stream=True)
    reading = read_stream(answer.body)
    assert (reading.error, reading.finish[0]) == (None, "length")
    assert (await house.request(answer.request_id))["charge"] <= 1500 * COMPLETION_TOKEN
    await house.books_are_right()
