"""What is charged for each way a request can end (docs/concepts/billing.md)."""

import asyncio
from typing import Any

import pytest

from omna import errors
from omna.catalog.model import rates
from omna.gateway import metering
from omna.gateway.bill import COUNTED_PIECE, Bill, Outcome, usage_row
from omna.gateway.model import Reading, Tokens
from omna.providers.base import Choice, Chunk, Completion, Delta, ToolCall, Usage
from tests.unit.gateway.made import ticket

TEXT = "The quick brown fox jumps over the lazy dog."
TEXT_TOKENS = metering.count_text(TEXT)
USAGE = Usage(prompt=12, completion=TEXT_TOKENS, cached=4)


async def streamed(
    outcome: Outcome | None, *chunks: Chunk, amount: int = 10**15, bound: int = 1_000, request_price: int = 0
) -> Bill:
    made = Bill(ticket(rates(1_000_000, 2_000_000, request=request_price), amount=amount, bound=bound))
    for chunk in chunks:
        made.add(chunk)
    made.outcome = outcome
    return made


def said(text: str = TEXT) -> Chunk:
    return Chunk([Delta(content=text)])


def stated(usage: Usage | None = USAGE, *, invalid: bool = False) -> Chunk:
    return Chunk([Delta(finish_reason="stop")], usage, invalid)


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.CLIENT_LEFT, Outcome.EXHAUSTED])
async def test_providers_usage_is_billed_when_it_came_and_can_be_true(outcome: Outcome) -> None:
    receipt = (await streamed(outcome, said(), stated())).receipt()
    assert receipt.tokens == Tokens(12, TEXT_TOKENS, 4)
    assert receipt.charge.total == 12 + 2 * TEXT_TOKENS
    assert not receipt.estimated


@pytest.mark.parametrize(
    "last",
    [stated(None), stated(None, invalid=True), stated(Usage(12, 100_000)), stated(Usage(12, 0)), stated(Usage(0, 9))],
)
async def test_local_count_is_billed_and_marked_without_a_believable_usage(last: Chunk) -> None:
    receipt = (await streamed(Outcome.COMPLETED, said(), last)).receipt()
    assert receipt.tokens == Tokens(10, TEXT_TOKENS)
    assert receipt.charge.total == 10 + 2 * TEXT_TOKENS
    assert receipt.estimated


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_nothing_delivered_costs_nothing_however_it_ended(outcome: Outcome) -> None:
    receipt = (await streamed(outcome, Chunk([Delta()]), stated(), request_price=5)).receipt()
    assert (receipt.charge.total, receipt.tokens, receipt.estimated) == (0, Tokens(), False)


@pytest.mark.parametrize("outcome", [Outcome.CUT, Outcome.INTERRUPTED, Outcome.CRASHED])
async def test_broken_off_request_costs_its_delivered_output_alone(outcome: Outcome) -> None:
    receipt = (await streamed(outcome, said(), stated(), request_price=5)).receipt()
    assert receipt.tokens == Tokens(0, TEXT_TOKENS)
    assert receipt.charge.total == 2 * TEXT_TOKENS
    assert receipt.charge.unrounded == receipt.charge.completion


async def test_failed_request_costs_nothing_even_when_something_was_delivered() -> None:
    assert (await streamed(Outcome.FAILED, said())).receipt().charge.total == 0


async def test_frozen_stream_costs_its_prompt_and_what_was_delivered() -> None:
    receipt = (await streamed(Outcome.FROZEN, said(), stated())).receipt()
    assert receipt.tokens == Tokens(10, TEXT_TOKENS)
    assert receipt.estimated


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.CUT])
async def test_charge_is_never_more_than_the_hold(outcome: Outcome) -> None:
    assert (await streamed(outcome, said(), stated(), amount=7)).receipt().charge.total == 7


async def test_client_that_left_before_a_whole_answer_pays_nothing() -> None:
    made = Bill(ticket(streamed=False))
    made.add_answer(Completion([Choice(0, "stop", content=TEXT)], USAGE))
    made.outcome = Outcome.CLIENT_LEFT
    assert made.receipt().charge.total == 0


