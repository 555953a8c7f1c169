"""The choices of the footer: language and colours, kept in cookies."""

from starlette.responses import Response
from starlette.routing import Route

from omna.http.places import local_path
from omna.website.languages import LANGUAGES, THEMES
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit

_YEAR = 365 * 24 * 3600


def routes(site: Site) -> list[Route]:
    return [page(site, "/preferences", submit=_choose)]


async def _choose(visit: Visit) -> Response:
    # No token: the landing page has no cookie to bind one to, and a wrong colour harms nobody. The origin is checked.
    language, theme = visit.field("language"), visit.field("theme")
    if language in LANGUAGES:
        visit.set_cookie("language", language, max_age=_YEAR, http_only=False)
    if theme in THEMES:
        visit.set_cookie("theme", theme, max_age=_YEAR, http_only=False)
    return visit.go(local_path(visit.field("back")) or "/")
