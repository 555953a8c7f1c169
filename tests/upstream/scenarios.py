"""What each model id does. `SCENARIOS` is the list; ids with numbers in them are patterns (see `find`).

long-N          N tokens at once                    long-N-R      N tokens at R tokens a second
status-NNN      that status with an OpenAI error    status-NNN-hint   with `retry-after: 7`
split-N         SPLIT_TEXT in a stream that arrives in two pieces, the first N bytes long
"""

import asyncio
import gzip
import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from tests.upstream.server import Exchange, Scenario

WORDS = ["The", " quick", " brown", " fox"]
TEXT = "".join(WORDS)
PROMPT_TOKENS = 9
ODD_TEXT = "a\u2028data: [DONE]\u2028\u2029b\u0085c\x0bd\x0ce\n\ndata: [DONE]\n\n你好😀"

SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    def register(function: Scenario) -> Scenario:
        SCENARIOS[name] = function
        return function

    return register


def find(model: str) -> Scenario:
    """Return the scenario of a model id; a 404 for an id that names none."""
    if model in SCENARIOS:
        return SCENARIOS[model]
    if match := re.fullmatch(r"long-(\d+)(?:-(\d+))?", model):
        return partial(long_answer, tokens=int(match[1]), rate=int(match[2] or 0))
    if match := re.fullmatch(r"status-(\d{3})(-hint)?", model):
        return partial(refuse, status=int(match[1]), hint=bool(match[2]))
    if match := re.fullmatch(r"split-(\d+)", model):
        return partial(split_answer, at=int(match[1]))
    return partial(refuse, status=404)


def usage(completion: int = len(WORDS), **changes: Any) -> dict[str, Any]:
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": completion,
        "total_tokens": PROMPT_TOKENS + completion,
    } | changes


def chunk(
    delta: dict[str, Any] | None = None, finish: str | None = None, index: int = 0, **fields: Any
) -> dict[str, Any]:
    choices = [{"index": index, "delta": delta, "finish_reason": finish}] if delta is not None else []
    return {
        "id": "chatcmpl-up",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "up",
        "choices": choices,
    } | fields


def event(value: Any) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n\n"


DONE = b"data: [DONE]\n\n"


def body(message: dict[str, Any], finish: str | None = "stop", **fields: Any) -> bytes:
    answer = {
        "id": "chatcmpl-up",
        "object": "chat.completion",
        "created": 1,
        "model": "up",
        "choices": [{"index": 0, "message": {"role": "assistant"} | message, "finish_reason": finish}],
        "usage": usage(),
    } | fields
    return json.dumps({key: value for key, value in answer.items() if value is not ...}, ensure_ascii=False).encode()


def send_json(
    x: Exchange, data: bytes, status: int = 200, headers: tuple[str, ...] = (), content_type: str = "application/json"
) -> None:
    x.head(status, content_type, headers, length=len(data))
    x.write(data)


def open_stream(x: Exchange, **options: Any) -> None:
    x.head(content_type="text/event-stream", **options)


def send_stream(x: Exchange, chunks: Iterable[dict[str, Any]], done: bool = True) -> None:
    open_stream(x)
    for value in chunks:
        x.write(event(value), _tokens(value))
    if done:
        x.write(DONE)
    x.end()


def _tokens(value: dict[str, Any]) -> int:
    return sum(1 for choice in value.get("choices") or () if (choice.get("delta") or {}).get("content"))


def words(end: str | None = "stop", index: int = 0) -> list[dict[str, Any]]:
    chunks = [chunk({"role": "assistant", "content": ""}, index=index)]
    chunks += [chunk({"content": word}, index=index) for word in WORDS]
    if end is not None:
        chunks.append(chunk({}, end, index))
    return chunks


