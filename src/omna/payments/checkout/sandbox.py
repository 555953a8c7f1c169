"""A pretended payment service for demos and development: no money moves, somebody presses buttons on a page instead.

It speaks the same protocol as a real one, with the same signed deliveries. `registry.check` keeps it out of production.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import asyncpg

from omna.db.pool import Connection, borrow, transaction
from omna.errors import Conflict, NotFound, PaymentServiceRefused
from omna.ids import RechargeId, RefundId, new_id, parse, show
from omna.payments.checkout import sandbox_store as store
from omna.payments.checkout import signatures
from omna.payments.checkout.processor import (
    Checkout,
    DisputeFacts,
    Event,
    Facts,
    Order,
    PaymentFacts,
    ProcessorName,
    Received,
    RefundFacts,
    RefundStatus,
    RefusedDelivery,
    SavedMethod,
    WarningFacts,
)
from omna.payments.checkout.sandbox_store import SandboxCheckout

__all__ = ["Button", "Sandbox", "SandboxCheckout", "buttons", "facts_of", "find", "press"]

Button = Literal[
    "pay", "pay_declining", "pay_later", "fail", "succeed", "fail_later",
    "warn", "dispute", "win", "lose", "fail_refund",
]  # fmt: skip

#: What the service says when a button was pressed.
_KINDS: Mapping[str, str] = {
    "pay": "checkout.paid",
    "pay_declining": "checkout.paid",
    "pay_later": "checkout.processing",
    "fail": "checkout.failed",
    "succeed": "checkout.paid",
    "fail_later": "checkout.failed",
    "warn": "payment.warned",
    "dispute": "dispute.opened",
    "win": "dispute.won",
    "lose": "dispute.lost",
    "fail_refund": "refund.failed",
}
_KNOWN = frozenset({*_KINDS.values(), "refund.succeeded"})
_EVIDENCE_DAYS = 7


def buttons(checkout: SandboxCheckout) -> list[Button]:
    """Return what can be pressed now."""
    pressable: list[Button] = []
    if checkout.state == "open":
        pressable = ["pay", "pay_declining", "pay_later", "fail"] if checkout.saves else ["pay", "pay_later", "fail"]
    elif checkout.state == "processing":
        pressable = ["succeed", "fail_later"]
    elif checkout.state == "paid":
        if checkout.dispute is None:
            pressable = ["dispute"] if checkout.warned else ["warn", "dispute"]
        elif checkout.dispute["status"] == "open":
            pressable = ["win", "lose"]
        if any(refund["status"] == RefundStatus.SUCCEEDED for refund in checkout.refunds):
            pressable.append("fail_refund")
    return pressable


async def find(connection: Connection, session_id: str) -> SandboxCheckout:
    """Return a checkout. Errors: NotFound."""
    checkout = await store.get(connection, session_id)
    if checkout is None:
        raise NotFound("There is no such checkout.")
    return checkout


async def press(connection: Connection, session_id: str, button: Button) -> SandboxCheckout:
    """Do what a button says. Errors: NotFound, Conflict when it cannot be pressed now."""
    checkout = await store.lock(connection, session_id)
    if checkout is None:
        raise NotFound("There is no such checkout.")
    if button not in buttons(checkout):
        raise Conflict("This was pressed already, or cannot be pressed now.")
    match button:
        case "pay" | "pay_declining" | "succeed":
            await store.set_progress(
                connection, session_id, "paid", _payment_id(session_id), "", declines=button == "pay_declining"
            )
        case "pay_later":
            await store.set_progress(connection, session_id, "processing", None, "", declines=False)
        case "fail" | "fail_later":
            await store.set_progress(connection, session_id, "failed", None, "card_declined", declines=False)
        case "warn":
            await store.set_dispute(connection, session_id, None, True)
        case "dispute":
            await store.set_dispute(connection, session_id, _opened(checkout), False)
        case "win":
            assert checkout.dispute is not None, "a dispute that is not there cannot be won"
            returned = checkout.dispute["withdrawn"]
            await store.set_dispute(
                connection, session_id, {**checkout.dispute, "status": "won", "returned": returned}, False
            )
        case "lose":
            assert checkout.dispute is not None, "a dispute that is not there cannot be lost"
            await store.set_dispute(connection, session_id, {**checkout.dispute, "status": "lost"}, False)
        case "fail_refund":
            await store.set_refunds(connection, session_id, _with_failure(checkout.refunds))
    pressed = await store.get(connection, session_id)
    assert pressed is not None, "it is locked"
    return pressed


class Sandbox:
    """The service itself. Its state is a table, so that every process of an installation sees the same."""

    name: ProcessorName = "sandbox"
    livemode = False
    can_save = True
    listens = True

    def __init__(self, pool: asyncpg.Pool, secret: bytes, public_url: str) -> None:
        self._pool = pool
        self._secret = secret.hex()
        self._base = public_url.rstrip("/")

    async def create_checkout(self, order: Order, return_url: str) -> Checkout:
        checkout = replace(_new(order), return_url=return_url)
        async with transaction(self._pool) as connection:
            await store.add(connection, checkout)
        return Checkout(checkout.session_id, f"{self._base}/sandbox/checkout/{checkout.session_id}")

    async def fetch(self, session_id: str) -> Facts:
        async with borrow(self._pool) as connection:
            checkout = await store.get(connection, session_id)
        if checkout is None:
            raise PaymentServiceRefused("The payment service does not know this order.")
        return facts_of(checkout)

    async def session_of(self, payment_id: str) -> str | None:
        async with borrow(self._pool) as connection:
            return await store.session_of(connection, payment_id)

    async def refund(self, payment_id: str, amount_minor: int, refund_id: RefundId) -> RefundFacts:
        async with transaction(self._pool) as connection:
            session_id = await store.session_of(connection, payment_id)
            checkout = None if session_id is None else await store.lock(connection, session_id)
            if checkout is None:
                raise PaymentServiceRefused("The payment service does not know this payment.")
            ours = [refund for refund in checkout.refunds if refund["ours"] == show("rfd", refund_id)]
            for refund in ours:
                if refund["status"] != RefundStatus.FAILED:
                    return _refund(refund, checkout.currency)
            given_back = sum(one["amount"] for one in checkout.refunds if one["status"] != RefundStatus.FAILED)
            if given_back + amount_minor > checkout.amount_minor:
                raise PaymentServiceRefused("More than was paid cannot be given back.")
            made = {
                "id": f"sbxre_{refund_id.hex}_{len(ours)}",
                "amount": amount_minor,
                "status": RefundStatus.SUCCEEDED,
                "failure": "",
                "ours": show("rfd", refund_id),
            }
            await store.set_refunds(connection, checkout.session_id, [*checkout.refunds, made])
        return _refund(made, checkout.currency)

    async def expire(self, session_id: str) -> None:
        async with transaction(self._pool) as connection:
            checkout = await store.lock(connection, session_id)
            if checkout is not None and checkout.state == "open":
                await store.set_progress(connection, session_id, "expired", None, "", declines=False)

    async def charge_saved(self, order: Order, saved: SavedMethod) -> str:
        async with transaction(self._pool) as connection:
            declines = await store.method_declines(connection, order.workspace_id)
            checkout = _new(order)
            checkout = replace(
                checkout,
                off_session=True,
                state="failed" if declines else "paid",
                payment_id=None if declines else _payment_id(checkout.session_id),
                failure="card_declined" if declines else "",
            )
            await store.add(connection, checkout)
        return checkout.session_id

    async def received_since(self, since: datetime) -> Sequence[Received]:
        async with borrow(self._pool) as connection:
            paid = await store.paid_since(connection, since)
        return [
            Received(one.payment_id, one.recharge_id, one.amount_minor, one.currency)
            for one in paid
            if one.payment_id is not None
        ]

    async def touched_since(self, since: datetime) -> set[str]:
        async with borrow(self._pool) as connection:
            return await store.touched(connection)

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        signatures.verify(body, headers, [self._secret])
        try:
            event = json.loads(body)
            recharge_id = RechargeId(parse(event["recharge"], "rch"))
            external_id, kind, session_id, livemode = event["id"], event["type"], event["session"], event["livemode"]
        except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
            raise RefusedDelivery("malformed") from None
        if livemode is not False:
            raise RefusedDelivery("wrong_mode")
        return Event(
            external_id=str(external_id),
            kind=str(kind),
            livemode=False,
            payload=event,
            session_id=str(session_id),
            recharge_id=recharge_id,
            known=kind in _KNOWN,
        )

    def deliver(self, checkout: SandboxCheckout, button: Button) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of the delivery that tells of a button."""
        body = json.dumps(
            {
                "id": f"sbxevt_{new_id().hex}",
                "type": _KINDS[button],
                "livemode": False,
                "session": checkout.session_id,
                "payment": checkout.payment_id,
                "recharge": show("rch", checkout.recharge_id),
            }
        )
        return body.encode(), signatures.sign(body, self._secret)

    async def close(self) -> None:
        """Nothing is open."""


