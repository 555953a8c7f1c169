"""What each model id does below /v1beta: Gemini's dialect, where the model and the method stand in the path."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.upstream.scenarios import ODD_TEXT, PROMPT_TOKENS, TEXT, WORDS, event
from tests.upstream.server import Exchange, Scenario

SCENARIOS: dict[str, Scenario] = {}

Response = dict[str, Any]


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    def register(function: Scenario) -> Scenario:
        SCENARIOS[name] = function
        return function

    return register


def find(model: str) -> Scenario:
    """Return the scenario of a model id; a 404 as Gemini's for an id that names none."""
    return SCENARIOS.get(model) or _refusal(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta")


def usage(candidates: int = len(WORDS), **changes: Any) -> Response:
    return {
        "promptTokenCount": PROMPT_TOKENS,
        "candidatesTokenCount": candidates,
        "totalTokenCount": PROMPT_TOKENS + candidates + changes.get("thoughtsTokenCount", 0),
    } | changes


def response(*parts: Response, finish: str | None = None, index: int = 0, **fields: Any) -> Response:
    candidate: Response = {"content": {"parts": list(parts), "role": "model"}, "index": index}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "up", "responseId": "r1"} | fields


def words(finish: str | None = "STOP", **stated: Any) -> list[Response]:
    """Four words; usage runs along and is whole in the last response, as Gemini has it."""
    answer = [response({"text": word}, usageMetadata=usage(n + 1)) for n, word in enumerate(WORDS)]
    if finish is not None:
        answer[-1] = response({"text": WORDS[-1]}, finish=finish, usageMetadata=usage() | stated)
    return answer


CALLS = (
    {"functionCall": {"name": "get_weather", "args": {"city": "你好"}}, "thoughtSignature": "c2lnbmF0dXJl"},
    {"functionCall": {"name": "get_weather", "args": {"city": "Rome"}}},
)
THOUGHT = {"text": "let me think", "thought": True}


def _tokens(value: Response) -> int:
    return sum(
        1 for candidate in value.get("candidates", ()) for part in candidate["content"]["parts"] if part.get("text")
    )


def _send(x: Exchange, answer: list[Response]) -> None:
    """Answer in the form that was asked for."""
    if x.arrival.stream:
        _begin(x, answer)
        x.end()
        return
    whole = answer[-1]
    for candidate in whole.get("candidates", ()):
        index = candidate["index"]
        candidate["content"]["parts"] = [
            part
            for value in answer
            for other in value["candidates"]
            if other["index"] == index
            for part in other["content"]["parts"]
        ]
    data = json.dumps(whole, ensure_ascii=False).encode()
    x.head(length=len(data))
    x.write(data, sum(map(_tokens, answer[-1:])))


def _begin(x: Exchange, answer: list[Response]) -> None:
    x.head(content_type="text/event-stream")
    for value in answer:
        x.write(event(value).replace(b"\n\n", b"\r\n\r\n"), _tokens(value))


def _answer(make: Callable[[], list[Response]]) -> Scenario:
    async def play(x: Exchange) -> None:
        _send(x, make())

    return play


def _refusal(status: int, word: str, message: str, *details: Response) -> Scenario:
    async def play(x: Exchange) -> None:
        error = {"error": {"code": status, "message": message, "status": word, "details": list(details)}}
        # As Google does it: a list when a stream was asked for.
        data = json.dumps([error] if x.arrival.stream else error).encode()
        x.head(status, length=len(data))
        x.write(data)

    return play


