"""Everything that is written for people, and what it names: commands, code, addresses."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Documentation, the READMEs of packages and of deployments, and the guides that an installation serves.
PAGES_OF_DOCS = sorted(
    path
    for folder in (
        ROOT.glob("*.md"),
        (ROOT / "docs").rglob("*.md"),
        (ROOT / "src").rglob("*.md"),
        (ROOT / "deploy").rglob("*.md"),
    )
    for path in folder
)

CODE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`]+)`")
_BINARIES = {"", ".venv/bin", "bin", "/usr/bin", "/usr/local/bin", "/opt/omna/bin", "/opt/omna/.venv/bin"}
_OPERATORS = {"|", "||", "&&", "&", ";", "(", ")", "<", ">", ">>", "2>", "<<", "|&"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(path: Path, language: str) -> list[str]:
    return [text for _, kind, text in CODE.findall(path.read_text("utf-8")) if kind == language]


def spans(path: Path) -> list[str]:
    """Return what stands in code inside the lines of a page, each as one line."""
    return [" ".join(span.split()) for span in _SPAN.findall(CODE.sub("", path.read_text("utf-8")))]


def calls(script: str, programs: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the words of each call of a program in lines for a shell, wherever in the line it is called."""
    for line in script.replace("\\\n", " ").splitlines():
        reader = shlex.shlex(line, posix=True, punctuation_chars=True)
        reader.whitespace_split = True
        try:
            words = list(reader)
        except ValueError:
            continue  # a line of a text that goes on, such as a here-document or JSON in quotes
        start = None
        for number, word in [*enumerate(words), (len(words), ";")]:
            if start is not None and word in _OPERATORS:
                if words[start:number]:
                    yield words[start:number]
                start = None
            elif start in (None, number) and _calls(word, words[number - 1] if number else "", programs):
                start = number + 1


def _calls(word: str, before: str, programs: tuple[str, ...]) -> bool:
    """Return whether a word calls a program, and is no name such as the one of `kubectl -n omna`."""
    directory, _, name = word.rpartition("/")
    return name in programs and directory in _BINARIES and (before == "--" or not before.startswith("-"))
