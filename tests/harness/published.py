"""What the vendors publish about their answers, held strictly: the models of their own packages, without leniency.

Their packages read whatever comes; here every type must match, every literal must be one of theirs, and every field that
their specifications require must be there, null or not. Fields of our own may stand beside them.
"""

import json
from collections.abc import Iterator
from typing import Any

import anthropic.types
import openai.types
import openai.types.chat
import openai.types.responses
from anthropic.types import ErrorResponse, RawMessageStreamEvent
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

Json = dict[str, Any]

_CHAT: TypeAdapter[Any] = TypeAdapter(openai.types.chat.ChatCompletion)
_CHAT_CHUNK: TypeAdapter[Any] = TypeAdapter(openai.types.chat.ChatCompletionChunk)
_COMPLETION: TypeAdapter[Any] = TypeAdapter(openai.types.Completion)
_RESPONSE: TypeAdapter[Any] = TypeAdapter(openai.types.responses.Response)
_RESPONSE_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
_ERROR: TypeAdapter[Any] = TypeAdapter(openai.types.ErrorObject)
_MODEL: TypeAdapter[Any] = TypeAdapter(openai.types.Model)
_MESSAGE: TypeAdapter[Any] = TypeAdapter(anthropic.types.Message)
_MESSAGE_EVENT: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
_MESSAGES_ERROR: TypeAdapter[Any] = TypeAdapter(ErrorResponse)

#: Required by the specifications, with null as a value; the packages have a default for them.
_CHOICE = {"index", "finish_reason", "logprobs"}
_MESSAGE_OF_CHOICE = {"role", "content", "refusal"}
_RESPONSE_FIELDS = {
    "id", "object", "created_at", "error", "incomplete_details", "instructions", "metadata", "model", "output",
    "parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p",
}  # fmt: skip
#: Open Responses requires these as well.
_OPEN_RESPONSE_FIELDS = {
    "completed_at", "status", "background", "max_output_tokens", "max_tool_calls", "previous_response_id",
    "prompt_cache_key", "reasoning", "safety_identifier", "service_tier", "store", "text", "top_logprobs", "truncation",
    "presence_penalty", "frequency_penalty", "usage",
}  # fmt: skip
_MESSAGE_FIELDS = {
    "id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "container", "usage",
}  # fmt: skip
_USAGE_OF_MESSAGE = {
    "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation",
    "server_tool_use", "service_tier",
}  # fmt: skip


def check_whole(path: str, body: bytes) -> None:
    """Assert that an answer of an endpoint is what its vendor publishes."""
    value = json.loads(body)
    match path:
        case "/v1/chat/completions":
            _strictly(_CHAT, value)
            for choice in value["choices"]:
                _has(choice, _CHOICE | {"message"})
                _has(choice["message"], _MESSAGE_OF_CHOICE)
        case "/v1/completions":
            _strictly(_COMPLETION, value)
            for choice in value["choices"]:
                _has(choice, _CHOICE | {"text"})
        case "/v1/responses":
            _response(value)
        case "/v1/messages":
            _message(value)
        case "/v1/models":
            assert value["object"] == "list"
            for model in value["data"]:
                _strictly(_MODEL, model)
        case _:
            assert path.startswith("/v1/models/"), path
            _strictly(_MODEL, value)


def check_stream(path: str, raw: bytes) -> None:
    """Assert that every event of a stream is what its vendor publishes."""
    for name, value in _events(raw):
        match path:
            case "/v1/chat/completions" | "/v1/completions" if "error" in value:
                check_error(path, json.dumps(value).encode())
            case "/v1/chat/completions":
                _strictly(_CHAT_CHUNK, value)
                for choice in value["choices"]:
                    _has(choice, {"index", "delta", "finish_reason"})
            case "/v1/completions":
                # OpenAI sends null before the end, and publishes the reasons alone.
                choices = [{**one, "finish_reason": one["finish_reason"] or "stop"} for one in value["choices"]]
                _strictly(_COMPLETION, value | {"choices": choices})
            case "/v1/responses":
                assert value["type"] == name
                _strictly(_RESPONSE_EVENT, value)
                if "response" in value:
                    _response(value["response"])
            case "/v1/messages":
                assert value["type"] == name
                _message_event(value)
            case _:
                raise AssertionError(path)


def check_error(path: str, body: bytes) -> None:
    """Assert that an error is in the envelope of its vendor."""
    value = json.loads(body)
    if path.startswith("/v1/messages"):
        if value["error"]["type"] == "request_too_large":  # in Anthropic's list of errors, and not in the package
            value["error"]["type"] = "invalid_request_error"
        _strictly(_MESSAGES_ERROR, value)
        _has(value, {"type", "error", "request_id"})
    else:
        assert set(value) == {"error"}
        _strictly(_ERROR, value["error"])
        _has(value["error"], {"message", "type", "param", "code"})


def _strictly(model: TypeAdapter[Any], value: Any) -> None:
    model.validate_json(json.dumps(value), strict=True)


def _has(value: Json, names: set[str]) -> None:
    assert names <= set(value), f"without {names - set(value)}"


def _response(value: Json) -> None:
    _strictly(_RESPONSE, value)
    _has(value, _RESPONSE_FIELDS | _OPEN_RESPONSE_FIELDS)


def _message(value: Json) -> None:
    _strictly(_MESSAGE, value)
    _has(value, _MESSAGE_FIELDS)
    _has(value["usage"], _USAGE_OF_MESSAGE)


def _message_event(value: Json) -> None:
    match value["type"]:
        case "error":
            _strictly(_MESSAGES_ERROR, value)
        case "ping":  # sent by Anthropic too, and in no published type
            assert value == {"type": "ping"}
        case kind:
            _strictly(_MESSAGE_EVENT, value)
            if kind == "message_start":
                _message(value["message"])
            if kind == "message_delta":
                _has(value["delta"], {"stop_reason", "stop_sequence"})
                _has(value["usage"], {"output_tokens", "input_tokens"})


def _events(raw: bytes) -> Iterator[tuple[str | None, Json]]:
    for event in raw.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in event.split("\n") if line and not line.startswith(":"))
        if lines and lines["data"] != "[DONE]":
            yield lines.get("event"), json.loads(lines["data"])
