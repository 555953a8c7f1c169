"""Bodies that are not strict JSON are refused with a reason; what is accepted is what was sent."""

import contextlib
import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.errors import InvalidJson
from omna.http.strict_json import MAX_DEPTH, MAX_NODES, dumps, loads

CHAT = json.dumps(
    {
        "model": "vendor/model",
        "messages": [
            {"role": "system", "content": "You are helpful, brief and kind."},
            {"role": "user", "content": "Tell me about the weather in Rome, please, and in Peking too."},
        ],
        "temperature": 0.7,
        "max_tokens": 256,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
).encode()


def test_chat_body_is_read_as_sent() -> None:
    assert loads(CHAT) == json.loads(CHAT)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"[]", "object"),
        (b'"text"', "object"),
        (b"null", "object"),
        (b"{", "line 1"),
        (b'{"a":1,}', "line 1"),
        (b'{"a":1} x', "line 1"),
        (b"{'a':1}", "line 1"),
        (b'{"a":NaN}', "NaN"),
        (b'{"a":-Infinity}', "Infinity"),
        (b'{"a":1e999}', "too large"),
        (b'{"a":' + b"9" * 5000 + b"}", "digits"),
        (b'{"a":1,"a":2}', '"a" appears twice'),
        (b'{"m":{"b":1,"b":1}}', '"b" appears twice'),
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "UTF-8"),
        (b'\xef\xbb\xbf{"a":1}', "JSON"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":"\\udc00\\ud800"}', "surrogate"),
        (b'{"\\uD83D":1}', "surrogate"),
        (b'{"a":"tab\tinside"}', "JSON"),
        (b'{"a":01}', "JSON"),
    ],
)
def test_body_that_is_not_strict_json_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidJson) as refusal:
        loads(body)
    assert reason in refusal.value.message


def test_refusal_never_repeats_the_body() -> None:
    with pytest.raises(InvalidJson) as refusal:
        loads(b'{"messages": "secret words" secret')
    assert "secret" not in refusal.value.message


def test_surrogate_pair_and_nul_are_accepted() -> None:
    assert loads(b'{"a":"\\ud83d\\ude00","b":"\\u0000","c":"\\\\ud800"}') == {"a": "😀", "b": "\0", "c": "\\ud800"}


def nested(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_depth_at_the_limit_is_accepted() -> None:
    assert loads(nested(MAX_DEPTH))


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 500, 100_000, 5_000_000])
def test_depth_over_the_limit_is_refused(levels: int) -> None:
    with pytest.raises(InvalidJson, match=r"levels|values"):
        loads(nested(levels))


def test_many_shallow_objects_are_accepted() -> None:
    body = json.dumps({"messages": [{"role": "user", "content": "hi"}] * 1000}).encode()
    assert len(loads(body)["messages"]) == 1000


def test_nodes_at_the_limit_are_accepted_and_one_more_is_refused() -> None:
    fits = b'{"a":[' + b",".join([b"1"] * (MAX_NODES - 2)) + b"]}"
    assert len(loads(fits)["a"]) == MAX_NODES - 2
    with pytest.raises(InvalidJson, match="values"):
        loads(fits.replace(b"[1", b"[1,1,1"))


def test_commas_inside_a_text_are_not_nodes() -> None:
    text = ',[{\\"' * 200_000
    assert len(loads(b'{"a":"' + text.encode() + b'"}')["a"]) == 4 * 200_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"' + b'\\"' * 5_000_000,
        b'{"a":' + b'"' * 10_000_000,
        b"{" + b'"a":[],' * 1_000_000 + b"}",
        b'{"a":[' + b"[]," * 3_000_000 + b"[]]}",
        b'{"a":"' + b"\\" * 10_000_001,
        b'{"a":[' + b"1,{" * 3_000_000,
    ],
    ids=["escaped quotes", "quotes", "same key", "empty lists", "backslashes", "open objects"],
)
def test_hostile_body_of_ten_megabytes_is_refused_in_linear_time_and_memory(body: bytes) -> None:
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(InvalidJson):
        loads(body)
    seconds = time.process_time() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 5, "a quadratic reader would take minutes"
    assert peak < 8 * len(body)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_give_an_object_or_a_refusal(body: bytes) -> None:
    with contextlib.suppress(InvalidJson):
        assert isinstance(loads(body), dict)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), values))
def test_what_is_written_is_read_back(value: dict[str, object]) -> None:
    assert loads(dumps(value)) == value


@given(st.dictionaries(st.text(), values), st.booleans())
def test_what_any_writer_writes_is_read(value: dict[str, object], ascii_only: bool) -> None:
    assert loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


def test_wire_form_escapes_line_separators_and_nothing_else() -> None:
    raw = dumps({"a": "x\u0085\u2028\u2029你好é"})
    assert raw == '{"a":"x\\u0085\\u2028\\u2029你好é"}'.encode()
    assert len(raw.decode().splitlines()) == 1
