import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from omna.catalog.model import rates
from omna.gateway import metering
from omna.gateway.model import Receipt, Tokens
from omna.gateway.wire.usage import usage_body
from omna.http.strict_json import dumps
from tests.unit.gateway.made import price

TOKENS = Tokens(9, 4, 3, 2, 1)
RATES = rates(
    5_000, 15_000_001, cached=500, cache_write=7, reasoning=1, request=3, audio_prompt=11, audio_completion=13,
    image_completion=17, image=19, second=23, character=29,
)  # fmt: skip


def body(tokens: Tokens = TOKENS, *, estimated: bool = False) -> bytes:
    receipt = Receipt(tokens, metering.charge(tokens, RATES), price(RATES), estimated)
    return dumps(usage_body(receipt))


def test_counts_are_those_that_were_billed() -> None:
    usage = json.loads(body())
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (9, 4, 13)
    assert usage["prompt_tokens_details"] == {"cached_tokens": 3, "cache_write_tokens": 2}
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 1}
    assert usage["cost_details"]["price_version"] == "pv_" + "0" * 31 + "9"


def test_sound_and_pictures_are_counted_where_there_are_any_and_always_priced_apart() -> None:
    plain = json.loads(body())["cost_details"]
    assert (plain["audio"], plain["image"]) == ("0", "0")
    tokens = Tokens(90, 40, audio_prompt=5, image_prompt=6, image_completion=7, images=2)
    usage = json.loads(body(tokens))
    assert usage["prompt_tokens_details"] == {
        "cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 5, "image_tokens": 6
    }  # fmt: skip
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 0, "image_tokens": 7}
    made = metering.charge(tokens, RATES)
    assert Decimal(usage["cost_details"]["image"]) == Decimal(made.image).scaleb(-15) > 0
    assert Decimal(usage["cost_details"]["audio"]) == Decimal(made.audio).scaleb(-15) > 0


def test_source_of_the_count_is_named() -> None:
    assert json.loads(body())["cost_details"]["usage_source"] == "provider"
    estimated = json.loads(body(estimated=True))["cost_details"]
    assert (estimated["usage_source"], estimated["estimated"]) == ("gateway", True)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_cost_is_a_number_with_the_very_digits_of_the_total(prompt: int, completion: int) -> None:
    raw = body(Tokens(prompt, completion)).decode()
    usage = json.loads(raw, parse_float=Decimal, parse_int=Decimal)
    total = usage["cost_details"]["total"]
    assert f'"cost":{total},' in raw
    assert Decimal(total) == Decimal(metering.charge(Tokens(prompt, completion), RATES).total).scaleb(-9)


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 100))
def test_parts_add_up_to_the_total_before_its_rounding(prompt: int, completion: int, units: int) -> None:
    tokens = Tokens(
        prompt, completion, prompt // 3, prompt // 5, completion // 2, prompt // 7, completion // 4, prompt // 9,
        completion // 8, units, units, units,
    )  # fmt: skip
    details = json.loads(body(tokens))["cost_details"]
    names = ("prompt", "cache_read", "cache_write", "completion", "audio", "image", "request")
    exact = sum(Decimal(details[name]) for name in names)
    assert 0 <= Decimal(details["total"]) - exact < Decimal("0.000000001")
