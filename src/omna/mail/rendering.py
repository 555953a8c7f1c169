"""From a kind and its values to a subject, a text and a page.

A template is plain text: the subject in its first line, then paragraphs. A paragraph of lines with `- ` in front is a
list of facts, one with `> ` a quotation; the line `→ words` is the button. It is rendered twice, for the page with
every value escaped, so that both say the same. Values are one line each and never begin a paragraph, so nothing a
person typed can become either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from omna.config import Settings
from omna.mail.kinds import BASE_URL, KINDS, OPERATOR, SUPPORT, Kind, Language, written
from omna.mail.styles import light_values, styles


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail. `text` and `html` have marks where the address and the name of the installation go: `complete`."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Site:
    """What a mail says about the installation it comes from."""

    public_url: str
    operator_name: str
    support_email: str


def site_of(settings: Settings) -> Site:
    """Return what mails say about an installation with these settings."""
    return Site(settings.server.public_url, settings.accounts.operator_name, settings.accounts.support_email)


def render(kind: Kind, language: Language, values: Mapping[str, Any]) -> Rendered:
    """Return a mail.

    Errors  ValueError for values that are missing, unknown or malformed; UndefinedError for a name a template made up
    """
    known = written(kind, values)
    name = f"{language}/{kind}.txt"
    subject, _, body = _environment(escaped=False).get_template(name).render(known).partition("\n")
    _, _, page = _environment(escaped=True).get_template(name).render(known).partition("\n")
    frame = {"kind": kind, "switchable": KINDS[kind].switchable, "base": BASE_URL, "operator": OPERATOR}
    frame |= {"support": SUPPORT, "link": known["link"], "language": language, "subject": subject}
    footer = f"{language}/footer.txt"
    return Rendered(
        subject=subject,
        text=_plain(
            _paragraphs(body),
            known["link"],
            _environment(escaped=False).get_template(footer).render(frame),
            colon="：" if language == "zh" else ":",
        ),
        html=_environment(escaped=True)
        .get_template("frame.html")
        .render(
            frame,
            paragraphs=_paragraphs(page),
            footer=_environment(escaped=True).get_template(footer).render(frame),
            style=_styles(),
        ),
    )


def complete(text: str, site: Site, *, html: bool) -> str:
    """Return a text or a page with what only the sender knows."""
    address = site.public_url.rstrip("/")
    for mark, value in (
        (BASE_URL, address),
        (OPERATOR, site.operator_name or "Omna"),
        (SUPPORT, site.support_email or address),
    ):
        text = text.replace(mark, escape(value) if html else value)
    return text


@dataclass(frozen=True, slots=True)
class _Paragraph:
    form: str
    lines: tuple[str, ...]


def _plain(paragraphs: Sequence[_Paragraph], link: str, footer: str, *, colon: str) -> str:
    blocks = []
    for paragraph in paragraphs:
        match paragraph.form:
            case "action":
                blocks.append(f"{paragraph.lines[0]}{colon}\n{link}")
            case "facts":
                blocks.append("\n".join(f"  {line}" for line in paragraph.lines))
            case "quotation":
                blocks.append("\n".join(f"> {line}".rstrip() for line in paragraph.lines))
            case _:
                blocks.append("\n".join(paragraph.lines))
    return "\n\n".join([*blocks, f"-- \n{footer.strip()}"]) + "\n"


def _paragraphs(body: str) -> list[_Paragraph]:
    return [_paragraph(block.strip().split("\n")) for block in body.split("\n\n") if block.strip()]


def _paragraph(lines: list[str]) -> _Paragraph:
    if lines[0].startswith("→ "):
        return _Paragraph("action", (lines[0].removeprefix("→ "),))
    if lines[0].startswith("- "):
        return _Paragraph("facts", tuple(line.removeprefix("- ") for line in lines))
    if lines[0].startswith(">"):
        return _Paragraph("quotation", tuple(line.removeprefix(">").removeprefix(" ") for line in lines))
    return _Paragraph("words", tuple(lines))


@lru_cache(maxsize=2)
def _environment(*, escaped: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("omna.mail"),
        autoescape=escaped,  # noqa: S701 - the other form is text
        undefined=jinja2.StrictUndefined,
    )
    # Rendered templates are safe already; the frame must not escape them again.
    environment.filters["ready"] = _ready
    return environment


def _ready(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - the output of a template that escapes


@lru_cache(maxsize=1)
def _styles() -> dict[str, str]:
    return styles(light_values((files("omna") / "website" / "static" / "tokens.css").read_text("utf-8")))