def answer(x: Exchange, chunks: list[dict[str, Any]], whole: bytes, stated: Any = None) -> None:
    """Answer in the form that was asked for; usage only when it was asked for, as OpenAI does."""
    if not x.arrival.stream:
        send_json(x, whole)
        x.arrival.tokens_sent += len(WORDS)
    else:
        last = (
            [chunk(usage=stated if stated is not None else usage())]
            if x.arrival.asks_usage and stated is not ...
            else []
        )
        send_stream(x, chunks + last)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@scenario("ok")
async def ok(x: Exchange) -> None:
    answer(x, words(), body({"content": TEXT}))


@scenario("ok-slow")
async def ok_slow(x: Exchange) -> None:
    await long_answer(x, tokens=4, rate=20)


@scenario("slow-start")
async def slow_start(x: Exchange) -> None:
    """Nothing for longer than a gateway under test holds back the status (1.5 s and a beat of 1 s), then the answer."""
    await x.wait(3.0)
    await ok(x)


async def long_answer(x: Exchange, *, tokens: int, rate: int) -> None:
    pause = 1 / rate if rate else 0.0
    if not x.arrival.stream:
        if pause:
            await x.wait(pause * tokens)
        send_json(x, body({"content": "tok " * tokens}, usage=usage(tokens)))
        x.arrival.tokens_sent += tokens
        return
    open_stream(x)
    x.write(event(chunk({"role": "assistant", "content": ""})))
    loop = asyncio.get_running_loop()
    started = loop.time()
    piece = event(chunk({"content": "tok "}))
    for number in range(tokens):
        if pause and (ahead := started + number * pause - loop.time()) > 0:
            await x.wait(ahead)
        elif number % 64 == 0:
            await x.flush()
        x.write(piece, 1)
    x.write(event(chunk({}, "stop")))
    if x.arrival.asks_usage:
        x.write(event(chunk(usage=usage(tokens))))
    x.write(DONE)
    x.end()


