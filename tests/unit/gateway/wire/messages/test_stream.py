import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.errors import ProviderError
from omna.gateway.bill import Bill, Outcome
from omna.gateway.wire.messages.stream import HEARTBEAT, MessagesStream
from omna.providers.base import Chunk, Delta, ToolCall, Usage
from tests.harness.messages_linter import Reading, read_messages_stream
from tests.unit.gateway.made import REQUEST, ticket

USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 4,
    "total_tokens": 24,
    "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
    "completion_tokens_details": {"reasoning_tokens": 2},
    "cost": msgspec.Raw(b"0.00001"),
    "cost_details": {"total": "0.00001"},
}


def bytes_of(*chunks: Chunk, outcome: Outcome = Outcome.COMPLETED, **changes: Any) -> bytes:
    made = ticket(dialect="messages", **changes)
    encoder, bill = MessagesStream(made), Bill(made)
    content = b""
    for chunk in chunks:
        content += encoder.encode(chunk)
        bill.add(chunk)
    bill.outcome = outcome
    return content + encoder.end(bill, USAGE)


async def read(*deltas: Delta, outcome: Outcome = Outcome.COMPLETED) -> Reading:
    return read_messages_stream(bytes_of(*(Chunk([delta]) for delta in deltas), outcome=outcome))


def call(index: int, arguments: str = "", name: str | None = None) -> Delta:
    return Delta(tool_calls=[ToolCall(index, f"call_{index}" if name else None, name, arguments)])


def text_entry(text: str, index: int) -> dict[str, Any]:
    return {"type": "reasoning.text", "text": text, "format": "anthropic-claude-v1", "index": index}


async def test_bytes_are_those_of_the_documented_stream() -> None:
    content = bytes_of(Chunk([Delta(content="Hel")]), Chunk([Delta(content="lo", finish_reason="stop")]))
    events = content.decode().split("\n\n")
    start, *deltas = events[1:4]
    assert start == (
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
        '"content_block":{"type":"text","text":"","citations":null}}'
    )
    assert deltas == [
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":' + delta + "}"
        for delta in ('{"type":"text_delta","text":"Hel"}', '{"type":"text_delta","text":"lo"}')
    ]
    assert '"cost":0.00001,' in events[5]
    assert events[6:] == ['event: message_stop\ndata: {"type":"message_stop"}', ""]
    assert HEARTBEAT == b'event: ping\ndata: {"type": "ping"}\n\n'


async def test_message_starts_with_the_first_words_and_not_before() -> None:
    encoder = MessagesStream(ticket())
    assert encoder.encode(Chunk([Delta()])) == b""
    assert encoder.encode(Chunk([], Usage(30, 0, cached=10, cache_write=4))) == b""
    reading = read_messages_stream(HEARTBEAT + encoder.encode(Chunk([Delta(content="a")])), whole=False)
    assert reading.message["id"] == f"msg_{REQUEST.hex}"
    usage = reading.message["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]) == (
        16,
        10,
        4,
    )
    assert reading.pings == 1


async def test_local_count_stands_at_the_start_when_the_provider_says_nothing() -> None:
    reading = await read(Delta(content="a", finish_reason="stop"))
    assert reading.message["usage"]["input_tokens"] == ticket().call.prompt_tokens


async def test_end_carries_counts_as_anthropic_counts_and_the_cost() -> None:
    reading = await read(Delta(content="a", finish_reason="stop"))
    assert reading.usage == {
        "input_tokens": 12, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 5, "output_tokens": 4,
        "output_tokens_details": {"thinking_tokens": 2}, "server_tool_use": None, "cost": 0.00001,
        "cost_details": {"total": "0.00001"},
    }  # fmt: skip


async def test_thinking_is_a_block_with_its_signature_before_the_text() -> None:
    sealed = {"type": "reasoning.text", "signature": "c2ln", "format": "anthropic-claude-v1", "index": 0}
    reading = await read(
        Delta(reasoning="let me ", extra={"reasoning_details": [text_entry("let me ", 0)]}),
        Delta(reasoning="think", extra={"reasoning_details": [text_entry("think", 0)]}),
        Delta(extra={"reasoning_details": [sealed]}),
        Delta(extra={"reasoning_details": [{"type": "reasoning.encrypted", "data": "xyz", "index": 1}]}),
        Delta(content="Hello", finish_reason="stop"),
    )
    assert reading.content == [
        {"type": "thinking", "thinking": "let me think", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "text", "text": "Hello", "citations": None},
    ]


