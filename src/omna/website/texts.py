"""PURE  The words of the pages, in the language of the visitor."""

import re

from markupsafe import Markup, escape

from omna.website.locales import TEXTS

_RICH = re.compile(r"`(?P<code>[^`]+)`|\[(?P<label>[^\]]+)\]\((?P<target>/[^)\s]*|#[^)\s]*)\)|\*(?P<strong>[^*]+)\*")


class Texts:
    """Looks words up: `t("footer.terms")`. A key that does not exist is an error, never an empty place."""

    def __init__(self, language: str) -> None:
        self._texts = TEXTS[language]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values, not yet escaped."""
        return self._texts[key].format(**values)

    def rich(self, key: str, **values: object) -> Markup:
        """Return a text as HTML: `code`, [a link](/here) and *emphasis* of the text, and values that stay text."""
        return Markup(_RICH.sub(_element, str(escape(self._texts[key])))).format(**values)  # noqa: S704 - escaped above

    def has(self, key: str) -> bool:
        return key in self._texts


def _element(match: re.Match[str]) -> str:
    if (code := match["code"]) is not None:
        return f"<code>{code}</code>"
    if (strong := match["strong"]) is not None:
        return f"<strong>{strong}</strong>"
    return f'<a href="{match["target"]}">{_RICH.sub(_element, match["label"])}</a>'