def facts_of(checkout: SandboxCheckout) -> Facts:
    """Return the truth about a checkout."""
    paid = checkout.payment_id is not None
    status: Literal["open", "complete", "expired"] = "complete"
    if checkout.state in ("open", "expired"):
        status = "open" if checkout.state == "open" else "expired"
    return Facts(
        processor="sandbox",
        livemode=False,
        session_id=checkout.session_id,
        recharge_id=checkout.recharge_id,
        status=status,
        pending=checkout.state == "processing",
        failure=checkout.failure,
        payment=PaymentFacts(
            checkout.payment_id, checkout.amount_minor, checkout.currency, f"sandbox-{checkout.workspace_id.hex}"
        )
        if checkout.payment_id is not None
        else None,
        refunds=[_refund(refund, checkout.currency) for refund in checkout.refunds],
        disputes=[] if checkout.dispute is None else [_dispute(checkout, checkout.dispute)],
        warnings=[WarningFacts(f"sbxwarn_{checkout.session_id}", "made_with_stolen_card", True)]
        if checkout.warned
        else [],
        saved=SavedMethod(f"sbxcus_{checkout.workspace_id.hex}", "sbxpm_card", "Test card ending in 4242")
        if paid and checkout.saves
        else None,
    )


def _new(order: Order) -> SandboxCheckout:
    return SandboxCheckout(
        session_id=f"sbx_{order.recharge_id.hex}",
        recharge_id=order.recharge_id,
        workspace_id=order.workspace_id,
        amount_minor=order.amount_minor,
        currency=order.currency,
        state="open",
        payment_id=None,
        refunds=[],
        dispute=None,
        reference=order.reference,
        description=order.description,
        return_url="",
        expires_at=order.expires_at,
        saves=order.save_method,
        declines=False,
        off_session=False,
        failure="",
        warned=False,
        paid_at=None,
    )


