"""What each model id does at POST /v1/messages: the same answers as scenarios.py gives, told as Anthropic tells them.

`blocks_events` makes the events of a message of its blocks, so that an answer is the same streamed and whole.
"""

import asyncio
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.upstream.scenarios import ODD_TEXT, PROMPT_TOKENS, TOOL_ARGUMENTS, WORDS, open_stream, send_json
from tests.upstream.server import Exchange, Scenario

SCENARIOS: dict[str, Scenario] = {}

Block = dict[str, Any]
THOUGHT = "let me think"
SIGNATURE = "c2lnbmVk"
SEALED = "c2VhbGVk"


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    def register(function: Scenario) -> Scenario:
        SCENARIOS[name] = function
        return function

    return register


def find(model: str) -> Scenario:
    """Return the scenario of a model id; a 404 in Anthropic's words for an id that names none."""
    return SCENARIOS.get(model) or partial(refuse, status=404, kind="not_found_error", message=f"model: {model}")


def event(value: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (
        value["type"].encode(),
        json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"),
    )


def usage(output: int = len(WORDS), **changes: Any) -> dict[str, Any]:
    return {
        "input_tokens": PROMPT_TOKENS,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output,
    } | changes


def text(words: list[str] = WORDS) -> Block:
    return {"type": "text", "text": "".join(words)}


def message(blocks: list[Block], stop: str | None = "end_turn", stated: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "id": "msg_up",
        "type": "message",
        "role": "assistant",
        "model": "up",
        "content": blocks,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage() if stated is None else stated,
    } | fields


def blocks_events(blocks: list[Block]) -> list[dict[str, Any]]:
    """Return the events of content blocks: text word by word, arguments and thoughts in halves."""
    events: list[dict[str, Any]] = []
    for index, block in enumerate(blocks):
        empty: Block
        deltas: list[dict[str, Any]] = []
        match block["type"]:
            case "text":
                empty = {"type": "text", "text": ""}
                pieces = re.split("(?= )", block["text"])
                deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
            case "tool_use" | "server_tool_use":
                empty = block | {"input": {}}
                arguments = json.dumps(block["input"], ensure_ascii=False)
                halves = ("", arguments[:7], arguments[7:]) if block["input"] else ("",)
                deltas = [{"type": "input_json_delta", "partial_json": half} for half in halves]
            case "thinking":
                empty = {"type": "thinking", "thinking": "", "signature": ""}
                thought = block["thinking"]
                deltas = [{"type": "thinking_delta", "thinking": half} for half in (thought[:4], thought[4:]) if half]
                deltas.append({"type": "signature_delta", "signature": block["signature"]})
            case _:
                empty = block
        events.append({"type": "content_block_start", "index": index, "content_block": empty})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    return events


def stream_events(whole: dict[str, Any], *, stop: bool = True) -> list[dict[str, Any]]:
    """Return every event of a message: usage begins at its start and is complete at its end."""
    begun = whole | {"content": [], "stop_reason": None, "stop_sequence": None}
    if isinstance(whole["usage"], dict):
        begun["usage"] = whole["usage"] | {"output_tokens": 1}
    events = [{"type": "message_start", "message": begun}, *blocks_events(whole["content"])]
    if whole["stop_reason"] is not None:
        ending = {"stop_reason": whole["stop_reason"], "stop_sequence": whole["stop_sequence"]}
        events.append({"type": "message_delta", "delta": ending, "usage": whole["usage"]})
    return [*events, {"type": "message_stop"}] if stop else events


def tokens(value: dict[str, Any]) -> int:
    return 1 if value["type"] == "content_block_delta" and value["delta"].get("text") else 0


def write_events(x: Exchange, events: list[dict[str, Any]]) -> None:
    for value in events:
        x.write(event(value), tokens(value))


def answer(x: Exchange, whole: dict[str, Any]) -> None:
    """Answer in the form that was asked for."""
    if x.arrival.stream:
        open_stream(x)
        write_events(x, stream_events(whole))
        x.end()
    else:
        send_json(x, json.dumps(whole, ensure_ascii=False).encode())
        x.arrival.tokens_sent += sum(tokens(value) for value in blocks_events(whole["content"]))


def _answer(whole: dict[str, Any]) -> Scenario:
    async def play(x: Exchange) -> None:
        answer(x, whole)

    return play


def _stream(*events: dict[str, Any], end: Callable[[Exchange], None] = Exchange.end) -> Scenario:
    """Stream these events whatever was asked for, and end in this way."""

    async def play(x: Exchange) -> None:
        open_stream(x)
        write_events(x, list(events))
        await x.wait(0.02)  # what was written reaches the client before the connection ends
        end(x)

    return play


async def refuse(x: Exchange, *, status: int, kind: str, message: str = "no", headers: tuple[str, ...] = ()) -> None:
    error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_up"}
    send_json(x, json.dumps(error).encode(), status, headers)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

CALLS = [
    {"type": "tool_use", "id": "toolu_a", "name": "get_weather", "input": json.loads(TOOL_ARGUMENTS[0])},
    {"type": "tool_use", "id": "toolu_b", "name": "get_time", "input": json.loads(TOOL_ARGUMENTS[1])},
]
THINKING = {"type": "thinking", "thinking": THOUGHT, "signature": SIGNATURE}
REDACTED = {"type": "redacted_thinking", "data": SEALED}
SERVER_TOOL = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "foxes"}}

