"""What Stripe's objects say."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from omna.payments.checkout import stripe_objects
from omna.payments.checkout.processor import RefundStatus, RefusedDelivery


def dispute(*movements: dict[str, Any], status: str = "needs_response") -> Any:
    return SimpleNamespace(
        id="du_1", status=status, reason="fraudulent", amount=1000, currency="usd",
        balance_transactions=[SimpleNamespace(**one) for one in movements], evidence_details={"due_by": 1_800_000_000},
    )  # fmt: skip


def moved(amount: int, currency: str = "usd", rate: float | None = None) -> dict[str, Any]:
    return {"amount": amount, "currency": currency, "exchange_rate": rate, "fee": 1500}


@pytest.mark.parametrize(
    ("movements", "withdrawn", "returned"),
    [
        ([], 0, 0),
        ([moved(-1000)], 1000, 0),
        ([moved(-1000), moved(1000)], 1000, 1000),
        ([moved(-1000), moved(1000), moved(-1000)], 2000, 1000),
        # The balance is in euro: what left it is told in the currency of the payment.
        ([moved(-926, "eur", 0.926)], 1000, 0),
        ([moved(-925, "eur", 0.9253), moved(925, "eur", 0.9253)], 1000, 1000),
        # Whole coins of a dearer currency, and another rate on the way back: all of it came back all the same.
        ([moved(-502, "gbp", 0.5015), moved(500, "gbp", 0.5004)], 1000, 1000),
        ([moved(-250, "gbp", 0.5015)], 499, 0),
    ],
)
def test_movements_of_a_dispute_are_summed_without_fees(
    movements: list[dict[str, Any]], withdrawn: int, returned: int
) -> None:
    facts = stripe_objects.dispute_facts(dispute(*movements))
    assert (facts.withdrawn_minor, facts.returned_minor) == (withdrawn, returned)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("warning_needs_response", "inquiry"), ("warning_closed", "closed"), ("needs_response", "open"),
        ("under_review", "under_review"), ("won", "won"), ("lost", "lost"), ("something_new", "under_review"),
    ],
)  # fmt: skip
def test_state_of_a_dispute_is_only_a_word(status: str, word: str) -> None:
    assert stripe_objects.dispute_facts(dispute(status=status)).status == word


@pytest.mark.parametrize(
    ("intent", "status", "expected"),
    [
        ({"status": "succeeded"}, "complete", {"status": "complete"}),
        ({"status": "processing"}, "complete", {"pending": True}),
        ({"status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}}, "complete",
         {"failure": "card_declined"}),
        ({"status": "requires_payment_method", "last_payment_error": {"code": "x", "decline_code": "lost_card"}},
         "complete", {"failure": "lost_card"}),
        ({"status": "requires_action"}, "complete", {"failure": "authentication_required"}),
        ({"status": "canceled"}, "complete", {"failure": "declined"}),
        ({"status": "requires_capture"}, "complete", {"pending": True}),
        # Whoever was declined on the page may try another card there.
        ({"status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}}, "open",
         {"failure": ""}),
    ],
)  # fmt: skip
def test_progress_of_an_order(intent: dict[str, Any], status: str, expected: dict[str, Any]) -> None:
    assert stripe_objects.progress(intent, status) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("succeeded", RefundStatus.SUCCEEDED), ("failed", RefundStatus.FAILED), ("canceled", RefundStatus.FAILED),
        ("pending", RefundStatus.PENDING), ("requires_action", RefundStatus.PENDING), (None, RefundStatus.PENDING),
    ],
)  # fmt: skip
def test_state_of_a_refund(status: str | None, expected: RefundStatus) -> None:
    refund = SimpleNamespace(id="re_1", amount=5, currency="usd", status=status, metadata={"omna_refund": "nonsense"})
    facts = stripe_objects.refund_facts(refund)
    assert (facts.status, facts.ours) == (expected, None)


def test_money_counts_only_when_it_arrived() -> None:
    intent = SimpleNamespace(id="pi_1", amount_received=0, amount=1000, currency="usd", status="processing")
    assert stripe_objects.payment_facts(intent) is None
    intent.status, intent.amount_received = "succeeded", 1000
    facts = stripe_objects.payment_facts(intent)
    assert facts is not None
    assert (facts.amount_minor, facts.fingerprint) == (1000, "")


@pytest.mark.parametrize(
    ("details", "label"),
    [
        ({"type": "card", "card": {"brand": "visa", "last4": "4242"}}, "Visa ending in 4242"),
        ({"type": "us_bank_account", "us_bank_account": {"last4": "6789"}}, "Us bank account ending in 6789"),
        ({"type": "link", "link": {}}, "Link"),
        (None, "Method"),
    ],
)
def test_kept_method_has_a_name(details: dict[str, Any] | None, label: str) -> None:
    intent = {
        "status": "succeeded", "payment_method": "pm_1", "setup_future_usage": "off_session",
        "latest_charge": {"payment_method_details": details},
    }  # fmt: skip
    saved = stripe_objects.saved_method(intent, {"id": "cus_1"})
    assert saved is not None
    assert (saved.label, saved.customer_id) == (label, "cus_1")
    assert stripe_objects.saved_method({**intent, "setup_future_usage": None}, "cus_1") is None
    assert stripe_objects.saved_method(intent, None) is None


def test_event_says_what_it_is_about() -> None:
    recharge = "rch_" + "ab" * 16
    thing = {
        "object": "refund",
        "id": "re_1",
        "payment_intent": {"id": "pi_1"},
        "metadata": {"omna_recharge": recharge},
    }
    event = {"id": "evt_1", "type": "refund.failed", "livemode": True, "data": {"object": thing}}
    read = stripe_objects.read_event(json.dumps(event).encode(), livemode=True)
    assert (read.session_id, read.payment_id, read.known) == (None, "pi_1", True)
    assert read.recharge_id is not None
    with pytest.raises(RefusedDelivery, match="wrong_mode"):
        stripe_objects.read_event(json.dumps(event).encode(), livemode=False)
    for broken in (
        {**event, "data": {}},
        {**event, "data": {"object": []}},
        {**event, "id": 5},
        {**event, "livemode": 1},
    ):
        with pytest.raises(RefusedDelivery):
            stripe_objects.read_event(json.dumps(broken).encode(), livemode=True)
