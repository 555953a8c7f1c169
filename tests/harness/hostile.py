"""Texts and names that attack whoever shows, mails, exports or logs them."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from playwright.async_api import Page

#: Words of models, shared with the tests of the web app. A NUL is refused before it is kept.
TEXTS: list[str] = [
    text.replace("\0", "")
    for text in json.loads(
        (Path(__file__).parents[2] / "web" / "src" / "features" / "chat" / "markdown" / "hostile.json").read_text(
            "utf-8"
        )
    )
]

#: Names that are taken as they are, and must do nothing wherever they stand.
NAMES = (
    "<img src=x onerror=window.hit=1>",
    '"><svg onload=window.hit=1>',
    "</title></textarea></script><script>window.hit=1</script>",
    "' autofocus onfocus=window.hit=1 x='",
    "=1+1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "javascript:window.hit=1",
    "[x](javascript:window.hit=1)",
    "data:text/html,<script>window.hit=1</script>",
    "https://evil.example/login",
    "{{7*7}}${7*7}<%=7*7%>",
    "a\u200bb\u2060c\ufeff",
    "../../etc/passwd",
    "x" * 80,
)
#: Names that nobody may have: what cannot be seen, and what turns around the text after it.
REFUSED_NAMES = ("Ada\x00", "a\x1b[2Jb", "a\x07b", "a\x7fb", "\x9bb", "\u202exe.gpj", "a\u2066b\u2069")
#: Names of files as a hostile program sends them.
FILE_NAMES = (
    'a"><script>window.hit=1<script>.pdf',
    "../../x",
    "a\r\nset-cookie: x=1\r\n\r\n<b>",
    "=1+1",
    "\u202egpj.exe",
    "con",
    "x" * 300,
    "%0d%0aset-cookie:x=1",
    "名 🎉",
)
#: For a page: keeps what its policy refused, and whatever ran.
WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => window.violations.push(event.blockedURI + " " + event.violatedDirective));
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => { window.hit = name; };
"""


async def inert(page: Page) -> list[str]:
    """Return what a page with WATCH did that nobody asked for."""
    found: list[str] = await page.evaluate(
        "[...window.violations, ...(window.hit === undefined ? [] : [`hit: ${window.hit}`])]"
    )
    return found


class Parsed(HTMLParser):
    """What a page is made of: elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def active(page: str) -> Iterator[str]:
    """Yield what in a page of ours could run, load or send anything that we did not write."""
    for tag, attributes in Parsed(page).elements:
        if tag in {"iframe", "object", "embed", "base", "video", "audio", "math", "style", "animate", "set"}:
            yield tag
        # A page has scripts and pictures of ours, as files.
        if tag in {"script", "img"} and not (attributes.get("src") or "").startswith(("/static/", "/app/")):
            yield tag
        for name, value in attributes.items():
            if name.startswith("on") or (name in {"href", "src", "action"} and not _leads_well(value or "")):
                yield f"{tag} {name}={value}"


def _leads_well(address: str) -> bool:
    return (
        address.startswith(("/", "#", "https://", "http://localhost", "http://127.0.0.1", "mailto:", "?"))
        or not address
    )