SCENARIOS["ok"] = _answer(message([text()]))
SCENARIOS["empty"] = _answer(message([], stated=usage(1)))
SCENARIOS["tools"] = _answer(message([text(["Look:"]), *CALLS], "tool_use"))
SCENARIOS["tools-empty"] = _answer(
    message([{"type": "tool_use", "id": "toolu_n", "name": "now", "input": {}}], "tool_use")
)
SCENARIOS["thinking"] = _answer(message([THINKING, REDACTED, text()]))
SCENARIOS["server-tool"] = _answer(
    message([SERVER_TOOL, {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}, text()])
)
SCENARIOS["stop-sequence"] = _answer(message([text()], "stop_sequence", stop_sequence="END"))
for _reason in ("max_tokens", "model_context_window_exceeded", "pause_turn", "refusal", "surprise", "tool_use"):
    SCENARIOS[f"stop-{_reason}"] = _answer(message([text()], _reason))
SCENARIOS["cache"] = _answer(
    message(
        [text()],
        stated=usage(
            cache_read_input_tokens=5,
            cache_creation_input_tokens=2,
            output_tokens_details={"thinking_tokens": 3},
        ),
    )
)
USAGES: dict[str, Any] = {
    "missing": {},
    "negative": usage(-1),
    "zero": usage(0),
    "string": usage(output_tokens="4"),
    "fraction": usage(2.5),
    "nan": usage(float("nan")),
    "huge": usage(10**9),
    "beyond-64-bits": usage(10**30),
    "word": "lots",
    "list": [1, 2],
    "input-negative": usage(input_tokens=-9),
    "input-huge": usage(input_tokens=10**7),
    "cache-negative": usage(cache_read_input_tokens=-5),
    "cache-huge": usage(cache_creation_input_tokens=10**7),
    "thinking-huge": usage(output_tokens_details={"thinking_tokens": 10**6}),
}
"""Usage that is absent or cannot be true."""

for _name, _stated in USAGES.items():
    SCENARIOS[f"usage-{_name}"] = _answer(message([text()], stated=_stated))
SCENARIOS["unicode-separators"] = _answer(message([{"type": "text", "text": ODD_TEXT}]))


@scenario("echo")
async def echo(x: Exchange) -> None:
    answer(x, message([{"type": "text", "text": x.arrival.raw.decode()}]))


@scenario("pings")
async def pings(x: Exchange) -> None:
    """Pings and events of no known type between the others."""
    open_stream(x)
    for value in stream_events(message([text()])):
        x.write(event({"type": "ping"}))
        x.write(event({"type": "something_new", "index": 0, "delta": {"type": "news"}}))
        x.write(event(value), tokens(value))
    x.end()


@scenario("one-byte-chunks")
async def one_byte_chunks(x: Exchange) -> None:
    data = b"".join(event(value) for value in stream_events(message([text(["你好 ", *WORDS])])))
    open_stream(x)
    for position in range(len(data)):
        x.write(data[position : position + 1])
        if position % 50 == 0:
            await asyncio.sleep(0)
    x.arrival.tokens_sent += len(WORDS) + 1
    x.end()


@scenario("json-for-stream")
async def json_for_stream(x: Exchange) -> None:
    send_json(x, json.dumps(message([text()])).encode())
    x.arrival.tokens_sent += len(WORDS)


SCENARIOS["stream-for-json"] = _stream(*stream_events(message([text()])))
SCENARIOS["no-message-stop"] = _stream(*stream_events(message([text()]), stop=False))

# ── failures ─────────────────────────────────────────────────────────────────────────────────────────────────────────

SCENARIOS["bad-request"] = partial(refuse, status=400, kind="invalid_request_error", message="max_tokens: too large")
SCENARIOS["rate-limited"] = partial(refuse, status=429, kind="rate_limit_error", headers=("retry-after: 7",))
SCENARIOS["overloaded"] = partial(refuse, status=529, kind="overloaded_error", message="Overloaded")
SCENARIOS["leaks"] = partial(
    refuse, status=401, kind="authentication_error", message="invalid x-api-key sk-secret-canary"
)

_BEGUN = stream_events(message([text()], None), stop=False)[:-1]  # up to the last word, and its block still open
_OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}

SCENARIOS["overloaded-mid-stream"] = _stream(*_BEGUN, _OVERLOADED)
SCENARIOS["overloaded-after-start"] = _stream(*_BEGUN[:2], _OVERLOADED)
SCENARIOS["overloaded-at-once"] = _stream(_OVERLOADED)
SCENARIOS["leaks-mid-stream"] = _stream(
    *_BEGUN, {"type": "error", "error": {"type": "api_error", "message": "key sk-secret-canary is odd"}}
)
SCENARIOS["fin-mid-stream"] = _stream(*_BEGUN)
SCENARIOS["fin-mid-chunk"] = _stream(*_BEGUN, end=lambda x: x.cut(reset=False))
SCENARIOS["reset-mid-stream"] = _stream(*_BEGUN, end=lambda x: x.cut(reset=True))


@scenario("not-a-message")
async def not_a_message(x: Exchange) -> None:
    send_json(x, b'{"type":"message","content":"?"}')


@scenario("html")
async def html(x: Exchange) -> None:
    send_json(x, b"<html></html>", content_type="text/html")


@scenario("hang-before-headers")
async def hang_before_headers(x: Exchange) -> None:
    await x.wait()


@scenario("hang-pings")
async def hang_pings(x: Exchange) -> None:
    open_stream(x)
    while True:
        x.write(event({"type": "ping"}))
        await x.wait(0.02)


@scenario("hang-mid-stream")
async def hang_mid_stream(x: Exchange) -> None:
    open_stream(x)
    write_events(x, _BEGUN)
    await x.wait()


@scenario("pings-mid-stream")
async def pings_mid_stream(x: Exchange) -> None:
    open_stream(x)
    write_events(x, _BEGUN)
    while True:
        x.write(event({"type": "ping"}))
        await x.wait(0.02)
