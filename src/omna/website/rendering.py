"""PURE  What a model or a person wrote, as HTML that can do nothing: Markdown without HTML of its own.

Links lead to https and mailto alone and tell nobody where they were found; a picture from elsewhere is a link with its
host; mathematics stays the text it is.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup, escape

_REL = "noopener noreferrer nofollow ugc"
#: Characters of a text that are read as Markdown; what is longer is shown as it is: reading takes time.
LONGEST = 50_000
#: What opens mathematics, and what ends it.
_MATH = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
#: Where its end is looked for: looking is repeated at every beginning.
_LONGEST_MATH = 5_000
#: Headings of a text stand below those of the page.
_LOWEST_HEADING, _LOWERED = 6, 2


def render(text: str) -> Markup:
    """Return a text as HTML. No I/O, but work: keep it off the event loop."""
    if len(text) > LONGEST:
        return plain(text)
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - the renderer escapes, and takes no HTML in


def plain(text: str) -> Markup:
    """Return a text as HTML that shows it as it is."""
    return Markup('<pre tabindex="0">{}</pre>').format(text)


class _Renderer(RendererHTML):
    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        address, label = str(tokens[idx].attrGet("src") or ""), tokens[idx].content
        host = urlsplit(address).hostname or ""
        shown = escape(f"{label} ({host})" if label else host)
        return f'<a href="{escape(address)}" rel="{_REL}">{shown}</a>' if host else str(escape(label))

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        tokens[idx].attrSet("rel", _REL)
        return self.renderToken(tokens, idx, options, env)

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<pre tabindex="0"><code>{escape(tokens[idx].content)}</code></pre>\n'

    code_block = fence

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="wide" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        # Models begin with any level and leave some out; an outline has no holes.
        above = env.setdefault("headings", [])
        while above and above[-1] >= tokens[idx].tag:
            above.pop()
        above.append(tokens[idx].tag)
        return f"<{_heading(above)}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"</{_heading(env['headings'])}>\n"


def _heading(above: Sequence[str]) -> str:
    return f"h{min(_LOWEST_HEADING, _LOWERED + len(above))}"


def _allowed(address: str) -> bool:
    return address.strip().lower().startswith(("https://", "mailto:"))


def _math(state: StateInline, silent: bool) -> bool:
    """Take mathematics as it stands: backslashes and underscores in it mean nothing to Markdown."""
    ending = _MATH.get(state.src[state.pos : state.pos + 2])
    if ending is None:
        return False
    end = state.src.find(ending, state.pos + 2, min(state.posMax, state.pos + _LONGEST_MATH))
    if end < 0:
        return False
    if not silent:
        state.pending += state.src[state.pos : end + 2]
    state.pos = end + 2
    return True


def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 30}, renderer_cls=_Renderer)
    made.enable(["table", "strikethrough"])
    made.validateLink = _allowed  # type: ignore[method-assign, assignment]
    made.inline.ruler.before("escape", "math", _math)
    return made


_MARKDOWN = _markdown()
