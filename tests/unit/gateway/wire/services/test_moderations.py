"""What may be moderated, by which model, and that no verdict goes missing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.errors import ModelNotFound
from omna.gateway.model import Tokens
from omna.gateway.wire.services.moderations import MOST_INPUTS, Moderations
from omna.providers.base import Failure
from tests.unit.gateway.wire.services.made import (
    REQUEST,
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

SERVICE = Moderations()
BODY = {"model": "small", "input": ["good", "bad"]}
GOOD, BAD = {"flagged": False}, {"flagged": True, "categories": {"violence": True}}


def test_model_that_is_not_named_is_the_first_that_offers_it() -> None:
    call = parsed(SERVICE, {"input": "hi"}, offers=("a", "b", "c")).call
    assert (call.model_id, call.fallbacks, call.endpoint, call.max_tokens) == ("a", ("b", "c"), "moderations", 0)
    assert parsed(SERVICE, BODY, offers=("a",)).call.model_id == "small"
    assert parsed(SERVICE, {"input": "hi", "models": ["x"]}, offers=("a",)).call.model_id == "x"


def test_providers_can_be_chosen_without_naming_a_model() -> None:
    body = {"input": "hi", "provider": {"only": ["main"]}}
    assert parsed(SERVICE, body, offers=("a", "b")).call.preferences.only == ("main",)
    assert refused(SERVICE, {"input": "hi", "provider": "main"}, offers=("a",)) == ("invalid_value", "provider")


def test_no_model_that_offers_it_is_not_found() -> None:
    with pytest.raises(ModelNotFound):
        parsed(SERVICE, {"input": "hi"})


@pytest.mark.parametrize("value", [[], [1], ["a", 1], ["a", {"type": "text"}], {}, 5, [{}], ["a"] * (MOST_INPUTS + 1)])
def test_input_that_is_none_is_refused(value: Any) -> None:
    assert refused(SERVICE, {"model": "small", "input": value}) == ("invalid_value", "input")


def test_missing_input_is_named() -> None:
    assert refused(SERVICE, {"model": "small"}) == ("missing_required_parameter", "input")


@pytest.mark.parametrize(
    ("value", "results"),
    [
        ("hi", [GOOD]),
        (["hi"], [BAD]),
        (["hi", "you"], [GOOD, BAD]),
        ([{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {"url": "https://x"}}], [BAD]),
    ],
)
def test_verdicts_pass_under_our_names(value: Any, results: list[Any]) -> None:
    order = parsed(SERVICE, {"model": "small", "input": value, "more": 1})
    assert json.loads(order.content(order.call.body, "up")[0]) == {"model": "up", "input": value, "more": 1}
    ticket = ticket_for(order)
    reading = order.read(answered({"id": "modr-up", "model": "up", "results": results}), ticket)
    assert (reading.tokens, reading.estimated) == (Tokens(), False)
    body = written(order, reading, ticket)
    assert body == {"id": f"modr_{REQUEST.hex}", "model": "small", "results": results}


@pytest.mark.parametrize("results", [None, [], [GOOD], [GOOD] * 3, [GOOD, {}], [GOOD, {"flagged": "no"}], [GOOD, None]])
def test_verdict_that_is_missing_is_a_failure(results: Any) -> None:
    order = parsed(SERVICE, BODY)
    with pytest.raises(Failure):
        order.read(answered({"results": results}), ticket_for(order))


@given(objects | st.binary(max_size=40), st.booleans())
def test_any_body_is_an_order_or_a_clear_error(body: Any, whole: bool) -> None:
    parsed_or_refused(SERVICE, body | BODY if whole and isinstance(body, dict) else body, offers=("a",))


@given(objects | anything | st.binary(max_size=40), st.lists(anything, max_size=2))
def test_any_answer_is_verdicts_or_a_failure(value: Any, results: Any) -> None:
    order = parsed(SERVICE, BODY)
    for answer in (value, {"results": results}):
        read_or_fail(order, answered(answer), ticket_for(order))