async def test_reasoning_of_other_hosts_is_thinking_without_a_signature() -> None:
    reading = await read(Delta(reasoning="hm"), Delta(reasoning="!"), Delta(content="Hello", finish_reason="stop"))
    assert [(block["type"]) for block in reading.content] == ["thinking", "text"]
    assert (reading.thinking, reading.content[0]["signature"]) == ("hm!", "")


async def test_numbers_of_blocks_keep_two_thoughts_apart() -> None:
    details = [text_entry("a", 0), text_entry("b", 1)]
    reading = await read(Delta(reasoning="ab", extra={"reasoning_details": details}), Delta(finish_reason="stop"))
    assert [block["thinking"] for block in reading.content] == ["a", "b"]


async def test_parallel_calls_are_a_block_each() -> None:
    reading = await read(
        Delta(content="Let me look."),
        call(0, name="weather"), call(0, '{"city":'), call(0, '"你好"}'), call(1, '{"b":1}', name="time"),
        Delta(finish_reason="tool_calls"),
    )  # fmt: skip
    assert [(block["id"], block["name"], block["input"]) for block in reading.calls] == [
        ("call_0", "weather", '{"city":"你好"}'),
        ("call_1", "time", '{"b":1}'),
    ]
    assert reading.stop_reason == "tool_use"


async def test_calls_sent_in_turns_are_told_one_after_the_other() -> None:
    encoder = MessagesStream(ticket())
    content = [
        encoder.encode(Chunk([delta]))
        for delta in (
            call(0, '{"a"', name="f"), call(1, '{"b"', name="g"), Delta(content="text"), call(0, ":1"), call(1, ":2}"),
            call(0, "}"), call(0, " "),
        )
    ]  # fmt: skip
    assert content[1:5] == [b"", b"", content[3], b""]
    assert b'"partial_json":":1"' in content[3]
    # The first call is whole: what waited is told at once.
    assert b"call_1" in content[5]
    reading = read_messages_stream(b"".join(content), whole=False)
    assert [block["type"] for block in reading.content] == ["tool_use", "tool_use", "text"]
    assert [json.loads(block["input"]) for block in reading.calls] == [{"a": 1}, {"b": 2}]


async def test_calls_that_begin_together_and_are_never_whole_come_at_the_end() -> None:
    reading = await read(
        Delta(tool_calls=[ToolCall(0, "a", "f"), ToolCall(1, "b", "g")]), *(call(1, "}") for _ in range(100)),
        *(call(0, "}") for _ in range(100)), Delta(finish_reason="length"),
    )  # fmt: skip
    assert [block["input"] for block in reading.calls] == ["}" * 100] * 2
    assert reading.stop_reason == "max_tokens"


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        (Delta(finish_reason="stop"), "end_turn"),
        (Delta(finish_reason="stop", stop_sequence="END"), "stop_sequence"),
        (Delta(finish_reason="length"), "max_tokens"),
        (Delta(finish_reason="content_filter"), "refusal"),
        (Delta(finish_reason="tool_calls"), "end_turn"),
        (Delta(finish_reason="stop", native_finish_reason="model_context_window_exceeded"), "model_context_window_exceeded"),
        (Delta(refusal="No.", finish_reason="stop"), "refusal"),
        (Delta(tool_calls=[ToolCall(0, "a", "f", "{}")], finish_reason="tool_calls"), "tool_use"),
    ],
)  # fmt: skip
async def test_finish_reasons_become_stop_reasons(finish: Delta, reason: str) -> None:
    assert (await read(Delta(content="a"), finish)).stop_reason == reason


async def test_refusal_is_text() -> None:
    assert (await read(Delta(refusal="I will not", finish_reason="stop"))).text == "I will not"


async def test_stream_that_ran_out_of_credits_ends_as_too_long() -> None:
    reading = await read(Delta(content="a", finish_reason="stop"), outcome=Outcome.EXHAUSTED)
    assert reading.stop_reason == "max_tokens"


async def test_only_the_first_choice_is_told() -> None:
    assert (await read(Delta(1, "b"), Delta(0, "a", finish_reason="stop"))).text == "a"