async def test_whole_answer_is_billed_over_all_choices() -> None:
    made = Bill(ticket(streamed=False, choices=2))
    made.add_answer(Completion([Choice(0, "stop", content=TEXT), Choice(1, "length", content=TEXT)]))
    made.outcome = Outcome.COMPLETED
    # Texts of all choices are counted as one, which may join two tokens at a seam.
    assert 2 * TEXT_TOKENS - 1 <= made.receipt().tokens.completion <= 2 * TEXT_TOKENS
    assert [finish.finish_reason for finish in made.finishes.values()] == ["stop", "length"]


async def test_every_kind_of_output_is_counted() -> None:
    call = ToolCall(0, "call_1", "look", '{"a":1}')
    made = await streamed(
        Outcome.COMPLETED, Chunk([Delta(reasoning=TEXT, refusal=TEXT, tool_calls=[call])]), stated(None)
    )
    assert made.receipt().tokens.completion >= 2 * TEXT_TOKENS + metering.count_text('look{"a":1}') - 2


async def test_output_that_is_no_text_is_never_nothing() -> None:
    made = await streamed(Outcome.COMPLETED, Chunk([Delta(extra={"audio": {"data": "AA=="}})]), stated(None))
    assert made.receipt().tokens.completion == 1


async def test_split_text_is_counted_as_one() -> None:
    pieces = [said(character) for character in TEXT]
    assert (await streamed(Outcome.COMPLETED, *pieces, stated(None))).receipt().tokens.completion == TEXT_TOKENS


async def test_progress_is_what_a_crash_would_charge() -> None:
    assert (await streamed(None, Chunk([Delta()]))).progress() == (10, None)
    assert (await streamed(None, said())).progress() == (10, TEXT_TOKENS)


async def test_more_is_wanted_before_the_hold_is_used_up_and_not_after_the_last_step() -> None:
    made = await streamed(None, bound=2_000)
    made.ticket.upstream_bound = 10_000
    assert not made.wants_more
    while not made.wants_more:
        made.add(said(TEXT + " "))
    assert made._count() + COUNTED_PIECE // 4 < 2_000
    assert not made.exhausted
    made.last_step = True
    assert not made.wants_more
    while not made.exhausted:
        made.add(said(TEXT + " "))
    assert 2_000 <= made._count() < 2_000 + TEXT_TOKENS + 2


async def test_bound_that_is_held_in_full_is_never_extended() -> None:
    made = await streamed(None, *[said()] * 100, bound=10)
    assert not made.wants_more


async def test_provider_that_goes_far_past_the_bound_it_was_sent_is_cut_off() -> None:
    made = await streamed(None, bound=20)
    while not made.exhausted:
        made.add(said())
    most = 20 * metering.TOLERANCE_FACTOR + metering.TOLERANCE_TOKENS
    assert most <= made._count() < most + TEXT_TOKENS + 2


async def test_abort_cancels_the_task_once_and_the_first_reason_stands() -> None:
    made: list[Bill] = []

    async def run() -> None:
        made.append(Bill(ticket()))
        await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    made[0].abort(Outcome.FROZEN, errors.AccountFrozen())
    made[0].abort(Outcome.CUT, errors.EmergencyStop())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (made[0].outcome, made[0].error_code) == (Outcome.FROZEN, "account_frozen")
    assert type(made[0].ticket.aborted) is errors.AccountFrozen


async def test_usage_row_holds_what_was_billed() -> None:
    made = await streamed(Outcome.COMPLETED, said(), stated())
    row = usage_row(made, made.receipt(), 0.0)
    assert row.unrounded == str(made.receipt().charge.unrounded)
    assert (row.prompt_tokens, row.completion_tokens, row.cached_tokens) == (12, TEXT_TOKENS, 4)
    assert (row.outcome, row.finish_reason, row.estimated) == ("completed", "stop", False)
    assert row.first_delta_ms <= row.duration_ms


