"""PURE: a whole answer in the form of completions."""

from typing import Any

from omna.gateway.model import Ticket
from omna.ids import legacy_completion_id
from omna.providers.base import Completion

#: All that can end a text here; a model that chats has other reasons too.
_REASONS = ("stop", "length", "content_filter")


def answer_body(ticket: Ticket, answer: Completion, usage: dict[str, Any], created: int) -> dict[str, Any]:
    """Return a whole answer in OpenAI's shape, each text behind its prompt when that was asked for."""
    body: dict[str, Any] = {
        **head(ticket, created),
        "choices": [
            choice_body(
                choice.index,
                echo_of(ticket, choice.index) + (choice.content or ""),
                choice.logprobs,
                finish_reason(choice.finish_reason),
                choice.native_finish_reason,
            )
            for choice in answer.choices
        ],
        "usage": usage,
    }
    if answer.system_fingerprint is not None:
        body["system_fingerprint"] = answer.system_fingerprint
    return body


def head(ticket: Ticket, created: int) -> dict[str, Any]:
    """Return what an answer and all chunks of a stream have in common."""
    return {
        "id": legacy_completion_id(ticket.call.request_id),
        "object": "text_completion",
        "created": created,
        "model": ticket.asked,
    }


def echo_of(ticket: Ticket, index: int) -> str:
    """Return what stands before the text of a choice."""
    echo = ticket.call.echo
    return echo[index] if index < len(echo) else ""


def choice_body(
    index: int, text: str, logprobs: Any, reason: str | None, native_reason: str | None = None
) -> dict[str, Any]:
    """Return a choice of an answer or of a chunk."""
    body = {"index": index, "text": text, "logprobs": logprobs, "finish_reason": reason}
    return body if native_reason is None else body | {"native_finish_reason": native_reason}


def finish_reason(reason: str) -> str:
    """Return a finish reason as this endpoint knows it."""
    return reason if reason in _REASONS else "stop"
