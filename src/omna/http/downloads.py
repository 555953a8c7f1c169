"""How the description of /api names what a download sends: files, not JSON."""

from typing import Any

#: Text stays text; the rest are bytes.
_TEXT = {"type": "string"}
_BYTES = {"type": "string", "format": "binary"}


def downloads(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return `responses` of a route that sends a file of one of these types; its `response_class` says no type."""
    content = {kind: {"schema": _schema(kind)} for kind in media_types}
    return {200: {"description": "The file", "content": content}}


def _schema(media_type: str) -> dict[str, str]:
    if media_type == "application/json":
        return {"type": "object"}
    return _TEXT if media_type.startswith("text/") else _BYTES
