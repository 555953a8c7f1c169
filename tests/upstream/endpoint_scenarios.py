"""What each model id does at the other endpoints of OpenAI's format: completions, responses, embeddings and the like.

An id that is not here does what it does at chat/completions, which is right for refusals, silence and cuts.
"""

import base64
import json
import math
import struct
from typing import Any

from omna.gateway.idempotency import LARGEST_ANSWER
from tests.upstream.scenarios import DONE, PROMPT_TOKENS, TEXT, WORDS, event, open_stream, send_json, usage
from tests.upstream.server import Exchange, Scenario

SPEECH = b"ID3\x00\xff\xfb" + bytes(range(256))
IMAGE = base64.b64encode(b"\x89PNG" + bytes(range(64))).decode()
SUBTITLES = "1\n00:00:00,000 --> 00:00:01,240\nThe quick\n\n2\n00:00:01,240 --> 00:00:01,700\n brown fox\n"


def find(path: str, model: str) -> Scenario | None:
    """Return what a model id does at a path, if that differs from chat completions."""
    return SCENARIOS.get(path.removeprefix("/v1/"), {}).get(model)


# ── completions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _completion(text: str, finish: str | None, index: int = 0, **fields: Any) -> dict[str, Any]:
    choice = {"index": index, "text": text, "logprobs": None, "finish_reason": finish} | fields
    return {"id": "cmpl-up", "object": "text_completion", "created": 1, "model": "up", "choices": [choice]}


async def completions_ok(x: Exchange) -> None:
    if not x.arrival.stream:
        send_json(x, json.dumps(_completion(TEXT, "stop") | {"usage": usage()}).encode())
        x.arrival.tokens_sent += len(WORDS)
        return
    open_stream(x)
    for word in WORDS:
        x.write(event(_completion(word, None)), 1)
    x.write(event(_completion("", "stop")))
    if x.arrival.asks_usage:
        x.write(event({"choices": [], "usage": usage()}))
    x.write(DONE)
    x.end()


async def completions_logprobs(x: Exchange) -> None:
    logprobs = {"tokens": ["The"], "token_logprobs": [-0.1], "top_logprobs": None, "text_offset": [0]}
    send_json(x, json.dumps(_completion("The", "length", logprobs=logprobs) | {"usage": usage(1)}).encode())
    x.arrival.tokens_sent += 1


async def completions_cut(x: Exchange) -> None:
    open_stream(x)
    for word in WORDS:
        x.write(event(_completion(word, None)), 1)
    x.end()


# ── responses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def response(output: list[dict[str, Any]], status: str = "completed", **fields: Any) -> dict[str, Any]:
    stated = {
        "input_tokens": PROMPT_TOKENS,
        "input_tokens_details": {"cached_tokens": 2},
        "output_tokens": len(WORDS),
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": PROMPT_TOKENS + len(WORDS),
    }
    return {
        "id": "resp_up",
        "object": "response",
        "status": status,
        "output": output,
        "error": None,
        "usage": stated,
    } | fields


def output_message(text: str = TEXT) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"id": "msg_up", "type": "message", "role": "assistant", "status": "completed", "content": [part]}


def response_event(kind: str, **fields: Any) -> bytes:
    value = {"type": kind, **fields}
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), json.dumps(value, ensure_ascii=False).encode())


def _words(x: Exchange) -> None:
    x.write(response_event("response.created", response=response([], "in_progress", usage=None)))
    x.write(response_event("response.in_progress", response=response([], "in_progress", usage=None)))
    x.write(response_event("response.output_item.added", output_index=0, item=output_message("") | {"content": []}))
    for word in WORDS:
        x.write(response_event("response.output_text.delta", output_index=0, content_index=0, delta=word), 1)


async def responses_ok(x: Exchange) -> None:
    if not x.arrival.stream:
        send_json(x, json.dumps(response([output_message()])).encode())
        x.arrival.tokens_sent += len(WORDS)
        return
    open_stream(x)
    _words(x)
    x.write(response_event("response.output_text.done", output_index=0, content_index=0, text=TEXT))
    x.write(response_event("response.output_item.done", output_index=0, item=output_message()))
    x.write(response_event("response.completed", response=response([output_message()])))
    x.end()


async def responses_failed(x: Exchange) -> None:
    failed = response([], "failed", error={"code": "server_error", "message": "lost the model"})
    if not x.arrival.stream:
        send_json(x, json.dumps(failed).encode())
        return
    open_stream(x)
    _words(x)
    x.write(response_event("response.failed", response=failed))
    x.end()


async def responses_cut(x: Exchange) -> None:
    open_stream(x)
    _words(x)
    x.end()


# ── endpoints whose answers are no text ──────────────────────────────────────────────────────────────────────────────


def _send(x: Exchange, **fields: Any) -> None:
    send_json(x, json.dumps(fields).encode())


def _answers(**fields: Any) -> Scenario:
    """Return a scenario that answers with an object."""

    async def answer(x: Exchange) -> None:
        _send(x, **fields)

    return answer


def _sends(content: bytes, content_type: str) -> Scenario:
    """Return a scenario that answers with bytes."""

    async def answer(x: Exchange) -> None:
        send_json(x, content, content_type=content_type)

    return answer


