"""Chat messages as system blocks and turns."""

import base64
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.anthropic_content import continues_without_thinking, convert
from omna.providers.base import Failure, FailureKind

MARK = {"type": "ephemeral"}
PNG = "data:image/png;base64,aGk="
PDF = "data:application/pdf;base64,aGk="


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said} | more


def user(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": content} | more


def assistant(content: Any = None, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content} | more


def call(name: str, arguments: Any, call_id: str = "call_1") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def turns(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    return convert(list(messages))[1]


def blocks(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    (turn,) = turns(*messages)
    content: list[dict[str, Any]] = turn["content"]
    return content


def refused(*messages: dict[str, Any]) -> str | None:
    with pytest.raises(Failure) as raised:
        convert(list(messages))
    assert raised.value.kind is FailureKind.UNSUPPORTED
    return raised.value.param


def test_system_and_developer_messages_are_system_blocks_wherever_they_stand() -> None:
    system, sequence = convert(
        [
            {"role": "system", "content": "a"},
            user("x"),
            {"role": "developer", "content": [text("b", cache_control=MARK)]},
        ]
    )
    assert system == [text("a"), text("b", cache_control=MARK)]
    assert sequence == [{"role": "user", "content": [text("x")]}]


def test_neighbours_of_one_role_are_one_turn() -> None:
    assert turns(user("a"), user([text("b")]), assistant("c"), assistant("d"), user("e")) == [
        {"role": "user", "content": [text("a"), text("b")]},
        {"role": "assistant", "content": [text("c"), text("d")]},
        {"role": "user", "content": [text("e")]},
    ]


def test_empty_text_is_left_out() -> None:
    assert turns(user(""), assistant(""), user([text(""), text("x")]), assistant(None)) == [
        {"role": "user", "content": [text("x")]}
    ]


def test_images_are_sources() -> None:
    content = [
        {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}, "cache_control": MARK},
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
    ]
    assert blocks(user(content)) == [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "aGk="},
            "cache_control": MARK,
        },
        {"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}},
    ]


def test_files_are_documents() -> None:
    plain = "data:text/plain;charset=utf-8;base64," + base64.b64encode("你好".encode()).decode()
    content = [
        {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}},
        {"type": "file", "file": {"file_data": "https://a.example/b.pdf"}},
        {"type": "file", "file": {"filename": "c.txt", "file_data": plain}},
        {"type": "file", "file": {"filename": "d.png", "file_data": PNG}},
    ]
    assert blocks(user(content)) == [
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "aGk="},
            "title": "a.pdf",
        },
        {"type": "document", "source": {"type": "url", "url": "https://a.example/b.pdf"}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "你好"}, "title": "c.txt"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
    ]


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ({"type": "input_audio", "input_audio": {}}, "type"),
        ({"type": "surprise"}, "type"),
        ({}, "type"),
        ("text", "type"),
        ({"type": "image_url", "image_url": {"url": "http://a.example/b.png"}}, "image_url.url"),
        ({"type": "image_url", "image_url": {"url": "data:image/png,raw"}}, "image_url.url"),
        ({"type": "image_url"}, "image_url.url"),
        ({"type": "file", "file": {"file_id": "file_1"}}, "file.file_data"),
        ({"type": "file", "file": {"file_data": "data:application/zip;base64,aGk="}}, "file.file_data"),
        ({"type": "file", "file": {"file_data": "data:text/plain;base64,/w=="}}, "file.file_data"),
        ({"type": "file", "file": {"file_data": "data:text/plain;base64,?"}}, "file.file_data"),
    ],
)
def test_part_that_cannot_be_said_is_refused_by_its_path(part: Any, path: str) -> None:
    assert refused(user("x"), user([text("y"), part])) == f"messages[1].content[1].{path}"


def test_system_takes_text_only() -> None:
    image = {"type": "image_url", "image_url": {"url": PNG}}
    assert refused({"role": "system", "content": [image]}) == "messages[0].content[0].type"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"city":"你好"}', {"city": "你好"}), ({"a": 1}, {"a": 1}), ("", {}), (" ", {}), (None, {}),
        ('{"half', {"arguments": '{"half'}), ("[1]", {"arguments": [1]}), ("NaN", {"arguments": "NaN"}),
        ("[" * 100_000, {"arguments": "[" * 100_000}),
    ],
)  # fmt: skip
def test_arguments_are_an_object_whatever_was_written(arguments: Any, expected: dict[str, Any]) -> None:
    assert blocks(assistant("", tool_calls=[call("f", arguments)])) == [
        {"type": "tool_use", "id": "call_1", "name": "f", "input": expected}
    ]


