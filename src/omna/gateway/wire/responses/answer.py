"""PURE: the response object: the same for a whole answer and for every event of a stream that carries it."""

from typing import Any

from omna.clock import now
from omna.errors import InvalidRequest, OmnaError, RateLimitExceeded
from omna.gateway.model import Ticket
from omna.gateway.wire.responses.output import Output
from omna.gateway.wire.responses.request import INCLUDE_LOGPROBS, INCLUDE_REASONING
from omna.gateway.wire.responses.tools import Tools
from omna.ids import response_id
from omna.providers.base import Choice, Completion, Delta

Json = dict[str, Any]

_TOOL_FIELDS = ("description", "parameters", "strict")


class Frame:
    """What all objects of one response have in common: what was asked for, with OpenAI's defaults."""

    def __init__(self, ticket: Ticket, created: int) -> None:
        native = ticket.call.native or {}
        reasoning = native.get("reasoning") or {}
        self._head = {
            "id": response_id(ticket.call.request_id),
            "object": "response",
            "created_at": created,
        }
        self._asked = {
            "instructions": native.get("instructions"),
            "max_output_tokens": native.get("max_output_tokens"),
            "max_tool_calls": native.get("max_tool_calls"),
            "metadata": _or(native.get("metadata"), {}),
            "model": ticket.asked,
            "parallel_tool_calls": _or(native.get("parallel_tool_calls"), True),
            "presence_penalty": _or(native.get("presence_penalty"), 0),
            "frequency_penalty": _or(native.get("frequency_penalty"), 0),
            "previous_response_id": None,
            "prompt_cache_key": native.get("prompt_cache_key"),
            "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
            "safety_identifier": native.get("safety_identifier"),
            "service_tier": "default",
            "store": False,
            "temperature": _or(native.get("temperature"), 1),
            "text": {"format": {"type": "text"}} | _given(native.get("text")),
            "tool_choice": _or(native.get("tool_choice"), "auto"),
            "tools": [_tool(tool) for tool in native.get("tools") or ()],
            "top_logprobs": _or(native.get("top_logprobs"), 0),
            "top_p": _or(native.get("top_p"), 1),
            "truncation": _or(native.get("truncation"), "disabled"),
            "user": native.get("user"),
        }

    def body(
        self,
        status: str,
        output: list[Json],
        *,
        usage: Json | None = None,
        error: OmnaError | None = None,
        incomplete: str | None = None,
    ) -> Json:
        """Return the object. usage: that of chat form; incomplete: why it ends early."""
        return {
            **self._head,
            "completed_at": int(now().timestamp()) if status == "completed" else None,
            "status": status,
            "background": False,
            "error": None if error is None else {"code": _error_code(error), "message": error.message},
            "incomplete_details": None if incomplete is None else {"reason": incomplete},
            "output": output,
            "usage": None if usage is None else usage_of(usage),
            **self._asked,
        }


def new_output(ticket: Ticket) -> Output:
    """Return the output of a response, empty."""
    native = ticket.call.native or {}
    include = native.get("include") or ()
    return Output(
        ticket.call.request_id.hex,
        Tools(native),
        encrypted=INCLUDE_REASONING in include,
        logprobs=INCLUDE_LOGPROBS in include,
    )


def answer_body(ticket: Ticket, answer: Completion, usage: Json, created: int) -> Json:
    """Return an answer that was not streamed: the items that a stream of it would have ended with."""
    output = new_output(ticket)
    choice = next((choice for choice in answer.choices if choice.index == 0), None)
    incomplete = None
    if choice is not None:
        incomplete = incomplete_reason(choice.finish_reason)
        for _ in output.take(_as_delta(choice)):
            pass
    for _ in output.close("completed" if incomplete is None else "incomplete"):
        pass
    status = "completed" if incomplete is None else "incomplete"
    return Frame(ticket, created).body(status, output.items(), usage=usage, incomplete=incomplete)


def incomplete_reason(finish_reason: str | None) -> str | None:
    """Return why a response is incomplete, None for a complete one. No finish at all means that its bound was met."""
    if finish_reason in (None, "length"):
        return "max_output_tokens"
    return "content_filter" if finish_reason == "content_filter" else None


def usage_of(usage: Json) -> Json:
    """Return usage as this dialect counts it; the cost is the same as in chat form."""
    return {
        "input_tokens": usage["prompt_tokens"],
        "input_tokens_details": {
            "cached_tokens": usage["prompt_tokens_details"]["cached_tokens"],
            "cache_write_tokens": usage["prompt_tokens_details"]["cache_write_tokens"],
        },
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": usage["completion_tokens_details"]["reasoning_tokens"]},
        "total_tokens": usage["total_tokens"],
        "cost": usage["cost"],
        "cost_details": usage["cost_details"],
    }


def _error_code(error: OmnaError) -> str:
    """Return the code of a failed response. OpenAI's list of them is closed; the `error` event has our own."""
    if isinstance(error, RateLimitExceeded):
        return "rate_limit_exceeded"
    return "invalid_prompt" if isinstance(error, InvalidRequest) else "server_error"


def _as_delta(choice: Choice) -> Delta:
    calls = [
        # A whole call without arguments is one with none, as in chat form.
        type(call)(number, call.id, call.name, call.arguments or "{}")
        for number, call in enumerate(choice.tool_calls or ())
    ]
    return Delta(
        0, choice.content, choice.reasoning, choice.refusal, calls or None, choice.logprobs, extra=choice.extra
    )


def _tool(tool: Json) -> Json:
    if tool["type"] != "function":
        return tool
    return tool | {name: tool.get(name) for name in _TOOL_FIELDS}


def _given(value: Json | None) -> Json:
    return {name: item for name, item in (value or {}).items() if item is not None}


def _or(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value
