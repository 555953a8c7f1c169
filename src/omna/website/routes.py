"""The routes of the pages."""

from starlette.routing import Route

from omna.config import Settings
from omna.website import webapp
from omna.website.pages import landing, legal, preferences
from omna.website.site import Site


def routes(settings: Settings) -> list[Route]:
    """Return the pages and their files.

    settings    `server.public_url` stands in the samples and decides how cookies are set
    """
    site = Site(settings)
    return [
        *landing.routes(site),
        *legal.routes(site),
        *preferences.routes(site),
        *webapp.routes(site),
        *site.assets.routes(),
    ]
