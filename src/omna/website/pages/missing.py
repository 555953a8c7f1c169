"""What stands where nothing is: in the frame of every page, with a way back."""

from starlette.responses import Response
from starlette.routing import Route

from omna.errors import UnknownUrl
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit


def routes(site: Site) -> list[Route]:
    """Return the route that takes every address no other has taken: it comes last."""
    return [page(site, "/{path:path}", show=_show)]


async def _show(visit: Visit) -> Response:
    visit.here = "/"
    return visit.fail(UnknownUrl())
