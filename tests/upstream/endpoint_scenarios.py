"""What each model id does at the other endpoints of OpenAI's format: completions, responses, embeddings and the like.

An id that is not here does what it does at chat/completions, which is right for refusals, silence and cuts.
"""

import json
from typing import Any

from tests.upstream.scenarios import DONE, PROMPT_TOKENS, TEXT, WORDS, event, open_stream, send_json, usage
from tests.upstream.server import Exchange, Scenario

SPEECH = b"ID3\x00\xff\xfb" + bytes(range(256))


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


async def embeddings_ok(x: Exchange) -> None:
    row = {"object": "embedding", "index": 0, "embedding": [0.5, -1.25]}
    stated = {"prompt_tokens": 3, "total_tokens": 3}
    send_json(x, json.dumps({"object": "list", "data": [row], "model": "up", "usage": stated}).encode())


async def speech_ok(x: Exchange) -> None:
    send_json(x, SPEECH, content_type="audio/mpeg")


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
    "embeddings": {"ok": embeddings_ok, "html-200": page, "endless": endless},
    "audio/speech": {"ok": speech_ok},
}
