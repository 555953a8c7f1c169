"""PURE: content blocks of a Messages body → parts in chat form, each checked and named by its path."""

from collections.abc import Callable
from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter
from omna.gateway.wire.fields import optional_string, required_string

Json = dict[str, Any]

#: Blocks of a field, each with its path.
Blocks = list[tuple[Json, str]]

#: What a provider's own tools leave in a conversation. Anthropic reads it; the chat form has no place for it.
NATIVE_BLOCKS = frozenset({
    "server_tool_use", "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result",
    "bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "tool_search_tool_result",
    "advisor_tool_result", "mcp_tool_use", "mcp_tool_result", "mcp_tool_listing", "tool_addition", "tool_removal",
    "browser_state", "compaction", "fallback",
})  # fmt: skip


def blocks_of(holder: Json, name: str, path: str, kinds: tuple[str, ...]) -> Blocks:
    """Return the blocks of a field that have a place in chat form; a string is one block of text.

    Errors  MissingRequiredParameter, InvalidValue, each with the path of the field
    """
    path = f"{path}.{name}" if path else name
    value = holder.get(name)
    if value is None:
        raise MissingRequiredParameter(f"`{path}` is missing.", param=path)
    if isinstance(value, str):
        return [({"type": "text", "text": value}, path)] if value else []
    if not isinstance(value, list):
        raise InvalidValue(f"`{path}` must be a string or a list of blocks.", param=path)
    found = []
    for number, block in enumerate(value):
        at = f"{path}[{number}]"
        if not isinstance(block, dict):
            raise InvalidValue(f"`{at}` must be an object.", param=at)
        kind = block.get("type")
        if not isinstance(kind, str) or (kind not in kinds and kind not in NATIVE_BLOCKS):
            raise InvalidValue(f"`{at}.type` must be one of {', '.join(kinds)}.", param=f"{at}.type")
        if kind in kinds:
            found.append((block, at))
    return found


def parts_of(block: Json, path: str) -> list[Json]:
    """Return what a block is in chat form: text, image_url and file parts, with its cache_control on the last.

    Errors  MissingRequiredParameter, InvalidValue, each with the path of the field
    """
    parts = _PARTS[block["type"]](block, path)
    mark = cache_control(block, path)
    if parts:
        parts[-1] |= mark
    return parts


def cache_control(block: Json, path: str) -> Json:
    """Return Anthropic's mark of a block as a part carries it, or nothing. Errors: InvalidValue."""
    value = block.get("cache_control")
    if value is not None and not isinstance(value, dict):
        raise InvalidValue(f"`{path}.cache_control` must be an object.", param=f"{path}.cache_control")
    return {"cache_control": value} if value is not None else {}


def content_of(parts: list[Json]) -> str | list[Json]:
    """Return parts as a content: plain text where that is all there is, which every host reads."""
    if not parts:
        return ""
    if len(parts) == 1 and parts[0].keys() == {"type", "text"}:
        text: str = parts[0]["text"]
        return text
    return parts


def _text(block: Json, path: str) -> list[Json]:
    return [{"type": "text", "text": required_string(block, "text", path)}]


def _image(block: Json, path: str) -> list[Json]:
    source, kind, at = _source(block, path)
    match kind:
        case "base64":
            media_type = required_string(source, "media_type", at)
            if not media_type.startswith("image/"):
                raise InvalidValue(f"`{at}.media_type` must be that of an image.", param=f"{at}.media_type")
            url = f"data:{media_type};base64,{required_string(source, 'data', at)}"
        case "url":
            url = _https(source, at)
        case _:
            raise InvalidValue(f"`{at}.type` must be base64 or url.", param=f"{at}.type")
    return [{"type": "image_url", "image_url": {"url": url}}]


def _document(block: Json, path: str) -> list[Json]:
    source, kind, at = _source(block, path)
    title, context = (optional_string(block, name, path) for name in ("title", "context"))
    match kind:
        case "base64":
            if required_string(source, "media_type", at) != "application/pdf":
                raise InvalidValue(f"`{at}.media_type` must be application/pdf.", param=f"{at}.media_type")
            parts = [_file(title, f"data:application/pdf;base64,{required_string(source, 'data', at)}")]
        case "url":
            parts = [_file(title, _https(source, at))]
        case "text":
            parts = [{"type": "text", "text": required_string(source, "data", at)}]
        case "content":
            inner = blocks_of(source, "content", at, ("text", "image"))
            parts = [part for piece, where in inner for part in parts_of(piece, where)]
        case _:
            raise InvalidValue(f"`{at}.type` must be base64, url, text or content.", param=f"{at}.type")
    # The title of a file is its name; that of anything else is told in front of it.
    about = "\n".join(text for text in (None if kind in ("base64", "url") else title, context) if text)
    return [{"type": "text", "text": about}, *parts] if about else parts


def _search_result(block: Json, path: str) -> list[Json]:
    title, source = required_string(block, "title", path), required_string(block, "source", path)
    inner = [part["text"] for piece, at in blocks_of(block, "content", path, ("text",)) for part in parts_of(piece, at)]
    return [{"type": "text", "text": "\n".join([title, source, *inner])}]


def _tool_reference(block: Json, path: str) -> list[Json]:
    return [{"type": "text", "text": required_string(block, "tool_name", path)}]


_PARTS: dict[str, Callable[[Json, str], list[Json]]] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "search_result": _search_result,
    "tool_reference": _tool_reference,
}


def _file(title: str | None, data: str) -> Json:
    return {"type": "file", "file": {"filename": title or "document.pdf", "file_data": data}}


def _source(block: Json, path: str) -> tuple[Json, Any, str]:
    path = f"{path}.source"
    source = block.get("source")
    if source is None:
        raise MissingRequiredParameter(f"`{path}` is missing.", param=path)
    if not isinstance(source, dict):
        raise InvalidValue(f"`{path}` must be an object.", param=path)
    return source, source.get("type"), path


def _https(source: Json, path: str) -> str:
    url = required_string(source, "url", path)
    if not url.startswith("https://"):
        raise InvalidValue(f"`{path}.url` must be an https URL.", param=f"{path}.url")
    return url
