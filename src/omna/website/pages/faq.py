"""Questions and answers, by subject."""

from starlette.responses import Response
from starlette.routing import Route

from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit

#: Each subject with its questions; the landing page shows some of them.
GROUPS = (
    ("using", ("what", "proxy", "software", "models", "ended")),
    ("paying", ("unified", "credits", "payment", "fees")),
    ("refunding", ("refunds", "review", "unused", "twice", "ask_refund", "chargeback")),
    ("safety", ("prompts", "key", "controls")),
)


def routes(site: Site) -> list[Route]:
    return [page(site, "/faq", show=_show)]


async def _show(visit: Visit) -> Response:
    return visit.publish("faq.html", groups=GROUPS)