@scenario("n-choices")
async def n_choices(x: Exchange) -> None:
    n = x.arrival.body.get("n", 1)
    if not x.arrival.stream:
        choices = [
            {"index": i, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"} for i in range(n)
        ]
        send_json(x, body({}, choices=choices, usage=usage(n * len(WORDS))))
        return
    streams = [words(index=i) for i in range(n)]
    interleaved = [value for row in zip(*streams, strict=True) for value in row]
    send_stream(x, [*interleaved, chunk(usage=usage(n * len(WORDS)))])


@scenario("empty-answer")
async def empty_answer(x: Exchange) -> None:
    answer(x, [chunk({"role": "assistant", "content": ""}), chunk({}, "stop")], body({"content": ""}), usage(0))


@scenario("empty-done")
async def empty_done(x: Exchange) -> None:
    send_stream(x, [])


@scenario("echo")
async def echo(x: Exchange) -> None:
    """Answer with the request as it arrived, so that a test can compare."""
    text = x.arrival.raw.decode()
    answer(x, [chunk({"role": "assistant", "content": text}), chunk({}, "stop")], body({"content": text}))


@scenario("json-for-stream")
async def json_for_stream(x: Exchange) -> None:
    send_json(x, body({"content": TEXT}))
    x.arrival.tokens_sent += len(WORDS)


@scenario("stream-for-json")
async def stream_for_json(x: Exchange) -> None:
    send_stream(x, [*words(), chunk(usage=usage())])


@scenario("reuse")
async def reuse(x: Exchange) -> None:
    answer(
        x,
        [chunk({"role": "assistant", "content": str(x.arrival.connection)}), chunk({}, "stop")],
        body({"content": str(x.arrival.connection)}),
    )


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def refuse(x: Exchange, *, status: int, hint: bool = False) -> None:
    error = {"error": {"message": f"refused with {status}", "type": "some_type", "code": f"code_{status}"}}
    send_json(x, json.dumps(error).encode(), status, ("retry-after: 7",) if hint else ())


SCENARIOS["refuse-500"] = partial(refuse, status=500)


def _refusal(
    status: int, data: bytes, content_type: str = "application/json", headers: tuple[str, ...] = ()
) -> Scenario:
    async def play(x: Exchange) -> None:
        send_json(x, data, status, headers, content_type)

    return play


SCENARIOS["error-string"] = _refusal(400, b'{"error":"bad words"}')
SCENARIOS["error-detail"] = _refusal(422, b'{"detail":[{"loc":["body","n"],"msg":"too large","type":"value_error"}]}')
SCENARIOS["error-message"] = _refusal(
    400, b'{"object":"error","message":"not like this","type":"BadRequestError","code":400}'
)
SCENARIOS["error-html"] = _refusal(502, b"<html><title>Bad Gateway</title></html>", "text/html")
SCENARIOS["error-text"] = _refusal(503, b"no healthy upstream\n", "text/plain")
SCENARIOS["error-empty"] = _refusal(500, b"")
SCENARIOS["error-leaks"] = _refusal(401, b'{"error":{"message":"Incorrect API key provided: sk-secret-canary"}}')
SCENARIOS["context-length"] = _refusal(
    400,
    b'{"error":{"message":"This model has a maximum context length of 8 tokens.",'
    b'"param":"messages","code":"context_length_exceeded"}}',
)
SCENARIOS["content-filter"] = _refusal(
    400, b'{"error":{"message":"refused by policy","code":"content_policy_violation"}}'
)
SCENARIOS["quota"] = _refusal(
    429, b'{"error":{"message":"You exceeded your quota","type":"insufficient_quota","code":"insufficient_quota"}}'
)
SCENARIOS["overloaded-ms"] = _refusal(
    529,
    b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    headers=("retry-after-ms: 1500",),
)
SCENARIOS["error-200"] = _refusal(200, b'{"error":{"message":"no capacity","code":"overloaded"}}')
SCENARIOS["error-200-list"] = _refusal(200, b'[{"error":{"message":"no such thing","code":404,"status":"NOT_FOUND"}}]')
SCENARIOS["html-200"] = _refusal(200, b"<!doctype html><h1>Welcome</h1>", "text/html; charset=utf-8")
SCENARIOS["html-as-json"] = _refusal(200, b"\n <!doctype html><h1>Welcome</h1>")
SCENARIOS["text-200"] = _refusal(200, b"upstream connect error", "text/plain")
SCENARIOS["malformed-json"] = _refusal(200, b'{"choices":[{"message":{"content":"half')
SCENARIOS["no-choices"] = _refusal(200, b'{"id":"x","object":"chat.completion"}')
SCENARIOS["redirect"] = _refusal(307, b"", headers=("location: /v1/elsewhere",))
SCENARIOS["gzip-answer"] = _refusal(200, gzip.compress(body({"content": TEXT})), headers=("content-encoding: gzip",))
SCENARIOS["big-headers"] = _refusal(200, body({"content": TEXT}), headers=(f"x-big: {'x' * 40000}",))
SCENARIOS["many-headers"] = _refusal(200, body({"content": TEXT}), headers=tuple(f"x-{i}: 1" for i in range(300)))


@scenario("cookie")
async def cookie(x: Exchange) -> None:
    send_json(
        x, body({"content": x.arrival.headers.get("cookie", "none")}), headers=("set-cookie: session=canary; Path=/",)
    )


@scenario("malformed-http")
async def malformed_http(x: Exchange) -> None:
    x.raw(b"this is not HTTP\r\n\r\n")
    x.cut(reset=False)


# ── silence and cuts ─────────────────────────────────────────────────────────────────────────────────────────────────


@scenario("hang-before-headers")
async def hang_before_headers(x: Exchange) -> None:
    await x.wait()


@scenario("hang-after-headers")
async def hang_after_headers(x: Exchange) -> None:
    open_stream(x)
    await x.wait()


@scenario("hang-comments")
async def hang_comments(x: Exchange) -> None:
    open_stream(x)
    while True:
        x.write(b": processing\n\n")
        await x.wait(0.02)


@scenario("hang-mid-stream")
async def hang_mid_stream(x: Exchange) -> None:
    open_stream(x)
    for value in words(None):
        x.write(event(value), _tokens(value))
    await x.wait()


@scenario("comments-mid-stream")
async def comments_mid_stream(x: Exchange) -> None:
    open_stream(x)
    for value in words(None):
        x.write(event(value), _tokens(value))
    while True:
        x.write(b": still here\n\n")
        await x.wait(0.02)


@scenario("empty-deltas-mid-stream")
async def empty_deltas_mid_stream(x: Exchange) -> None:
    """Events that look alive and say nothing."""
    open_stream(x)
    for value in words(None):
        x.write(event(value), _tokens(value))
    while True:
        x.write(event(chunk({"role": "assistant", "content": ""})))
        await x.wait(0.02)


@scenario("hang-after-finish")
async def hang_after_finish(x: Exchange) -> None:
    open_stream(x)
    for value in [*words(), chunk(usage=usage())]:
        x.write(event(value), _tokens(value))
    await x.wait()


@scenario("hang-mid-json")
async def hang_mid_json(x: Exchange) -> None:
    x.head(length=1000)
    x.write(b'{"choices":[')
    await x.wait()


@scenario("reset-before-headers")
async def reset_before_headers(x: Exchange) -> None:
    x.cut(reset=True)


@scenario("fin-before-headers")
async def fin_before_headers(x: Exchange) -> None:
    x.cut(reset=False)


@scenario("reset-mid-stream")
async def reset_mid_stream(x: Exchange) -> None:
    open_stream(x)
    for value in words(None):
        x.write(event(value), _tokens(value))
    await x.wait(0.05)  # what was written reaches the client; a reset may overtake and discard it otherwise
    x.cut(reset=True)


@scenario("reset-after-role")
async def reset_after_role(x: Exchange) -> None:
    """An answer begins, and breaks before its first word."""
    open_stream(x)
    x.write(event(words()[0]))
    await x.wait(0.05)
    x.cut(reset=True)


@scenario("fin-mid-stream")
async def fin_mid_stream(x: Exchange) -> None:
    """The body ends properly, the answer does not."""
    open_stream(x)
    for value in words(None):
        x.write(event(value), _tokens(value))
    x.end()


@scenario("fin-mid-chunk")
async def fin_mid_chunk(x: Exchange) -> None:
    """The connection closes inside the body."""
    open_stream(x)
    for value in words(None):
        x.write(event(value), _tokens(value))
    x.cut(reset=False)


@scenario("fin-mid-json")
async def fin_mid_json(x: Exchange) -> None:
    x.head(length=1000)
    x.write(b'{"choices":[')
    x.cut(reset=False)


@scenario("fin-after-finish")
async def fin_after_finish(x: Exchange) -> None:
    """Everything was said but [DONE], and the body is cut: a whole answer all the same."""
    open_stream(x)
    for value in [*words(), chunk(usage=usage())]:
        x.write(event(value), _tokens(value))
    x.cut(reset=False)


# ── dialects of streams ──────────────────────────────────────────────────────────────────────────────────────────────


def _stream(chunks: list[dict[str, Any]], done: bool = True, whole: bytes | None = None) -> Scenario:
    async def play(x: Exchange) -> None:
        if x.arrival.stream or whole is None:
            send_stream(x, chunks, done)
        else:
            send_json(x, whole)

    return play


def _bytes(*pieces: bytes, content_type: str = "text/event-stream", tokens: int = 0) -> Scenario:
    """Send these pieces; `tokens` are all in the last one."""

    async def play(x: Exchange) -> None:
        x.head(content_type=content_type)
        for piece in pieces[:-1]:
            x.write(piece)
        x.write(pieces[-1], tokens)
        x.end()

    return play


_STREAM = b"".join(event(value) for value in [*words(), chunk(usage=usage())]) + DONE

SCENARIOS["crlf"] = _bytes(_STREAM.replace(b"\n", b"\r\n"), tokens=len(WORDS))
SCENARIOS["cr"] = _bytes(_STREAM.replace(b"\n", b"\r"), tokens=len(WORDS))
SCENARIOS["bom"] = _bytes(b"\xef\xbb\xbf" + _STREAM, tokens=len(WORDS))
SCENARIOS["fields"] = _bytes(
    b"retry: 10\nid: 1\nevent: message\n" + _STREAM.replace(b"data: {", b"id: 7\ndata: {"), tokens=len(WORDS)
)
SCENARIOS["pings"] = _bytes(b"event: ping\ndata: {}\n\n", b"data: \n\n", b": c\n\n", _STREAM, tokens=len(WORDS))
SCENARIOS["no-last-blank"] = _bytes(_STREAM.rstrip(b"\n"), tokens=len(WORDS))
SCENARIOS["octet-stream"] = _bytes(_STREAM, content_type="application/octet-stream", tokens=len(WORDS))
SCENARIOS["no-done"] = _stream([*words(), chunk(usage=usage())], done=False)
SCENARIOS["no-finish-done"] = _stream(words(None))
SCENARIOS["no-finish-usage"] = _stream([*words(None), chunk(usage=usage())], done=False)
SCENARIOS["finish-empty"] = _stream([*words(None), chunk({}, ""), chunk(usage=usage())])
SCENARIOS["finish-twice"] = _stream([*words(), chunk({}, "stop"), chunk({"content": ""}, "stop"), chunk(usage=usage())])
for _reason in ("end_turn", "STOP", "max_tokens", "MAX_TOKENS", "tool_use", "SAFETY", "refusal", "surprise"):
    SCENARIOS[f"finish-{_reason}"] = _stream(
        [*words(None), chunk({}, _reason), chunk(usage=usage())], whole=body({"content": TEXT}, _reason)
    )
SCENARIOS["role-every-chunk"] = _stream(
    [chunk({"role": "assistant", "content": word}) for word in WORDS] + [chunk({}, "stop"), chunk(usage=usage())]
)
SCENARIOS["choices-null"] = _stream([{"choices": None}, {"id": "x"}, *words(), {"choices": None, "usage": usage()}])
SCENARIOS["error-mid-stream"] = _stream(
    [*words(None), {"error": {"message": "lost the model", "code": "server_error"}}]
)
SCENARIOS["error-after-role"] = _stream([words()[0], {"error": {"message": "no capacity", "code": "overloaded"}}])
SCENARIOS["fin-after-role"] = _stream(words()[:1], done=False)
SCENARIOS["error-finish"] = _stream([*words(None), chunk({}, "error")], whole=body({"content": TEXT}, "error"))
SCENARIOS["error-after-finish"] = _stream([*words(), {"error": {"message": "too late"}}])
SCENARIOS["error-event"] = _bytes(
    event(chunk({"content": "The"})), b'event: error\ndata: {"error":{"message":"broke","code":"server_error"}}\n\n'
)
SCENARIOS["malformed-event"] = _bytes(event(chunk({"content": "The"})), b"data: {half\n\n", DONE)
SCENARIOS["unicode-separators"] = _stream(
    [chunk({"role": "assistant", "content": ODD_TEXT}), chunk({}, "stop"), chunk(usage=usage())],
    whole=body({"content": ODD_TEXT}),
)
SCENARIOS["invalid-utf8"] = _bytes(
    b'data: {"choices":[{"index":0,"delta":{"content":"a\xffb"}}]}\n\n', event(chunk({}, "stop")), DONE
)
SCENARIOS["lone-surrogate"] = _bytes(
    b'data: {"choices":[{"index":0,"delta":{"content":"a\\ud800b"}}]}\n\n', event(chunk({}, "stop")), DONE
)
SCENARIOS["nan"] = _bytes(
    b'data: {"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"logprob":-Infinity}]}}]}\n\n',
    event(chunk({}, "stop")),
    DONE,
)
SCENARIOS["big-line"] = _bytes(b"data: " + b"x" * (1 << 20) + b"\n\n", DONE)


@scenario("one-byte-chunks")
async def one_byte_chunks(x: Exchange) -> None:
    data = b"".join(event(v) for v in [chunk({"content": "你好 "}), *words(), chunk(usage=usage())]) + DONE
    open_stream(x)
    for position in range(len(data)):
        x.write(data[position : position + 1])
        if position % 50 == 0:
            await asyncio.sleep(0)
    x.arrival.tokens_sent += len(WORDS) + 1
    x.end()


#: Characters of one to four bytes, and some that only look like the end of a line or of the stream.
SPLIT_TEXT = "aé你😀\u2028\u0085data: [DONE]"
_BEFORE_SPLIT = event(chunk({"role": "assistant", "content": ""}))
_SPLIT = event(chunk({"content": SPLIT_TEXT}))
#: Where split-N cuts the text's own event.
SPLITS = range(len(_BEFORE_SPLIT), len(_BEFORE_SPLIT) + len(_SPLIT) + 1)


async def split_answer(x: Exchange, *, at: int) -> None:
    data = _BEFORE_SPLIT + _SPLIT + event(chunk({}, "stop")) + event(chunk(usage=usage())) + DONE
    open_stream(x)
    x.write(data[:at])
    await x.wait(0.005)  # the first piece travels alone
    x.write(data[at:], len(WORDS))
    x.end()


@scenario("endless")
async def endless(x: Exchange) -> None:
    open_stream(x)
    piece = event(chunk({"content": "tok " * 4096}))
    while True:
        x.write(piece, 4096)
        await x.flush()


@scenario("endless-json")
async def endless_json(x: Exchange) -> None:
    x.head()
    x.write(b'{"choices":[{"message":{"content":"')
    while True:
        x.write(b"x" * 65536)
        await x.flush()


# ── usage ────────────────────────────────────────────────────────────────────────────────────────────────────────────

USAGES: dict[str, Any] = {
    "missing": ...,
    "empty": {},
    "zero": usage(0),
    "negative": usage(-5),
    "fraction": usage(completion_tokens=2.5),
    "string": usage(completion_tokens="4"),
    "huge": usage(10**9),
    "true": usage(completion_tokens=True),
    "contradictory": usage(prompt_tokens_details={"cached_tokens": 1000}),
    "wrong-total": usage(total_tokens=1),
    "prompt-only": {"prompt_tokens": PROMPT_TOKENS},
    "list": [1, 2],
    "details": usage(
        prompt_tokens_details={"cached_tokens": 5, "cache_write_tokens": 1},
        completion_tokens_details={"reasoning_tokens": 2},
    ),
    "media": usage(
        prompt_tokens_details={"audio_tokens": 5, "image_tokens": 2},
        completion_tokens_details={"audio_tokens": 3},
    ),
    "details-null": usage(prompt_tokens_details=None, completion_tokens_details={"reasoning_tokens": None}),
    "nan": usage(completion_tokens=float("nan")),
    "infinite": usage(prompt_tokens=float("inf")),
    "beyond-64-bits": usage(10**30),
    "nested": usage(completion_tokens={"completion_tokens": 4}),
    "word": "lots",
    "prompt-zero": usage(prompt_tokens=0),
    "prompt-huge": usage(prompt_tokens=10**7),
    "cached-negative": usage(prompt_tokens_details={"cached_tokens": -5}),
    "reasoning-huge": usage(completion_tokens_details={"reasoning_tokens": 10**6}),
    "reasoning-beside": usage(total_tokens=PROMPT_TOKENS + 4 + 20, completion_tokens_details={"reasoning_tokens": 20}),
}


def _usage_scenario(stated: Any) -> Scenario:
    async def play(x: Exchange) -> None:
        answer(x, words(), body({"content": TEXT}, usage=stated), stated)

    return play


for _name, _stated in USAGES.items():
    SCENARIOS[f"usage-{_name}"] = _usage_scenario(_stated)


@scenario("usage-duplicated")
async def usage_duplicated(x: Exchange) -> None:
    """The same key twice in one object, the second time with a thousand million tokens."""
    stated = (b'"completion_tokens": 4', b'"completion_tokens": 4, "completion_tokens": 1000000000')
    if not x.arrival.stream:
        send_json(x, body({"content": TEXT}).replace(*stated))
        x.arrival.tokens_sent += len(WORDS)
        return
    open_stream(x)
    for value in words():
        x.write(event(value), _tokens(value))
    x.write(event(chunk(usage=usage())).replace(*stated))
    x.write(DONE)
    x.end()


SCENARIOS["usage-every-chunk"] = _stream(
    [value | {"usage": usage(max(0, number))} for number, value in enumerate(words(None), -0)]
    + [chunk({}, "stop", usage=usage())]
)
SCENARIOS["usage-first-chunk"] = _stream([words()[0] | {"usage": usage()}, *words()[1:]])
SCENARIOS["usage-with-finish"] = _stream([*words(None), chunk({}, "stop", usage=usage())])
SCENARIOS["usage-null-choices"] = _stream([*words(), {"choices": None, "usage": usage()}])
SCENARIOS["usage-twice"] = _stream([*words(), chunk(usage=usage(1)), chunk(usage=usage(4))])
SCENARIOS["usage-then-cut"] = _stream([value | {"usage": usage(1)} for value in words(None)], done=False)

# ── tool calls ───────────────────────────────────────────────────────────────────────────────────────────────────────

TOOL_ARGUMENTS = ('{"city":"你好"}', '{"city":"Rome"}')


def _calls(*pieces: dict[str, Any]) -> dict[str, Any]:
    return chunk({"tool_calls": list(pieces)})


def _piece(arguments: Any, **fields: Any) -> dict[str, Any]:
    function: dict[str, Any] = {"arguments": arguments}
    if "name" in fields:
        function["name"] = fields.pop("name")
    return fields | {"function": function}


def _tool_dialects() -> dict[str, list[dict[str, Any]]]:
    """Two parallel calls, in the clean form and in the bad ones of the field."""
    a, b = (("call_a", "get_weather", TOOL_ARGUMENTS[0]), ("call_b", "get_time", TOOL_ARGUMENTS[1]))
    dialects: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in ("clean", "repeated", "empty", "null", "no-index", "index-zero", "whole", "object", "no-id")
    }
    for index, (call_id, name, arguments) in enumerate((a, b)):
        halves = (arguments[:7], arguments[7:])
        first: dict[str, Any] = {"index": index, "id": call_id, "type": "function"}
        dialects["clean"] += [_calls(_piece("", name=name, **first))]
        dialects["clean"] += [_calls(_piece(half, index=index)) for half in halves]
        dialects["repeated"] += [_calls(_piece(half, name=name, **first)) for half in ("", *halves)]
        dialects["empty"] += [_calls(_piece("", name=name, **first))]
        dialects["empty"] += [_calls(_piece(half, name="", index=index, id="", type="function")) for half in halves]
        dialects["null"] += [_calls(_piece(None, name=name, **first))]
        dialects["null"] += [_calls(_piece(half, name=None, index=index, id=None, type=None)) for half in halves]
        dialects["no-index"] += [_calls(_piece("", name=name, id=call_id))]
        dialects["no-index"] += [_calls(_piece(half)) for half in halves]
        dialects["index-zero"] += [_calls(_piece("", name=name, **(first | {"index": 0})))]
        dialects["index-zero"] += [_calls(_piece(half, index=0)) for half in halves]
        dialects["no-id"] += [_calls(_piece(half, name=name, index=index)) for half in ("", *halves)]
    dialects["whole"] = [_calls(*(_piece(args, name=name, id=i, index=n) for n, (i, name, args) in enumerate((a, b))))]
    dialects["object"] = [_calls(*(_piece(json.loads(args), name=name, id=i) for i, name, args in (a, b)))]
    return dialects


