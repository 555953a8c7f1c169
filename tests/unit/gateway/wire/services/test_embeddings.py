"""What an embeddings request may be, and that vectors arrive in the client's order and encoding (W15)."""

import base64
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.catalog.model import rates
from omna.gateway.model import Tokens
from omna.gateway.wire.services.embeddings import LARGEST_FLOAT32, MOST_INPUTS, Embeddings
from omna.providers.base import Failure, FailureKind
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

SERVICE = Embeddings()
BODY = {"model": "small", "input": ["one", "two"]}


def rows(*vectors: Any) -> list[dict[str, Any]]:
    return [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]


def given_back(vectors: Any, **body: Any) -> Any:
    """Return the embeddings of an answer that has these, for two texts."""
    order = parsed(SERVICE, BODY | body)
    ticket = ticket_for(order)
    answer = written(order, order.read(answered({"data": vectors}), ticket), ticket)
    return [row["embedding"] for row in answer["data"]]


@pytest.mark.parametrize(
    ("value", "tokens"), [("hello", 1), (["hello", "hello"], 2), ([1, 2, 3], 3), ([[1, 2], [3]], 3), (["\u200b"], 1)]
)
def test_texts_and_tokens_are_counted(value: Any, tokens: int) -> None:
    call = parsed(SERVICE, {"model": "small", "input": value}).call
    assert (call.prompt_tokens, call.max_tokens, call.endpoint, call.streamed) == (tokens, 0, "embeddings", False)


@pytest.mark.parametrize(
    "value",
    ["", [], [""], ["a", ""], [[]], [[1], []], ["a", 1], ["a", [1]], [1.0], [True], [-1], [2**31], {}, 5, True, [None],
     ["a"] * (MOST_INPUTS + 1)],
)  # fmt: skip
def test_input_that_is_none_is_refused(value: Any) -> None:
    assert refused(SERVICE, {"model": "small", "input": value}) == ("invalid_value", "input")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"input": None}, ("missing_required_parameter", "input")),
        ({"model": None}, ("missing_required_parameter", "model")),
        ({"encoding_format": "hex"}, ("invalid_value", "encoding_format")),
        ({"encoding_format": ["float"]}, ("invalid_value", "encoding_format")),
        ({"dimensions": 0}, ("invalid_value", "dimensions")),
        ({"dimensions": True}, ("invalid_value", "dimensions")),
        ({"user": 5}, ("invalid_value", "user")),
    ],
)
def test_each_refusal_names_its_field(changes: dict[str, Any], error: tuple[str, str]) -> None:
    assert refused(SERVICE, BODY | changes) == error


def test_providers_are_asked_for_numbers_under_their_own_name_of_the_model() -> None:
    order = parsed(SERVICE, BODY | {"encoding_format": "base64", "more": {"x": 1}})
    content, content_type = order.content(order.call.body, "up")
    assert json.loads(content) == BODY | {"model": "up", "encoding_format": "float", "more": {"x": 1}}
    assert content_type == "application/json"
    plain, _ = order.content({"model": "small", "input": "a"}, "up")
    assert json.loads(plain) == {"model": "up", "input": "a"}


def test_answer_is_in_the_order_of_the_inputs_whatever_order_it_came_in() -> None:
    assert given_back(list(reversed(rows([0.5], [1.5])))) == [[0.5], [1.5]]
    assert given_back([{"embedding": [0.5]}, {"embedding": [1.5]}]) == [[0.5], [1.5]]


@given(st.lists(st.lists(st.floats(-1, 1), min_size=2, max_size=2), min_size=2, max_size=2), st.booleans())
def test_numbers_and_base64_are_equal_as_float32(vectors: list[list[float]], as_text: bool) -> None:
    stated: Any = vectors
    if as_text:
        stated = [base64.b64encode(struct.pack("<2f", *vector)).decode() for vector in vectors]
    numbers = given_back(rows(*stated), encoding_format="float")
    packed = given_back(rows(*stated), encoding_format="base64")
    assert [struct.pack("<2f", *vector) for vector in numbers] == [base64.b64decode(text) for text in packed]
    assert packed == [base64.b64encode(struct.pack("<2f", *vector)).decode() for vector in vectors]


