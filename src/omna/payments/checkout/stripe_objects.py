"""PURE  What Stripe's objects say, in the words of the protocol. What is optional there may be missing here, too."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from omna.ids import RechargeId, RefundId, parse
from omna.payments.checkout.processor import (
    DisputeFacts,
    Event,
    PaymentFacts,
    RefundFacts,
    RefundStatus,
    RefusedDelivery,
    SavedMethod,
    WarningFacts,
)

#: Events that say something about an order; the others are kept and not looked at.
KNOWN = (
    "checkout.session.",
    "payment_intent.",
    "charge.",
    "refund.",
    "radar.early_fraud_warning.",
)

_LARGEST_NUMBER = 2**63 - 1

_DISPUTES = {
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "closed",
    "prevented": "closed",
    "needs_response": "open",
    "under_review": "under_review",
    "appeal_needs_response": "under_review",
    "appeal_under_review": "under_review",
    "won": "won",
    "lost": "lost",
}
_REFUNDS = {"succeeded": RefundStatus.SUCCEEDED, "failed": RefundStatus.FAILED, "canceled": RefundStatus.FAILED}


def recharge_of(thing: Any) -> RechargeId | None:
    """Return the recharge that an object names in its metadata."""
    text = _get(_get(thing, "metadata"), "omna_recharge")
    try:
        return RechargeId(parse(text, "rch")) if isinstance(text, str) else None
    except ValueError:
        return None


def payment_of(thing: Any) -> str | None:
    """Return the payment that a refund, a dispute or a warning is about."""
    return _id(_get(thing, "payment_intent"))


def payment_facts(intent: Any) -> PaymentFacts | None:
    """Return the money that arrived by a Payment Intent, None when none did."""
    received = _get(intent, "amount_received") or 0
    if received <= 0 or _get(intent, "status") != "succeeded":
        return None
    return PaymentFacts(intent.id, received, intent.currency, _fingerprint(intent))


def progress(intent: Any, status: str) -> dict[str, Any]:
    """Return how far an order is that is not paid yet: fields of Facts."""
    if _get(intent, "status") == "succeeded":
        return {"status": "complete"}
    if status != "complete":
        return {"failure": ""}
    if _get(intent, "status") == "processing":
        return {"pending": True}
    error = _get(intent, "last_payment_error")
    failure = _get(error, "decline_code") or _get(error, "code")
    if failure is None and _get(intent, "status") == "requires_action":
        failure = "authentication_required"
    if failure is None and _get(intent, "status") not in ("requires_payment_method", "canceled"):
        return {"pending": True}
    return {"failure": str(failure or "declined")}


def saved_method(intent: Any, customer: Any) -> SavedMethod | None:
    """Return the method that was kept for later, None when none was asked for."""
    method, customer_id = _id(_get(intent, "payment_method")), _id(customer)
    if _get(intent, "setup_future_usage") != "off_session" or not method or not customer_id:
        return None
    if _get(intent, "status") != "succeeded":
        return None
    details = _details(intent)
    kind = str(_get(details, "type") or "method")
    facts = _get(details, kind)
    name = str(_get(facts, "brand") or kind).replace("_", " ").capitalize()
    last = _get(facts, "last4")
    return SavedMethod(customer_id, method, f"{name} ending in {last}" if last else name)


def refund_facts(refund: Any) -> RefundFacts:
    """Return a refund."""
    ours = _get(_get(refund, "metadata"), "omna_refund")
    try:
        refund_id = RefundId(parse(ours, "rfd")) if isinstance(ours, str) else None
    except ValueError:
        refund_id = None
    status = _REFUNDS.get(str(_get(refund, "status")), RefundStatus.PENDING)
    failure = str(_get(refund, "failure_reason") or "") or ("canceled" if refund.status == "canceled" else "")
    return RefundFacts(refund.id, refund.amount, refund.currency, status, failure, refund_id)


def dispute_facts(dispute: Any) -> DisputeFacts:
    """Return a dispute with what was moved for it, in the currency of the payment."""
    withdrawn = returned = 0
    for movement in _get(dispute, "balance_transactions") or ():
        amount = _in_currency(movement, dispute.currency, dispute.amount)
        if amount < 0:
            withdrawn -= amount
        else:
            returned += amount
    due = _get(_get(dispute, "evidence_details"), "due_by")
    return DisputeFacts(
        dispute_id=dispute.id,
        status=_DISPUTES.get(dispute.status, "under_review"),
        reason=str(_get(dispute, "reason") or ""),
        amount_minor=dispute.amount,
        currency=dispute.currency,
        withdrawn_minor=withdrawn,
        returned_minor=returned,
        evidence_due=None if due is None else datetime.fromtimestamp(due, UTC),
    )


def warning_facts(warning: Any) -> WarningFacts:
    """Return an early fraud warning."""
    return WarningFacts(warning.id, str(_get(warning, "fraud_type") or ""), bool(_get(warning, "actionable")))


def read_event(body: bytes, livemode: bool) -> Event:
    """Return what a proven delivery is about. Errors: RefusedDelivery."""
    try:
        event = json.loads(body)
        thing = event["data"]["object"]
        external_id, kind, mode = event["id"], event["type"], event["livemode"]
        payload = storable(event)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RefusedDelivery("malformed") from None
    if not (isinstance(thing, dict) and isinstance(external_id, str) and isinstance(kind, str)):
        raise RefusedDelivery("malformed")
    if mode is not livemode:
        raise RefusedDelivery("wrong_mode")
    is_session = thing.get("object") == "checkout.session"
    is_intent = thing.get("object") == "payment_intent"
    return Event(
        external_id=external_id,
        kind=kind,
        livemode=livemode,
        payload=payload,
        session_id=_id(thing.get("id")) if is_session else None,
        payment_id=_id(thing.get("id")) if is_intent else _id(thing.get("payment_intent")),
        recharge_id=recharge_of(thing),
        known=kind.startswith(KNOWN),
    )


def storable(value: Any) -> Any:
    """Return JSON that a database can hold: without NUL, halves of characters, endless numbers."""
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {storable(name): storable(inner) for name, inner in value.items()}
        case list():
            return [storable(inner) for inner in value]
        case int() if abs(value) > _LARGEST_NUMBER:
            return str(value)
        case _:
            return value


def _in_currency(movement: Any, currency: str, disputed: int) -> int:
    """Return the amount of a balance transaction, which is in the currency of our balance, in that of its dispute.

    disputed    what it is nearly always over: whole coins of our balance are not whole coins there, and what comes back
                comes at another rate, so that a coin less would look as if not all of it had
    """
    amount: int = movement.amount
    rate = _get(movement, "exchange_rate")
    if movement.currency == currency or not rate:
        return amount
    coin = 1 / Decimal(str(rate))
    there = int((amount * coin).to_integral_value(ROUND_HALF_EVEN))
    if abs(abs(there) - disputed) <= 1 + coin:
        return disputed if amount > 0 else -disputed
    return there


def _fingerprint(intent: Any) -> str:
    details = _details(intent)
    return str(_get(_get(details, str(_get(details, "type"))), "fingerprint") or "")


def _details(intent: Any) -> Any:
    return _get(_get(intent, "latest_charge"), "payment_method_details")


def _id(thing: Any) -> str | None:
    """Return the id of an object that may be expanded."""
    return thing if isinstance(thing, str) else _get(thing, "id")


def _get(thing: Any, name: str) -> Any:
    """Return a field of an object of the library or of JSON, None when it is not there."""
    if thing is None or isinstance(thing, str):
        return None
    if isinstance(thing, Mapping):
        return thing.get(name)
    return getattr(thing, name, None)
