"""Terms, privacy notice, refund policy: what an account agrees to."""

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts.model import TERMS_VERSION
from omna.website.locales import LEGAL
from omna.website.pages.page import Handler, page
from omna.website.site import Site
from omna.website.visit import Visit

__all__ = ["TERMS_VERSION", "routes"]


def routes(site: Site) -> list[Route]:
    return [page(site, f"/{name}", show=_document(name)) for name in ("terms", "privacy", "refund-policy")]


def _document(name: str) -> Handler:
    async def show(visit: Visit) -> Response:
        return visit.page("legal.html", document=LEGAL[visit.language][name], version=TERMS_VERSION)

    return show
