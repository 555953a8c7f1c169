"""The documentation for users: whole, in both languages, findable, and in the words of what it documents."""

import html
import re
from urllib.parse import quote

import pytest

from omna.website import guide
from omna.website.error_list import errors
from omna.website.languages import LANGUAGES
from omna.website.written import rendered
from tests.architecture.test_docs import ROOT
from tests.unit.website.test_routes import Page, call

CLIENTS = ["codex", "claude-code", "opencode", "aider", "open-webui", "langchain", "ai-sdk"]
#: Addresses of pages that need a database, which the tests of those pages open.
ELSEWHERE = re.compile(r"/(sign-in|sign-up|models|request-access|app/.*|status|models\.rss)?$")


def code(body: str) -> list[str]:
    return re.findall(r"```\w*\n(.*?)```", body, re.DOTALL)


def test_languages_have_the_same_pages_with_the_same_code_and_sections() -> None:
    english, chinese = (guide.topics(language) for language in LANGUAGES)
    assert [(one.name, one.group, one.edited) for one in english] == [
        (one.name, one.group, one.edited) for one in chinese
    ]
    assert [one.name for one in english if one.group == "clients"] == CLIENTS
    assert english[0].name == "quickstart"
    for one, other in zip(english, chinese, strict=True):
        assert code(one.body) == code(other.body), one.name
        anchors = [
            [section.anchor for section in rendered(topic.body, language).sections]
            for topic, language in ((one, "en"), (other, "zh"))
        ]
        assert anchors[0] == anchors[1], one.name
        if one.name in CLIENTS:
            assert anchors[0] == ["", "settings", "command", "expected"]


def test_every_error_of_the_gateway_is_told_of() -> None:
    told = {language: guide.topic(language, "errors") for language in LANGUAGES}
    for error in errors():
        for topic in told.values():
            assert topic is not None
            assert (f"| `{error.code}` | {error.status} |" in topic.body) is error.on_gateway
    assert told["en"] is not None
    assert "| `rate_limit_exceeded` | 429 | Too many requests. | yes |" in told["en"].body
    assert "| `emergency_stop` | 503 | The operator has stopped new requests. | no |" in told["en"].body


def test_charges_are_told_in_the_words_of_the_concept() -> None:
    concept = (ROOT / "docs" / "concepts" / "billing.md").read_text("utf-8")
    topic = guide.topic("en", "charges")
    assert topic is not None
    rows = [line for line in topic.body.splitlines() if line.startswith("|")]
    assert len(rows) > 10
    assert rows == [line for line in concept.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_opens_and_its_links_lead_somewhere(language: str) -> None:
    wanted = {"accept-language": language}
    known: dict[str, set[str]] = {}

    async def anchors(path: str) -> set[str]:
        if path not in known:
            status, _, body = await call(path, headers=wanted)
            assert status == 200, path
            known[path] = set(Page(body.decode()).ids)
        return known[path]

    for topic in guide.topics(language):
        status, headers, body = await call(topic.path, headers=wanted)
        assert (status, headers["cache-control"]) == (200, "no-cache")
        page = Page(body.decode())
        assert page.tags.count("h1") == 1
        assert len(page.ids) == len(set(page.ids))
        assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
        for link in page.links:
            path, _, anchor = link.partition("#")
            path = path.partition("?")[0]
            if link.startswith(("http", "mailto:", "/static/", "/app/")) or ELSEWHERE.fullmatch(path):
                continue
            found = await anchors(path or topic.path) if not path.endswith(".md") else set()
            assert not anchor or anchor in found, (topic.name, link)


async def test_a_page_is_there_as_markdown_with_the_address_of_the_site() -> None:
    status, headers, body = await call("/docs/quickstart.md", public_url="https://ai.example.com")
    assert (status, headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert body.decode().startswith("# Quickstart\n\n")
    assert "curl https://ai.example.com/v1/chat/completions" in body.decode()
    assert '"Plan my AI workflow"' in body.decode()
    assert "{base_url}" not in body.decode()
    assert (await call("/docs/nothing"))[0] == (await call("/docs/nothing.md"))[0] == 404
    assert (await call("/docs/../quickstart"))[0] == 404


@pytest.mark.parametrize(
    ("language", "words", "first"),
    [("en", "retry-after", "/docs/keys#limits"), ("zh", "临时聊天", "/docs/chat#kept"), ("en", "AIDER", "/docs/aider")],
)
async def test_search_finds_sections(language: str, words: str, first: str) -> None:
    body = (await call(f"/docs?q={quote(words)}", headers={"accept-language": language}))[2].decode()
    results = re.findall(r'<p><a href="(/docs/[^"]+)"', body)
    assert results[0] == first
    assert f'value="{words}"' in body


async def test_search_for_nothing_says_so_and_shows_what_was_asked_as_text() -> None:
    body = (await call("/docs?q=%3Cscript%3Ezebra"))[2].decode()
    assert "Nothing has all of these words" in body
    assert "<script>zebra" not in body
    assert html.escape("<script>zebra") in body
    assert "Quickstart" in (await call("/docs?q="))[2].decode()


async def test_programs_are_told_of_every_page() -> None:
    sitemap, llms = [(await call(path))[2].decode() for path in ("/sitemap.xml", "/llms.txt")]
    for topic in guide.topics("en"):
        assert f"<loc>http://localhost:5108{topic.path}</loc>" in sitemap
        assert f"[{topic.title}](http://localhost:5108{topic.path})" in llms
