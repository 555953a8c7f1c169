"""Almost-JSON is read as far as it can be read, and nothing else is raised than a Failure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.base import Failure, FailureKind
from omna.providers.lenient import count, decode_object, fields, objects, text


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a":1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'{"a":"x\xffy"}', {"a": "x\ufffdy"}),
        (b'{"a":"x\\ud800y","b\\ud800":[1]}', {"a": "x\ufffdy", "b\ufffd": [1]}),
        (b'{"a":NaN,"b":-Infinity,"c":[1e999]}', {"a": None, "b": None, "c": [None]}),
        (b'[{"error":{"message":"no"}}]', {"error": {"message": "no"}}),
    ],
)
def test_object_is_read(data: bytes, value: object) -> None:
    assert decode_object(data) == value


@pytest.mark.parametrize("data", [b"", b"[]", b"3", b'"a"', b"{half", b"[" * 100_000, b'[{"a":1}]'])
def test_what_is_no_object_is_malformed(data: bytes) -> None:
    with pytest.raises(Failure) as raised:
        decode_object(data)
    assert raised.value.kind is FailureKind.MALFORMED


def outcome(data: bytes) -> dict[str, Any] | Failure:
    try:
        return decode_object(data)
    except Failure as failure:
        return failure


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_malformed(data: bytes) -> None:
    result = outcome(data)
    assert isinstance(result, dict) or result.kind is FailureKind.MALFORMED


def test_values_of_another_type_are_left_out() -> None:
    assert [text(value) for value in ("a", "", 1, None, ["a"])] == ["a", None, None, None, None]
    assert [count(value) for value in (0, 3, "12", -1, True, 1.0, "x", 10**9)] == [0, 3, 12, *[None] * 5]
    assert [fields(value) for value in ({"a": 1}, [1], None)] == [{"a": 1}, {}, {}]
    assert [objects(value) for value in ([{"a": 1}, 2], {"a": 1}, None)] == [[{"a": 1}], [], []]
