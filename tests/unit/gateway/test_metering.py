import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.catalog.model import LARGEST_RATE, Rates, rates
from omna.gateway import metering
from omna.gateway.model import Tokens
from omna.money import LARGEST_AMOUNT, NANO_PER_CREDIT, TOKENS_PER_PRICE
from omna.providers.base import Usage
from tests.unit.gateway.made import call, price

amounts = st.integers(0, 10**12)
some_rates = st.builds(Rates, amounts, amounts, amounts, amounts, amounts, amounts)


@st.composite
def some_tokens(draw: st.DrawFn) -> Tokens:
    prompt, completion = draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6))
    cached = draw(st.integers(0, prompt))
    return Tokens(prompt, completion, cached, draw(st.integers(0, prompt - cached)), draw(st.integers(0, completion)))


@given(some_tokens(), some_rates)
def test_charge_is_the_exact_sum_of_all_classes_rounded_up_once(tokens: Tokens, of: Rates) -> None:
    exact = (
        (tokens.prompt - tokens.cached - tokens.cache_write) * of.prompt + tokens.cached * of.cached
        + tokens.cache_write * of.cache_write + (tokens.completion - tokens.reasoning) * of.completion
        + tokens.reasoning * of.reasoning + of.request * TOKENS_PER_PRICE
    )  # fmt: skip
    made = metering.charge(tokens, of)
    assert made.unrounded == exact
    assert 0 <= made.total * TOKENS_PER_PRICE - exact < TOKENS_PER_PRICE