TOOL_DIALECTS = _tool_dialects()
for _name, _chunks in TOOL_DIALECTS.items():
    _finish = "stop" if _name in ("empty", "whole", "object") else "tool_calls"
    SCENARIOS[f"tools-{_name}"] = _stream(
        [chunk({"role": "assistant", "content": None}), *_chunks, chunk({}, _finish), chunk(usage=usage())],
        whole=body(
            {
                "content": None,
                "tool_calls": [
                    {
                        "id": f"call_{i}",
                        "type": "function",
                        "function": {"name": n, "arguments": json.loads(t) if _name == "object" else t},
                    }
                    for i, n, t in zip("ab", ("get_weather", "get_time"), TOOL_ARGUMENTS, strict=True)
                ],
            },
            _finish,
        ),
    )
SCENARIOS["tools-no-arguments"] = _stream(
    [_calls(_piece("", name="now", index=0, id="call_a")), chunk({}, "tool_calls")]
)
SCENARIOS["tools-same-id"] = _stream(
    [_calls(_piece("{}", name="f", index=n, id="call_x")) for n in (0, 1)] + [chunk({}, "tool_calls")]
)
SCENARIOS["tools-late-name"] = _stream(
    [
        _calls(_piece('{"a"', index=0, id="call_a")),
        _calls(_piece(":1}", index=0, name="f")),
        chunk({}, "tool_calls"),
    ]
)
SCENARIOS["tools-cut"] = _stream([_calls(_piece('{"a":', name="f", index=0, id="call_a")), chunk({}, "length")])

