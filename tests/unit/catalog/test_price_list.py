"""Somebody else's list of prices: read exactly, or refused with a reason; never a price that was not said."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.catalog.model import LARGEST_RATE, Rates, rates
from omna.catalog.price_list import MOST_LISTED, Listed, Terms, nanocredits, read_list
from omna.errors import InvalidValue

TERMS = Terms(Decimal(1))


def entry(model_id: str = "vendor/small", pricing: Any = None, **fields: Any) -> dict[str, Any]:
    """An entry as OpenRouter publishes it."""
    return {
        "id": model_id,
        "name": "Vendor: Small",
        "description": "Small.",
        "context_length": 128_000,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        "top_provider": {"context_length": 128_000, "max_completion_tokens": 16_384, "is_moderated": False},
        "supported_parameters": ["tools", "temperature"],
        "pricing": {
            "prompt": "0.00000025", "completion": "0.000002", "request": "0", "image": "0.003613", "web_search": "0.01",
            "internal_reasoning": "0", "input_cache_read": "0.000000025",
        } if pricing is None else pricing,
    } | fields  # fmt: skip


def read(*entries: Any, terms: Terms = TERMS, match: str = "*") -> tuple[list[Listed], dict[str, str]]:
    listed, refused = read_list(json.dumps({"data": list(entries)}).encode(), terms, match)
    return listed, {one.model_id: one.reason for one in refused}


def costs(pricing: dict[str, Any], **fields: Any) -> Rates:
    (one,), refused = read(entry(pricing=pricing, **fields))
    assert not refused
    return one.costs


def test_an_entry_becomes_a_model_with_exact_prices() -> None:
    (one,), refused = read(entry(), terms=Terms(Decimal(1), markup=Decimal(10)))
    assert not refused
    assert one == Listed(
        "vendor/small", "Vendor: Small", "Small.", 128_000, 16_384, ("chat",), ("text", "image"), ("text",),
        ("tools", "temperature"),
        rates(250_000_000, 2_000_000_000, cached=25_000_000), rates(275_000_000, 2_200_000_000, cached=27_500_000),
    )  # fmt: skip


def test_every_class_of_the_list_has_its_place() -> None:
    made = costs(
        {
            "prompt": "0.000001", "completion": "0.000002", "input_cache_read": "0.000000003",
            "input_cache_write": "0.000004", "internal_reasoning": "0.000005", "audio": "0.000006",
            "audio_output": "0.000007", "image_token": "0.000008", "image": "0.5", "image_output": "0.000009",
            "request": "0.01",
        }
    )  # fmt: skip
    assert made == rates(
        10**9, 2 * 10**9, cached=3 * 10**6, cache_write=4 * 10**9, reasoning=5 * 10**9, audio_prompt=6 * 10**9,
        audio_completion=7 * 10**9, image_prompt=8 * 10**9, image_completion=9 * 10**9, request=10**7,
    )  # fmt: skip


def test_a_price_that_no_token_has_is_that_of_a_picture() -> None:
    base = {"prompt": "0.000001", "completion": "0.000002"}
    assert costs(base | {"image_output": "0.04"}) == rates(10**9, 2 * 10**9, image=4 * 10**7)
    assert costs(base | {"image_output": "0.00003"}) == rates(10**9, 2 * 10**9, image_completion=3 * 10**10)
    assert costs(base | {"image": "0.0000003"}) == rates(10**9, 2 * 10**9, image_prompt=3 * 10**8)
    # What a picture that is seen costs each is what its prompt tokens cost.
    assert costs(base | {"image": "0.0048"}) == rates(10**9, 2 * 10**9)


def test_zero_of_a_part_is_no_price_of_its_own() -> None:
    base = {"prompt": "0.000001", "completion": "0.000002"}
    parts = ("input_cache_read", "input_cache_write", "internal_reasoning", "audio", "audio_output", "image", "request")
    assert costs(base | dict.fromkeys(parts, "0")) == rates(10**9, 2 * 10**9)


def test_numbers_are_read_by_their_digits_and_not_as_floats() -> None:
    listed, _ = read_list(b'{"data":[{"id":"m","pricing":{"prompt":0.0000001,"completion":3e-07,"request":1}}]}', TERMS)
    assert listed[0].costs == rates(10**8, 3 * 10**8, request=10**9)


@pytest.mark.parametrize(
    ("pricing", "reason"),
    [
        ({"prompt": "-1", "completion": "-1"}, "below 0"),
        ({"prompt": "0.1", "completion": "-0.0000001"}, "below 0"),
        ({"prompt": "0.1"}, "completion price is missing"),
        ({"completion": "0.1", "prompt": None}, "prompt price is missing"),
        ({}, "prompt price is missing"),
        ({"prompt": "NaN", "completion": "1"}, "no amount"),
        ({"prompt": "inf", "completion": "1"}, "no amount"),
        ({"prompt": "", "completion": "1"}, "no amount"),
        ({"prompt": "0.1", "completion": True}, "no amount"),
        ({"prompt": "0.1", "completion": ["1"]}, "no amount"),
        ({"prompt": "0.1", "completion": "1e999999999"}, "no amount"),
        ({"prompt": "0." + "0" * 40 + "1", "completion": "1"}, "no amount"),
        ({"prompt": "1.000001", "completion": "0.1"}, "check the decimal point"),
        ({"prompt": "0", "completion": "0"}, "--free"),
        ({"prompt": "0.1", "completion": "0"}, "--free"),
        ({"prompt": "0", "completion": "0.1"}, "--free"),
        ({"prompt": "0.1", "completion": "0.1", "thought": "0.5"}, "'thought' is not known"),
        ({"prompt": "0.1", "completion": "0.1", "overrides": [{"min_prompt_tokens": "many"}]}, "steps"),
        ({"prompt": "0.1", "completion": "0.1", "overrides": {"prompt": "1"}}, "steps"),
        ("free", "no prices"),
    ],
)
def test_a_price_that_leaves_doubt_is_refused_and_the_rest_goes_on(pricing: Any, reason: str) -> None:
    listed, refused = read(entry("bad", pricing=pricing), entry("good"))
    assert [one.model_id for one in listed] == ["good"]
    assert reason in refused["bad"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"architecture": {"output_modalities": ["text", "video"]}}, "makes video"),
        ({"context_length": 2**40}, "context"),
        ({"id": "~odd id"}, "no model id"),
    ],
)
def test_an_entry_that_cannot_be_sold_is_refused(fields: dict[str, Any], reason: str) -> None:
    listed, refused = read(entry(**fields))
    assert not listed
    assert reason in refused[fields.get("id", "vendor/small")]


def test_a_model_that_is_listed_twice_is_not_guessed_at() -> None:
    listed, refused = read(entry("m"), entry("m"), entry("m"))
    assert not listed
    assert refused == {"m": "it is listed twice"}


def test_free_models_are_taken_when_they_are_wanted() -> None:
    free = entry("m:free", pricing={"prompt": "0", "completion": "0"})
    (one,), refused = read(free, terms=Terms(Decimal(1), Decimal(50), free=True))
    assert not refused
    assert one.prices == rates(0, 0)


def test_embeddings_have_no_output_to_pay_for() -> None:
    (one,), _ = read(
        entry(pricing={"prompt": "0.00000002", "completion": "0"}, architecture={"output_modalities": ["embeddings"]})
    )
    assert (one.endpoints, one.output_modalities, one.costs) == (("embeddings",), ("embeddings",), rates(2 * 10**7, 0))


def test_prices_in_steps_are_taken_up_to_the_first_step() -> None:
    steps = [{"min_prompt_tokens": 500_000, "prompt": "1"}, {"min_prompt_tokens": 100_000}]
    (one,), _ = read(entry(pricing={"prompt": "0.1", "completion": "0.1", "overrides": steps}))
    assert one.context_length == 100_000


def test_what_is_unknown_stays_unknown_and_what_is_shown_is_harmless() -> None:
    (one,), _ = read(
        {"id": "m", "name": "a\x00b\x1b[31m\n", "description": None, "context_length": "8k", "top_provider": [],
         "architecture": {"input_modalities": ["smell"]}, "supported_parameters": ["ok", "not ok", 3],
         "pricing": {"prompt": "0.1", "completion": "0.1"}}
    )  # fmt: skip
    assert (one.name, one.description, one.context_length, one.max_output_tokens) == ("a b [31m", "", None, None)
    assert (one.input_modalities, one.supported_parameters) == (("text",), ("ok",))


def test_only_ids_that_match_are_read() -> None:
    listed, refused = read(entry("a/one"), entry("a/two"), entry("b/one", pricing={}), match="a/*")
    assert ([one.model_id for one in listed], refused) == (["a/one", "a/two"], {})


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[1", b'"text"', b"{}", b'{"data":{}}', b"[" * 100_000, b"\xff", b'{"data":[' + b"0," * MOST_LISTED + b"0]}"],
)  # fmt: skip
def test_what_is_no_list_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(InvalidValue, match="list"):
        read_list(content, TERMS)


def test_a_list_without_any_price_says_so() -> None:
    with pytest.raises(InvalidValue, match="no prices"):
        read_list(b'{"object":"list","data":[{"id":"gpt-5","object":"model","owned_by":"openai"}]}', TERMS)
    assert read_list(b"[]", TERMS) == ([], [])


usd = st.decimals(0, 1, places=12)
terms = st.builds(Terms, st.decimals("0.01", 100, places=2), st.decimals(0, 1_000, places=3), st.booleans())


@given(usd, terms)
def test_a_price_is_never_below_the_list_and_rounded_once(amount: Decimal, of: Terms) -> None:
    exact = amount * 10**15 / of.usd_per_credit
    cost = nanocredits(amount, 10**6, of, marked_up=False)
    price = nanocredits(amount, 10**6, of, marked_up=True)
    assert cost - 1 < exact <= cost <= price
    assert price - 1 < exact * (100 + of.markup) / 100 + Decimal("1e-9")
    assert price >= exact * (100 + of.markup) / 100 - Decimal("1e-9")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
amounts = st.decimals(allow_nan=True).map(str) | st.floats().map(repr) | anything
keys = st.sampled_from(["prompt", "completion", "image", "image_output", "audio", "request", "overrides", "other"])


@given(st.dictionaries(keys, amounts), st.dictionaries(st.sampled_from(sorted(entry())), anything))
def test_whatever_is_listed_is_refused_or_has_prices_that_can_be_charged(pricing: Any, fields: Any) -> None:
    content = json.dumps({"data": [entry(pricing=pricing), entry(**fields)]}, allow_nan=False).encode()
    try:
        listed, _ = read_list(content, TERMS)
    except InvalidValue:
        return
    for one in listed:
        for name in Rates.__struct_fields__:
            for amount in (getattr(one.costs, name), getattr(one.prices, name)):
                assert amount is None or 0 <= amount <= LARGEST_RATE
        assert one.prices.prompt > 0
        assert "\x00" not in one.name + one.description
