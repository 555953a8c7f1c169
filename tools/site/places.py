"""PURE  Which files are pages of the site, where they stand there, and what becomes of a link between them."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping

HOME = "index.md"

# Code is no place for links: fences first, then code inside a line.
_CODE = re.compile(r"^( *)```.*?^\1```$|(`+)(?!`).+?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def place_of(path: str) -> str:
    """Return where a file of the repository stands on the site: `docs/README.md` is its first page."""
    if path == "docs/README.md":
        return HOME
    if path.startswith("docs/"):
        return re.sub(r"(^|/)README\.md$", r"\1index.md", path.removeprefix("docs/"))
    if package := re.fullmatch(r"src/omna/(.+)/README\.md", path):
        return f"packages/{package[1].replace('/', '-')}.md"
    return path.lower()


def placed(paths: Iterable[str]) -> dict[str, str]:
    """Return the place of every file that is on the site, and of the directories that are a page there."""
    return {path: place_of(path) for path in paths} | {"docs/decisions": "decisions/index.md"}


def moved(text: str, path: str, places: Mapping[str, str]) -> str:
    """Return the text of the file at `path` with links that hold on the site.

    What is not on the site, such as a source file, is named and no link any more.
    """
    here = posixpath.dirname(path)

    def follow(link: re.Match[str]) -> str:
        mark, label, address = link.groups()
        target, hash_, anchor = address.partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return link[0]
        place = places.get(posixpath.normpath(posixpath.join(here, target)))
        if place is None:
            return label
        relative = posixpath.relpath(place, posixpath.dirname(places[path]) or ".")
        return f"{mark}[{label}]({relative}{hash_}{anchor})"

    return outside_code(text, lambda part: _LINK.sub(follow, part))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Return the text with `change` made to what is no code. A link whose label is code is changed, too."""
    kept: list[str] = []

    def keep(code: re.Match[str]) -> str:
        kept.append(code[0])
        return f"\x00{len(kept) - 1}\x00"

    hidden = change(_CODE.sub(keep, text))
    return re.sub(r"\x00(\d+)\x00", lambda mark: kept[int(mark[1])], hidden)
