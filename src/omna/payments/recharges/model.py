"""PURE  A recharge: its states, who may do what in which, its reference, and how references of banks are compared."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from random import SystemRandom
from typing import Any
from uuid import UUID

from omna.errors import InvalidValue
from omna.ids import RechargeId, UserId, WorkspaceId, parse, show


def payment_by_hand(recharge_id: RechargeId) -> str:
    """Return the id of the payment of an order that nobody else names: whoever credits it, it is one payment."""
    return show("rch", recharge_id)


class State(StrEnum):
    """Where an order is. `credited` is the only one in which its Credits are there."""

    AWAITING_PROOF = "awaiting_proof"
    SUBMITTED = "submitted"
    NEEDS_INFORMATION = "needs_information"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    CREATED = "created"
    OPEN = "open"
    AWAITING_PAYMENT = "awaiting_payment"
    FAILED = "failed"
    CREDITED = "credited"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REVERSED = "reversed"


#: What people read while a reviewer has the order in their hands.
IN_REVIEW = "in_review"

#: Acts and the states they may begin in. Whatever is not listed is refused.
FROM: Mapping[str, frozenset[State]] = {
    "submit": frozenset({State.AWAITING_PROOF, State.SUBMITTED, State.NEEDS_INFORMATION}),
    "cancel": frozenset({State.AWAITING_PROOF, State.SUBMITTED, State.NEEDS_INFORMATION, State.CREATED, State.OPEN}),
    "expire": frozenset({State.AWAITING_PROOF, State.NEEDS_INFORMATION}),
    "decide": frozenset({State.SUBMITTED, State.NEEDS_INFORMATION}),
    "ask": frozenset({State.SUBMITTED, State.NEEDS_INFORMATION}),
    # Asking the payment service also helps where it said "no" or nothing before: money may come late.
    "check": frozenset({State.CREATED, State.OPEN, State.AWAITING_PAYMENT, State.EXPIRED, State.FAILED}),
    "refund": frozenset({State.CREDITED}),
    "retry": frozenset({State.FAILED, State.EXPIRED, State.CANCELLED, State.REJECTED}),
}
#: Neither credited nor over.
LIVE = frozenset(
    {
        State.AWAITING_PROOF,
        State.SUBMITTED,
        State.NEEDS_INFORMATION,
        State.CREATED,
        State.OPEN,
        State.AWAITING_PAYMENT,
    }
)

#: Money that comes in these is late: it is credited all the same.
OVER = frozenset({State.CANCELLED, State.EXPIRED, State.FAILED, State.REJECTED, State.DUPLICATE})

_WORDS: Mapping[str, str] = {
    State.AWAITING_PROOF: "waits for the proof of its payment",
    State.SUBMITTED: "was handed in",
    State.NEEDS_INFORMATION: "waits for an answer of the customer",
    State.REJECTED: "was rejected",
    State.DUPLICATE: "was closed as a duplicate",
    State.CREATED: "was just made",
    State.OPEN: "waits for its payment",
    State.AWAITING_PAYMENT: "waits for money that is on its way",
    State.FAILED: "failed",
    State.CREDITED: "was credited",
    State.CANCELLED: "was cancelled",
    State.EXPIRED: "has expired",
    State.REVERSED: "was reversed",
}

LATE_PAYMENT = "late_payment"
PAID_TWICE = "paid_twice"
AMOUNT_MISMATCH = "amount_mismatch"
CURRENCY_MISMATCH = "currency_mismatch"
#: Flags that concern the customer, too; others are notes of staff.
OPEN_FLAGS = (LATE_PAYMENT, PAID_TWICE, AMOUNT_MISMATCH, CURRENCY_MISMATCH)


@dataclass(frozen=True, slots=True)
class Received:
    """Money that arrived and does not fit its order: a person decides what it is worth.

    turned_down  somebody decided that it is worth nothing
    """

    payment_id: str
    amount_minor: int
    currency: str
    fingerprint: str = ""
    turned_down: bool = False


@dataclass(frozen=True, slots=True)
class Recharge:
    """An order as it stands. Credits are nanocredits, `…_minor` the smallest unit of its currency.

    payer_reference  normalised, for comparison; payer_words: as it was typed
    locked           a reviewer has it until review_until
    """

    workspace_id: WorkspaceId
    recharge_id: RechargeId
    created_by: UserId | None
    channel: str
    state: str
    client_token: str
    reference: str
    credits: int
    bonus: int
    price_minor: int
    fee_minor: int
    currency: str
    terms_version: str
    billing: Mapping[str, str]
    created_at: datetime
    expires_at: datetime
    method_id: UUID | None
    payer_reference: str
    payer_words: str
    paid_on: date | None
    note: str
    proof_id: UUID | None
    proof_name: str
    proof_type: str
    proof_size: int
    proof_sha256: str
    submitted_at: datetime | None
    submitted_by: UserId | None
    question: str
    duplicate_of: UUID | None
    reviewer_id: UserId | None
    review_until: datetime | None
    locked: bool
    first_approver: UserId | None
    first_approved_at: datetime | None
    first_credits: int | None
    decided_by: UserId | None
    decided_at: datetime | None
    processor: str | None
    test_mode: bool
    session_id: str | None
    session_url: str | None
    failure: str
    flag: str
    credited_at: datetime | None
    save_method: bool
    received: Received | None

    @property
    def total_minor(self) -> int:
        """What the customer pays: price and fee."""
        return self.price_minor + self.fee_minor

    @property
    def shown_state(self) -> str:
        """The word people read."""
        return IN_REVIEW if self.state == State.SUBMITTED and self.locked else self.state

    @property
    def pending(self) -> Received | None:
        """Money that does not fit and waits for a decision."""
        return None if self.received is None or self.received.turned_down else self.received

    @property
    def decidable(self) -> bool:
        """Whether it can be approved now: an order by hand that was handed in, or money that does not fit its order."""
        if self.pending is not None:
            return True
        return self.channel == "manual" and self.may("decide")

    def may(self, act: str) -> bool:
        """Return whether an act may begin now. act: a word of FROM."""
        if self.state not in FROM[act]:
            return False
        if act == "submit":
            return self.channel == "manual"
        if act == "check":
            return self.channel != "manual"
        if act == "cancel":
            # Money of a checkout that a person looks into has arrived: there is nothing to cancel any more. An
            # automatic recharge is charged in the moment it is made.
            return self.channel == "manual" or (self.channel == "checkout" and self.state != State.SUBMITTED)
        return True


def describe(recharge: Recharge) -> str:
    """Return where an order is, as a predicate: `was credited`."""
    return _WORDS[recharge.state]


# Crockford's alphabet: nothing in it looks like something else in it. Short, because people type it at their bank.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_random = SystemRandom()


def make_reference() -> str:
    """Return a new reference; the database decides whether it is unique."""
    letters = "".join(_random.choice(_ALPHABET) for _ in range(8))
    return f"OMNA-{letters[:4]}-{letters[4:]}"


LONGEST_PAYER_REFERENCE = 100
LONGEST_NOTE = 1000


def normalise_reference(text: str) -> str:
    """Return a bank's reference as it is compared: banks and people add blanks and signs and change the case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if character.isalnum()).upper()


