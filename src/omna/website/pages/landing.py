"""The landing page: the promise, a call to copy, and prices as they are now."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from omna.catalog.model import Model, rates
from omna.money import NANO_PER_CREDIT, TOKENS_PER_PRICE, parse_credits, round_up
from omna.payments.recharges.quote import checkout_of, format_percent, tariff
from omna.website.amounts import Sum, is_free, sells_text, work_out
from omna.website.pages.page import page
from omna.website.shelf import Goods
from omna.website.site import Site
from omna.website.visit import Visit

#: How many models are shown.
ROWS = 6
#: The worked example, and what the calculator begins with.
ASKED, ANSWERED, CHATS = 500, 300, 1000
#: A number of more digits is a slip of the keyboard.
_MOST_DIGITS = 7
QUESTIONS = ("what", "proxy", "credits", "payment", "refunds", "software", "prompts", "key")

#: Shown in the picture while no price was ever read; its caption says that it is an example.
_PICTURED = rates(parse_credits("0.05"), parse_credits("0.10"))
_PICTURED_BALANCE = 25 * NANO_PER_CREDIT
#: The answer that the picture's hold allows for, in tokens.
_PICTURED_BOUND = 4096


@dataclass(frozen=True, slots=True)
class Example:
    """The answer in the picture and its lines in the ledger. Amounts are nanocredits."""

    name: str
    sum: Sum
    bought: int
    hold: int


def routes(site: Site) -> list[Route]:
    return [page(site, "/", show=_show)]


async def _show(visit: Visit) -> Response:
    site = visit.site
    payments = site.settings.payments
    goods = await site.shelf.glance(visit.request)
    choices = [model for model in goods.models if sells_text(model)] if goods else []
    model = _chosen(visit, goods, choices)
    worked = wanted = None
    if model is not None and model.price is not None:
        of = model.price.rates
        worked = work_out(of, ASKED, ANSWERED)
        wanted = work_out(
            of, _number(visit, "asked", ASKED), _number(visit, "answered", ANSWERED), _number(visit, "chats", CHATS)
        )
    fee = tariff(payments, site.settings.credits.usd_per_credit).fee
    return visit.publish(
        "landing.html",
        goods=goods,
        rows=shown(goods),
        choices=choices,
        model=model,
        worked=worked,
        wanted=wanted,
        one_credit=NANO_PER_CREDIT,
        example=_example(model),
        fee=None if checkout_of(payments) is None else format_percent(fee),
        questions=QUESTIONS,
        cards=_cards(visit),
    )


def shown(goods: Goods | None) -> list[Model]:
    """Return the models that stand on the landing page: those that can be asked, the newest first."""
    if goods is None:
        return []

    def place(model: Model) -> tuple[bool, bool, float, str]:
        return goods.paused(model), model.deprecated_at is not None, -model.created_at.timestamp(), model.model_id

    return sorted(goods.models, key=place)[:ROWS]


def _chosen(visit: Visit, goods: Goods | None, choices: list[Model]) -> Model | None:
    """Return the model of the calculator: the one that was chosen, else the first that is shown and costs something."""
    asked = goods.model(visit.query("model")) if goods else None
    if asked in choices:
        return asked
    paid = [one for one in (*shown(goods), *choices) if one in choices and one.price and not is_free(one.price.rates)]
    return next(iter((*paid, *choices)), None)


def _number(visit: Visit, name: str, usual: int) -> int:
    text = visit.query(name)
    fits = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) or usual if fits else usual


def _example(model: Model | None) -> Example:
    of = model.price.rates if model is not None and model.price is not None else _PICTURED
    charge = work_out(of, ASKED, ANSWERED)
    hold = round_up(ASKED * of.prompt + _PICTURED_BOUND * of.completion, TOKENS_PER_PRICE) + of.request
    return Example(model.name if model else "openrouter-free", charge, _PICTURED_BALANCE, hold)


def _cards(visit: Visit) -> list[tuple[str, str]]:
    """Return the cards of the platform core, each with the page that proves it."""

    def first(*places: str) -> str:
        return next((place for place in places if place.partition("#")[0] in visit.site.places), "/faq")

    return [
        ("credits", "/models"),
        ("api", first("/docs", "/faq#faq-software")),
        ("controls", first("/status", "/faq#faq-controls")),
        ("workspace", "/request-access" if visit.sign_up == "invite" else "/sign-up"),
        ("refusals", first("/docs", "/faq#faq-ended")),
        ("private", "/privacy"),
    ]
