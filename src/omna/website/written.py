"""Pages that are written in Markdown, as HTML and as text, with what this installation says in their places."""

import functools
from collections.abc import Mapping
from html import escape

from markupsafe import Markup

from omna.documents.rendering import Look, Rendered, Section, fill, render
from omna.website.site import Site
from omna.website.texts import Texts


@functools.cache
def rendered(body: str, language: str) -> Rendered:
    """Return a text as HTML, its places not yet filled."""
    t = Texts(language)
    return render(body, Look(copy=t("copy"), copied=t("copy.done"), code=t("written.code"), table=t("written.table")))


def contents_of(body: str, language: str) -> list[Section]:
    """Return the sections that a list of contents names."""
    return [section for section in rendered(body, language).sections if section.level == 2]


def html_of(site: Site, body: str, language: str) -> Markup:
    """Return a text as HTML."""
    values = {name: escape(value) for name, value in _values(site, language).items()}
    address = site.settings.accounts.support_email
    target = f"mailto:{address}" if address else "/app/support"
    values["support"] = f'<a href="{escape(target)}">{values["support"]}</a>'
    return Markup(fill(rendered(body, language).html, values))  # noqa: S704 - no raw HTML in it, values escaped


def text_of(site: Site, body: str, language: str) -> str:
    """Return a text as Markdown."""
    return fill(body, _values(site, language))


def _values(site: Site, language: str) -> Mapping[str, str]:
    t, accounts = site.texts[language], site.settings.accounts
    return {
        "base_url": site.public_url,
        "operator": accounts.operator_name or t("written.operator"),
        "support": accounts.support_email or t("written.support"),
    }