def test_tool_results_are_one_turn_and_come_first() -> None:
    image = {"type": "image_url", "image_url": {"url": PNG}}
    sequence = turns(
        user("x"),
        assistant("Look:", tool_calls=[call("f", "{}", "a"), call("g", "{}", "b.1:0")]),
        {"role": "tool", "tool_call_id": "a", "content": "1", "cache_control": MARK},
        user("and"),
        {"role": "tool", "tool_call_id": "b.1:0", "content": [text("2"), image]},
        {"role": "tool", "tool_call_id": "c", "content": ""},
    )
    assert sequence[1]["content"] == [
        text("Look:"),
        {"type": "tool_use", "id": "a", "name": "f", "input": {}},
        {"type": "tool_use", "id": "b_1_0", "name": "g", "input": {}},
    ]
    assert sequence[2] == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "a", "content": [text("1")], "cache_control": MARK},
            {
                "type": "tool_result",
                "tool_use_id": "b_1_0",
                "content": [
                    text("2"),
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                ],
            },
            {"type": "tool_result", "tool_use_id": "c"},
            text("and"),
        ],
    }


@pytest.mark.parametrize("bad", [{"id": "a", "type": "custom"}, {"function": {"arguments": "{}"}}, "x"])
def test_call_that_is_no_function_is_refused(bad: Any) -> None:
    assert refused(assistant("", tool_calls=[call("f", "{}"), bad])) == "messages[0].tool_calls[1]"


def entry(index: int | None, **more: Any) -> dict[str, Any]:
    place = {"index": index} if index is not None else {}
    return {"type": "reasoning.text", "format": "anthropic-claude-v1"} | place | more


def test_thinking_comes_first_as_it_was_signed() -> None:
    details = [
        entry(0, text="let "),
        entry(0, text="me"),
        entry(0, signature="c2ln"),
        {"type": "reasoning.encrypted", "data": "c2VhbGVk", "format": "anthropic-claude-v1", "index": 1},
        entry(2, signature="b21pdHRlZA=="),
    ]
    message = assistant("y", reasoning_details=details, reasoning_content="let me", tool_calls=[call("f", "{}")])
    assert blocks(message)[:4] == [
        {"type": "thinking", "thinking": "let me", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "c2VhbGVk"},
        {"type": "thinking", "thinking": "", "signature": "b21pdHRlZA=="},
        text("y"),
    ]


def test_signature_ends_a_block_where_there_are_no_indexes() -> None:
    details = [entry(None, text="a"), entry(None, signature="s1"), entry(None, text="b", signature="s2")]
    assert blocks(assistant("y", reasoning_details=details))[:2] == [
        {"type": "thinking", "thinking": "a", "signature": "s1"},
        {"type": "thinking", "thinking": "b", "signature": "s2"},
    ]


def test_thinking_of_others_and_unsigned_thinking_is_left_out() -> None:
    details = [
        entry(0, text="unsigned"),
        entry(1, text="a", signature="s") | {"format": "google-gemini-v1"},
        {"type": "reasoning.encrypted", "data": "x", "format": "openai-responses-v1"},
        "odd",
    ]
    assert blocks(assistant("y", reasoning_details=details, reasoning="a")) == [text("y")]


def test_refusals_of_history_are_text() -> None:
    assert blocks(assistant(None, refusal="no")) == [text("no")]
    assert blocks(assistant([{"type": "refusal", "refusal": "no"}])) == [text("no")]


def test_mark_of_a_message_is_on_its_last_block() -> None:
    assert blocks(user([text("a"), text("b")], cache_control=MARK)) == [text("a"), text("b", cache_control=MARK)]


def test_results_without_their_thinking_are_noticed() -> None:
    result = {"role": "tool", "tool_call_id": "a", "content": "1"}
    thought = entry(0, text="a", signature="s")
    bare = assistant("", tool_calls=[call("f", "{}", "a")])
    assert continues_without_thinking(turns(user("x"), bare, result))
    assert not continues_without_thinking(turns(user("x"), bare | {"reasoning_details": [thought]}, result))
    assert not continues_without_thinking(turns(user("x"), bare, result, assistant("y"), user("z")))
    assert not continues_without_thinking(turns(user("x")))
    assert not continues_without_thinking([])


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
ROLES = st.sampled_from(["system", "developer", "user", "assistant", "tool", "function", "odd"])
PARTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "image_url", "file", "refusal", "input_audio"])},
    optional={"text": JUNK, "image_url": JUNK, "file": JUNK, "refusal": JUNK, "cache_control": JUNK},
)
MESSAGES = st.fixed_dictionaries(
    {"role": ROLES},
    optional={
        "content": JUNK | st.lists(PARTS, max_size=3),
        "tool_calls": JUNK,
        "tool_call_id": JUNK,
        "reasoning_details": JUNK | st.lists(st.just(entry(0)) | JUNK, max_size=3),
        "refusal": JUNK,
        "cache_control": JUNK,
    },
)


def converted(messages: list[Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]] | Failure:
    try:
        return convert(messages)
    except Failure as failure:
        return failure


@given(st.lists(MESSAGES | JUNK, max_size=5))
def test_any_messages_alternate_or_are_refused(messages: list[Any]) -> None:
    result = converted(messages)
    if isinstance(result, Failure):
        assert result.kind is FailureKind.UNSUPPORTED
        assert result.param is not None
        return
    sequence = result[1]
    assert all(before["role"] != after["role"] for before, after in itertools.pairwise(sequence))
    assert all(turn["content"] for turn in sequence)
