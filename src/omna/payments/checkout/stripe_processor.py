"""Stripe Checkout behind the protocol, by Stripe's own library.

An order is a Checkout Session, or for an automatic recharge a Payment Intent alone; its id is the session id here.
Every object that is made carries the ids of recharge and workspace in its metadata.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Literal

import aiohttp
import stripe
from stripe.checkout import Session

from omna.config import Payments
from omna.errors import PaymentServiceRefused, PaymentServiceUnavailable
from omna.ids import RefundId, show
from omna.observability.logs import get_logger
from omna.payments.checkout import signatures, stripe_objects
from omna.payments.checkout.processor import (
    Checkout,
    Event,
    Facts,
    Order,
    ProcessorName,
    Received,
    RefundFacts,
    RefundStatus,
    SavedMethod,
)

log = get_logger(__name__)

#: Seconds of one request, and of one question of ours, which may take several requests.
_REQUEST_SECONDS, _CONNECT_SECONDS, _QUESTION_SECONDS = 10.0, 5.0, 25.0
#: Seconds of reading whole lists, which only the daily comparison does.
_LIST_SECONDS = 120.0
#: Repeats of a request after a lost answer: each carries the same idempotency key.
_RETRIES = 1
_MOST_ROWS = 100

#: An order that is charged without a page is known by its Payment Intent.
_INTENT = "pi_"

_AWAY = (stripe.APIConnectionError, stripe.RateLimitError, aiohttp.ClientError, TimeoutError, OSError)


class StripeProcessor:
    """A Stripe account."""

    name: ProcessorName = "stripe"
    can_save = True

    def __init__(self, settings: Payments, livemode: bool) -> None:
        self.livemode = livemode
        self._secrets = [secret for text in settings.stripe_webhook_secret.split(",") if (secret := text.strip())]
        self._http = stripe.AIOHTTPClient(
            timeout=aiohttp.ClientTimeout(total=_REQUEST_SECONDS, connect=_CONNECT_SECONDS)
        )
        self._stripe = stripe.StripeClient(
            settings.stripe_secret_key,
            http_client=self._http,
            max_network_retries=_RETRIES,
            base_addresses={"api": settings.stripe_url.rstrip("/")} if settings.stripe_url else None,
        )

    @property
    def listens(self) -> bool:
        return bool(self._secrets)

    async def create_checkout(self, order: Order, return_url: str) -> Checkout:
        metadata = _metadata(order)
        async with _asking("create_checkout"):
            session = await self._stripe.v1.checkout.sessions.create_async(
                {
                    "mode": "payment",
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": order.currency,
                                "unit_amount": order.amount_minor,
                                "product_data": {"name": order.description},
                            },
                        }
                    ],
                    "client_reference_id": show("rch", order.recharge_id),
                    "metadata": metadata,
                    "payment_intent_data": {
                        "metadata": metadata,
                        "description": f"{order.description} ({order.reference})",
                        **({"setup_future_usage": "off_session"} if order.save_method else {}),
                    },
                    **({"customer_creation": "always"} if order.save_method else {}),
                    **({"customer_email": order.email} if order.email else {}),
                    # What arrives must be in the currency of the order.
                    "adaptive_pricing": {"enabled": False},
                    "expires_at": int(order.expires_at.timestamp()),
                    "success_url": return_url,
                    "cancel_url": return_url,
                },
                {"idempotency_key": f"omna-checkout-{order.recharge_id.hex}"},
            )
        if not session.url:
            raise PaymentServiceRefused("This order was paid or closed at the payment service.")
        return Checkout(session.id, session.url)

    async def fetch(self, session_id: str) -> Facts:
        async with _asking("fetch"):
            if session_id.startswith(_INTENT):
                return await self._facts_of_intent(session_id)
            session = await self._stripe.v1.checkout.sessions.retrieve_async(
                session_id, {"expand": ["payment_intent.latest_charge"]}
            )
            return await self._facts_of_session(session)

    async def session_of(self, payment_id: str) -> str | None:
        async with _asking("session_of"):
            found = await self._stripe.v1.checkout.sessions.list_async({"payment_intent": payment_id, "limit": 1})
            if found.data:
                return found.data[0].id
            intent = await self._stripe.v1.payment_intents.retrieve_async(payment_id)
            return payment_id if stripe_objects.recharge_of(intent) is not None else None

    async def refund(self, payment_id: str, amount_minor: int, refund_id: RefundId) -> RefundFacts:
        async with _asking("refund"):
            # Keys are forgotten after a while and metadata are not: a retry days later must not pay twice.
            earlier = [one for one in await self._refunds(payment_id) if one.ours == refund_id]
            for one in earlier:
                if one.status is not RefundStatus.FAILED:
                    return one
            made = await self._stripe.v1.refunds.create_async(
                {
                    "payment_intent": payment_id,
                    "amount": amount_minor,
                    "metadata": {"omna_refund": show("rfd", refund_id)},
                },
                {"idempotency_key": f"omna-refund-{refund_id.hex}-{len(earlier)}"},
            )
        return stripe_objects.refund_facts(made)

    async def expire(self, session_id: str) -> None:
        try:
            async with _asking("expire"):
                if session_id.startswith(_INTENT):
                    await self._stripe.v1.payment_intents.cancel_async(session_id)
                else:
                    await self._stripe.v1.checkout.sessions.expire_async(session_id)
        except PaymentServiceRefused:
            # It was paid or is over: what became of it is in its facts.
            log.info("order could not be expired at the payment service", session=session_id)

    async def charge_saved(self, order: Order, saved: SavedMethod) -> str:
        async with _asking("charge_saved"):
            try:
                intent = await self._stripe.v1.payment_intents.create_async(
                    {
                        "amount": order.amount_minor,
                        "currency": order.currency,
                        "customer": saved.customer_id,
                        "payment_method": saved.method_id,
                        "off_session": True,
                        "confirm": True,
                        "description": f"{order.description} ({order.reference})",
                        "metadata": _metadata(order),
                    },
                    {"idempotency_key": f"omna-top-up-{order.recharge_id.hex}"},
                )
            except stripe.CardError as declined:
                made = declined.error.payment_intent if declined.error is not None else None
                if made is None:
                    raise
                return made.id
        return intent.id

    async def received_since(self, since: datetime) -> Sequence[Received]:
        received = []
        async with _asking("received_since", seconds=_LIST_SECONDS):
            filters = {"created": {"gte": int(since.timestamp())}, "limit": _MOST_ROWS}
            for intent in await _all(self._stripe.v1.payment_intents.list_async, filters):
                recharge_id = stripe_objects.recharge_of(intent)
                if recharge_id is not None and intent.amount_received > 0:
                    received.append(Received(intent.id, recharge_id, intent.amount_received, intent.currency))
        return received

    async def touched_since(self, since: datetime) -> set[str]:
        payment_ids = set()
        async with _asking("touched_since", seconds=_LIST_SECONDS):
            filters = {"created": {"gte": int(since.timestamp())}, "limit": _MOST_ROWS}
            for ask in (
                self._stripe.v1.refunds.list_async,
                self._stripe.v1.disputes.list_async,
                self._stripe.v1.radar.early_fraud_warnings.list_async,
            ):
                payment_ids |= {stripe_objects.payment_of(one) for one in await _all(ask, filters)}
        return {payment_id for payment_id in payment_ids if payment_id is not None}

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        signatures.verify(body, headers, self._secrets)
        return stripe_objects.read_event(body, self.livemode)

    async def close(self) -> None:
        # The library's close would open a session that was never needed.
        session: Any = self._http._cached_session
        if session is not None:
            await session.close()

    async def _facts_of_session(self, session: Session) -> Facts:
        intent = session.payment_intent
        if isinstance(intent, str):
            intent = await self._stripe.v1.payment_intents.retrieve_async(intent, {"expand": ["latest_charge"]})
        status: Literal["open", "complete", "expired"] = "open"
        if session.status in ("complete", "expired"):
            status = "complete" if session.status == "complete" else "expired"
        facts = Facts(
            processor="stripe",
            livemode=session.livemode,
            session_id=session.id,
            recharge_id=stripe_objects.recharge_of(session),
            status=status,
        )
        return facts if intent is None else await self._with_intent(facts, intent, session.customer)

    async def _facts_of_intent(self, intent_id: str) -> Facts:
        intent = await self._stripe.v1.payment_intents.retrieve_async(intent_id, {"expand": ["latest_charge"]})
        facts = Facts(
            processor="stripe",
            livemode=intent.livemode,
            session_id=intent.id,
            recharge_id=stripe_objects.recharge_of(intent),
            # Nobody is there to try again: a decline is its end, and the poller cancels it.
            status="expired" if intent.status == "canceled" else "complete",
        )
        return await self._with_intent(facts, intent, intent.customer)

    async def _with_intent(self, facts: Facts, intent: stripe.PaymentIntent, customer: Any) -> Facts:
        payment = stripe_objects.payment_facts(intent)
        about = stripe_objects.progress(intent, facts.status)
        values = {**_plain(facts), **about, "saved": stripe_objects.saved_method(intent, customer)}
        if payment is None:
            return Facts(**values)
        about = {"payment_intent": intent.id, "limit": _MOST_ROWS}
        refunds, disputes, warnings = await asyncio.gather(
            self._refunds(intent.id),
            _all(self._stripe.v1.disputes.list_async, about),
            self._warnings(about),
        )
        return Facts(
            **{
                **values,
                "payment": payment,
                "refunds": refunds,
                "disputes": [stripe_objects.dispute_facts(one) for one in disputes],
                "warnings": [stripe_objects.warning_facts(one) for one in warnings],
            }
        )

    async def _warnings(self, about: dict[str, Any]) -> list[Any]:
        try:
            return await _all(self._stripe.v1.radar.early_fraud_warnings.list_async, about)
        except stripe.PermissionError:
            # A restricted key that may not read them: no reason to leave money uncredited.
            log.warning("early fraud warnings cannot be read with this key")
            return []

    async def _refunds(self, payment_id: str) -> list[RefundFacts]:
        found = await _all(self._stripe.v1.refunds.list_async, {"payment_intent": payment_id, "limit": _MOST_ROWS})
        return [stripe_objects.refund_facts(one) for one in found]


async def _all(ask: Callable[..., Awaitable[Any]], filters: dict[str, Any]) -> list[Any]:
    """Return every object of a list, page by page."""
    found = await ask(filters)
    return [one async for one in found.auto_paging_iter()]


def _metadata(order: Order) -> dict[str, str]:
    return {"omna_recharge": show("rch", order.recharge_id), "omna_workspace": show("ws", order.workspace_id)}


def _plain(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__slots__}


@asynccontextmanager
async def _asking(what: str, seconds: float = _QUESTION_SECONDS) -> AsyncIterator[None]:
    """Bound a question in time, and turn what can go wrong into two words. No message is logged: it may hold a key."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except _AWAY as error:
        log.warning("payment service away", question=what, error=type(error).__name__)
        raise PaymentServiceUnavailable(retry_after=10) from None
    except stripe.StripeError as error:
        status, code = error.http_status, error.code
        log.warning(
            "payment service refused", question=what, error=type(error).__name__, status=status, code=code,
            their_request=error.request_id,
        )  # fmt: skip
        if status is None or status >= 500 or status == 409:
            raise PaymentServiceUnavailable(retry_after=10) from None
        raise PaymentServiceRefused from None
