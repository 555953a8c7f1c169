"""PURE  The navigation of the site is the first page of docs: its headings are groups, its lists are their pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_ENTRY = re.compile(r"^- \[([^\]]+)\]\(([^)\s]+)\)", re.MULTILINE)


@dataclass(frozen=True)
class Group:
    """A heading of the navigation with its pages: what each is called there, and its place on the site."""

    name: str
    pages: tuple[tuple[str, str], ...]


def groups_of(index: str) -> list[Group]:
    """Return the groups of the first page, in its order. `index` has its links moved to the site."""
    _, *sections = re.split(r"^## ", index, flags=re.MULTILINE)
    groups = [Group(section.partition("\n")[0].strip(), tuple(_ENTRY.findall(section))) for section in sections]
    return [group for group in groups if group.pages]


def tree(pages: Sequence[tuple[str, str]], caption: str = "") -> str:
    """Return the directive that puts pages into the navigation."""
    lines = ["```{toctree}", ":hidden:", *([f":caption: {caption}"] if caption else []), ""]
    return "\n".join([*lines, *(f"{title} <{page.removesuffix('.md')}>" for title, page in pages), "```", ""])


def with_navigation(index: str, more: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Return the first page with the navigation of the site; `more` are made pages at the end of a group."""
    groups = groups_of(index)
    trees = [tree([*group.pages, *more.get(group.name, ())], group.name) for group in groups]
    assert more.keys() <= {group.name for group in groups}, "a group was renamed"
    return index.rstrip() + "\n\n" + "\n".join(trees)


def list_page(title: str, intro: str, pages: Sequence[tuple[str, str]]) -> str:
    """Return a page that lists pages beside it and has them below it in the navigation."""
    lines = "".join(f"- [{name}]({page})\n" for name, page in pages)
    return f"# {title}\n\n{intro}\n\n{lines}\n{tree(pages)}"


def title_of(text: str) -> str:
    """Return the first heading of a page."""
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    assert heading is not None, "every page has a title"
    return heading[1]
