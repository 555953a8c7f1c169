"""A browser without JavaScript: opens pages, fills in their forms, keeps cookies."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

import httpx2
from starlette.types import ASGIApp

ORIGIN = "http://localhost:5108"
#: What a browser adds to a form of our own page.
OURS = {"sec-fetch-site": "same-origin", "origin": ORIGIN}


@dataclass
class Form:
    """A form of a page. `fields` holds what it would send as it is; ticked boxes only."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """What a page says and offers."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__()
        self.answer = answer
        self.status = answer.status_code
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.tags: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.lang = ""
        self.words: list[str] = []
        self._textarea: str | None = None
        self.feed(answer.text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.lang = given.get("lang") or ""
        if given.get("id"):
            self.ids.append(given["id"])
            self.attributes[given["id"]] = given
        if tag == "label":
            self.labels.append(given.get("for") or "")
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "form":
            self.forms.append(Form(given.get("action") or "", given.get("method") or "get"))
        name = given.get("name")
        if tag in {"input", "textarea"} and name and self.forms:
            self.forms[-1].names.append(name)
            if given.get("type") != "checkbox" or "checked" in given:
                self.forms[-1].fields[name] = given.get("value") or ""
        self._textarea = name if tag == "textarea" else None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._textarea:
            self.forms[-1].fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = None

    def form(self, action: str) -> Form:
        """Return the form that sends to an address."""
        return next(form for form in self.forms if form.action.partition("?")[0] == action)


class Browser:
    """One person's browser. Redirects are not followed: where they lead is part of what is tested."""

    def __init__(self, app: ASGIApp, *, language: str = "en", address: str = "192.0.2.10") -> None:
        self.app = app
        transport = httpx2.ASGITransport(app, client=(address, 40000))
        self.client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"accept-language": language})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def open(self, path: str) -> Page:
        return Page(await self.client.get(path))

    async def send(self, form: Form, headers: dict[str, str] = OURS, **fields: str) -> Page:
        """Fill in a form and send it."""
        return Page(await self.client.post(form.action, data=form.fields | fields, headers=headers))

    async def fill_in(self, path: str, action: str | None = None, **fields: str) -> Page:
        """Open a page, fill in its form and send it."""
        page = await self.open(path)
        assert page.status == 200, page.text
        return await self.send(page.form(action or path.partition("?")[0]), **fields)


def leads_to(page: Page) -> str:
    """Return where a form that was accepted sends the browser."""
    assert page.status == 303, (page.status, page.text)
    return page.answer.headers["location"]
