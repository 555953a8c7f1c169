"""/api/workspaces/{ws}/recharges: buy Credits, hand in the proof of a payment, follow an order."""

from functools import lru_cache
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from omna.accounts import service as accounts
from omna.audit.acting import Act
from omna.config import Payments
from omna.db.pool import Connection, transaction
from omna.documents.legal import terms_version
from omna.errors import Conflict, InvalidValue, PaymentServiceRefused, PaymentServiceUnavailable
from omna.http.access import AtPool, Can, Reading, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_id
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import RechargeId, UserId, parse, show
from omna.ledger import service as ledger
from omna.mail.kinds import language_of
from omna.money import Nanocredits, parse_credits
from omna.observability.logs import get_logger
from omna.payments.checkout.opening import open_checkout
from omna.payments.checkout.registry import AtCheckout, Registry
from omna.payments.checkout.syncing import sync
from omna.payments.recharges import bodies, methods, proofs, reading, schemas, service
from omna.payments.recharges.model import Recharge, State
from omna.payments.recharges.quote import Offer, offer_of
from omna.uploads import content as upload_content
from omna.uploads import service as uploads

log = get_logger(__name__)

router = Router(prefix="/api/workspaces/{workspace}", tags=["recharges"])

Buyer = Annotated[Member, Can(Right.BILLING)]
#: What became of an order that is there is followed to its end, also while everything else is frozen.
Payer = Annotated[Member, Can(Right.BILLING, while_frozen=True)]
RechargePath = Annotated[str, Path(description="The order: `rch_…`")]


@router.get("/recharge-options")
async def recharge_options(http: Request, who: Buyer, connection: Reading) -> schemas.RechargeOptions:
    """Return what can be bought, how it can be paid, and what is owed."""
    offer, language = offer_here(http), await language_here(http, connection, who.user_id)
    wallet = await ledger.wallet(connection, who.workspace_id)
    stop = await service.pause(connection)
    offered = await methods.offered(connection, offer.tariff.currency)
    return schemas.RechargeOptions(
        packs=bodies.pack_offers(offer),
        minimum=offer.tariff.minimum,
        maximum=offer.tariff.maximum,
        usd_per_credit=http.app.state.settings.credits.usd_per_credit,
        currency=offer.tariff.currency,
        methods=[bodies.method_offer(method, language) for method in offered],
        checkout=bodies.checkout_offer(offer),
        paused=None if stop is None else schemas.Pause(reason=stop.message, since=stop.since),
        owed=-wallet.debt,
        available=wallet.available,
        terms_version=offer.terms_version,
        manual_days=offer.manual_days,
        proof=schemas.ProofRules(
            types=[kind.media_type for kind in upload_content.TYPES], most_bytes=upload_content.MOST_BYTES
        ),
    )


@router.post("/recharges/quote")
async def quote_recharge(
    body: schemas.QuoteAsk, http: Request, who: Payer, connection: Reading
) -> schemas.RechargeQuote:
    """Return what an amount costs and brings now. Nothing is ordered."""
    amount = Nanocredits(parse_credits(body.credits))
    priced = await service.price(connection, who.workspace_id, amount, body.channel, offer_here(http))
    return bodies.quote_body(priced)


@router.post("/recharges", status_code=201, responses={200: {"description": "This order was made before"}})
async def create_recharge(
    body: schemas.RechargeNew,
    http: Request,
    response: Response,
    who: Buyer,
    pool: AtPool,
    checkout: AtCheckout,
    act: Act,
) -> schemas.Recharge:
    """Order Credits. The order exists from here on, whatever becomes of its payment.

    The same `client_token` answers 200 with the order it made; with another wish it is 409.
    """
    wish = service.Wish(
        client_token=body.client_token,
        channel=body.channel,
        credits=Nanocredits(parse_credits(body.credits)),
        method_id=None if body.method_id is None or body.channel != "manual" else _method_id(body.method_id),
        save_method=body.save_method and body.channel == "checkout",
    )
    async with transaction(pool) as connection:
        order, made = await service.create(
            connection,
            wish,
            workspace_id=who.workspace_id,
            user_id=who.user_id,
            offer=offer_here(http),
            actor=act(who),
        )
    if not made:
        response.status_code = 200
    if order.channel == "checkout" and order.state == State.CREATED:
        await _open(checkout, order)
    async with transaction(pool) as connection:
        order = await service.get(connection, who.workspace_id, order.recharge_id)
        return await recharge_body(http, connection, order, who)


