"""Dialects of tool calls come out like the clean form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.base import Delta, ToolCall
from omna.providers.openai_chunks import Normaliser, collect
from omna.providers.sse import Event
from tests.upstream.scenarios import TOOL_ARGUMENTS, TOOL_DIALECTS


def deltas(chunks: list[dict[str, Any]]) -> list[Delta]:
    normaliser = Normaliser()
    taken = [normaliser.take(Event(json.dumps(chunk).encode())) for chunk in chunks]
    normaliser.take(Event(b"[DONE]"))
    return [delta for chunk in [*taken, normaliser.finish()] if chunk is not None for delta in chunk.deltas]


def pieces(chunks: list[dict[str, Any]]) -> list[ToolCall]:
    return [piece for delta in deltas(chunks) for piece in delta.tool_calls or ()]


def call(arguments: Any = None, *, name: Any = None, **fields: Any) -> dict[str, Any]:
    return fields | {"function": {"name": name, "arguments": arguments}}


def chunk(*calls: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"tool_calls": list(calls)}, "finish_reason": finish}]}


CLEAN = [
    ToolCall(0, "call_a", "get_weather", ""),
    ToolCall(0, arguments=TOOL_ARGUMENTS[0][:7]),
    ToolCall(0, arguments=TOOL_ARGUMENTS[0][7:]),
    ToolCall(1, "call_b", "get_time", ""),
    ToolCall(1, arguments=TOOL_ARGUMENTS[1][:7]),
    ToolCall(1, arguments=TOOL_ARGUMENTS[1][7:]),
]


@pytest.mark.parametrize("dialect", ["clean", "repeated", "empty", "null", "no-index", "index-zero"])
def test_streamed_dialect_is_identical_to_the_clean_form(dialect: str) -> None:
    assert pieces(TOOL_DIALECTS[dialect]) == CLEAN


@pytest.mark.parametrize("dialect", ["whole", "object"])
def test_whole_calls_are_split_into_the_two_steps(dialect: str) -> None:
    assert pieces(TOOL_DIALECTS[dialect]) == [
        ToolCall(0, "call_a", "get_weather", ""),
        ToolCall(0, arguments=TOOL_ARGUMENTS[0]),
        ToolCall(1, "call_b", "get_time", ""),
        ToolCall(1, arguments=TOOL_ARGUMENTS[1]),
    ]


def test_calls_without_id_get_one_each() -> None:
    got = pieces(TOOL_DIALECTS["no-id"])
    ids = [piece.id for piece in got if piece.id]
    assert len(set(ids)) == len(ids) == 2
    assert all(identifier.startswith("call_") for identifier in ids)
    assert [(piece.index, piece.name, piece.arguments) for piece in got] == [
        (piece.index, piece.name, piece.arguments) for piece in CLEAN
    ]


def test_repeated_id_of_another_call_is_replaced() -> None:
    got = pieces([chunk(call("{}", name="f", index=0, id="x")), chunk(call("{}", name="f", index=1, id="x"))])
    ids = [piece.id for piece in got if piece.id]
    assert ids[0] == "x"
    assert ids[1] not in ("x", "")


def test_same_function_twice_without_index_and_id_is_two_calls() -> None:
    got = pieces([chunk(call({"a": 1}, name="f"), call({"a": 2}, name="f"))])
    assert [(p.index, p.arguments) for p in got if p.arguments] == [(0, '{"a":1}'), (1, '{"a":2}')]


def test_name_repeated_without_index_and_id_is_one_call() -> None:
    got = pieces([chunk(call(part, name="f")) for part in ("", '{"a"', ":1}", "")])
    assert {p.index for p in got} == {0}
    assert "".join(p.arguments for p in got) == '{"a":1}'


def test_call_without_arguments_gets_an_empty_object_at_the_end() -> None:
    assert pieces([chunk(call("", name="now", index=0, id="a"))]) == [
        ToolCall(0, "a", "now"),
        ToolCall(0, arguments="{}"),
    ]


def test_arguments_before_the_name_wait_for_it() -> None:
    got = pieces([chunk(call('{"a"', index=0, id="a")), chunk(call(":1}", name="f", index=0))])
    assert got == [ToolCall(0, "a", "f"), ToolCall(0, arguments='{"a":1}')]


def test_call_that_never_got_a_name_is_not_lost() -> None:
    assert pieces([chunk(call('{"a":1}', index=0, id="a"))]) == [ToolCall(0, "a", ""), ToolCall(0, arguments='{"a":1}')]


def test_empty_pieces_are_no_call() -> None:
    got = deltas([chunk({}), chunk({"function": {}}), {"choices": [{"delta": {"tool_calls": []}}]}])
    assert [delta.finish_reason for delta in got if delta.finish_reason] == ["stop"]


@pytest.mark.parametrize(("finish", "expected"), [("stop", "tool_calls"), ("length", "length"), (None, "tool_calls")])
def test_answer_with_calls_finishes_with_tool_calls_unless_it_was_cut(finish: str | None, expected: str) -> None:
    got = deltas([chunk(call("{}", name="f", index=0, id="a"), finish=finish)])
    assert got[-1].finish_reason == expected
    assert got[-1].native_finish_reason == finish


def test_interleaved_pieces_go_to_their_calls() -> None:
    got = pieces(
        [
            chunk(call("", name="f", index=0, id="a"), call("", name="g", index=1, id="b")),
            chunk(call('{"b"', index=1)),
            chunk(call('{"a"', index=0)),
            chunk(call(":2}", index=1)),
            chunk(call(":1}", index=0)),
        ]
    )
    joined = {i: "".join(p.arguments for p in got if p.index == i) for i in (0, 1)}
    assert joined == {0: '{"a":1}', 1: '{"b":2}'}


@given(
    st.lists(
        st.tuples(st.sampled_from(["f", "g"]), st.dictionaries(st.text(max_size=3), st.text(max_size=9))),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 5),
    st.sampled_from(["clean", "repeated", "no-index", "index-zero"]),
)
def test_any_calls_in_any_dialect_are_collected_whole(
    calls: list[tuple[str, dict[str, str]]], size: int, dialect: str
) -> None:
    chunks = []
    for number, (name, arguments) in enumerate(calls):
        text = json.dumps(arguments, ensure_ascii=False)
        for part in ["", *(text[i : i + size] for i in range(0, len(text), size))]:
            first = part == ""
            fields: dict[str, Any] = {"id": f"call_{number}"} if first or dialect == "repeated" else {}
            if dialect != "no-index":
                fields["index"] = 0 if dialect == "index-zero" else number
            chunks.append(chunk(call(part, name=name if first or dialect == "repeated" else None, **fields)))
    normaliser = Normaliser()
    taken = [normaliser.take(Event(json.dumps(value).encode())) for value in chunks]
    normaliser.take(Event(b"[DONE]"))
    completion = collect([value for value in [*taken, normaliser.finish()] if value is not None], None)
    got = completion.choices[0].tool_calls or []
    assert [(c.id, c.name, json.loads(c.arguments)) for c in got] == [
        (f"call_{number}", name, arguments) for number, (name, arguments) in enumerate(calls)
    ]
