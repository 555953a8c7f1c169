"""PURE: the body of POST /v1/messages and of its count_tokens → a call in chat form."""

from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter, UnsupportedParameter
from omna.gateway import metering
from omna.gateway.model import Call
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.fields import LARGEST_MAX_TOKENS, flag, optional_string, whole_number
from omna.gateway.wire.messages.history import chat_messages, left_out, system_message
from omna.gateway.wire.messages.tools import chat_tools
from omna.gateway.wire.wishes import parse_wishes

Json = dict[str, Any]

#: Fields whose text is in the messages, or that have none. Whatever else a body has may be a part of the prompt.
_COUNTED = frozenset({
    "model", "models", "provider", "messages", "system", "max_tokens", "stream", "metadata", "stop_sequences",
    "temperature", "top_p", "top_k", "thinking", "tool_choice", "cache_control", "context_management", "service_tier",
    "speed", "inference_geo",
})  # fmt: skip

#: Fields that make a provider do, keep or charge what no model here has a price for.
UNPRICED = ("mcp_servers", "container", "compaction", "fallbacks", "fallback_credit_token", "billing_policy", "thread")
PLAIN = {
    "service_tier": (None, "auto", "standard_only"),
    "speed": (None, "standard"),
    "inference_geo": (None, "global"),
}

#: OpenAI refuses longer names of end users; Claude Code's are longer.
_LONGEST_USER = 64


def parse_messages(body: Json, head: Head) -> Call:
    """Return the call a body describes. The body itself goes along for providers that read Messages.

    Errors  MissingRequiredParameter, InvalidValue, UnsupportedParameter, each with the path of the field
    """
    wishes = parse_wishes(body)
    chat = _chat_body(body, wishes.model)
    max_tokens = whole_number(body, "max_tokens", LARGEST_MAX_TOKENS)
    if max_tokens is None:
        raise MissingRequiredParameter("`max_tokens` is missing: the longest answer you want.", param="max_tokens")
    streamed = flag(body, "stream")
    return Call(
        request_id=head.request_id,
        model_id=wishes.model,
        body=chat | {"max_tokens": max_tokens, "stream": streamed},
        prompt_tokens=_count(body, chat),
        max_tokens=max_tokens,
        choices=1,
        streamed=streamed,
        include_usage=True,
        received_at=head.received_at,
        dialect="messages",
        native=body,
        beta=head.beta,
        fallbacks=wishes.fallbacks,
        preferences=wishes.preferences,
    )


def count_input(body: Json) -> tuple[str, int]:
    """Return the model a body asks for and how many tokens its prompt is; `max_tokens` is not needed.

    Errors  MissingRequiredParameter, InvalidValue, UnsupportedParameter, each with the path of the field
    """
    model = parse_wishes(body).model
    return model, _count(body, _chat_body(body, model))


def _chat_body(body: Json, model: str) -> Json:
    chat: Json = {"model": model}
    messages = chat_messages(body.get("messages"))
    chat["messages"] = system_message(body.get("system")) + messages
    _refuse_unpriced(body)
    chat |= chat_tools(body)
    chat |= _reasoning(body.get("thinking"))
    for name in ("temperature", "top_p", "top_k"):
        value = body.get(name)
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidValue(f"`{name}` must be a number.", param=name)
            chat[name] = value
    sequences = body.get("stop_sequences")
    if sequences is not None:
        if not isinstance(sequences, list) or not all(isinstance(sequence, str) for sequence in sequences):
            raise InvalidValue("`stop_sequences` must be a list of strings.", param="stop_sequences")
        if sequences:
            chat["stop"] = sequences
    return chat | _user(body.get("metadata"))


def _refuse_unpriced(body: Json) -> None:
    for name in UNPRICED:
        if body.get(name):
            raise UnsupportedParameter(f"`{name}` is not sold for this model.", param=name)
    for name, plain in PLAIN.items():
        if body.get(name) not in plain:
            raise UnsupportedParameter(f"Only the default `{name}` is sold for this model.", param=name)
    management = body.get("context_management")
    edits = management.get("edits") if isinstance(management, dict) else None
    for number, edit in enumerate(edits if isinstance(edits, list) else ()):
        kind = edit.get("type") if isinstance(edit, dict) else None
        if isinstance(kind, str) and kind.startswith("compact"):
            # It is another call of the model, beside the one that is billed.
            path = f"context_management.edits[{number}].type"
            raise UnsupportedParameter(f"`{path}`: compaction by the provider is not sold here.", param=path)


def _reasoning(thinking: Any) -> Json:
    """Return the chat form's `reasoning` for Anthropic's `thinking`."""
    if thinking is None:
        return {}
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    if not isinstance(kind, str):
        raise InvalidValue("`thinking` must be an object with a `type`.", param="thinking")
    match kind:
        case "enabled":
            budget = thinking.get("budget_tokens")
            if budget is None:
                raise MissingRequiredParameter("`thinking.budget_tokens` is missing.", param="thinking.budget_tokens")
            if isinstance(budget, bool) or not isinstance(budget, int) or not 1 <= budget <= LARGEST_MAX_TOKENS:
                raise InvalidValue(
                    f"`thinking.budget_tokens` must be a whole number from 1 to {LARGEST_MAX_TOKENS:,}.",
                    param="thinking.budget_tokens",
                )
            return {"reasoning": {"max_tokens": budget}}
        case "adaptive":
            return {"reasoning": {"enabled": True}}
        case "disabled":
            return {"reasoning": {"enabled": False}}
        case _:
            return {}


def _user(metadata: Any) -> Json:
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise InvalidValue("`metadata` must be an object.", param="metadata")
    user = optional_string(metadata, "user_id", "metadata")
    return {"user": user} if user and len(user) <= _LONGEST_USER else {}


def _count(body: Json, chat: Json) -> int:
    """Count what a provider that reads Messages is sent: nothing of it may be left out of the hold."""
    messages = chat["messages"]
    if dropped := left_out(body["messages"]):
        messages = [*messages, {"role": "assistant", "content": dropped}]
    rest = {name: value for name, value in body.items() if name not in _COUNTED and value is not None}
    return metering.count_prompt({"messages": messages, "tools": rest.pop("tools", None), "response_format": rest})
