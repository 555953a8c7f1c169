"""The site of the documentation, as it is laid out; `make docs` builds it, and there a warning is an error."""

import posixpath
import re
from collections import Counter

import pytest

from tests.harness.handbook import CODE, LINK, ROOT
from tools.site.checks import asked_elsewhere
from tools.site.endpoints import endpoints_of
from tools.site.layout import api_sections, pages, sources
from tools.site.navigation import groups_of, with_navigation
from tools.site.places import HOME, moved, placed
from tools.site.shapes import type_of

_TREE = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def laid() -> dict[str, str]:
    return pages()


def in_navigation(place: str, text: str) -> list[str]:
    entries = [line for tree in _TREE.findall(text) for line in re.findall(r"<([^>]+)>$", tree, re.MULTILINE)]
    return [posixpath.normpath(posixpath.join(posixpath.dirname(place), entry)) + ".md" for entry in entries]


def test_every_page_stands_in_the_navigation_exactly_once(laid: dict[str, str]) -> None:
    counted = Counter(page for place, text in laid.items() for page in in_navigation(place, text))
    assert set(counted) == laid.keys() - {HOME}
    assert [page for page, count in counted.items() if count > 1] == []


def test_every_page_of_docs_is_on_the_site(laid: dict[str, str]) -> None:
    places = placed(sources())
    for path in (ROOT / "docs").rglob("*.md"):
        assert places[str(path.relative_to(ROOT))] in laid


def test_links_of_the_site_lead_to_its_pages(laid: dict[str, str]) -> None:
    files = laid.keys() | set(placed(sources()).values())
    for place, text in laid.items():
        for link in LINK.findall(CODE.sub("", text)):
            target = link.partition("#")[0]
            if target and not re.match(r"[a-z]+:", target):
                file = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
                assert file in files, f"{place}: {link}"


def test_every_endpoint_has_its_section_once(laid: dict[str, str]) -> None:
    wanted = Counter(
        endpoint.title
        for document in {id(section.document): section.document for section in api_sections()}.values()
        for endpoint in endpoints_of(document)
    )
    shown = Counter(
        title
        for place, text in laid.items()
        if place.startswith(("reference/v1/", "reference/api/", "reference/console/"))
        for title in re.findall(r"^## ((?:GET|POST|PUT|PATCH|DELETE) \S+)$", text, re.MULTILINE)
    )
    assert shown == wanted


def test_shapes_that_are_linked_are_on_their_page(laid: dict[str, str]) -> None:
    for place, text in laid.items():
        linked = set(re.findall(r"\]\(#(shape-[\w-]+)\)", text))
        assert linked <= set(re.findall(r"^\{#(shape-[\w-]+)\}$", text, re.MULTILINE)), place


def test_a_link_follows_its_page_and_code_stays_as_it_is() -> None:
    places = placed(["ARCHITECTURE.md", "docs/README.md", "docs/a/one.md", "docs/a/two.md"])
    text = "[two](two.md#x) [`A`](../../ARCHITECTURE.md) [why](../decisions) [code](../../src/x.py) `[no](two.md)`"
    assert moved(text, "docs/a/one.md", places) == (
        "[two](two.md#x) [`A`](../architecture.md) [why](../decisions/index.md) code `[no](two.md)`"
    )
    assert moved("[home](docs/README.md) [out](https://x.example)", "ARCHITECTURE.md", places) == (
        "[home](index.md) [out](https://x.example)"
    )


def test_headings_of_the_first_page_are_the_groups() -> None:
    index = "# Home\n\n## Start\n\n- [One](a/one.md): first\n- [Two](a/two.md)\n\n## More\n\nno list\n"
    assert [(group.name, group.pages) for group in groups_of(index)] == [
        ("Start", (("One", "a/one.md"), ("Two", "a/two.md")))
    ]
    assert "One <a/one>\nTwo <a/two>\nMade <made/index>\n" in with_navigation(
        index, {"Start": [("Made", "made/index.md")]}
    )


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/KeyRow"}}, "list of [KeyRow](#shape-keyrow)"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"enum": ["a", "b"]}, '`"a"` or `"b"`'),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer"),
        ({}, "anything"),
    ],
)
def test_types_are_words(schema: dict[str, object], words: str) -> None:
    assert type_of(schema) == words


def test_what_a_page_would_load_from_elsewhere_is_found() -> None:
    page = (
        '<a href="https://x.example">x</a><script src="https://cdn.example/a.js"></script><link href=//f.example/b.css>'
    )
    assert list(asked_elsewhere("a.html", page)) == ["https://cdn.example/a.js", "//f.example/b.css"]
    style = '@import "https://f.example/c.css"; a { background: url(//i.example/d.png) } b { background: url(e.png) }'
    assert list(asked_elsewhere("a.css", style)) == ["https://f.example/c.css", "//i.example/d.png"]
    assert list(asked_elsewhere("a.js", page)) == []
