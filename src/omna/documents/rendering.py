"""PURE  Markdown as HTML that may stand on a page: no raw HTML, no pictures, no scripts, and headings with anchors."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

#: `## Rounding {#rounding}`: the anchor of a heading, the same in every language.
_NAMED = re.compile(r"\s*\{#([a-z0-9-]+)\}\s*$")
_SEPARATORS = re.compile(r"[^\w]+")
#: What a text leaves to the installation. Any other brace is a brace.
_PLACE = re.compile(r"\{(base_url|operator|support)\}")
_LANGUAGES = {"sh": "Shell", "py": "Python", "python": "Python", "js": "JavaScript", "ts": "TypeScript"}


@dataclass(frozen=True, slots=True)
class Section:
    """level    2 or 3; 0 for what stands before the first heading, which has neither anchor nor title
    words    what it says, as plain text
    """

    level: int
    anchor: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """html   may hold places to fill; `fill` replaces them"""

    html: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Words around blocks of code and tables, in the language of the page."""

    copy: str
    copied: str
    code: str
    table: str


def render(body: str, look: Look) -> Rendered:
    """Return a text as HTML with its sections."""
    tokens = _MARKDOWN.parse(body)
    sections = _sections(tokens)
    return Rendered(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"look": look}), tuple(sections))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with what the installation says in its places. The values are what the text is: HTML or plain."""
    return _PLACE.sub(lambda match: values[match[1]], text)


def _sections(tokens: list[Token]) -> list[Section]:
    found: list[tuple[int, str, str, list[str]]] = [(0, "", "", [])]
    used: set[str] = set()
    for index, token in enumerate(tokens):
        if token.type == "inline":
            inside = tokens[index - 1]
            if inside.type == "heading_open" and inside.tag in ("h2", "h3"):
                anchor, title = _name(token, used)
                inside.attrSet("id", anchor)
                found.append((int(inside.tag[1]), anchor, title, []))
            else:
                found[-1][3].append(_plain(token))
        elif token.type == "fence":
            found[-1][3].append(token.content)
    return [Section(level, anchor, title, "\n".join(words)) for level, anchor, title, words in found]


def _name(token: Token, used: set[str]) -> tuple[str, str]:
    """Return the anchor and the title of a heading, whose text loses the anchor that it names."""
    named = _NAMED.search(token.content)
    if named is not None and token.children:
        last = token.children[-1]
        last.content = _NAMED.sub("", last.content)
    title = _plain(token)
    anchor = named[1] if named is not None else _SEPARATORS.sub("-", title.lower()).strip("-")
    number, first = 2, anchor
    while anchor in used:
        anchor, number = f"{first}-{number}", number + 1
    used.add(anchor)
    return anchor, title


def _plain(token: Token) -> str:
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children or []
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )


def _code(
    renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, environment: EnvType
) -> str:
    token, look = tokens[index], environment["look"]
    language = token.info.strip().partition(" ")[0]
    label = escape(f"{look.code}: {_LANGUAGES.get(language, language)}" if language else look.code)
    return (
        f'<div class="samples"><button class="copy" type="button" hidden data-done="{escape(look.copied)}">'
        f'{escape(look.copy)}</button><pre class="pane alone" tabindex="0" aria-label="{label}"><code>'
        f"{escape(token.content.rstrip(), quote=False)}</code></pre></div>\n"
    )


def _table(
    renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, environment: EnvType
) -> str:
    if tokens[index].nesting != 1:
        return "</table></div>\n"
    # Whoever has no pointer scrolls it once it has the focus.
    label = escape(environment["look"].table)
    return f'<div class="sheet wide" tabindex="0" role="group" aria-label="{label}"><table>\n'


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": True})
_MARKDOWN.enable(["table", "smartquotes"]).disable("image")
for _name_of_rule, _rule in (("fence", _code), ("table_open", _table), ("table_close", _table)):
    _MARKDOWN.add_render_rule(_name_of_rule, _rule)