async def embeddings_ok(x: Exchange) -> None:
    """The same vector for every input."""
    inputs = x.arrival.body["input"]
    number = len(inputs) if isinstance(inputs, list) and isinstance(inputs[0], str | list) else 1
    rows = [{"object": "embedding", "index": index, "embedding": [0.5, -1.25]} for index in range(number)]
    _send(x, object="list", data=rows, model="up", usage={"prompt_tokens": 3, "total_tokens": 3})


def vector(index: int, dimensions: int = 3) -> list[float]:
    """Return numbers of which no two are alike, and most of which float32 cannot hold."""
    return [math.sin(index * 7 + number + 0.1) for number in range(dimensions)]


async def embeddings_batch(x: Exchange) -> None:
    """One vector per input, the last one first; as base64 for the model id that says so."""
    inputs = x.arrival.body["input"]
    rows: list[dict[str, Any]] = [
        {"object": "embedding", "index": index, "embedding": vector(index)} for index in reversed(range(len(inputs)))
    ]
    if x.arrival.model == "batch-base64":
        for row in rows:
            row["embedding"] = base64.b64encode(struct.pack("<3f", *row["embedding"])).decode()
    _send(x, object="list", data=rows, model="up", usage={"prompt_tokens": 5, "total_tokens": 5})


async def images_ok(x: Exchange) -> None:
    data = [{"b64_json": IMAGE, "revised_prompt": "a fox"} for _ in range(x.arrival.body.get("n") or 1)]
    _send(x, created=7, data=data, quality="low")


async def images_tokens(x: Exchange) -> None:
    stated = {
        "input_tokens": 6, "output_tokens": 272, "total_tokens": 278,
        "input_tokens_details": {"text_tokens": 6, "image_tokens": 0},
    }  # fmt: skip
    _send(x, created=7, data=[{"b64_json": IMAGE}], usage=stated)


async def images_large(x: Exchange) -> None:
    """More than is kept for an Idempotency-Key."""
    _send(x, created=7, data=[{"b64_json": "A" * (LARGEST_ANSWER + 1)}])


async def transcript(x: Exchange) -> None:
    """What was heard, in the form that was asked for: 2 seconds."""
    match x.arrival.body.get("response_format", "json"):
        case "verbose_json":
            _send(x, text=TEXT, duration=1.7, language="english", segments=[])
        case "srt":
            send_json(x, SUBTITLES.encode(), content_type="text/plain; charset=utf-8")
        case _:
            _send(x, text=TEXT, usage={"type": "duration", "seconds": 2})


async def transcript_tokens(x: Exchange) -> None:
    stated = {
        "type": "tokens", "input_tokens": 14, "output_tokens": 5, "total_tokens": 19,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 14},
    }  # fmt: skip
    _send(x, text=TEXT, usage=stated)


def _verdict(flagged: bool) -> dict[str, Any]:
    return {
        "flagged": flagged, "categories": {"violence": flagged}, "category_scores": {"violence": 0.5},
        "category_applied_input_types": {"violence": ["text"]},
    }  # fmt: skip


async def moderation(x: Exchange) -> None:
    inputs = x.arrival.body["input"]
    texts = inputs if isinstance(inputs, list) and isinstance(inputs[0], str) else [inputs]
    _send(x, id="modr-up", model="up", results=[_verdict(text == "bad") for text in texts])


async def page(x: Exchange) -> None:
    send_json(x, b"<html></html>", content_type="text/html; charset=utf-8")


async def endless(x: Exchange) -> None:
    x.head(content_type="application/octet-stream")
    while True:
        x.write(bytes(65536))
        await x.flush()


SCENARIOS: dict[str, dict[str, Scenario]] = {
    "completions": {"ok": completions_ok, "logprobs": completions_logprobs, "fin-mid-stream": completions_cut},
    "responses": {"ok": responses_ok, "failed": responses_failed, "fin-mid-stream": responses_cut},
    "embeddings": {
        "ok": embeddings_ok,
        "html-200": page,
        "endless": endless,
        "batch": embeddings_batch,
        "batch-base64": embeddings_batch,
        "too-few": _answers(data=[{"embedding": [0.5]}], usage={"prompt_tokens": 3}),
        "no-numbers": _answers(data=[{"embedding": ["a"]}]),
        "no-usage": _answers(data=[{"index": 0, "embedding": [0.5]}]),
        "absurd-usage": _answers(data=[{"index": 0, "embedding": [0.5]}], usage={"prompt_tokens": 10**7}),
        "error-200": _answers(error={"message": "lost the model", "code": "oops"}),
    },
    "images/generations": {
        "ok": images_ok,
        "tokens": images_tokens,
        "large": images_large,
        "none": _answers(created=1, data=[]),
        "too-many": _answers(created=1, data=[{"url": "https://example.com/a.png"}] * 3),
    },
    "audio/speech": {
        "ok": _sends(SPEECH, "audio/mpeg"),
        "pcm": _sends(SPEECH, "audio/pcm; rate=24000; charset=binary"),
        "silent": _sends(b"", "audio/mpeg"),
        "page": page,
        "json": _sends(b'{"error":{"message":"no voice"}}', "application/json"),
    },
    "audio/transcriptions": {
        "ok": transcript,
        "tokens": transcript_tokens,
        "silence": _answers(text="", usage=None),
        "no-usage": _answers(text=TEXT),
        "absurd-usage": _answers(text=TEXT, duration=10**6),
        "no-text": _answers(words=[]),
    },
    "audio/translations": {"ok": transcript},
    "moderations": {"ok": moderation, "too-few": _answers(id="modr-up", results=[])},
}
