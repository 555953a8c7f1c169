"""What works now: for people, and the same for programs."""

import json
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.standing import PARTS, Standing, Watch
from omna.website.visit import Visit

_MOST_MODELS = 50


def routes(site: Site) -> list[Route]:
    watch = Watch(site.shelf, site.settings.accounts)

    async def show(visit: Visit) -> Response:
        standing = await watch.look(visit.request)
        visit.notices = ()  # the page says all of it, and says it newer
        return _fresh(visit.publish("status.html", standing=standing, parts=PARTS, most=_MOST_MODELS))

    async def tell(visit: Visit) -> Response:
        standing = await watch.look(visit.request)
        visit.notices = ()
        return _fresh(visit.publish("status.json", media_type="application/json", text=json.dumps(_facts(standing))))

    return [page(site, "/status", show=show), page(site, "/status.json", show=tell)]


def _fresh(response: Response) -> Response:
    """What was true a moment ago is what nobody asks a status page for."""
    response.headers["cache-control"] = "no-store"
    return response


def _facts(standing: Standing) -> dict[str, Any]:
    return {
        "checked_at": standing.checked_at.isoformat(),
        "ok": standing.all_well,
        "parts": {part: standing.state(part) for part in PARTS},
        "stops": [
            {"scope": stop.scope, "since": stop.since.isoformat(), "message": stop.message} for stop in standing.stops
        ],
        "paused_models": [model.model_id for model in standing.stopped],
        "paused_for_today": [model.model_id for model in standing.resting],
        "announcements": [
            {"kind": one.kind, "since": one.starts_at.isoformat(), "en": one.text_en, "zh": one.text_zh}
            for one in standing.announcements
        ],
        "answered_last_day": None if standing.answered is None else round(standing.answered, 4),
    }
