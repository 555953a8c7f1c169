"""The documentation for users: pages in Markdown of each language, in one order, and what is found in them."""

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from omna.documents.page import parse
from omna.website.error_list import errors
from omna.website.texts import Texts
from omna.website.written import rendered

HERE = Path(__file__).parent / "guide"
#: Parts in their order; a page names the one that it belongs to.
GROUPS = ("start", "reference", "clients")
_MOST_FOUND = 20
_AROUND = 80


@dataclass(frozen=True, slots=True)
class Topic:
    """edited   the day on which what it says last changed"""

    name: str
    title: str
    lead: str
    group: str
    edited: date
    body: str

    @property
    def path(self) -> str:
        return f"/docs/{self.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """A section in which all words stand. anchor: empty for what stands before the first heading"""

    topic: Topic
    title: str
    anchor: str
    words: str


@functools.cache
def topics(language: str) -> tuple[Topic, ...]:
    """Return every page in the order in which they are read."""
    found = []
    for file in (HERE / language).glob("*.md"):
        page = parse(file.read_text("utf-8"))
        topic = Topic(
            name=file.stem,
            title=page.fact("title"),
            lead=page.fact("lead"),
            group=page.fact("group"),
            edited=date.fromisoformat(page.fact("edited")),
            body=page.body.replace("{errors}", _errors(language)),
        )
        found.append((GROUPS.index(topic.group), int(page.fact("order")), topic))
    return tuple(topic for _, _, topic in sorted(found, key=lambda one: one[:2]))


def topic(language: str, name: str) -> Topic | None:
    """Return a page."""
    return next((one for one in topics(language) if one.name == name), None)


def neighbours(language: str, name: str) -> tuple[Topic | None, Topic | None]:
    """Return the pages before and after one."""
    every = topics(language)
    index = next(index for index, one in enumerate(every) if one.name == name)
    return (every[index - 1] if index else None), (every[index + 1] if index + 1 < len(every) else None)


def search(language: str, words: str) -> list[Found]:
    """Return the sections in which all words stand, those that have them in a title first."""
    wanted = words.lower().split()
    found = []
    for topic in topics(language) if wanted else ():
        for section in rendered(topic.body, language).sections:
            titles = f"{topic.title} {section.title}".lower()
            text = " ".join(section.words.split())
            if all(word in titles or word in text.lower() for word in wanted):
                rank = -sum(word in titles for word in wanted)
                found.append((rank, Found(topic, section.title, section.anchor, _around(text, wanted))))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])][:_MOST_FOUND]


def _around(text: str, wanted: list[str]) -> str:
    """Return the part of a text that has the first word that stands in it."""
    places = [place for word in wanted if (place := text.lower().find(word)) >= 0]
    start = max(0, min(places, default=0) - _AROUND)
    end = start + 3 * _AROUND
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")


def _errors(language: str) -> str:
    """Return the table of what `/v1` may answer with, as Markdown."""
    t = Texts(language)
    rows = [
        f"| `{one.code}` | {one.status} | {t('gateway_error.' + one.code)} |"
        f" {t('docs.retry.yes') if one.helps else t('docs.retry.no')} | {t('docs.next.' + one.following)} |"
        for one in errors()
        if one.on_gateway
    ]
    return "\n".join([t("docs.errors.head"), "|---|---|---|---|---|", *rows])