@router.get("/recharges")
async def list_recharges(
    who: Buyer, connection: Reading, limit: Limit = 50, cursor: Cursor = None
) -> Page[schemas.RechargeRow]:
    """Return every order from the moment it was made, newest first, also those that came to nothing."""
    found = await service.list_of(connection, who.workspace_id, decode_id(cursor, "rch"), limit + 1)
    orders, following = cut(found, limit, lambda order: (show("rch", order.recharge_id),))
    return Page(items=[bodies.row_body(order) for order in orders], next_cursor=following)


@router.get("/recharges/{recharge}")
async def get_recharge(recharge: RechargePath, http: Request, who: Buyer, connection: Reading) -> schemas.Recharge:
    """Return one order as it stands."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        order = await service.get(connection, who.workspace_id, recharge_id_of(recharge))
        return await recharge_body(http, connection, order, who)


@router.put("/recharges/{recharge}/proof")
async def submit_proof(
    recharge: RechargePath, body: schemas.ProofNew, http: Request, who: Payer, connection: Work, act: Act
) -> schemas.Recharge:
    """Hand in the proof of a payment; put another one in its place; answer a question."""
    proof = proofs.Proof(
        payer_reference=body.payer_reference,
        upload_id=None if body.upload_id is None else uploads.parse_id(body.upload_id),
        paid_on=body.paid_on,
        note=body.note,
    )
    order = await proofs.submit(
        connection,
        recharge_id_of(recharge),
        proof,
        workspace_id=who.workspace_id,
        user_id=who.user_id,
        actor=act(who),
    )
    return await recharge_body(http, connection, order, who)


@router.post("/recharges/{recharge}/cancel")
async def cancel_recharge(
    recharge: RechargePath, http: Request, who: Payer, pool: AtPool, checkout: AtCheckout, act: Act
) -> schemas.Recharge:
    """End an order that nobody decided on yet. Money that arrives for it all the same is credited."""
    recharge_id = recharge_id_of(recharge)
    async with transaction(pool) as connection:
        order = await service.cancel(connection, recharge_id, workspace_id=who.workspace_id, actor=act(who))
    if order.session_id is not None:
        await _close(checkout, order)
    async with transaction(pool) as connection:
        order = await service.get(connection, who.workspace_id, recharge_id)
        return await recharge_body(http, connection, order, who)


async def recharge_body(http: Request, connection: Connection, order: Recharge, who: Member) -> schemas.Recharge:
    """Return an order with everything about it, in the language of who asks."""
    language = await language_here(http, connection, who.user_id)
    return bodies.detail_body(await reading.detail(connection, order), language)


def recharge_id_of(text: str) -> RechargeId:
    """Return the id of an order in an address. Errors: NotFound."""
    return RechargeId(id_in_address(text, "rch", "order"))


def offer_here(http: Request) -> Offer:
    """Return what this installation offers."""
    settings = http.app.state.settings
    return _offer(settings.payments, settings.credits.usd_per_credit, terms_version(settings.legal))


async def language_here(http: Request, connection: Connection, user_id: UserId) -> str:
    """Return the language somebody chose, else the one their browser asks for first."""
    user = await accounts.get(connection, user_id)
    asked = http.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
    return user.language or language_of(asked)


@lru_cache(maxsize=4)
def _offer(payments: Payments, usd_per_credit: str, terms: str) -> Offer:
    return offer_of(payments, usd_per_credit, terms)


def _method_id(text: str) -> UUID:
    try:
        return parse(text, "mth")
    except ValueError:
        raise InvalidValue("There is no such payment method.", param="method_id") from None


async def _open(checkout: Registry, order: Recharge) -> None:
    """Ask for the page where an order is paid. When that fails, the order says so, and the customer tries again."""
    try:
        await open_checkout(checkout, order.recharge_id)
    except (PaymentServiceUnavailable, PaymentServiceRefused, Conflict) as error:
        log.warning("checkout not opened", recharge=show("rch", order.recharge_id), error=error.message)


async def _close(checkout: Registry, order: Recharge) -> None:
    """Close a cancelled order at its service at once; when that fails, the poller does it."""
    try:
        await sync(checkout, order.recharge_id)
    except (PaymentServiceUnavailable, PaymentServiceRefused) as error:
        log.warning("checkout not closed yet", recharge=show("rch", order.recharge_id), error=error.message)
