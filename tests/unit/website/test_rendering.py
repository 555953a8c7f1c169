"""Words of models and people as HTML: nothing in them does anything."""

import re
import time

from omna.website.rendering import LONGEST, render
from tests.harness.hostile import NAMES, TEXTS, active

HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>1</script>)", "[x](vbscript:x)", "<javascript:alert(1)>", "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,AAAA)", "[x](http://plain.example)", "[x](//evil.example)", "[x](/relative)",
    '[x](https://a.example "onmouseover=alert(1)")', "[a]: javascript:alert(1)\n\n[a]", "`<b>`", "```html\n<b onclick=x>\n```",
    "<svg/onload=alert(1)>", "&lt;script&gt;", "$$<img src=x onerror=1>$$", "\\(<script>\\)", "| <b> | x |\n|---|---|\n| <i> | y |",
    "<https://ok.example/<script>>", "[<img src=x>](https://a.example)", "# <script>", "    <script>",
)  # fmt: skip
#: What the renderer itself writes.
TAGS = {
    "a", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def test_nothing_hostile_becomes_more_than_text() -> None:
    for text in (*HOSTILE, *TEXTS):
        html = str(render(text))
        for tag, attributes in re.findall(r"<([a-z0-9]+)((?:\s[^<>]*)?)/?>", html):
            assert tag in TAGS, (text, html)
            names = {name for name, _ in re.findall(r'\s([a-z-]+)="([^"]*)"', attributes)}
            assert names <= {"href", "rel", "title", "tabindex", "class", "style", "start"}, (text, html)
            for address in re.findall(r'href="([^"]*)"', attributes):
                assert address.startswith(("https://", "mailto:")), (text, html)
        assert "<" not in re.sub(r"</?[a-z0-9]+(?:\s[a-z-]+=\"[^\"<>]*\")*\s?/?>", "", html), (text, html)


def test_hostile_texts_would_do_something_as_markup_and_nothing_as_rendered() -> None:
    raw = [text for text in (*TEXTS, *NAMES) if list(active(text))]
    assert len(raw) > 30
    assert list(active('<a href="javascript:x">x</a><b onclick=x>y</b><svg onload=x>')) != []
    for text in (*TEXTS, *NAMES):
        assert list(active(str(render(text)))) == [], text


def test_markdown_is_read() -> None:
    html = str(
        render("# One\n\n**b** ~~s~~ <https://a.example>\n\n| a |\n|---|\n| 1 |\n\n```py\nx < 1\n```\n\n- one\n- two")
    )
    assert "<h3>One</h3>" in html
    assert '<strong>b</strong> <s>s</s> <a href="https://a.example" rel="noopener noreferrer nofollow ugc">' in html
    assert '<div class="wide" tabindex="0"><table>' in html
    assert '<pre tabindex="0"><code>x &lt; 1\n</code></pre>' in html


def test_picture_is_a_link_with_its_host() -> None:
    html = str(render("![a cat](https://pics.example/cat.png?secret=1)"))
    assert "<img" not in html
    assert html == (
        '<p><a href="https://pics.example/cat.png?secret=1" rel="noopener noreferrer nofollow ugc">'
        "a cat (pics.example)</a></p>\n"
    )


def test_mathematics_stays_text() -> None:
    for text in (r"\(a_1 * b_2 * c\)", r"\[x_{1}_y\]", "$$a_b_c \\\\ d*e*f$$"):
        assert str(render(text)) == f"<p>{text}</p>\n"
    assert str(render(r"\*not math\* and $5 and $10")) == "<p>*not math* and $5 and $10</p>\n"
    assert str(render(r"`\(x\)` \(open")) == "<p><code>\\(x\\)</code> (open</p>\n"


def test_work_is_bounded() -> None:
    for text in ("[" * LONGEST, "![" * LONGEST, "\\(" * LONGEST, "> " * LONGEST, "|a\n|-\n" + "|b\n" * LONGEST):
        began = time.process_time()
        render(text[:LONGEST])
        # Quadratic work would take minutes.
        assert time.process_time() - began < 10, text[:10]
    assert str(render("x" * (LONGEST + 1))).startswith('<pre tabindex="0">xxx')


def test_headings_of_an_answer_have_no_holes() -> None:
    html = str(render("## One\n\n#### Two\n\n### Three\n\n# Four"))
    assert [line for line in html.splitlines() if line] == [
        "<h3>One</h3>", "<h4>Two</h4>", "<h4>Three</h4>", "<h3>Four</h3>",
    ]  # fmt: skip
