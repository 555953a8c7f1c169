"""PURE: in which ways a host that speaks chat completions departs from the others, and the request body it is sent."""

from typing import Any

import msgspec

from omna.providers.base import Call


class Habits(msgspec.Struct, frozen=True):
    """What one host wants differently.

    max_tokens_field  the name under which it knows the output bound
    stream_options    whether it takes `stream_options`; a host that refuses the field states usage unasked
    developer_role    whether it knows the role `developer`; elsewhere such messages are sent as `system`
    """

    max_tokens_field: str = "max_tokens"
    stream_options: bool = True
    developer_role: bool = False


COMMON = Habits()


def request_body(call: Call, habits: Habits, *, stream: bool) -> dict[str, Any]:
    """Return the body to send: the caller's, with the adapter's own fields in place of whatever it said about them."""
    body = dict(call.body)
    body["model"] = call.model
    body.pop("max_tokens", None)
    body.pop("max_completion_tokens", None)
    body[habits.max_tokens_field] = call.max_tokens
    options = body.pop("stream_options", None)
    body["stream"] = stream
    if stream and habits.stream_options:
        body["stream_options"] = {**(options if isinstance(options, dict) else {}), "include_usage": True}
    if not habits.developer_role:
        body["messages"] = _without_developer(body.get("messages"))
    return body


def _without_developer(messages: Any) -> Any:
    if not isinstance(messages, list) or not any(
        isinstance(message, dict) and message.get("role") == "developer" for message in messages
    ):
        return messages
    return [
        {**message, "role": "system"} if isinstance(message, dict) and message.get("role") == "developer" else message
        for message in messages
    ]
