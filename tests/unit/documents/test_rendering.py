"""Markdown on a page: safe whoever wrote it, and findable by anchors."""

import pytest

from omna.documents.page import Malformed, parse
from omna.documents.rendering import Look, fill, render

LOOK = Look(copy="Copy", copied="Copied", code="Code", table="Table")


def shown(body: str) -> str:
    return render(body, LOOK).html


def test_headings_have_anchors_of_their_own() -> None:
    text = render("Before.\n\n## Fees {#fees}\n\nNone, `0`.\n\n### What *else*?\n\n## Fees\n\n## 费用\n", LOOK)
    assert [(one.level, one.anchor, one.title) for one in text.sections] == [
        (0, "", ""), (2, "fees", "Fees"), (3, "what-else", "What else?"), (2, "fees-2", "Fees"), (2, "费用", "费用"),
    ]  # fmt: skip
    assert '<h2 id="fees">Fees</h2>' in text.html
    assert text.sections[1].words == "None, 0."


def test_code_is_shown_as_it_is_with_a_button_to_copy_it() -> None:
    text = shown('```sh\ncurl -d \'{"a":"<b>"}\'\n```\n')
    assert '<pre class="pane alone" tabindex="0" aria-label="Code: Shell"><code>curl -d' in text
    assert "&lt;b&gt;" in text
    assert '<button class="copy" type="button" hidden data-done="Copied">Copy</button>' in text


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>", "a <img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
        "![a](https://evil.example/x.png)", "<https://a\"onclick=alert(1)>", "[a](data:text/html,<script>)",
        "```<script>\nx\n```", "## <b onclick=x>a</b> {#x}",
    ],
)  # fmt: skip
def test_nothing_but_text_comes_out(body: str) -> None:
    text = shown(body)
    for tag in ("<script", "<img", "<b ", 'href="javascript', 'href="data', '"onclick'):
        assert tag not in text, text


def test_quotes_of_prose_are_those_of_print_and_those_of_code_stay() -> None:
    assert shown('It\'s "here": `"a"`') == "<p>It’s “here”: <code>&quot;a&quot;</code></p>\n"


def test_tables_can_be_wider_than_the_page() -> None:
    assert shown("| a | b |\n|---|---|\n| 1 | 2 |\n").startswith(
        '<div class="sheet wide" tabindex="0" role="group" aria-label="Table"><table>'
    )


def test_places_are_filled_and_other_braces_stay() -> None:
    assert fill('{operator}: {"a": {b}} {base_url}', {"operator": "Acme", "base_url": "u"}) == 'Acme: {"a": {b}} u'


def test_facts_stand_on_top_of_a_text() -> None:
    page = parse("---\ntitle: A: b\nempty:\n---\n\nText\n---\n")
    assert (page.fact("title"), page.body) == ("A: b", "Text\n---\n")
    with pytest.raises(Malformed, match="`empty:` is missing"):
        page.fact("empty")


@pytest.mark.parametrize("text", ["", "title: a", "---\ntitle: a\n", "---\ntitle\n---\nText"])
def test_a_text_without_facts_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)
