"""PURE: a whole answer in chat form."""

from typing import Any

from omna.gateway.model import Ticket
from omna.ids import completion_id
from omna.providers.base import Choice, Completion


def answer_body(ticket: Ticket, answer: Completion, usage: dict[str, Any], created: int) -> dict[str, Any]:
    """Return a whole answer in OpenAI's shape."""
    body: dict[str, Any] = {
        "id": completion_id(ticket.call.request_id),
        "object": "chat.completion",
        "created": created,
        "model": ticket.asked,
        "choices": [_choice_body(choice) for choice in answer.choices],
        "usage": usage,
    }
    if answer.system_fingerprint is not None:
        body["system_fingerprint"] = answer.system_fingerprint
    return body


def _choice_body(choice: Choice) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": choice.content if choice.content or not choice.tool_calls else None,
        "refusal": choice.refusal,
        "annotations": [],
    }
    if message["content"] is None and not choice.tool_calls:
        message["content"] = ""
    if choice.reasoning:
        message["reasoning_content"] = message["reasoning"] = choice.reasoning
    if choice.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}
            for call in choice.tool_calls
        ]
    if choice.extra:
        message |= choice.extra
    body = {
        "index": choice.index,
        "message": message,
        "logprobs": choice.logprobs,
        "finish_reason": choice.finish_reason,
    }
    if choice.native_finish_reason is not None:
        body["native_finish_reason"] = choice.native_finish_reason
    return body
