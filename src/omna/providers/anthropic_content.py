"""PURE: the messages of a chat body as the system blocks and the turns of a Messages body.

Turns alternate, so neighbours with one role become one turn. What Messages has no place for is refused by its path and
never left out: a model that is not shown a part of the question answers another question.
Source  https://platform.claude.com/docs/en/api/messages
"""

import base64
import binascii
import json
import re
from typing import Any

from omna.providers.base import Failure, FailureKind

REASONING_FORMAT = "anthropic-claude-v1"

Block = dict[str, Any]

_PLAIN_TEXT = "text/plain"
_PDF = "application/pdf"
#: Characters that the id of a tool call may not have there; other vendors' ids do.
_NOT_OF_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")


def unsupported(message: str, param: str) -> Failure:
    """Return the failure that tells a caller which field this upstream cannot take."""
    return Failure(FailureKind.UNSUPPORTED, message, param=param)


def convert(messages: Any) -> tuple[list[Block], list[dict[str, Any]]]:
    """Return (system blocks, turns).

    Shape   chat messages in, `{"role": "user" | "assistant", "content": [blocks]}` out; empty text is left out,
            because Messages refuses it
    Errors  Failure of kind UNSUPPORTED whose `param` is the path of what cannot be said
    """
    system: list[Block] = []
    turns: list[dict[str, Any]] = []
    for number, message in enumerate(messages if isinstance(messages, list) else []):
        if not isinstance(message, dict):
            continue
        path = f"messages[{number}]"
        role = message.get("role")
        if role in ("system", "developer"):
            system += _marked(_blocks(message.get("content"), path, ("text",)), message)
        elif role == "assistant":
            _append(turns, "assistant", _marked(_assistant(message, path), message))
        elif role == "tool":
            _append(turns, "user", _marked([_tool_result(message, path)], message))
        else:
            _append(turns, "user", _marked(_blocks(message.get("content"), path), message))
    for turn in turns:
        # Results answer the calls of the turn before and must come first, whatever was said between.
        turn["content"].sort(key=lambda block: block["type"] != "tool_result")
    return system, turns


def continues_without_thinking(turns: list[dict[str, Any]]) -> bool:
    """Return whether tool results follow a turn whose thinking is not at hand: it cannot be asked for then."""
    if len(turns) < 2 or not any(block["type"] == "tool_result" for block in turns[-1]["content"]):
        return False
    return turns[-2]["content"][0]["type"] not in ("thinking", "redacted_thinking")


def _append(turns: list[dict[str, Any]], role: str, blocks: list[Block]) -> None:
    if not blocks:
        return
    if turns and turns[-1]["role"] == role:
        turns[-1]["content"] += blocks
    else:
        turns.append({"role": role, "content": blocks})


def _marked(blocks: list[Block], message: dict[str, Any]) -> list[Block]:
    """Return blocks with the cache mark of their message on the last of them."""
    if blocks and isinstance(message.get("cache_control"), dict):
        blocks[-1].setdefault("cache_control", message["cache_control"])
    return blocks


def _blocks(content: Any, path: str, kinds: tuple[str, ...] | None = None) -> list[Block]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    if not isinstance(content, list):
        return []
    blocks = []
    for number, part in enumerate(content):
        where = f"{path}.content[{number}]"
        if not isinstance(part, dict) or (kinds is not None and part.get("type") not in kinds):
            raise unsupported("This model does not take parts of this type here.", f"{where}.type")
        block = _block(part, where)
        if block is None:
            continue
        if isinstance(part.get("cache_control"), dict):
            block["cache_control"] = part["cache_control"]
        blocks.append(block)
    return blocks


def _block(part: dict[str, Any], path: str) -> Block | None:
    match part.get("type"):
        case "text" | "refusal" as kind:
            said = part.get(kind)
            return {"type": "text", "text": said} if isinstance(said, str) and said else None
        case "image_url":
            image = part.get("image_url")
            url = image.get("url") if isinstance(image, dict) else image
            return {"type": "image", "source": _source(url, f"{path}.image_url.url")}
        case "file":
            return _file(part.get("file"), f"{path}.file")
        case _:
            raise unsupported("This model does not take parts of this type.", f"{path}.type")


