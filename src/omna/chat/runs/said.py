"""PURE: a text that grows, and what of it follows an offset. Offsets are UTF-16 code units, as JavaScript counts."""

from bisect import bisect_right

_LONE = "utf-16-le"


def units(text: str) -> int:
    """Return how long a text is for JavaScript."""
    return len(text) if text.isascii() else len(text.encode(_LONE, "surrogatepass")) // 2


def after(text: str, offset: int) -> str:
    """Return what follows the first `offset` code units; an offset inside a character leaves a � of it."""
    if text.isascii():
        return text[offset:]
    return text.encode(_LONE, "surrogatepass")[2 * offset :].decode(_LONE, "replace")


def storable(text: str) -> str:
    """Return a model's text without what no database holds: NUL, halves of characters."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if not text.isascii():
        text = text.encode(_LONE, "surrogatepass").decode(_LONE, "replace")
    return text


class Said:
    """One text of a running answer, kept in the pieces it came in: what is new costs what is new."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._taken = 0
        self.units = 0

    def add(self, text: str) -> None:
        self._parts.append(text)
        self._starts.append(self.units)
        self.units += units(text)

    def since(self, offset: int) -> str:
        """Return what was said after `offset` code units."""
        if offset >= self.units:
            return ""
        first = max(0, bisect_right(self._starts, offset) - 1)
        return after("".join(self._parts[first:]), offset - self._starts[first])

    def take(self) -> str:
        """Return what was said since this was asked the last time."""
        new = "".join(self._parts[self._taken :])
        self._taken = len(self._parts)
        return new

    def __str__(self) -> str:
        return "".join(self._parts)
