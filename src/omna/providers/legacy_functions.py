"""PURE: `functions` and `function_call`, which tools have replaced, as tools: for upstreams that never knew them."""

from typing import Any


def uses_functions(body: dict[str, Any]) -> bool:
    """Return whether a chat body offers functions in the old way, so that its answer calls one in the old way too."""
    return bool(body.get("functions")) and not body.get("tools")


def with_tools(body: dict[str, Any]) -> dict[str, Any]:
    """Return a chat body without anything of the old way: the same object when there is nothing of it.

    A call in history gets an id from its place, and the `function` message after it answers to that id.
    """
    messages = body.get("messages")
    in_history = isinstance(messages, list) and any(
        isinstance(message, dict) and (message.get("role") == "function" or message.get("function_call"))
        for message in messages
    )
    if not in_history and not body.get("functions") and body.get("function_call") is None:
        return body
    modern = {key: value for key, value in body.items() if key not in ("functions", "function_call")}
    if uses_functions(body) and isinstance(body["functions"], list):
        modern["tools"] = [{"type": "function", "function": function} for function in body["functions"]]
        modern["parallel_tool_calls"] = False
        choice = body.get("function_call")
        if choice is not None:
            modern["tool_choice"] = {"type": "function", "function": choice} if isinstance(choice, dict) else choice
    if in_history and isinstance(messages, list):
        modern["messages"] = _history(messages)
    return modern


def _history(messages: list[Any]) -> list[Any]:
    converted: list[Any] = []
    latest = "function_0"
    for number, message in enumerate(messages):
        if isinstance(message, dict) and isinstance(message.get("function_call"), dict):
            latest = f"function_{number}"
            call = {"id": latest, "type": "function", "function": message["function_call"]}
            rest = {key: value for key, value in message.items() if key != "function_call"}
            converted.append({**rest, "tool_calls": [*(message.get("tool_calls") or []), call]})
        elif isinstance(message, dict) and message.get("role") == "function":
            converted.append({"role": "tool", "tool_call_id": latest, "content": message.get("content")})
        else:
            converted.append(message)
    return converted
