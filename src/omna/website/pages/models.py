"""Models and prices: the list with its wishes in the address, two to four side by side, and both for programs."""

from starlette.responses import Response
from starlette.routing import Route

from omna.catalog.model import INPUT_MODALITIES, Model
from omna.money import NANO_PER_CREDIT
from omna.website.amounts import sells_text, work_out
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit
from omna.website.wishes import CAPABILITIES, CONTEXTS, ORDERS, choose, provider_of, wish_of

MOST_COMPARED = 4
#: The same example as on the landing page.
_ASKED, _ANSWERED = 500, 300
_IN_FEED = 30


def routes(site: Site) -> list[Route]:
    return [
        page(site, "/models", show=_list),
        page(site, "/models.md", show=_text),
        page(site, "/models.rss", show=_feed),
        page(site, "/compare", show=_compare),
    ]


async def _list(visit: Visit) -> Response:
    goods = await visit.site.shelf.look(visit.request)
    wish = wish_of(visit.request.query_params.multi_items())
    models = goods.models if goods else ()
    return visit.publish(
        "models.html",
        status=503 if goods is None else 200,
        goods=goods,
        wish=wish,
        rows=choose(models, goods.snapshot.aliases, wish) if goods else [],
        providers=sorted({provider_of(model) for model in models}),
        modalities=[one for one in INPUT_MODALITIES if any(one in model.input_modalities for model in models)],
        contexts=CONTEXTS,
        orders=ORDERS,
        capabilities=CAPABILITIES,
        one_credit=NANO_PER_CREDIT,
    )


async def _text(visit: Visit) -> Response:
    goods = await visit.site.shelf.look(visit.request)
    wish = wish_of(visit.request.query_params.multi_items())
    return visit.publish(
        "models.md",
        status=503 if goods is None else 200,
        media_type="text/markdown; charset=utf-8",
        goods=goods,
        rows=choose(goods.models, goods.snapshot.aliases, wish) if goods else [],
        one_credit=NANO_PER_CREDIT,
    )


async def _feed(visit: Visit) -> Response:
    goods = await visit.site.shelf.look(visit.request)
    newest = sorted(goods.models if goods else (), key=lambda model: model.created_at, reverse=True)[:_IN_FEED]
    return visit.publish(
        "models.rss", status=503 if goods is None else 200, media_type="application/rss+xml; charset=utf-8", rows=newest
    )


async def _compare(visit: Visit) -> Response:
    goods = await visit.site.shelf.look(visit.request)
    wanted: dict[str, Model] = {}
    for name in visit.request.query_params.getlist("m"):
        model = goods.model(name) if goods else None
        if model is not None and len(wanted) < MOST_COMPARED:
            wanted.setdefault(model.model_id, model)
    sums = {
        model.model_id: work_out(model.price.rates, _ASKED, _ANSWERED).charge
        for model in wanted.values()
        if model.price is not None and sells_text(model)
    }
    return visit.publish(
        "compare.html", goods=goods, rows=list(wanted.values()), sums=sums, asked=_ASKED, answered=_ANSWERED
    )
