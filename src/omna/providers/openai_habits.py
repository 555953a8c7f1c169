"""PURE: in which ways a host that speaks OpenAI's format departs from the others, and the request body it is sent."""

from typing import Any

import msgspec

from omna.providers.base import Call, Failure, FailureKind

#: Fields that come of a translation, or that only some hosts know: what another dialect asked for goes no further where
#: it would be an error. A chat client's own fields are passed on untouched.
_TRANSLATED = ("reasoning", "top_k", "prompt_cache_key", "safety_identifier", "verbosity")

#: Where assistant history carries reasoning; a host gets back what its row names and nothing else.
_REASONING_FIELDS = frozenset(("reasoning_content", "reasoning", "reasoning_details"))
#: The two names of the same plain text, by preference.
_PLAIN_REASONING = ("reasoning_content", "reasoning")


class Habits(msgspec.Struct, frozen=True):
    """What one host wants differently.

    max_tokens_field   the name under which chat completions know the output bound
    stream_options     whether it takes `stream_options`; a host that refuses the field states usage unasked
    developer_role     whether it knows the role `developer`; elsewhere such messages are sent as `system`
    choices            whether it gives more than one choice when `n` asks for them
    completions        whether it serves `completions` as well
    responses          whether it serves `responses` as OpenAI does, so that such a call is passed on as it came
    reasoning_history  the fields of assistant messages in which it takes earlier reasoning back
    cache_control      whether it reads Anthropic's `cache_control` on parts and tools
    takes              of the fields that come of a translation, those it knows
    renamed            top-level fields it knows under another name, as (OpenAI's, its own)
    dropped            top-level fields it refuses and that change nothing in the answer
    """

    max_tokens_field: str = "max_tokens"
    stream_options: bool = True
    developer_role: bool = False
    choices: bool = True
    completions: bool = True
    responses: bool = False
    reasoning_history: tuple[str, ...] = ()
    cache_control: bool = False
    takes: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()


COMMON = Habits()


def chat_body(call: Call, habits: Habits, *, stream: bool) -> dict[str, Any]:
    """Return the body for `chat/completions`: the caller's, with the adapter's own fields in place of what it said.

    Errors  Failure of kind UNSUPPORTED for `n` at a host that would answer with one choice
    """
    body = _bounded(call, habits, habits.max_tokens_field, stream=stream)
    messages = body.get("messages")
    if isinstance(messages, list):
        body["messages"] = [_message(message, habits) for message in messages]
    if not habits.cache_control:
        body.pop("cache_control", None)
        if isinstance(body.get("tools"), list):
            body["tools"] = _without_cache_control(body["tools"])
    return body


def completions_body(call: Call, habits: Habits, *, stream: bool) -> dict[str, Any]:
    """Return the body for `completions`.

    Errors  Failure of kind UNSUPPORTED when the host has no such endpoint, or gives one choice only
    """
    if not habits.completions:
        raise Failure(FailureKind.UNSUPPORTED, "This model answers /v1/chat/completions, not /v1/completions.")
    return _bounded(call, habits, "max_tokens", stream=stream)


def responses_body(call: Call, native: dict[str, Any], *, stream: bool) -> dict[str, Any]:
    """Return the body for `responses` at a host that serves it: the client's own, bounded, with nothing stored."""
    return native | {
        "model": call.model,
        "stream": stream,
        "max_output_tokens": call.max_tokens,
        "store": False,
    }


def choices(call: Call) -> int:
    """Return how many choices a call asks for: `n` of each prompt."""
    n = call.body.get("n")
    prompt = call.body.get("prompt")
    # A list of texts or of token lists is several prompts; a list of tokens is one.
    several = isinstance(prompt, list) and bool(prompt) and isinstance(prompt[0], str | list)
    return (n if type(n) is int and n > 0 else 1) * (len(prompt) if several and isinstance(prompt, list) else 1)


def _bounded(call: Call, habits: Habits, max_tokens_field: str, *, stream: bool) -> dict[str, Any]:
    body = dict(call.body)
    n = body.get("n")
    if not habits.choices and n is not None and n != 1:
        raise Failure(FailureKind.UNSUPPORTED, "This model gives one choice per request.", param="n")
    body["model"] = call.model
    body.pop("max_tokens", None)
    body.pop("max_completion_tokens", None)
    body[max_tokens_field] = call.max_tokens
    options = body.pop("stream_options", None)
    body["stream"] = stream
    if stream and habits.stream_options:
        body["stream_options"] = {**(options if isinstance(options, dict) else {}), "include_usage": True}
    if call.native is not None:
        for name in _TRANSLATED:
            if name not in habits.takes:
                body.pop(name, None)
    for name, own_name in habits.renamed:
        if name in body:
            body[own_name] = body.pop(name)
    for name in habits.dropped:
        body.pop(name, None)
    return body


def _message(message: Any, habits: Habits) -> Any:
    """Return a message as the host takes it: the same object when there is nothing to change."""
    if not isinstance(message, dict):
        return message
    if message.get("role") == "developer" and not habits.developer_role:
        message = {**message, "role": "system"}
    if not _REASONING_FIELDS.isdisjoint(message):
        message = _with_reasoning(message, habits.reasoning_history)
    if not habits.cache_control:
        if "cache_control" in message:
            message = {key: value for key, value in message.items() if key != "cache_control"}
        content = message.get("content")
        if isinstance(content, list):
            parts = _without_cache_control(content)
            if parts is not content:
                message = {**message, "content": parts}
    return message


def _with_reasoning(message: dict[str, Any], kept: tuple[str, ...]) -> dict[str, Any]:
    cleaned = {key: value for key, value in message.items() if key not in _REASONING_FIELDS}
    plain = next((message[field] for field in _PLAIN_REASONING if message.get(field)), None)
    for field in kept:
        value = plain if field in _PLAIN_REASONING else message.get(field)
        if value:
            cleaned[field] = value
    return cleaned


def _without_cache_control(entries: list[Any]) -> list[Any]:
    if not any(isinstance(entry, dict) and "cache_control" in entry for entry in entries):
        return entries
    return [
        {key: value for key, value in entry.items() if key != "cache_control"} if isinstance(entry, dict) else entry
        for entry in entries
    ]
