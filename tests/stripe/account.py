"""The state of a fake Stripe account, and what payers, banks and its owner do there. Each act leaves its events behind.

Objects have the shape of Stripe's, as far as anything reads them.
"""

import itertools
import time
from typing import Any

Thing = dict[str, Any]

KEY = "sk_test_omnaTests00000000000001"
SECRET = "whsec_omnaTests0000000000000001"

# Ids are unique in all the accounts of a run: several may meet on one database.
_numbers = itertools.count(1)


class StripeProblem(Exception):
    """Answered as Stripe answers it."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **more}}


class Account:
    """One account in test mode."""

    def __init__(self) -> None:
        self.livemode = False
        self.sessions: dict[str, Thing] = {}
        self.intents: dict[str, Thing] = {}
        self.refunds: dict[str, Thing] = {}
        self.disputes: dict[str, Thing] = {}
        self.warnings: dict[str, Thing] = {}
        #: Everything that happened, oldest first.
        self.events: list[Thing] = []
        #: Methods that will be declined.
        self.declining: set[str] = set()

    # What Omna asks for

    def create_session(self, wanted: Thing) -> Thing:
        if not 1800 <= int(wanted["expires_at"]) - time.time() <= 24 * 3600:
            raise StripeProblem(400, "invalid_request_error", "expires_at must be between 30 minutes and 24 hours")
        line = wanted["line_items"][0]["price_data"]
        session_id = self._id("cs_test")
        self.sessions[session_id] = session = {
            "id": session_id,
            "object": "checkout.session",
            "livemode": self.livemode,
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": int(line["unit_amount"]),
            "currency": line["currency"],
            "client_reference_id": wanted.get("client_reference_id"),
            "metadata": wanted.get("metadata", {}),
            "payment_intent": None,
            "customer": None,
            "url": f"https://checkout.stripe.test/c/{session_id}",
            "_intent": wanted.get("payment_intent_data", {}),
        }
        return session

    def expire(self, session_id: str) -> Thing:
        session = self._session(session_id)
        if session["status"] != "open":
            raise StripeProblem(
                400, "invalid_request_error", "Only Checkout Sessions with a status of open can expire."
            )
        session["status"] = "expired"
        session["url"] = None
        self._tell("checkout.session.expired", session)
        return session

    def create_refund(self, wanted: Thing) -> Thing:
        return self.give_back(wanted["payment_intent"], int(wanted["amount"]), wanted.get("metadata", {}))

    def charge_off_session(self, wanted: Thing) -> Thing:
        intent = self._new_intent(int(wanted["amount"]), wanted["currency"], wanted.get("metadata", {}))
        intent["customer"], intent["payment_method"] = wanted["customer"], wanted["payment_method"]
        if wanted["payment_method"] in self.declining:
            self._decline(intent)
            raise StripeProblem(
                402, "card_error", "Your card was declined.", code="card_declined", decline_code="insufficient_funds",
                payment_intent=self.shown(intent),
            )  # fmt: skip
        self._receive(intent)
        return intent

    def cancel_intent(self, intent_id: str) -> Thing:
        intent = self.intents[intent_id]
        if intent["status"] in ("succeeded", "canceled"):
            raise StripeProblem(400, "invalid_request_error", "This PaymentIntent cannot be canceled.")
        intent["status"] = "canceled"
        self._tell("payment_intent.canceled", intent)
        return intent

    # What payers do

    def pay(self, session_id: str, *, amount: int | None = None, currency: str | None = None) -> Thing:
        """Pay at once, by card; another amount or currency is what never should happen."""
        session = self._complete(session_id)
        intent = self._intent_of(session, amount, currency)
        self._receive(intent)
        session["payment_status"] = "paid"
        self._tell("checkout.session.completed", session)
        return intent

    def pay_later(self, session_id: str) -> Thing:
        """Be done with the page; the money comes later, or not."""
        session = self._complete(session_id)
        intent = self._intent_of(session, None, None)
        intent["status"] = "processing"
        self._tell("checkout.session.completed", session)
        return intent

    def arrive(self, session_id: str) -> Thing:
        """The money of a slow method is there."""
        session = self._session(session_id)
        intent = self.intents[session["payment_intent"]]
        self._receive(intent)
        session["payment_status"] = "paid"
        self._tell("checkout.session.async_payment_succeeded", session)
        return intent

    def bounce(self, session_id: str) -> None:
        """The money of a slow method never comes."""
        session = self._session(session_id)
        self._decline(self.intents[session["payment_intent"]])
        self._tell("checkout.session.async_payment_failed", session)

    # What the owner does in the dashboard

    def give_back(self, intent_id: str, amount: int, metadata: Thing | None = None, status: str = "succeeded") -> Thing:
        intent = self.intents[intent_id]
        given = sum(one["amount"] for one in self._of(self.refunds, intent_id) if one["status"] != "failed")
        if given + amount > intent["amount_received"]:
            raise StripeProblem(400, "invalid_request_error", "Refund amount is greater than charge amount.")
        refund = {
            "id": self._id("re"), "object": "refund", "amount": amount, "currency": intent["currency"],
            "payment_intent": intent_id, "charge": intent["latest_charge"]["id"], "status": status,
            "failure_reason": None, "metadata": metadata or {}, "created": int(time.time()),
        }  # fmt: skip
        self.refunds[refund["id"]] = refund
        self._tell("refund.created", refund)
        self._tell("charge.refunded", intent["latest_charge"])
        return refund

    def finish_refund(self, refund_id: str) -> None:
        self.refunds[refund_id]["status"] = "succeeded"
        self._tell("refund.updated", self.refunds[refund_id])

    def fail_refund(self, refund_id: str) -> None:
        """The customer's bank sends it back, maybe long after it succeeded."""
        refund = self.refunds[refund_id]
        refund["status"], refund["failure_reason"] = "failed", "expired_or_canceled_card"
        self._tell("refund.failed", refund)

    # What banks do

    def warn(self, intent_id: str) -> Thing:
        warning = {
            "id": self._id("issfr"), "object": "radar.early_fraud_warning", "payment_intent": intent_id,
            "charge": self.intents[intent_id]["latest_charge"]["id"], "fraud_type": "made_with_stolen_card",
            "actionable": True, "livemode": self.livemode, "created": int(time.time()),
        }  # fmt: skip
        self.warnings[warning["id"]] = warning
        self._tell("radar.early_fraud_warning.created", warning)
        return warning

    def dispute(self, intent_id: str, amount: int | None = None, *, inquiry: bool = False) -> Thing:
        """A payer disputes: as an inquiry nothing moves, else the money is taken at once."""
        intent = self.intents[intent_id]
        given = sum(one["amount"] for one in self._of(self.refunds, intent_id) if one["status"] != "failed")
        dispute = {
            "id": self._id("du"), "object": "dispute", "amount": amount or intent["amount_received"] - given,
            "currency": intent["currency"], "payment_intent": intent_id, "charge": intent["latest_charge"]["id"],
            "reason": "fraudulent", "status": "warning_needs_response" if inquiry else "needs_response",
            "balance_transactions": [], "livemode": self.livemode, "created": int(time.time()),
            "evidence_details": {"due_by": int(time.time()) + 7 * 86400},
        }  # fmt: skip
        self.disputes[dispute["id"]] = dispute
        self._tell("charge.dispute.created", dispute)
        if not inquiry:
            self.withdraw(dispute["id"])
        return dispute

    def withdraw(self, dispute_id: str) -> None:
        dispute = self.disputes[dispute_id]
        dispute["status"] = "needs_response"
        self._move(dispute, -dispute["amount"])
        self._tell("charge.dispute.funds_withdrawn", dispute)

    def win(self, dispute_id: str) -> None:
        dispute = self.disputes[dispute_id]
        dispute["status"] = "won"
        self._move(dispute, dispute["amount"])
        self._tell("charge.dispute.funds_reinstated", dispute)
        self._tell("charge.dispute.closed", dispute)

    def lose(self, dispute_id: str) -> None:
        dispute = self.disputes[dispute_id]
        dispute["status"] = "lost"
        self._tell("charge.dispute.closed", dispute)

    def drop(self, dispute_id: str) -> None:
        """An inquiry ends without a dispute."""
        self.disputes[dispute_id]["status"] = "warning_closed"
        self._tell("charge.dispute.closed", self.disputes[dispute_id])

    # How it is told

    def shown(self, thing: Thing, expand: tuple[str, ...] = ()) -> Thing:
        """Return an object as the API sends it: references as ids unless they are to be expanded."""
        shown = {name: value for name, value in thing.items() if not name.startswith("_")}
        paths = [path.partition(".") for path in expand]
        if shown["object"] == "checkout.session" and any(path[0] == "payment_intent" for path in paths):
            inner = tuple(path[2] for path in paths if path[0] == "payment_intent")
            intent_id = shown["payment_intent"]
            shown["payment_intent"] = None if intent_id is None else self.shown(self.intents[intent_id], inner)
        if shown["object"] == "payment_intent" and "latest_charge" not in expand and shown["latest_charge"] is not None:
            shown["latest_charge"] = shown["latest_charge"]["id"]
        return shown

    def _of(self, things: dict[str, Thing], intent_id: str) -> list[Thing]:
        return [one for one in things.values() if one["payment_intent"] == intent_id]

    def _complete(self, session_id: str) -> Thing:
        session = self._session(session_id)
        assert session["status"] == "open", f"nobody can pay a session that is {session['status']}"
        session["status"] = "complete"
        session["url"] = None
        return session

    def _intent_of(self, session: Thing, amount: int | None, currency: str | None) -> Thing:
        wanted = session["_intent"]
        intent = self._new_intent(
            amount or session["amount_total"], currency or session["currency"], wanted.get("metadata", {})
        )
        session["payment_intent"] = intent["id"]
        if wanted.get("setup_future_usage"):
            session["customer"] = intent["customer"] = self._id("cus")
            intent["setup_future_usage"] = wanted["setup_future_usage"]
        return intent

    def _new_intent(self, amount: int, currency: str, metadata: Thing) -> Thing:
        intent_id = self._id("pi")
        self.intents[intent_id] = intent = {
            "id": intent_id,
            "object": "payment_intent",
            "livemode": self.livemode,
            "amount": amount,
            "amount_received": 0,
            "currency": currency,
            "status": "requires_payment_method",
            "metadata": metadata,
            "customer": None,
            "payment_method": self._id("pm"),
            "setup_future_usage": None,
            "last_payment_error": None,
            "latest_charge": None,
            "created": int(time.time()),
        }
        return intent

    def _receive(self, intent: Thing) -> None:
        intent["status"], intent["amount_received"] = "succeeded", intent["amount"]
        intent["latest_charge"] = {
            "id": self._id("ch"), "object": "charge", "amount": intent["amount"], "currency": intent["currency"],
            "payment_intent": intent["id"], "metadata": intent["metadata"],
            "payment_method_details": {
                "type": "card", "card": {"brand": "visa", "last4": "4242", "fingerprint": "fp_visa_4242"}
            },
        }  # fmt: skip
        self._tell("charge.succeeded", intent["latest_charge"])
        self._tell("payment_intent.succeeded", intent)

    def _decline(self, intent: Thing) -> None:
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {"code": "card_declined", "decline_code": "insufficient_funds"}
        self._tell("payment_intent.payment_failed", intent)

    def _move(self, dispute: Thing, amount: int) -> None:
        dispute["balance_transactions"].append(
            {"id": self._id("txn"), "object": "balance_transaction", "amount": amount, "currency": dispute["currency"],
             "fee": 1500 if amount < 0 else 0, "exchange_rate": None}
        )  # fmt: skip

    def _session(self, session_id: str) -> Thing:
        if session_id not in self.sessions:
            raise StripeProblem(404, "invalid_request_error", "No such checkout.session", code="resource_missing")
        return self.sessions[session_id]

    def _tell(self, kind: str, thing: Thing) -> None:
        # A snapshot, as Stripe sends it: what is read from it later is old by then.
        snapshot = self.shown({name: _copy(value) for name, value in thing.items()})
        self.events.append(
            {"id": self._id("evt"), "object": "event", "type": kind, "livemode": self.livemode,
             "created": int(time.time()), "data": {"object": snapshot}}
        )  # fmt: skip

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{next(_numbers):016d}"


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value