async def test_providers_cost_is_that_of_the_route_and_at_most_what_is_held_for_it() -> None:
    made = await streamed(Outcome.COMPLETED, said(), stated())
    assert made.provider_charge(Tokens(1_000_000, 1_000_000)) == 2
    made.ticket.provider_amount = type(made.ticket.provider_amount)(1)
    assert made.provider_charge(Tokens(1_000_000, 1_000_000)) == 1


async def test_pictures_of_an_answer_are_counted_and_priced_each() -> None:
    made = Bill(ticket(rates(1_000_000, 2_000_000, image=7)))
    made.add_answer(Completion([Choice(0, "stop", content=TEXT, extra={"images": [{}, {}]})], USAGE))
    made.outcome = Outcome.COMPLETED
    receipt = made.receipt()
    assert receipt.tokens == Tokens(12, TEXT_TOKENS, 4, images=2)
    assert receipt.charge.total == 12 + 2 * TEXT_TOKENS + 2 * 7
    assert usage_row(made, receipt, 0.0).units == {"images": 2}


async def test_pictures_delivered_before_a_break_are_charged_without_prompt_and_request() -> None:
    made = Bill(ticket(rates(1_000_000, 2_000_000, image=7, request=5)))
    made.add(Chunk([Delta(extra={"images": [{}]}), Delta(extra={"annotations": [{}], "images": "none"})]))
    made.outcome = Outcome.INTERRUPTED
    receipt = made.receipt()
    assert receipt.tokens == Tokens(0, 1, images=1)
    assert (receipt.charge.total, receipt.charge.request, receipt.charge.image) == (9, 0, 7 * 10**6)


async def test_an_ordinary_row_has_no_units() -> None:
    made = await streamed(Outcome.COMPLETED, said(), stated())
    assert usage_row(made, made.receipt(), 0.0).units is None


async def test_sound_that_a_provider_counted_is_in_the_row_and_its_price_in_the_charge() -> None:
    made = Bill(ticket(rates(1_000_000, 1_000_000, audio_prompt=9_000_000, audio_completion=3_000_000)))
    heard = Usage(12, 100, audio_prompt=8, audio_completion=100)
    made.add(Chunk([Delta(extra={"audio": {"data": "AAAA"}}, finish_reason="stop")], heard))
    made.outcome = Outcome.COMPLETED
    receipt = made.receipt()
    assert not receipt.estimated
    assert receipt.charge.total == 4 + 8 * 9 + 100 * 3
    assert usage_row(made, receipt, 0.0).units == {"audio_prompt_tokens": 8, "audio_completion_tokens": 100}


def read(tokens: Tokens, **changes: Any) -> Reading:
    return Reading(tokens=tokens, estimated=False, answer=b"", **changes)


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_measured_counts_are_charged_for_a_whole_answer_alone(outcome: Outcome) -> None:
    made = Bill(ticket(rates(1_000_000, 0, image=500), streamed=False, endpoint="images"))
    made.add_reading(read(Tokens(3, images=2)))
    made.outcome = outcome
    free = outcome in (Outcome.CLIENT_LEFT, Outcome.FAILED)
    assert made.receipt().charge.total == (0 if free else 1_003)
    assert made.receipt().tokens == (Tokens() if free else Tokens(3, images=2))


async def test_measured_counts_are_never_charged_above_the_hold_nor_where_they_are_free_or_nothing() -> None:
    for amount, endpoint, delivers, charged in (
        (900, "images", True, 900), (900, "moderations", True, 0), (900, "images", False, 0),
    ):  # fmt: skip
        made = Bill(ticket(rates(1_000_000, 0, request=9, image=500), amount=amount, streamed=False, endpoint=endpoint))
        made.add_reading(read(Tokens(3, images=2), delivers=delivers))
        made.outcome = Outcome.COMPLETED
        receipt = made.receipt()
        assert receipt.charge.total == charged
        assert receipt.charge.unrounded == (0 if charged == 0 else 1_012_000_000)
