"""What an image request may be, and what its images cost: each, by the token, or both."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.catalog.model import Rates, rates
from omna.gateway.model import Tokens
from omna.gateway.wire.services.images import TOKENS_PER_IMAGE, Images
from omna.providers.base import Failure
from tests.unit.gateway.wire.services.made import (
    answered,
    anything,
    objects,
    parsed,
    parsed_or_refused,
    read_or_fail,
    refused,
    ticket_for,
    written,
)

SERVICE = Images()
BODY = {"model": "small", "prompt": "a fox"}
BY_PIECE = rates(0, 0, image=40_000_000)
BY_TOKEN = rates(5_000_000, 0, image_completion=40_000_000)
ONE = [{"b64_json": "aGk="}]


def measured(answer: Any, of: Rates, *, costs: Rates = BY_PIECE, **body: Any) -> tuple[Tokens, bool]:
    order = parsed(SERVICE, BODY | body)
    reading = order.read(answered(answer), ticket_for(order, of, costs=costs))
    return reading.tokens, reading.estimated


def test_images_that_are_asked_for_are_held_for() -> None:
    call = parsed(SERVICE, BODY | {"n": 3}).call
    assert (call.units, call.choices, call.max_tokens, call.endpoint) == (
        Tokens(images=3),
        3,
        TOKENS_PER_IMAGE,
        "images",
    )
    assert parsed(SERVICE, BODY).call.units == Tokens(images=1)


@pytest.mark.parametrize(
    ("size", "bound"),
    [(None, 8_192), ("auto", 8_192), ("256x256", 8_192), ("1536x1024", 8_192), ("3840x2160", 43_200), ("4K", 43_200),
     ("16:9", 43_200), ("99999x99999", 52_082_292), ("999999x1", 43_200)],
)  # fmt: skip
def test_larger_images_are_held_for_more_tokens(size: str | None, bound: int) -> None:
    assert parsed(SERVICE, BODY | {"size": size}).call.max_tokens == bound


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": None}, ("missing_required_parameter", "prompt")),
        ({"prompt": ""}, ("missing_required_parameter", "prompt")),
        ({"prompt": ["a"]}, ("invalid_value", "prompt")),
        ({"model": None}, ("missing_required_parameter", "model")),
        ({"n": 0}, ("invalid_value", "n")),
        ({"n": 11}, ("invalid_value", "n")),
        ({"n": "2"}, ("invalid_value", "n")),
        ({"size": 512}, ("invalid_value", "size")),
        ({"size": "x" * 65}, ("invalid_value", "size")),
        ({"quality": []}, ("invalid_value", "quality")),
        ({"stream": True}, ("unsupported_parameter", "stream")),
        ({"stream": "yes"}, ("invalid_value", "stream")),
        ({"partial_images": 2}, ("unsupported_parameter", "partial_images")),
        ({"output_format": "svg"}, ("unsupported_parameter", "output_format")),
    ],
)
def test_each_refusal_names_its_field(changes: dict[str, Any], error: tuple[str, str]) -> None:
    assert refused(SERVICE, BODY | changes) == error


def test_unknown_fields_reach_the_provider() -> None:
    order = parsed(SERVICE, BODY | {"background": "transparent", "partial_images": 0})
    content, _ = order.content(order.call.body, "up")
    assert json.loads(content) == {"model": "up", "prompt": "a fox", "background": "transparent", "partial_images": 0}


def test_images_made_are_charged_and_never_more_than_were_asked_for() -> None:
    assert measured({"data": ONE}, BY_PIECE, n=2) == (Tokens(images=1), False)
    assert measured({"data": ONE * 5}, BY_PIECE, n=2) == (Tokens(images=2), False)


@pytest.mark.parametrize("details", [{}, {"output_tokens_details": {"image_tokens": 272, "text_tokens": 0}}])
def test_stated_tokens_are_believed(details: dict[str, Any]) -> None:
    usage = {"input_tokens": 9, "output_tokens": 272, "input_tokens_details": {"text_tokens": 9, "image_tokens": 0}}
    expected = Tokens(9, 272, image_completion=272, images=1)
    assert measured({"data": ONE, "usage": usage | details}, BY_TOKEN) == (expected, False)


def test_text_on_the_way_to_an_image_is_counted_as_reasoning() -> None:
    usage = {"input_tokens": 9, "output_tokens": 1_300, "output_tokens_details": {"image_tokens": 300}}
    tokens, estimated = measured({"data": ONE, "usage": usage}, BY_TOKEN)
    assert (tokens, estimated) == (Tokens(9, 1_300, reasoning=1_000, image_completion=300, images=1), False)


@pytest.mark.parametrize(
    "usage",
    [None, [], {}, {"input_tokens": 9}, {"input_tokens": 9, "output_tokens": -1}, {"input_tokens": True, "output_tokens": 5},
     {"input_tokens": 9, "output_tokens": 10**6}, {"input_tokens": 10**6, "output_tokens": 5},
     {"input_tokens": 9, "output_tokens": 5, "output_tokens_details": {"image_tokens": 6}},
     {"input_tokens": 9, "output_tokens": 5, "input_tokens_details": {"image_tokens": 10}},
     {"input_tokens": 9, "output_tokens": 5, "input_tokens_details": {"image_tokens": "1"}}],
)  # fmt: skip
def test_without_believable_tokens_they_are_estimated_where_they_have_a_price(usage: Any) -> None:
    answer = {"data": ONE, "usage": usage}
    bound = TOKENS_PER_IMAGE
    assert measured(answer, BY_TOKEN) == (Tokens(2, bound, image_completion=bound, images=1), True)
    assert measured(answer, BY_TOKEN, quality="low")[0].completion == bound // 16
    assert measured(answer, BY_PIECE) == (Tokens(images=1), False)
    # The operator pays by the token: counted for him, and nothing of the customer's charge is estimated.
    assert measured(answer, BY_PIECE, costs=BY_TOKEN) == (Tokens(2, bound, image_completion=bound, images=1), False)


@pytest.mark.parametrize("data", [None, [], {}, "x", [{}], [{"url": ""}], [{"b64_json": 5}], [*ONE, None], [["url"]]])
def test_answer_without_images_is_a_failure(data: Any) -> None:
    with pytest.raises(Failure):
        measured({"data": data}, BY_PIECE)


def test_answer_is_the_providers_with_usage_and_cost() -> None:
    order = parsed(SERVICE, BODY)
    ticket = ticket_for(order, BY_PIECE)
    upstream = {"created": 5, "data": ONE, "quality": "low", "model": "up", "usage": {"odd": 1}}
    body = written(order, order.read(answered(upstream), ticket), ticket)
    usage = body.pop("usage")
    assert body == {"created": 5, "data": ONE, "quality": "low", "model": "small"}
    assert usage["cost_details"]["total"] == "0.04"
    assert (usage["images"], usage["cost"], usage["input_tokens_details"]["text_tokens"]) == (1, 0.04, 0)
    for strange in (None, "1", -1, 2**60, True):
        answer = written(order, order.read(answered(upstream | {"created": strange}), ticket), ticket)
        assert answer["created"] == 7


@given(objects | st.binary(max_size=40), st.booleans())
def test_any_body_is_an_order_or_a_clear_error(body: Any, whole: bool) -> None:
    order = parsed_or_refused(SERVICE, body | BODY if whole and isinstance(body, dict) else body)
    assert order is None or 0 < order.call.max_tokens < 2**31


@given(objects | anything | st.binary(max_size=40), anything, objects)
def test_any_answer_is_images_or_a_failure_and_never_above_what_is_held(value: Any, created: Any, usage: Any) -> None:
    order = parsed(SERVICE, BODY)
    for answer in (value, {"data": ONE, "created": created, "usage": usage}):
        reading = read_or_fail(order, answered(answer), ticket_for(order, BY_TOKEN))
        assert reading is None or reading.tokens.completion <= order.call.max_tokens