async def test_broken_stream_ends_with_the_envelope_and_nothing_else() -> None:
    encoder = MessagesStream(ticket())
    content = encoder.encode(Chunk([Delta(content="a")]))
    reading = read_messages_stream(content + encoder.error(ProviderError(), None))
    assert reading.error is not None
    assert (reading.error["type"], reading.error["code"]) == ("api_error", "provider_error")
    assert read_messages_stream(encoder.error(ProviderError(), None)).error is not None


async def test_text_with_line_separators_stays_in_its_line() -> None:
    odd = "a\u2028\u2029b\u0085c\r\n\nevent: error\ndata: {}\n\n你好😀"
    assert (await read(Delta(content=odd, finish_reason="stop"))).text == odd


ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["reasoning.text", "reasoning.encrypted", "reasoning.summary", 5]),
        "text": st.text(max_size=4) | st.integers(),
        "signature": st.text(max_size=4) | st.none(),
        "data": st.text(max_size=4) | st.booleans(),
        "format": st.sampled_from(["anthropic-claude-v1", "openai-responses-v1", "", "a b", 5]),
        "id": st.text(max_size=4) | st.integers(),
        "index": st.integers(0, 2) | st.text(max_size=1) | st.none(),
    },
)
EXTRAS = st.dictionaries(
    st.sampled_from(["reasoning_details", "annotations"]),
    st.lists(ENTRIES | st.integers() | st.none(), max_size=3) | st.text(max_size=3) | st.none(),
    max_size=2,
)
PIECES = st.sampled_from(["", "{", "}", '{"a":1}', '"', "\\", "{}", " ", "[1]", "\u2028"])


@st.composite
def sequences(draw: st.DrawFn) -> list[Chunk]:
    """Chunks as an adapter yields them: a call's id and name come with its first piece, ids once."""
    begun: set[int] = set()
    chunks = []
    for _ in range(draw(st.integers(0, 12))):
        calls = []
        for index, arguments in draw(st.lists(st.tuples(st.integers(0, 3), PIECES), max_size=3)):
            first = index not in begun
            begun.add(index)
            calls.append(ToolCall(index, f"call_{index}" if first else None, "f" if first else None, arguments))
        delta = Delta(
            draw(st.sampled_from([0, 0, 0, 1])), draw(st.none() | st.text(max_size=5)),
            draw(st.none() | st.text(max_size=5)), draw(st.sampled_from([None, None, None, "no"])), calls or None,
            extra=draw(st.none() | EXTRAS),
        )  # fmt: skip
        usage = draw(st.none() | st.builds(Usage, *[st.integers(0, 99)] * 4))
        chunks.append(Chunk([delta], usage))
    if draw(st.booleans()):
        reasons = st.sampled_from(["stop", "length", "tool_calls", "content_filter", "function_call"])
        sequence = draw(st.sampled_from([None, None, "END"]))
        chunks.append(Chunk([Delta(finish_reason=draw(reasons), stop_sequence=sequence)]))
    return chunks


@given(sequences(), st.sampled_from([Outcome.COMPLETED, Outcome.EXHAUSTED]))
async def test_every_sequence_of_chunks_is_a_stream_by_the_rules(chunks: list[Chunk], outcome: Outcome) -> None:
    made = ticket()
    encoder, bill, pieces = MessagesStream(made), Bill(made), []
    for chunk in chunks:
        pieces.append(encoder.encode(chunk))
        bill.add(chunk)
    bill.outcome = outcome
    if said := b"".join(pieces):
        read_messages_stream(said, whole=False)
    read_messages_stream(said + encoder.error(ProviderError(), None))
    reading = read_messages_stream(said + encoder.end(bill, USAGE))
    deltas = [delta for chunk in chunks for delta in chunk.deltas if delta.index == 0]
    # Nothing that was paid for is lost, and nothing is told twice.
    assert reading.text == "".join((delta.content or "") + (delta.refusal or "") for delta in deltas)
    assert reading.thinking == "".join(delta.reasoning or "" for delta in deltas)
    arguments: dict[int, str] = {}
    for delta in deltas:
        for piece in delta.tool_calls or ():
            arguments[piece.index] = arguments.get(piece.index, "") + piece.arguments
    for block, whole in zip(reading.calls, arguments.values(), strict=True):
        told = block["input"]
        assert told == whole or (whole.startswith(told) and isinstance(json.loads(told), dict))
