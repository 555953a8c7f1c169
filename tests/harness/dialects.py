"""A client of each dialect: what it sends, and what it hears in a form in which the dialects can be compared.

Every stream goes through the linter of its dialect; every answer and error in one piece is checked for its shape.
"""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from omna.money import Nanocredits, parse_credits
from tests.harness.completions_linter import read_completions_stream
from tests.harness.linter import read_stream
from tests.harness.messages_linter import check_error, check_message, read_messages_stream
from tests.harness.responses_linter import check_object, read_responses_stream
from tests.harness.wire import CHAT, Answer

Json = dict[str, Any]

_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


@dataclass(frozen=True)
class Heard:
    """What a client was told.

    finish  in the words of its dialect; calls: name and arguments, as text where they are no JSON
    usage   tokens of prompt and completion; cost in nanocredits; None when none was told
    error   the code of what broke the stream, None for a whole answer
    """

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    finish: str | None = None
    usage: tuple[int, int] | None = None
    cost: Nanocredits | None = None
    estimated: bool | None = None
    error: str | None = None
    #: Comments or pings that kept a silent stream alive.
    heartbeats: int = 0


class Dialect(ABC):
    """One dialect. `finishes` maps OpenAI's finish reasons to its own words."""

    name: ClassVar[str]
    path: ClassVar[str]
    finishes: ClassVar[dict[str, str]]
    #: The fields of a request that offer a tool.
    tools: ClassVar[Json]
    heartbeat: ClassVar[bytes] = b": omna processing\n\n"

    def __str__(self) -> str:
        return self.name

    @abstractmethod
    def body(self, model: str, *, stream: bool, max_tokens: int = 100, prompt: str = "hi") -> Json:
        """Return a request; a stream says what it cost wherever that can be asked for."""

    @abstractmethod
    def _whole(self, body: Json) -> Heard: ...

    @abstractmethod
    def _stream(self, raw: bytes) -> Heard: ...

    def heard(self, answer: Answer, *, stream: bool) -> Heard:
        """Return what an answer with status 200 said. Errors: AssertionError naming the rule it breaks."""
        assert answer.status == 200, answer.body
        generation = answer.header("x-generation-id")
        assert generation is not None
        assert generation.partition("_")[2] or generation.partition("-")[2] == answer.request_id.removeprefix("req_")
        if not stream:
            assert answer.json["id"] == generation
            return self._whole(answer.json)
        assert answer.header("content-type") == "text/event-stream; charset=utf-8"
        assert answer.header("content-length") is None
        return self._stream(answer.body)

    def code(self, answer: Answer) -> tuple[int, str]:
        """Return status and code of an error in the dialect's envelope."""
        return answer.code


class Chat(Dialect):
    name, path = "chat", CHAT
    finishes: ClassVar = {name: name for name in ("stop", "length", "tool_calls", "content_filter")}
    tools: ClassVar = {"tools": [{"type": "function", "function": {"name": "get_weather", "parameters": _SCHEMA}}]}

    def body(self, model: str, *, stream: bool, max_tokens: int = 100, prompt: str = "hi") -> Json:
        messages = [{"role": "user", "content": prompt}]
        return {"model": model, "messages": messages, "max_tokens": max_tokens, **_streamed(stream)}

    def _whole(self, body: Json) -> Heard:
        choice = body["choices"][0]
        message = choice["message"]
        assert message.get("reasoning") == message.get("reasoning_content")
        return Heard(
            message["content"] or "",
            message.get("reasoning") or "",
            message["refusal"] or "",
            tuple(
                (call["function"]["name"], _parsed(call["function"]["arguments"]))
                for call in message.get("tool_calls", ())
            ),
            choice["finish_reason"],
            **_chat_usage(body["usage"]),
        )

    def _stream(self, raw: bytes) -> Heard:
        reading = read_stream(raw, include_usage=True)
        refusals = [choice["delta"].get("refusal") for chunk in reading.chunks for choice in chunk["choices"]]
        return Heard(
            reading.content,
            reading.reasoning,
            "".join(refusal for refusal in refusals if refusal),
            tuple((call.name, _parsed(call.arguments)) for call in reading.tool_calls.get(0, ())),
            reading.finish.get(0),
            error=reading.error and reading.error["code"],
            heartbeats=reading.comments,
            **_chat_usage(reading.usage),
        )


class Completions(Dialect):
    name, path = "completions", "/v1/completions"
    finishes: ClassVar = Chat.finishes | {"tool_calls": "stop"}
    tools: ClassVar[Json] = {}

    def body(self, model: str, *, stream: bool, max_tokens: int = 100, prompt: str = "hi") -> Json:
        return {"model": model, "prompt": prompt, "max_tokens": max_tokens, **_streamed(stream)}

    def _whole(self, body: Json) -> Heard:
        choice = body["choices"][0]
        return Heard(choice["text"], finish=choice["finish_reason"], **_chat_usage(body["usage"]))

    def _stream(self, raw: bytes) -> Heard:
        reading = read_completions_stream(raw, include_usage=True)
        return Heard(
            reading.text.get(0, ""),
            finish=reading.finish.get(0),
            error=reading.error and reading.error["code"],
            heartbeats=reading.comments,
            **_chat_usage(reading.usage),
        )


