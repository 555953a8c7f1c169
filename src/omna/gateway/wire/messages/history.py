"""PURE: the messages of a Messages body → messages in chat form, checked block by block."""

import json
from collections.abc import Callable
from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter
from omna.gateway.wire.fields import optional_string, required_string
from omna.gateway.wire.messages.parts import NATIVE_BLOCKS, Blocks, blocks_of, cache_control, content_of, parts_of
from omna.gateway.wire.messages.thinking import redacted_entry, thinking_entry

Json = dict[str, Any]

_IN_TOOL_RESULTS = ("text", "image", "document", "search_result", "tool_reference")
_BLOCKS = {
    "user": ("text", "image", "document", "search_result", "tool_result"),
    "assistant": ("text", "thinking", "redacted_thinking", "tool_use"),
    "system": ("text",),
}


def chat_messages(messages: Any) -> list[Json]:
    """Return the messages in chat form: tool results as messages of their own, before the rest of their turn.

    Errors  MissingRequiredParameter, InvalidValue, each with the path of the field
    """
    if messages is None:
        raise MissingRequiredParameter("`messages` is missing.", param="messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidValue("`messages` must be a list with at least one message.", param="messages")
    found: list[Json] = []
    for number, message in enumerate(messages):
        path = f"messages[{number}]"
        if not isinstance(message, dict):
            raise InvalidValue(f"`{path}` must be an object.", param=path)
        role = message.get("role")
        if not isinstance(role, str) or role not in _BLOCKS:
            raise InvalidValue(f"`{path}.role` must be user, assistant or system.", param=f"{path}.role")
        blocks = blocks_of(message, "content", path, _BLOCKS[role])
        found += _TURNS[role](blocks)
    return found


def system_message(system: Any) -> list[Json]:
    """Return the system prompt as a message, or none. Errors: InvalidValue with the path of the field."""
    if system is None:
        return []
    return _system_turn(blocks_of({"system": system}, "system", "", _BLOCKS["system"]))


def left_out(messages: list[Json]) -> list[Json]:
    """Return the blocks of checked messages that the chat form has no place for. Who is sent them counts them."""
    contents = [message["content"] for message in messages if isinstance(message["content"], list)]
    contents += [
        block["content"]
        for content in contents
        for block in content
        if block["type"] == "tool_result" and isinstance(block.get("content"), list)
    ]
    return [block for content in contents for block in content if block["type"] in NATIVE_BLOCKS]


def _system_turn(blocks: Blocks) -> list[Json]:
    parts = [part for block, path in blocks for part in parts_of(block, path)]
    return [{"role": "system", "content": content_of(parts)}] if parts else []


def _user_turn(blocks: Blocks) -> list[Json]:
    results: list[Json] = []
    parts: list[Json] = []
    for block, path in blocks:
        if block["type"] == "tool_result":
            results.append(_tool_result(block, path))
        else:
            parts += parts_of(block, path)
    # Chat wants the results right behind the calls, whatever else the turn says.
    return [*results, {"role": "user", "content": content_of(parts)}] if parts or not results else results


def _assistant_turn(blocks: Blocks) -> list[Json]:
    parts: list[Json] = []
    calls: list[Json] = []
    thoughts: list[str] = []
    details: list[Json] = []
    for block, path in blocks:
        match block["type"]:
            case "text":
                parts += parts_of(block, path)
            case "tool_use":
                calls.append(_tool_call(block, path))
            case "thinking":
                text = required_string(block, "thinking", path)
                thoughts.append(text)
                details.append(thinking_entry(text, optional_string(block, "signature", path) or "", len(details)))
            case _:
                details.append(redacted_entry(required_string(block, "data", path), len(details)))
    marked = any("cache_control" in part for part in parts)
    # Blocks of one turn are one text, and not every host reads an assistant's parts.
    content: Any = parts if marked else "".join(part["text"] for part in parts)
    message: Json = {"role": "assistant", "content": content or (None if calls else "")}
    if calls:
        message["tool_calls"] = calls
    if thought := "".join(thoughts):
        message["reasoning_content"] = thought
    if details:
        message["reasoning_details"] = details
    return [message]


_TURNS: dict[str, Callable[[Blocks], list[Json]]] = {
    "user": _user_turn,
    "assistant": _assistant_turn,
    "system": _system_turn,
}


def _tool_call(block: Json, path: str) -> Json:
    arguments = block.get("input")
    if arguments is None:
        raise MissingRequiredParameter(f"`{path}.input` is missing.", param=f"{path}.input")
    if not isinstance(arguments, dict):
        raise InvalidValue(f"`{path}.input` must be an object.", param=f"{path}.input")
    text = json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
    function = {"name": required_string(block, "name", path), "arguments": text}
    return {"id": required_string(block, "id", path), "type": "function", "function": function}


def _tool_result(block: Json, path: str) -> Json:
    failed = block.get("is_error")
    if failed is not None and not isinstance(failed, bool):
        raise InvalidValue(f"`{path}.is_error` must be true or false.", param=f"{path}.is_error")
    parts: list[Json] = []
    if block.get("content") is not None:
        for inner, at in blocks_of(block, "content", path, _IN_TOOL_RESULTS):
            parts += parts_of(inner, at)
    if failed:
        # The chat form has no other way to say so.
        first = parts.pop(0) if parts and parts[0]["type"] == "text" else {"type": "text", "text": ""}
        parts.insert(0, first | {"text": f"Error: {first['text']}"})
    mark = cache_control(block, path)
    if parts:
        parts[-1] |= mark
    return {"role": "tool", "tool_call_id": required_string(block, "tool_use_id", path), "content": content_of(parts)}
