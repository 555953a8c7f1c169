"""The public page needs nothing: no database, no script, nobody else's server."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from omna.config import Server, Settings
from omna.website.routes import HERE, routes


async def call(
    path: str, method: str = "GET", public_url: str = "http://localhost:5108"
) -> tuple[int, dict[str, str], bytes]:
    settings = Settings(data=Path("/nowhere"), server=Server(public_url=public_url))
    target, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": target,
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "headers": [],
        "scheme": "http",
        "server": ("127.0.0.1", 5108),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await Starlette(routes=routes(settings))(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


class Page(HTMLParser):
    """What a page refers to, and what it is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"href", "src"} and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.append(value)


async def landing() -> Page:
    return Page((await call("/"))[2].decode())


async def test_head_states_what_get_would_send() -> None:
    status, headers, body = await call("/")
    head_status, head_headers, head_body = await call("/", "HEAD")
    assert status == head_status == 200
    assert headers == head_headers
    assert int(headers["content-length"]) == len(body) > 0
    assert head_body == b""


async def test_page_has_no_script_no_inline_style_and_one_heading() -> None:
    page = await landing()
    assert not {"script", "style", "iframe", "form"} & set(page.tags)
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert page.tags.count("h1") == 1
    assert page.tags.count("main") == 1


async def test_page_asks_nobody_else_and_every_link_resolves() -> None:
    page = await landing()
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        elif link not in {"/", "/v1/models"}:
            status, headers, body = await call(link)
            assert status == 200, link
            assert body
            assert "immutable" in headers["cache-control"]


async def test_policy_forbids_scripts_framing_and_foreign_hosts() -> None:
    _, headers, _ = await call("/")
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["frame-ancestors"] == "'none'"
    assert set(policy.values()) <= {"'none'", "'self'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


@pytest.mark.parametrize(("url", "secure"), [("https://ai.example.com/", True), ("http://localhost:5108", False)])
async def test_samples_name_the_public_address_and_https_is_pinned(url: str, secure: bool) -> None:
    _, headers, body = await call("/", public_url=url)
    assert f"curl {url.rstrip('/')}/v1/chat/completions" in body.decode()
    assert ("strict-transport-security" in headers) is secure


async def test_public_address_is_escaped() -> None:
    _, _, body = await call("/", public_url="http://localhost/<script>alert(1)</script>")
    assert b"<script>" not in body


async def test_sample_is_the_documented_call_with_a_placeholder_key() -> None:
    text = re.sub(r"<[^>]+>", "", (await call("/"))[2].decode()).replace("&#34;", '"')
    for part in ("openrouter-free", "Plan my AI workflow", "Bearer omna_xxx", "Content-Type: application/json"):
        assert part in text
    assert not re.search(r"omna_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}", text)


async def test_page_and_styles_are_light() -> None:
    page = await landing()
    total = len((await call("/"))[2])
    for link in page.links:
        if link.startswith("/static/"):
            total += len((await call(link))[2])
    assert total < 100_000


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_colours_are_readable_on_every_ground(scheme: int) -> None:
    tokens = (HERE / "static" / "tokens.css").read_text()
    colours = {
        name: values[scheme]
        for name, *values in re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)", tokens)
    }
    grounds = [colours[name] for name in ("bg", "surface", "sunken", "hover")]
    for ink in (
        "text",
        "text-2",
        "text-3",
        "accent",
        "accent-strong",
        "ok",
        "code-string",
        "code-name",
        "code-keyword",
    ):
        assert min(contrast(colours[ink], ground) for ground in grounds) >= 4.5, ink
    assert min(contrast(colours["line-strong"], ground) for ground in grounds) >= 3
    assert contrast("#FFFFFF", colours["accent-solid"]) >= 4.5
    assert contrast("#FFFFFF", colours["accent-solid-hover"]) >= 4.5


def test_only_the_tokens_name_colours() -> None:
    styles = (HERE / "static" / "site.css").read_text()
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", styles)