SCENARIOS["ok"] = _answer(words)
SCENARIOS["tools"] = _answer(lambda: [response(*CALLS), response({"text": ""}, finish="STOP", usageMetadata=usage(20))])
SCENARIOS["thinking"] = _answer(
    lambda: [
        response(THOUGHT),
        *words(None),
        response({"text": "", "thoughtSignature": "c2ln"}, finish="STOP", usageMetadata=usage(thoughtsTokenCount=7)),
    ]
)
SCENARIOS["blocked"] = _answer(
    lambda: [{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 9}}]
)
SCENARIOS["filtered"] = _answer(lambda: words("SAFETY"))
SCENARIOS["malformed-call"] = _answer(lambda: [response(finish="MALFORMED_FUNCTION_CALL")])
USAGES: dict[str, dict[str, Any]] = {
    "negative": {"candidatesTokenCount": -1},
    "string": {"candidatesTokenCount": "4"},
    "fraction": {"candidatesTokenCount": 2.5},
    "nan": {"candidatesTokenCount": float("nan"), "totalTokenCount": float("nan")},
    "huge": {"candidatesTokenCount": 10**9},
    "prompt-missing": {"promptTokenCount": None},
    "prompt-negative": {"promptTokenCount": -9},
    "prompt-huge": {"promptTokenCount": 10**7},
    "cached-huge": {"cachedContentTokenCount": 10**6},
    "thoughts-negative": {"thoughtsTokenCount": -7},
    "thoughts-huge": {"thoughtsTokenCount": 10**6},
    "total-negative": {"candidatesTokenCount": None, "totalTokenCount": 1},
}
"""What the last usage of an answer says that cannot be true; before it came others that are."""

for _name, _stated in USAGES.items():
    SCENARIOS[f"usage-{_name}"] = _answer(partial(words, **_stated))
SCENARIOS["unicode-separators"] = _answer(lambda: [response({"text": ODD_TEXT}, finish="STOP", usageMetadata=usage())])
SCENARIOS["error-mid-stream"] = _answer(
    lambda: [*words(None), {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}]
)
SCENARIOS["bad-key"] = _refusal(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"},
)
SCENARIOS["limited"] = _refusal(
    429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.\nPlease retry in 37.5s.", {"retryDelay": "37s"}
)
SCENARIOS["too-long"] = _refusal(
    400, "INVALID_ARGUMENT", "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576)."
)
SCENARIOS["invalid"] = _refusal(400, "INVALID_ARGUMENT", "Penalty is not enabled for this model")
SCENARIOS["overloaded"] = _refusal(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


@scenario("echo")
async def echo(x: Exchange) -> None:
    """Answer with the request as it arrived, so that a test can compare."""
    _send(x, [response({"text": x.arrival.raw.decode()}, finish="STOP", usageMetadata=usage())])


@scenario("choices")
async def choices(x: Exchange) -> None:
    n = x.arrival.body["generationConfig"]["candidateCount"]
    if x.arrival.stream:
        _begin(x, [response({"text": TEXT}, finish="STOP", index=i, usageMetadata=usage(n * 4)) for i in range(n)])
        x.end()
        return
    candidates = [response({"text": TEXT}, finish="STOP", index=i)["candidates"][0] for i in range(n)]
    _send(x, [{"candidates": candidates, "usageMetadata": usage(n * 4)}])


@scenario("one-byte-chunks")
async def one_byte_chunks(x: Exchange) -> None:
    data = b"".join(map(event, [response({"text": "你好 "}), *words()]))
    x.head(content_type="text/event-stream")
    for position in range(len(data)):
        x.write(data[position : position + 1])
        if position % 50 == 0:
            await asyncio.sleep(0)
    x.arrival.tokens_sent += len(WORDS) + 1
    x.end()


@scenario("cut-mid-stream")
async def cut_mid_stream(x: Exchange) -> None:
    """The body ends properly, the answer does not."""
    _begin(x, words(None))
    x.end()


@scenario("reset-mid-stream")
async def reset_mid_stream(x: Exchange) -> None:
    _begin(x, words(None))
    await x.wait(0.05)  # what was written reaches the client; a reset may overtake and discard it otherwise
    x.cut(reset=True)


@scenario("cut-after-finish")
async def cut_after_finish(x: Exchange) -> None:
    _begin(x, words())
    x.cut(reset=False)


@scenario("hang-mid-stream")
async def hang_mid_stream(x: Exchange) -> None:
    _begin(x, words(None))
    await x.wait()


@scenario("hang-before-headers")
async def hang_before_headers(x: Exchange) -> None:
    await x.wait()