def check_payer_reference(text: str) -> tuple[str, str]:
    """Return a bank's reference as it was typed and as it is compared. Errors: InvalidValue."""
    words = one_line(text)
    normal = normalise_reference(words)
    if not normal or len(words) > LONGEST_PAYER_REFERENCE:
        raise InvalidValue(
            f"Enter the reference or number of your payment, at most {LONGEST_PAYER_REFERENCE} characters: it is on"
            " your bank's confirmation.",
            param="payer_reference",
        )
    return words, normal[:LONGEST_PAYER_REFERENCE]


def check_note(text: str) -> str:
    """Return a note of a customer. Errors: InvalidValue when it is endless."""
    text = text.strip()
    if len(text) > LONGEST_NOTE:
        raise InvalidValue(f"A note has at most {LONGEST_NOTE} characters.", param="note")
    return text


def one_line(text: str) -> str:
    """Return text on one line, without anything that cannot be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def received_of(facts: Mapping[str, Any] | None) -> Received | None:
    """Return what is stored of money that did not fit."""
    return None if facts is None else Received(**facts)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody of the staff looks for: the id of an order or a workspace, or else a text in three readings.

    All None: everything.
    """

    identifier: UUID | None = None
    reference: str | None = None
    payer_reference: str | None = None
    email: str | None = None


def sought(text: str | None) -> Sought:
    """Return what a search box asks for: an id, a reference of ours or of a bank, or an address."""
    text = one_line(text or "")
    if not text:
        return Sought()
    try:
        return Sought(identifier=parse(text, "rch", "ws"))
    except ValueError:
        return Sought(None, text.upper(), normalise_reference(text), text.lower())
