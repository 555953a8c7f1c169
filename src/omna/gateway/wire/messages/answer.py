"""PURE: a message: as a whole answer, and the parts of it that a stream announces."""

from typing import Any

from omna.gateway.model import Ticket
from omna.gateway.wire.messages.content import Content
from omna.ids import message_id
from omna.providers.base import Choice, Completion, Delta

Json = dict[str, Any]

#: Keys of a message's usage that say nothing here; those of a stream's end do not have them.
_UNKNOWN_USAGE = {"cache_creation": None, "service_tier": None, "inference_geo": None}

_STOP_REASONS = {"length": "max_tokens", "content_filter": "refusal"}


def whole_message(ticket: Ticket, answer: Completion, usage: Json) -> Json:
    """Return a whole answer. A message is one choice: the first."""
    content = Content()
    choice = answer.choices[0] if answer.choices else None
    if choice is not None:
        content.take(choice)
    reason, sequence = stop_of(choice, content)
    return message_body(
        ticket,
        [block.whole() for block in content.blocks],
        reason,
        sequence,
        usage_counts(usage),
    )


def message_body(ticket: Ticket, content: list[Json], reason: str | None, sequence: str | None, usage: Json) -> Json:
    """Return a message with all its keys; null where nothing is known."""
    return {
        "id": message_id(ticket.call.request_id),
        "type": "message",
        "role": "assistant",
        "model": ticket.asked,
        "content": content,
        "stop_reason": reason,
        "stop_sequence": sequence,
        "stop_details": None,
        "container": None,
        "usage": usage | _UNKNOWN_USAGE,
    }


def usage_counts(usage: Json) -> Json:
    """Return a chat `usage` as Anthropic counts: input without what was read from and written to the cache."""
    details = usage["prompt_tokens_details"]
    cached, written = details["cached_tokens"], details["cache_write_tokens"]
    return {
        "input_tokens": usage["prompt_tokens"] - cached - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cached,
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {"thinking_tokens": usage["completion_tokens_details"]["reasoning_tokens"]},
        "server_tool_use": None,
        "cost": usage["cost"],
        "cost_details": usage["cost_details"],
    }


def stop_of(finish: Choice | Delta | None, content: Content) -> tuple[str, str | None]:
    """Return why a message ended, and the stop sequence that ended it. No finish: the output bound was reached."""
    if finish is None:
        return "max_tokens", None
    if finish.native_finish_reason == "model_context_window_exceeded":
        return finish.native_finish_reason, None
    if content.refused:
        return "refusal", None
    reason = _STOP_REASONS.get(finish.finish_reason or "")
    if reason is not None:
        return reason, None
    if content.called:
        return "tool_use", None
    return ("end_turn", None) if finish.stop_sequence is None else ("stop_sequence", finish.stop_sequence)
