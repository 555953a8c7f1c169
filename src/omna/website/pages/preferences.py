"""The choices of the footer: language and colours, kept in cookies, and with the person who is signed in."""

import contextlib

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts import profile
from omna.accounts.desk import desk_of
from omna.db.pool import transaction
from omna.errors import ServiceUnavailable
from omna.http.places import local_path
from omna.website import visitor
from omna.website.languages import LANGUAGES, THEMES
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit


def routes(site: Site) -> list[Route]:
    return [page(site, "/preferences", submit=_choose)]


async def _choose(visit: Visit) -> Response:
    # No token: the landing page has no cookie to bind one to, and a wrong colour harms nobody. The origin is checked.
    chosen = {
        name: visit.field(name)
        for name, known in (("language", LANGUAGES), ("theme", THEMES))
        if visit.field(name) in known
    }
    for name, value in chosen.items():
        visitor.keep_choice(visit, name, value)
    with contextlib.suppress(ServiceUnavailable):  # the cookie is enough for now
        person = await visitor.signed_in(visit)
        if person is not None and chosen:
            desk = desk_of(visit.request)
            async with transaction(desk.pool) as connection:
                await profile.change(connection, desk, person, profile.Change(fields=chosen))
    return visit.go(local_path(visit.field("back")) or "/")
