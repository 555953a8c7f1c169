"""Translations lose nothing: what a dialect's encoder says, the adapter of the same format understands, and back.

One Omna in front of another is the sharpest test of both: every answer goes out through an encoder and comes in through
a normaliser, every conversation goes out through an adapter and comes in through a parser.
"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.gateway.bill import Bill, Outcome
from omna.gateway.model import Ticket
from omna.gateway.wire.chat.dialect import Chat
from omna.gateway.wire.dialect import Dialect, Head
from omna.gateway.wire.messages.dialect import Messages
from omna.gateway.wire.responses.dialect import Responses
from omna.http.strict_json import dumps
from omna.ids import RequestId, new_id
from omna.providers.anthropic_events import MessagesNormaliser
from omna.providers.anthropic_request import messages_body
from omna.providers.base import Call, Chunk, Completion, Delta, Timeouts, ToolCall, Usage
from omna.providers.openai_chunks import Normaliser as ChatNormaliser
from omna.providers.openai_chunks import collect
from omna.providers.openai_responses import ResponsesNormaliser
from omna.providers.reading import Normaliser
from omna.providers.sse import EventReader
from tests.unit.gateway.made import ticket

#: A dialect, a body of it, and what reads its answers on the other side.
FORMATS: list[tuple[Dialect, dict[str, Any], type[Normaliser]]] = [
    (Chat(), {"messages": [{"role": "user", "content": "hi"}], "stream_options": {"include_usage": True}}, ChatNormaliser),
    (Responses(), {"input": "hi"}, ResponsesNormaliser),
    (Messages(), {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 100}, MessagesNormaliser),
]  # fmt: skip
EVERY_FORMAT = pytest.mark.parametrize(
    ("dialect", "fields", "normaliser"), FORMATS, ids=["chat", "responses", "messages"]
)
USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 9,
    "total_tokens": 29,
    "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
    "completion_tokens_details": {"reasoning_tokens": 2},
    "cost": 0.5,
    "cost_details": {"total": "0.5"},
}

TEXT = st.text(min_size=1, max_size=8) | st.sampled_from(["\u2028", "\u0085", "data: [DONE]\n\n", "\r\n", "你好😀"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
ARGUMENTS = st.dictionaries(st.text(max_size=5), VALUES, max_size=3).map(lambda value: dumps(value).decode())


@st.composite
def answers(draw: st.DrawFn) -> list[Chunk]:
    """An answer as an adapter yields it: thoughts, text and calls in pieces, and last why it ended."""
    deltas = [Delta(reasoning=piece) for piece in draw(st.lists(TEXT, max_size=3))]
    deltas += [Delta(content=piece) for piece in draw(st.lists(TEXT, max_size=3))]
    calls = draw(st.lists(ARGUMENTS, max_size=3))
    for index, arguments in enumerate(calls):
        cut = draw(st.integers(0, len(arguments)))
        deltas.append(Delta(tool_calls=[ToolCall(index, f"call_{index}", f"f{index}")]))
        deltas += [
            Delta(tool_calls=[ToolCall(index, arguments=part)]) for part in (arguments[:cut], arguments[cut:]) if part
        ]
    finish = "tool_calls" if calls else draw(st.sampled_from(["stop", "length", "content_filter"]))
    return [*(Chunk([delta]) for delta in deltas), Chunk([Delta(finish_reason=finish)])]


def said(answer: Completion) -> tuple[Any, ...]:
    """What an answer says: text, thoughts, calls, why it ended, and its usage."""
    [choice] = answer.choices
    calls = [(call.id, call.name, json.loads(call.arguments or "{}")) for call in choice.tool_calls or ()]
    return choice.content, choice.reasoning, calls, choice.finish_reason, answer.usage, answer.usage_invalid


def expected(chunks: list[Chunk]) -> tuple[Any, ...]:
    *rest, _, _ = said(collect(chunks, None))
    return (*rest, Usage(20, 9, 5, 3, 2), False)


def asked(dialect: Dialect, fields: dict[str, Any], *, stream: bool) -> Ticket:
    made = ticket()
    body = {"model": "small", "stream": stream} | fields
    made.call = dialect.parse(body, Head(RequestId(new_id()), 0.0))
    return made


@EVERY_FORMAT
@given(chunks=answers())
async def test_streamed_answer_is_understood_as_it_was_meant(
    dialect: Dialect, fields: dict[str, Any], normaliser: type[Normaliser], chunks: list[Chunk]
) -> None:
    made = asked(dialect, fields, stream=True)
    encoder, bill = dialect.encoder(made, 1), Bill(made)
    content = b""
    for chunk in chunks:
        content += encoder.encode(chunk)
        bill.add(chunk)
    bill.outcome = Outcome.COMPLETED
    content += encoder.end(bill, USAGE)
    reader, reading = EventReader(), normaliser()
    events = reader.feed(content) + reader.finish()
    heard = [chunk for event in events if (chunk := reading.take(event)) is not None]
    assert said(collect([*heard, reading.finish()], None)) == expected(chunks)


@EVERY_FORMAT
@given(chunks=answers())
def test_whole_answer_is_understood_as_it_was_meant(
    dialect: Dialect, fields: dict[str, Any], normaliser: type[Normaliser], chunks: list[Chunk]
) -> None:
    made = asked(dialect, fields, stream=False)
    body = dumps(dialect.whole(made, collect(chunks, None), USAGE, 1))
    reading = normaliser()
    assert said(collect([reading.take_whole(body), reading.finish()], None)) == expected(chunks)


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Messages of a chat with tools, in the order that every provider takes: question, calls, results, answer."""
    messages: list[dict[str, Any]] = []
    if draw(st.booleans()):
        messages.append({"role": "system", "content": draw(TEXT)})
    number = 0
    for _ in range(draw(st.integers(1, 3))):
        messages.append({"role": "user", "content": draw(TEXT)})
        calls = []
        for arguments in draw(st.lists(ARGUMENTS, max_size=3)):
            function = {"name": f"f{number}", "arguments": arguments}
            calls.append({"id": f"call_{number}", "type": "function", "function": function})
            number += 1
        if calls:
            messages.append({"role": "assistant", "content": draw(st.none() | TEXT), "tool_calls": calls})
            messages += [{"role": "tool", "tool_call_id": call["id"], "content": draw(TEXT)} for call in calls]
        messages.append({"role": "assistant", "content": draw(TEXT)})
    return [*messages, {"role": "user", "content": draw(TEXT)}]


def plain(messages: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Messages without what may be written in two ways: parts of text, absent fields, blanks of JSON."""
    found = []
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            content = "".join(part["text"] for part in content)
        calls = [
            (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in message.get("tool_calls") or ()
        ]
        found.append((message["role"], content or None, calls, message.get("tool_call_id")))
    return found


@given(conversations())
def test_conversation_that_became_messages_is_read_as_it_was(messages: list[dict[str, Any]]) -> None:
    call = Call({"model": "m", "messages": messages}, "m", 100, "req_1", Timeouts())
    sent = json.loads(dumps(messages_body(call, stream=False)))
    read = Messages().parse(sent, Head(RequestId(new_id()), 0.0))
    assert plain(read.body["messages"]) == plain(messages)
