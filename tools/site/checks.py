"""PURE  What a built site must not do: ask another machine for anything before somebody follows a link."""

import re
from collections.abc import Iterator

_PARTS = re.compile(r"<(?:script|link|img|source|iframe|video|audio|embed|object|use)\b[^>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:src|href|srcset|data|poster)=[\"']?((?:https?:)?//[^\"'\s>]+)", re.IGNORECASE)
_STYLE = re.compile(r"(?:url\(\s*[\"']?|@import\s+[\"'])((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)


def asked_elsewhere(name: str, text: str) -> Iterator[str]:
    """Yield the addresses of other machines that a file of the site would load by itself."""
    if name.endswith(".html"):
        for part in _PARTS.findall(text):
            yield from _ADDRESS.findall(part)
    if name.endswith((".html", ".css")):
        yield from _STYLE.findall(text)