#: What the model of the scenario `task` wants done, call by call, before it says that all is done.
TASK = (("read_file", {"path": "a.txt"}), ("write_file", {"path": "b.txt", "text": "你好"}))


@scenario("task")
async def task(x: Exchange) -> None:
    """A small job for a client with tools: one call a turn, then words. Every turn states a usage of its own."""
    done = sum(message.get("role") == "tool" for message in x.arrival.body["messages"])
    prompt, completion = 20 + 10 * done, 5 + done
    stated = usage(completion, prompt_tokens=prompt, total_tokens=prompt + completion)
    if done >= len(TASK):
        answer(x, words(), body({"content": TEXT}, usage=stated), stated)
        return
    name, arguments = TASK[done]
    call: dict[str, Any] = {"id": f"call_{done}", "type": "function"}
    text = json.dumps(arguments, ensure_ascii=False)
    chunks = [
        chunk({"role": "assistant", "content": None}),
        _calls(_piece("", name=name, index=0, **call)),
        *(_calls(_piece(half, index=0)) for half in (text[:5], text[5:])),
        chunk({}, "tool_calls"),
    ]
    calls = [call | {"function": {"name": name, "arguments": text}}]
    answer(x, chunks, body({"content": None, "tool_calls": calls}, "tool_calls", usage=stated), stated)


# ── reasoning ────────────────────────────────────────────────────────────────────────────────────────────────────────

for _field in ("thinking", "reasoning", "reasoning_content"):
    SCENARIOS[f"reasoning-{_field}"] = _stream(
        [
            chunk({"role": "assistant", _field: "let me "}),
            chunk({_field: "think", "content": None}),
            *words()[1:],
            chunk(usage=usage()),
        ],
        whole=body({"content": TEXT, _field: "let me think"}),
    )
SCENARIOS["reasoning-parts"] = _stream(
    [chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "let me think"}]}]}), *words()[1:]],
    whole=body(
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "let me think"}]},
                {"type": "text", "text": TEXT},
            ]
        }
    ),
)
SCENARIOS["reasoning-details"] = _stream(
    [chunk({"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}), *words()[1:]]
)
SCENARIOS["refusal"] = _stream(
    [chunk({"refusal": "I will not"}), chunk({}, "stop")], whole=body({"content": None, "refusal": "I will not"})
)
