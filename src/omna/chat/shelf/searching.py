"""PURE  What somebody looks for in their chats, and the piece of a text that shows why it was found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

LONGEST_QUERY = 300
#: More words than this are cut off: nobody remembers so many.
_MOST_WORDS = 12
#: A word may go on behind what was typed, when that is enough to tell it from the others.
_SHORTEST_BEGINNING = 3
_LONGEST_WORD = 60
#: Characters of a snippet, and how many of them stand before what was found.
_SNIPPET, _BEFORE = 180, 50

#: Scripts without spaces between words: the ranges of chat_words() in the database.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_TOKEN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}\\W_]+")
_UNSPACED_TOKEN = re.compile(f"[{_UNSPACED}]")
_PREFIX = re.compile(r'(?<!\S)(folder|pinned|archived|shared):(?:"([^"]*)"|(\S*))', re.IGNORECASE)
_NO = frozenset({"no", "false", "0", "否"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which chats somebody wants to see; None of a field is: whichever.

    words     of scripts with spaces, as beginnings of words; pieces: of other scripts, as they stand in a text
    folder    the name or id of a folder
    """

    words: Sequence[str] = ()
    pieces: Sequence[str] = ()
    folder: str | None = None
    pinned: bool | None = None
    archived: bool | None = None
    shared: bool | None = None

    @property
    def looks(self) -> bool:
        """Whether something is looked for in texts."""
        return bool(self.words or self.pieces)

    @property
    def terms(self) -> Sequence[str]:
        return [*self.words, *self.pieces]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of characters of a snippet; marked: it is what was looked for."""

    text: str
    marked: bool


def parse(query: str) -> Wanted:
    """Return what a query asks for: words, and `folder:"My work" pinned: archived:no shared:` wherever they stand."""
    wanted = Wanted()
    query = query[:LONGEST_QUERY]
    for name, quoted, plain in _PREFIX.findall(query):
        value = (quoted or plain).strip()
        yes = value.lower() not in _NO
        match name.lower():
            case "folder":
                wanted = replace(wanted, folder=value or None)
            case "pinned":
                wanted = replace(wanted, pinned=yes)
            case "archived":
                wanted = replace(wanted, archived=yes)
            case _:
                wanted = replace(wanted, shared=yes)
    tokens = dict.fromkeys(_TOKEN.findall(_PREFIX.sub(" ", query).lower()))
    kept = list(tokens)[:_MOST_WORDS]
    return replace(
        wanted,
        words=tuple(token[:_LONGEST_WORD] for token in kept if not _UNSPACED_TOKEN.match(token)),
        pieces=tuple(token for token in kept if _UNSPACED_TOKEN.match(token)),
    )


def tsquery(words: Sequence[str], workspace_id: UUID) -> str:
    """Return the query for chat_words() of a workspace."""
    mark = str(workspace_id)[-8:]
    # Letters and digits alone: nothing in them means anything to the query.
    return " & ".join(f"'{mark}{word}'" + (":*" if len(word) >= _SHORTEST_BEGINNING else "") for word in words)


def containing(terms: Sequence[str]) -> list[str]:
    """Return patterns for LIKE that find texts which contain the terms."""
    return [f"%{_escaped(term)}%" for term in terms]


def snippet(text: str, terms: Sequence[str]) -> list[Run]:
    """Return the piece of a text around the first term found in it, with every term in it marked."""
    found = _finder(terms).search(text) if terms else None
    start = 0 if found is None else max(0, found.start() - _BEFORE)
    if start > 0:
        # Begin with a word, when one begins soon.
        space = text.find(" ", start, start + _BEFORE // 2)
        start = start if space < 0 else space + 1
    piece = " ".join(text[start : start + _SNIPPET].split())
    runs, at = [], 0
    if terms:
        for match in _finder(terms).finditer(piece):
            if match.start() > at:
                runs.append(Run(piece[at : match.start()], False))
            runs.append(Run(match[0], True))
            at = match.end()
    if at < len(piece):
        runs.append(Run(piece[at:], False))
    if start > 0:
        runs.insert(0, Run("… ", False))
    if start + _SNIPPET < len(text):
        runs.append(Run(" …", False))
    return runs


def _finder(terms: Sequence[str]) -> re.Pattern[str]:
    # The longest first: of "run" and "running" the word that stands there is marked whole.
    ordered = sorted(terms, key=len, reverse=True)
    return re.compile("|".join(_found_as(term) for term in ordered), re.IGNORECASE)


def _found_as(term: str) -> str:
    if _UNSPACED_TOKEN.match(term):
        return re.escape(term)
    # As the database found it: at the beginning of a word.
    end = "" if len(term) >= _SHORTEST_BEGINNING else f"(?![^{_UNSPACED}\\W_])"
    return f"(?<![^{_UNSPACED}\\W_]){re.escape(term)}{end}"


def _escaped(term: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", term)
