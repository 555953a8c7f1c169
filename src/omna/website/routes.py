"""The routes of the pages."""

from starlette.routing import Route

from omna.config import Settings
from omna.website import webapp
from omna.website.pages import (
    discovery,
    docs,
    faq,
    invite,
    join,
    landing,
    legal,
    missing,
    model,
    models,
    oauth,
    preferences,
    request_access,
    reset,
    shared,
    sign_in,
    sign_up,
    status,
    verify_email,
)
from omna.website.site import Site


def routes(settings: Settings, find_shared: shared.Find | None = None) -> list[Route]:
    """Return the pages and their files.

    settings      `server.public_url` stands in the samples and decides how cookies are set
    find_shared   finds the copy of a chat behind a link; without it there are none
    """
    site = Site(settings)
    found = [
        *landing.routes(site),
        *models.routes(site),
        *model.routes(site),
        *faq.routes(site),
        *docs.routes(site),
        *legal.routes(site),
        *status.routes(site),
        *preferences.routes(site),
        *sign_up.routes(site),
        *request_access.routes(site),
        *verify_email.routes(site),
        *sign_in.routes(site),
        *oauth.routes(site),
        *reset.routes(site),
        *invite.routes(site),
        *join.routes(site),
        *([] if find_shared is None else shared.routes(site, find_shared)),
        *discovery.routes(site),
        *_sandbox(site),
        *webapp.routes(site),
        *site.assets.routes(),
        *missing.routes(site),
    ]
    site.places |= {route.path for route in found}
    return found


def _sandbox(site: Site) -> list[Route]:
    if not site.settings.payments.sandbox:
        return []
    # Loads the library of a payment service, which nobody else needs.
    from omna.website.pages import sandbox

    return sandbox.routes(site)
