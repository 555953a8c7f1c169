"""Terms, privacy notice, refund policy: what an account agrees to."""

from starlette.responses import Response
from starlette.routing import Route

from omna.documents.legal import NAMES
from omna.website.pages.page import Handler, page
from omna.website.site import Site
from omna.website.visit import Visit
from omna.website.written import contents_of, html_of


def routes(site: Site) -> list[Route]:
    return [page(site, f"/{name}", show=_document(name)) for name in NAMES]


def _document(name: str) -> Handler:
    async def show(visit: Visit) -> Response:
        document = visit.site.legal[visit.language][name]
        return visit.publish(
            "legal.html",
            document=document,
            contents=contents_of(document.body, document.language),
            html=html_of(visit.site, document.body, document.language),
        )

    return show