@pytest.mark.parametrize(
    "vectors",
    [
        rows([0.5]), rows([0.5], [0.5], [0.5]), rows([0.5], []), rows([0.5], ["a"]), rows([0.5], [None]), rows([0.5], [True]),
        rows([0.5], [LARGEST_FLOAT32 * 2]), rows([0.5], "AAA"), rows([0.5], "AAAA"), rows([0.5], "not base64!"),
        rows([0.5], base64.b64encode(struct.pack("<f", float("nan"))).decode()), rows([0.5], None),
        [{"index": 0, "embedding": [0.5]}, {"index": 0, "embedding": [0.5]}],
        [{"index": 1, "embedding": [0.5]}, {"index": 2, "embedding": [0.5]}],
        [{"index": 0, "embedding": [0.5]}, {"embedding": [0.5]}], [], None, {}, "data",
    ],
)  # fmt: skip
def test_anything_but_one_vector_for_each_input_is_a_failure(vectors: Any) -> None:
    for encoding in ("float", "base64"):
        with pytest.raises(Failure) as failed:
            given_back(vectors, encoding_format=encoding)
        assert failed.value.kind is FailureKind.MALFORMED


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"<html>", b"\xff", b'{"data":', b"[" * 100_000])
def test_answer_that_is_no_object_is_a_failure(content: bytes) -> None:
    order = parsed(SERVICE, BODY)
    with pytest.raises(Failure):
        order.read(answered(content), ticket_for(order))


def test_error_with_status_200_is_what_it_says() -> None:
    order = parsed(SERVICE, BODY)
    with pytest.raises(Failure) as failed:
        order.read(answered({"error": {"message": "lost", "code": "oops"}}), ticket_for(order))
    assert (failed.value.kind, failed.value.code) == (FailureKind.REPORTED, "oops")


@pytest.mark.parametrize(
    ("usage", "tokens", "estimated"),
    [
        ({"prompt_tokens": 3, "total_tokens": 3}, 3, False),
        ({"prompt_tokens": 3, "completion_tokens": 0}, 3, False),
        ({"prompt_tokens": 3, "completion_tokens": 5}, 2, True),
        ({"prompt_tokens": 10**6}, 2, True),
        ({"prompt_tokens": 0}, 2, True),
        ({"prompt_tokens": -1}, 2, True),
        ({"prompt_tokens": "3"}, 2, True),
        ([], 2, True),
        (None, 2, True),
    ],
)
def test_usage_is_believed_when_it_can_be_true(usage: Any, tokens: int, estimated: bool) -> None:
    order = parsed(SERVICE, BODY)
    reading = order.read(answered({"data": rows([0.5], [0.5]), "usage": usage}), ticket_for(order))
    assert (reading.tokens, reading.estimated) == (Tokens(tokens), estimated)


def test_answer_has_the_shape_of_the_contract() -> None:
    order = parsed(SERVICE, BODY)
    ticket = ticket_for(order, rates(1_000_000, 0))
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    answer = {"object": "x", "data": rows([0.5], [1]), "model": "up", "usage": usage, "id": "up"}
    body = written(order, order.read(answered(answer), ticket), ticket)
    details = body["usage"].pop("cost_details")
    assert body == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [0.5]},
            {"object": "embedding", "index": 1, "embedding": [1.0]},
        ],
        "model": "small",
        "usage": {"prompt_tokens": 3, "total_tokens": 3, "cost": 3e-9},
    }
    assert (details["total"], details["estimated"]) == ("0.000000003", False)


@given(objects | st.binary(max_size=40), st.sampled_from(["hello", ["a", "b"], [1, 2], None]))
def test_any_body_is_an_order_or_a_clear_error(body: Any, value: Any) -> None:
    if isinstance(body, dict) and value is not None:
        body = body | {"model": "small", "input": value}
    parsed_or_refused(SERVICE, body)


@given(objects | anything | st.binary(max_size=40), st.lists(anything, max_size=3))
def test_any_answer_is_vectors_or_a_failure(value: Any, vectors: Any) -> None:
    order = parsed(SERVICE, BODY)
    read_or_fail(order, answered(value), ticket_for(order))
    read_or_fail(
        order, answered({"data": rows(*vectors), "usage": value if isinstance(value, dict) else 1}), ticket_for(order)
    )