def _payment_id(session_id: str) -> str:
    return f"sbxpay_{session_id.removeprefix('sbx_')}"


def _opened(checkout: SandboxCheckout) -> dict[str, Any]:
    given_back = sum(one["amount"] for one in checkout.refunds if one["status"] != RefundStatus.FAILED)
    disputed = checkout.amount_minor - given_back
    if disputed <= 0:
        raise Conflict("Everything was given back already; the bank would refuse this dispute.")
    due = datetime.now(UTC) + timedelta(days=_EVIDENCE_DAYS)
    return {
        "id": f"sbxdp_{checkout.session_id}",
        "status": "open",
        "reason": "fraudulent",
        "amount": disputed,
        "withdrawn": disputed,
        "returned": 0,
        "due": due.isoformat(),
    }


def _with_failure(refunds: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return refunds of which the newest that succeeded has failed after all."""
    newest = max(at for at, refund in enumerate(refunds) if refund["status"] == RefundStatus.SUCCEEDED)
    failed = {**refunds[newest], "status": RefundStatus.FAILED, "failure": "lost_or_stolen_card"}
    return [failed if at == newest else refund for at, refund in enumerate(refunds)]


def _refund(refund: Mapping[str, Any], currency: str) -> RefundFacts:
    return RefundFacts(
        refund["id"],
        refund["amount"],
        currency,
        RefundStatus(refund["status"]),
        refund["failure"],
        RefundId(parse(refund["ours"], "rfd")),
    )


def _dispute(checkout: SandboxCheckout, dispute: Mapping[str, Any]) -> DisputeFacts:
    return DisputeFacts(
        dispute_id=dispute["id"],
        status=dispute["status"],
        reason=dispute["reason"],
        amount_minor=dispute["amount"],
        currency=checkout.currency,
        withdrawn_minor=dispute["withdrawn"],
        returned_minor=dispute["returned"],
        evidence_due=datetime.fromisoformat(dispute["due"]),
    )