class Responses(Dialect):
    name, path = "responses", "/v1/responses"
    finishes: ClassVar = {
        "stop": "completed",
        "tool_calls": "completed",
        "length": "max_output_tokens",
        "content_filter": "content_filter",
    }
    tools: ClassVar = {"tools": [{"type": "function", "name": "get_weather", "parameters": _SCHEMA}]}

    def body(self, model: str, *, stream: bool, max_tokens: int = 100, prompt: str = "hi") -> Json:
        return {"model": model, "input": prompt, "max_output_tokens": max_tokens, "stream": stream}

    def _whole(self, body: Json) -> Heard:
        check_object(body)
        text = reasoning = refusal = ""
        calls = []
        for item in body["output"]:
            match item["type"]:
                case "message":
                    text += "".join(part.get("text", "") for part in item["content"])
                    refusal += "".join(part.get("refusal", "") for part in item["content"])
                case "reasoning":
                    reasoning += "".join(part["text"] for part in item["summary"])
                case "function_call":
                    calls.append((item["name"], _parsed(item["arguments"])))
        usage = body["usage"]
        counts = usage and {"prompt_tokens": usage["input_tokens"], "completion_tokens": usage["output_tokens"]}
        incomplete = body["incomplete_details"]
        finish = body["status"] if incomplete is None else incomplete["reason"]
        told = {} if usage is None else _chat_usage(usage | counts)
        return Heard(text, reasoning, refusal, tuple(calls), None if finish == "failed" else finish, **told)

    def _stream(self, raw: bytes) -> Heard:
        reading = read_responses_stream(raw)
        heard = vars(self._whole(reading.response))
        error = reading.error and reading.error["code"]
        return Heard(**heard | {"error": error, "heartbeats": reading.comments})


class Messages(Dialect):
    name, path = "messages", "/v1/messages"
    finishes: ClassVar = {
        "stop": "end_turn",
        "length": "max_tokens",
        "tool_calls": "tool_use",
        "content_filter": "refusal",
    }
    tools: ClassVar = {"tools": [{"name": "get_weather", "input_schema": _SCHEMA}]}
    heartbeat: ClassVar[bytes] = b'event: ping\ndata: {"type": "ping"}\n\n'

    def body(self, model: str, *, stream: bool, max_tokens: int = 100, prompt: str = "hi") -> Json:
        messages = [{"role": "user", "content": prompt}]
        return {"model": model, "messages": messages, "max_tokens": max_tokens, "stream": stream}

    def code(self, answer: Answer) -> tuple[int, str]:
        envelope = answer.json
        check_error(envelope)
        assert answer.header("request-id") == answer.request_id == envelope["request_id"]
        return answer.status, envelope["error"]["code"]

    def _whole(self, body: Json) -> Heard:
        check_message(body)
        return self._heard(body["content"], body["stop_reason"], body["usage"])

    def _stream(self, raw: bytes) -> Heard:
        reading = read_messages_stream(raw)
        error = reading.error and reading.error["code"]
        heard = vars(self._heard(reading.content, reading.stop_reason, reading.usage))
        return Heard(**heard | {"error": error, "heartbeats": reading.pings})

    def _heard(self, content: list[Json], finish: str | None, usage: Json | None) -> Heard:
        text = "".join(block["text"] for block in content if block["type"] == "text")
        # Nothing but the reason to stop tells a refusal in words from any other text.
        return Heard(
            text,
            "".join(block["thinking"] for block in content if block["type"] == "thinking"),
            "",
            tuple((block["name"], _input(block["input"])) for block in content if block["type"] == "tool_use"),
            finish,
            **({} if usage is None else _messages_usage(usage)),
        )


#: Those that tell everything a model says. Completions tell its text.
DIALECTS: tuple[Dialect, ...] = (Chat(), Responses(), Messages())
COMPLETIONS = Completions()


def _streamed(stream: bool) -> Json:
    return {"stream": True, "stream_options": {"include_usage": True}} if stream else {}


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _input(stated: Any) -> Any:
    """Return the arguments of a call. A stream tells them as text; a whole answer keeps text that is no JSON in one."""
    if isinstance(stated, str):
        return _parsed(stated or "{}")
    return stated["arguments"] if set(stated) == {"arguments"} else stated


def _chat_usage(usage: Json | None) -> Json:
    if usage is None:
        return {}
    if "total_tokens" in usage:
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    return {"usage": (usage["prompt_tokens"], usage["completion_tokens"]), **_cost(usage)}


def _messages_usage(usage: Json) -> Json:
    prompt = usage["input_tokens"] + usage["cache_creation_input_tokens"] + usage["cache_read_input_tokens"]
    return {"usage": (prompt, usage["output_tokens"]), **_cost(usage)}


def _cost(usage: Json) -> Json:
    details = usage["cost_details"]
    assert details["estimated"] is (details["usage_source"] == "gateway")
    return {"cost": parse_credits(details["total"]), "estimated": details["estimated"]}
