from typing import Any

import pytest

from omna.errors import InvalidRequest, InvalidValue, MissingRequiredParameter
from omna.gateway.model import Call
from omna.gateway.wire.chat.request import parse_chat
from omna.gateway.wire.fields import LARGEST_MAX_TOKENS, LARGEST_N
from tests.unit.gateway.made import REQUEST

USER = {"role": "user", "content": "Plan my AI workflow"}


def parse(**changes: Any) -> Call:
    body: dict[str, Any] = {"model": "small", "messages": [USER], **changes}
    return parse_chat({name: value for name, value in body.items() if value is not ...}, REQUEST, 1.5)


def test_plain_body_is_a_call_with_defaults() -> None:
    call = parse()
    assert (call.model_id, call.max_tokens, call.choices, call.streamed, call.include_usage) == (
        "small",
        None,
        1,
        False,
        False,
    )
    assert (call.request_id, call.received_at) == (REQUEST, 1.5)
    assert call.prompt_tokens > 0


def test_unknown_fields_are_kept() -> None:
    assert parse(top_k=4, metadata={"a": None}).body["top_k"] == 4
    assert parse(metadata={"a": None}).body["metadata"] == {"a": None}


def test_newer_name_of_the_output_bound_wins() -> None:
    assert parse(max_tokens=5, max_completion_tokens=7).max_tokens == 7
    assert parse(max_tokens=5).max_tokens == 5
    assert parse(max_completion_tokens=None, max_tokens=5).max_tokens == 5


def test_stream_with_usage() -> None:
    call = parse(stream=True, stream_options={"include_usage": True}, n=3)
    assert (call.streamed, call.include_usage, call.choices) == (True, True, 3)


@pytest.mark.parametrize("name", ["stream", "stream_options", "n", "max_tokens", "service_tier", "audio", "modalities"])
def test_null_is_the_same_as_absent(name: str) -> None:
    assert parse(**{name: None}).choices == 1


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "assistant", "content": None, "tool_calls": []}],
        [{"role": "assistant"}],
        [{"role": "system", "content": "x"}, {"role": "developer", "content": ""}],
        [{"role": "tool", "content": "x", "tool_call_id": "1"}, {"role": "function", "content": "x", "name": "f"}],
        [{"role": "user", "content": []}],
        [{"role": "user", "content": [{"type": "text", "text": ""}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}],
        [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AA=="}}]}],
    ],
)
def test_messages_of_every_kind_are_accepted(messages: list[Any]) -> None:
    assert parse(messages=messages).body["messages"] == messages


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
COUNTS = [0, -1, 1.0, 1.5, "5", True, False, [], {}, 10**30, -(10**30)]


@pytest.mark.parametrize(
    ("changes", "kind", "param"),
    [
        ({"model": ...}, MissingRequiredParameter, "model"),
        *(({"model": value}, InvalidValue, "model") for value in ("", 5, True, [], {}, "x" * 257, "a\0b")),
        ({"model": None}, MissingRequiredParameter, "model"),
        ({"messages": ...}, MissingRequiredParameter, "messages"),
        ({"messages": ..., "input": "hello"}, InvalidValue, "input"),
        *(({"messages": value}, InvalidValue, "messages") for value in ([], {}, "hello", 1, True)),
        *(({"messages": [USER, value]}, InvalidValue, "messages[1]") for value in (None, "hello", 1, [])),
        *(({"messages": [{**USER, "role": v}]}, InvalidValue, "messages[0].role") for v in (None, "", "bot", 1)),
        *(({"messages": [{"role": v}]}, InvalidValue, "messages[0].content") for v in ("user", "system", "tool")),
        *(({"messages": [{**USER, "content": v}]}, InvalidValue, "messages[0].content") for v in (1, True, {})),
        *(({"messages": [{**USER, "content": [IMAGE, v]}]}, InvalidValue, "messages[0].content[1]") for v in (None, "x", 1)),
        *(({"messages": [{**USER, "content": [{"type": v}]}]}, InvalidValue, "messages[0].content[0].type")
          for v in (None, "", "video", "input_text", "input_image", "output_text", 1)),
        *(({"messages": [{**USER, "content": [{"type": "text", "text": v}]}]}, InvalidValue, "messages[0].content[0].text")
          for v in (None, 1, ["x"])),
        *(({"messages": [{**USER, "content": [{"type": "image_url", "image_url": v}]}]}, InvalidValue,
           "messages[0].content[0].image_url.url")
          for v in (None, "https://example.com/a.png", {}, {"url": 1}, {"url": "http://example.com/a.png"},
                    {"url": "file:///etc/passwd"}, {"url": "data:text/html,x"})),
        *(({"stream": value}, InvalidValue, "stream") for value in ("true", 1, 0, [])),
        *(({"stream_options": value}, InvalidValue, "stream_options") for value in ("x", 1, True, [1])),
        *(({"stream_options": {"include_usage": v}}, InvalidValue, "stream_options.include_usage") for v in (1, "true")),
        *(({"n": value}, InvalidValue, "n") for value in [*COUNTS, LARGEST_N + 1]),
        *(({"max_tokens": value}, InvalidValue, "max_tokens") for value in [*COUNTS, LARGEST_MAX_TOKENS + 1]),
        *(({"max_completion_tokens": v}, InvalidValue, "max_completion_tokens") for v in [*COUNTS, LARGEST_MAX_TOKENS + 1]),
        *(({"max_tokens": v, "max_completion_tokens": 5}, InvalidValue, "max_tokens") for v in (0, "5")),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_bad_value_is_refused_and_its_field_is_named(
    changes: dict[str, Any], kind: type[InvalidRequest], param: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(**changes)
    assert type(refused.value) is kind
    assert refused.value.param == param
    assert refused.value.status == 400


@pytest.mark.parametrize("name", ["n", "max_tokens"])
def test_largest_counts_are_accepted(name: str) -> None:
    largest = {"n": LARGEST_N, "max_tokens": LARGEST_MAX_TOKENS}[name]
    assert parse(**{name: largest}).body[name] == largest