def _file(file: Any, path: str) -> Block:
    stated = file if isinstance(file, dict) else {}
    source = _source(stated.get("file_data"), f"{path}.file_data")
    media_type = source.get("media_type", _PDF)
    if media_type.startswith("image/"):
        return {"type": "image", "source": source}
    if media_type == _PLAIN_TEXT:
        source = {"type": "text", "media_type": _PLAIN_TEXT, "data": _decoded(source["data"], f"{path}.file_data")}
    elif media_type != _PDF:
        raise unsupported("This model reads PDF, plain text and images only.", f"{path}.file_data")
    title = stated.get("filename")
    return {"type": "document", "source": source} | ({"title": title} if isinstance(title, str) and title else {})


def _source(url: Any, path: str) -> Block:
    if isinstance(url, str):
        if url.startswith("https://"):
            return {"type": "url", "url": url}
        head, comma, data = url.partition(",")
        if comma and head.startswith("data:") and head.endswith(";base64"):
            return {"type": "base64", "media_type": head[5:].partition(";")[0].lower(), "data": data}
    raise unsupported("This model takes a data:…;base64 or an https URL here.", path)


def _decoded(data: str, path: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, ValueError):
        raise unsupported("This is not base64 of UTF-8 text.", path) from None


def _tool_result(message: dict[str, Any], path: str) -> Block:
    result: Block = {"type": "tool_result", "tool_use_id": _identifier(message.get("tool_call_id"))}
    content = _blocks(message.get("content"), path)
    return result | ({"content": content} if content else {})


def _assistant(message: dict[str, Any], path: str) -> list[Block]:
    blocks = _thinking(message.get("reasoning_details"))
    blocks += _blocks(message.get("content"), path, ("text", "refusal"))
    if isinstance(message.get("refusal"), str) and message["refusal"] and not message.get("content"):
        blocks.append({"type": "text", "text": message["refusal"]})
    calls = message.get("tool_calls")
    for number, call in enumerate(calls if isinstance(calls, list) else []):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise unsupported("This model calls functions only.", f"{path}.tool_calls[{number}]")
        blocks.append(
            {
                "type": "tool_use",
                "id": _identifier(call.get("id")),
                "name": function["name"],
                "input": _input(function.get("arguments")),
            }
        )
    return blocks


def _identifier(stated: Any) -> str:
    return _NOT_OF_AN_ID.sub("_", stated) if isinstance(stated, str) and stated else "call"


def _input(arguments: Any) -> dict[str, Any]:
    """Return the arguments of a call as an object.

    A model may have written something else, and the tool may have told it so. That history stays readable: what is no
    object is shown as the value of `arguments`.
    """
    if isinstance(arguments, dict):
        return arguments
    if not isinstance(arguments, str) or not arguments.strip():
        return {}
    try:
        value = json.loads(arguments, parse_constant=str)
    except (ValueError, RecursionError):
        value = arguments
    return value if isinstance(value, dict) else {"arguments": value}


def _thinking(details: Any) -> list[Block]:
    """Return the thinking blocks of a turn as they were given. Only what Anthropic signed or sealed is taken back."""
    blocks: list[Block] = []
    open_blocks: dict[Any, Block] = {}
    for entry in details if isinstance(details, list) else []:
        if not isinstance(entry, dict) or entry.get("format") != REASONING_FORMAT:
            continue
        if entry.get("type") == "reasoning.encrypted" and isinstance(entry.get("data"), str):
            blocks.append({"type": "redacted_thinking", "data": entry["data"]})
        elif entry.get("type") == "reasoning.text":
            index = entry.get("index") if isinstance(entry.get("index"), int) else None
            block = open_blocks.get(index)
            if block is None:
                block = open_blocks[index] = {"type": "thinking", "thinking": "", "signature": ""}
                blocks.append(block)
            block["thinking"] += entry["text"] if isinstance(entry.get("text"), str) else ""
            if isinstance(entry.get("signature"), str) and entry["signature"]:
                block["signature"] = entry["signature"]
                if index is None:
                    del open_blocks[None]  # without indexes, a signature is what ends a block
    return [block for block in blocks if block["type"] != "thinking" or block["signature"]]