@given(st.integers(0, 10**6), st.integers(0, 10**6), amounts, amounts)
def test_class_without_a_price_of_its_own_costs_what_it_is_part_of(
    prompt: int, completion: int, prompt_price: int, completion_price: int
) -> None:
    of = rates(prompt_price, completion_price)
    plain = metering.charge(Tokens(prompt, completion), of)
    split = metering.charge(Tokens(prompt, completion, prompt // 2, prompt // 3, completion // 2), of)
    assert split.total == plain.total


def test_parts_below_a_nanocredit_are_rounded_together_and_not_one_by_one() -> None:
    made = metering.charge(Tokens(1, 1, 0, 0, 0), rates(400_000, 600_000))
    assert made.total == 1
    assert metering.charge(Tokens(1, 1), rates(400_001, 600_000)).total == 2


def test_nothing_costs_nothing_and_a_request_price_is_not_divided() -> None:
    assert metering.charge(Tokens(), rates(5, 5)).total == 0
    assert metering.charge(Tokens(), rates(0, 0, request=7)).total == 7


@pytest.mark.parametrize("tokens", [Tokens(1, 0, 2), Tokens(5, 0, 3, 3), Tokens(0, 1, 0, 0, 2)])
def test_part_larger_than_its_whole_is_never_priced(tokens: Tokens) -> None:
    with pytest.raises(AssertionError):
        metering.charge(tokens, rates(1, 1))


def test_charge_is_never_more_than_what_is_held_and_its_parts_stay_true() -> None:
    made = metering.charge(Tokens(10, 10), rates(10**6, 10**6), most=5)
    assert (made.total, made.unrounded) == (5, 20 * 10**6)


@given(
    st.integers(1, 10**5), st.integers(1, 10**5), some_rates, st.integers(0, 100), st.integers(0, 100),
    st.integers(0, 100), st.integers(0, 100), st.integers(0, 100),
)  # fmt: skip
def test_worst_case_covers_every_usage_within_the_bound(
    prompt: int, bound: int, of: Rates, grown: int, cached: int, written: int, completed: int, reasoned: int
) -> None:
    """Whatever mix of classes: the provider may count the prompt up to a quarter longer than Omna does."""
    counted = prompt * (100 + grown * (metering.HOLD_PERCENT - 100) // 100) // 100
    completion = bound * completed // 100
    in_cache = counted * cached // 100
    tokens = Tokens(counted, completion, in_cache, (counted - in_cache) * written // 100, completion * reasoned // 100)
    most = metering.worst_case(call(prompt_tokens=prompt), price(of), bound)
    assert metering.charge(tokens, of).total <= most


def test_absurd_call_is_held_for_an_amount_that_the_database_can_add_up() -> None:
    """One that is beyond 64 bits would fail the whole batch it is decided in."""
    most = metering.worst_case_at(rates(LARGEST_RATE, LARGEST_RATE), 2**31, 128 * (2**31 - 1))
    assert 10**9 * NANO_PER_CREDIT < most <= LARGEST_AMOUNT // 4


@given(some_rates, st.integers(0, 10**5), st.integers(0, 10**15))
def test_affordable_output_is_the_most_that_fits(of: Rates, prompt: int, available: int) -> None:
    output = metering.output_affordable(price(of), prompt, available)
    if metering.worst_case_at(of, prompt, 0) > available:
        assert output == 0
    else:
        assert metering.worst_case_at(of, prompt, output) <= available
        if max(of.completion, of.reasoning):
            # The prompt was rounded up by itself, so at most one nanocredit of room is given away.
            assert metering.worst_case_at(of, prompt, output + 1) > available - 1


@pytest.mark.parametrize(
    ("usage", "prompt", "text", "believed"),
    [
        (Usage(100, 50), 100, 50, True),
        (Usage(100, 50, 40, 60, 30), 100, 20, True),
        (None, 100, 50, False),
        # A part is never more than its whole.
        (Usage(100, 50, 60, 60), 100, 50, False),
        (Usage(100, 50, 101), 100, 50, False),
        (Usage(100, 50, 0, 0, 51), 100, 50, False),
        # The prompt may be twice and 64 tokens longer than ours, or fill the context.
        (Usage(264, 50), 100, 50, True),
        (Usage(265, 50), 100, 50, False),
        # Nothing was asked, or nothing answered, although there is text.
        (Usage(0, 50), 100, 50, False),
        (Usage(100, 0), 100, 1, False),
        (Usage(100, 0), 100, 0, True),
        # Visible text is held against our count, both ways; reasoning only against the bound.
        (Usage(100, 164), 100, 50, True),
        (Usage(100, 165), 100, 50, False),
        (Usage(100, 165, 0, 0, 1), 100, 50, True),
        (Usage(100, 20), 100, 104, True),
        (Usage(100, 20), 100, 105, False),
        (Usage(100, 900, 0, 0, 900), 100, 0, True),
        (Usage(100, 1001, 0, 0, 1001), 100, 0, False),
    ],
)  # fmt: skip
def test_usage_is_believed_within_reason(usage: Usage | None, prompt: int, text: int, believed: bool) -> None:
    tokens = metering.believe(usage, prompt=prompt, text=text, context=None, output_bound=1_000)
    if not believed:
        assert tokens is None
    else:
        assert usage is not None
        assert tokens == Tokens(usage.prompt, usage.completion, usage.cached, usage.cache_write, usage.reasoning)


def test_long_context_makes_a_long_prompt_believable() -> None:
    assert metering.believe(Usage(4_000, 1), prompt=10, text=1, context=4_096, output_bound=9) is not None
    assert metering.believe(Usage(5_000, 1), prompt=10, text=1, context=4_096, output_bound=9) is None


def test_text_is_counted_in_tokens_and_a_huge_one_bounded_by_its_bytes() -> None:
    assert metering.count_text("") == 0
    assert 0 < metering.count_text("Plan my AI workflow") < 10
    huge = "ä" * (metering.LONGEST_COUNTED_TEXT + 1)
    assert metering.count_text(huge) == 2 * len(huge)
    # Text that looks like a control token is text.
    assert metering.count_text("<|endoftext|>") > 1


def test_prompt_counts_messages_tools_and_pictures() -> None:
    plain = metering.count_prompt({"messages": [{"role": "user", "content": "hello"}]})
    parts = metering.count_prompt({"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]})
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 50_000}}
    with_picture = metering.count_prompt({"messages": [{"role": "user", "content": [picture]}]})
    sound = {"type": "input_audio", "input_audio": {"data": "A" * 6_000, "format": "wav"}}
    with_sound = metering.count_prompt({"messages": [{"role": "user", "content": [sound]}]})
    tools = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
    assert 0 < plain <= parts < 30
    assert metering.IMAGE_TOKENS <= with_picture < metering.IMAGE_TOKENS + 20
    assert 1_000 <= with_sound < 1_030
    assert metering.count_prompt({"messages": [{"role": "user", "content": "hello"}], "tools": tools}) > plain + 5


def test_deeply_nested_prompt_is_counted_without_recursion() -> None:
    nested: object = "deep"
    for _ in range(50_000):
        nested = [nested]
    assert metering.count_prompt({"messages": [{"role": "user", "content": nested}]}) > 0
