"""What programs read to find the pages: robots.txt, sitemap.xml, llms.txt, and the picture beside a link."""

import functools
from urllib.parse import quote
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omna.website import picture
from omna.website.assets import file_route
from omna.website.files import File, pack_for, respond
from omna.website.languages import TAGS
from omna.website.shelf import Goods
from omna.website.site import Site

#: Pages in the order a stranger reads them, with the text that names each.
PAGES = (
    ("/", "landing.page_title"),
    ("/models", "nav.models"),
    ("/docs", "nav.docs"),
    ("/faq", "nav.faq"),
    ("/status", "nav.status"),
    ("/terms", "footer.terms"),
    ("/privacy", "footer.privacy"),
    ("/refund-policy", "footer.refunds"),
)
#: Nothing a search engine could show to anybody stands there.
_PRIVATE = ("/app", "/console", "/api/", "/v1/", "/invite/", "/join/", "/s/", "/verify-email", "/reset", "/sign-in/")
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
_HOUR = "public, max-age=3600"


def routes(site: Site) -> list[Route]:
    headers = {**site.headers, "cache-control": _HOUR, "vary": "accept-encoding"}

    async def sitemap(request: Request) -> Response:
        body = _sitemap(site, await site.shelf.glance(request))
        return respond(request, pack_for(request, body.encode(), "application/xml"), headers)

    async def llms(request: Request) -> Response:
        body = _llms(site, await site.shelf.glance(request))
        return respond(request, pack_for(request, body.encode(), "text/plain; charset=utf-8"), headers)

    robots = "".join(
        [
            "User-agent: *\n",
            *(f"Disallow: {path}\n" for path in _PRIVATE),
            f"\nSitemap: {site.public_url}/sitemap.xml\n",
        ]
    )
    return [
        file_route("/robots.txt", File(robots.encode(), "text/plain; charset=utf-8"), headers),
        Route("/sitemap.xml", sitemap, methods=["GET", "HEAD"]),
        Route("/llms.txt", llms, methods=["GET", "HEAD"]),
        file_route("/og.png", File(_picture(), "image/png"), headers),
    ]


@functools.cache
def _picture() -> bytes:
    return picture.png()


def _addresses(site: Site, goods: Goods | None) -> list[tuple[str, str]]:
    """Return every page with its name in English."""
    t = site.texts["en"]
    found = [(path, t(key)) for path, key in PAGES if path in site.places]
    found += site.documents
    return found + [(f"/models/{quote(model.model_id)}", model.name) for model in (goods.models if goods else ())]


def _sitemap(site: Site, goods: Goods | None) -> str:
    lines = [_XML, _URLSET]
    for path, _ in _addresses(site, goods):
        address = escape(site.public_url + path)
        lines.append(f"<url><loc>{address}</loc>")
        lines += [
            f'<xhtml:link rel="alternate" hreflang="{tag}" href="{address}?lang={code}"/>' for code, tag in TAGS.items()
        ]
        lines.append("</url>")
    return "\n".join([*lines, "</urlset>", ""])


def _llms(site: Site, goods: Goods | None) -> str:
    t, base = site.texts["en"], site.public_url
    lines = [
        "# Omna",
        "",
        f"> {t('landing.lead')}",
        "",
        f"{t('llms.api', base_url=base)}",
        t("llms.money"),
        t("faq.proxy.answer"),
        "",
        f"## {t('nav.main')}",
        "",
    ]
    models = {f"/models/{quote(model.model_id)}" for model in (goods.models if goods else ())}
    lines += [f"- [{name}]({base}{path})" for path, name in _addresses(site, goods) if path not in models]
    lines += [
        "",
        f"## {t('models.title')}",
        "",
        f"- [{t('models.title')}]({base}/models.md): {t('models.description')}",
    ]
    lines += [f"- [{name}]({base}{path}.md)" for path, name in _addresses(site, goods) if path in models]
    return "\n".join([*lines, ""])
