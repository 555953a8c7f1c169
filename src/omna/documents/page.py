"""PURE  A text in Markdown with facts on top: a block of `name: value` between two lines of `---`."""

from collections.abc import Mapping
from dataclasses import dataclass

_FENCE = "---"


class Malformed(ValueError):
    """A text that cannot be used; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Page:
    """facts   what stands on top of the text, by name
    body    the text in Markdown
    """

    facts: Mapping[str, str]
    body: str

    def fact(self, name: str) -> str:
        """Return a fact. Errors: Malformed when the text does not name it."""
        value = self.facts.get(name, "")
        if not value:
            raise Malformed(f"`{name}:` is missing on top of it")
        return value


def parse(text: str) -> Page:
    """Return a text with its facts. Errors: Malformed."""
    first, _, rest = text.lstrip("\ufeff").replace("\r\n", "\n").partition("\n")
    if first.strip() != _FENCE:
        raise Malformed(f"its first line is not {_FENCE}")
    top, fence, body = rest.partition(f"\n{_FENCE}\n")
    if not fence:
        raise Malformed(f"a second line of {_FENCE} is missing")
    facts = {}
    for line in top.splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            raise Malformed(f"{line!r} is not of the form `name: value`")
        facts[name.strip()] = value.strip()
    return Page(facts, body.strip() + "\n")
