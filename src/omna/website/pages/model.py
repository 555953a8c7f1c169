"""The page of one model: what it costs and did cost, what it can do, how it answered lately."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts.desk import desk_of
from omna.catalog import pricing
from omna.catalog.model import Model
from omna.catalog.versions import Dated
from omna.clock import monotonic
from omna.db.pool import borrow
from omna.errors import ModelNotFound, OmnaError, ServiceUnavailable
from omna.usage import quality
from omna.usage.quality import Quality
from omna.website.amounts import further_prices
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit

#: Where a model is asked, by what it serves.
PATHS = {
    "chat": ("/v1/chat/completions", "/v1/responses", "/v1/messages"),
    "completions": ("/v1/completions",),
    "embeddings": ("/v1/embeddings",),
    "images": ("/v1/images/generations",),
    "speech": ("/v1/audio/speech",),
    "transcriptions": ("/v1/audio/transcriptions", "/v1/audio/translations"),
    "moderations": ("/v1/moderations",),
}
_MOST_VERSIONS = 12
#: How long an average over a day, and a history, may be remembered; a price in effect is not.
_SECONDS = 60.0
_MOST_REMEMBERED = 500


class Background:
    """What a model's page says beside what is in the catalogue: read once a minute at most."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[float, Quality | None, Sequence[Dated]]] = {}

    async def of(self, visit: Visit, model: Model, version: int) -> tuple[Quality | None, Sequence[Dated]]:
        """Return how a model did in the last day, and its prices, the newest first. version: of the catalogue."""
        place = (model.model_id, version)
        known = self._known.get(place)
        if known is None or monotonic() >= known[0]:
            known = (monotonic() + _SECONDS, *await self._read(visit, model))
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[place] = known
        return known[1], known[2]

    async def _read(self, visit: Visit, model: Model) -> tuple[Quality | None, Sequence[Dated]]:
        try:
            async with borrow(desk_of(visit.request).pool) as connection:
                found = await pricing.versions(connection, model.model_id)
                lately = await quality.last_day(connection, model.model_id)
        except OmnaError:
            return None, ()
        return lately, [one for one in found if one.state != "withdrawn"][:_MOST_VERSIONS]


def routes(site: Site) -> list[Route]:
    background = Background()

    async def show(visit: Visit) -> Response:
        name = visit.request.path_params["model"]
        goods = await visit.site.shelf.look(visit.request)
        if goods is None:
            raise ServiceUnavailable(retry_after=2)
        model = goods.model(name)
        as_text = model is None and name.endswith(".md")
        model = goods.model(name.removesuffix(".md")) if as_text else model
        if model is None or model.price is None:
            if name in goods.snapshot.retired:
                return visit.publish(
                    "model_retired.html", status=410, successor=goods.snapshot.retired[name], name=name
                )
            raise ModelNotFound(visit.t("model.missing"))
        if model.model_id != name.removesuffix(".md" if as_text else ""):
            # One page for a model, whatever it is called.
            return visit.go(f"/models/{quote(model.model_id)}" + (".md" if as_text else ""))
        lately, history = await background.of(visit, model, goods.snapshot.version)
        return visit.publish(
            "model.md" if as_text else "model.html",
            media_type="text/markdown; charset=utf-8" if as_text else "text/html; charset=utf-8",
            goods=goods,
            model=model,
            aliases=[alias for alias, of in sorted(goods.snapshot.aliases.items()) if of == model.model_id],
            quality=lately,
            history=history,
            further=further_prices(model.price.rates),
            paths=[path for endpoint in model.endpoints for path in PATHS[endpoint]],
        )

    return [page(site, "/models/{model:path}", show=show)]
