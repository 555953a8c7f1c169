"""PURE  What people call things: one line, and nothing in it that changes how it or its neighbours are shown."""

import unicodedata

from omna.errors import InvalidValue

#: What turns the text after it around: behind one, `exe.gpj` reads as something else, and so does the rest of a line.
#: Joiners and marks stay: names in many scripts, and emoji, are made with them.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, *, param: str = "name", what: str = "A name") -> str:
    """Return a name as it is kept: line breaks and runs of blanks are one blank. Errors: InvalidValue."""
    return visible(" ".join(text.split()), param=param, what=what)


def visible(text: str, *, param: str = "name", what: str = "A name") -> str:
    """Return a name that can be seen as it is. Errors: InvalidValue."""
    if any(map(_hidden, text)):
        raise InvalidValue(f"{what} has no control characters.", param=param)
    return text


def tidied(text: str) -> str:
    """Return a name of what nobody can be asked to mend: without the characters that `one_line` refuses."""
    return " ".join("".join(c for c in text if c.isspace() or not _hidden(c)).split())


def _hidden(character: str) -> bool:
    return character in _TURNS or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
