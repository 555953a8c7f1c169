"""PURE  Billing details: what may stand on a receipt, and what a receipt says."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

LONGEST_NAME = 200
LONGEST_ADDRESS = 500
MOST_LINES = 8
LONGEST_TAX_ID = 50
LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class BillingDetails:
    """Who a workspace is on receipts; empty is not given. The address has lines."""

    name: str = ""
    address: str = ""
    tax_id: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that arrived for an order, in the smallest unit of its currency."""

    received_at: datetime
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund of an order. Credits are nanocredits; no amount: they were given back as Credits."""

    state: str
    credits: int
    amount_minor: int | None
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt of a credited order says. Credits are nanocredits, `…_minor` the smallest unit of the currency.

    billed_to   the details of the moment of the order
    method      as staff call it, in the language of the receipt; empty for an automatic checkout
    """

    reference: str
    credited_at: datetime
    workspace_name: str
    billed_to: BillingDetails
    method: str
    processor: str | None
    payer_reference: str
    test_mode: bool
    reversed: bool
    credits: int
    bonus: int
    price_minor: int
    fee_minor: int
    currency: str
    payments: Sequence[Payment]
    refunds: Sequence[Refunded]

    @property
    def total_minor(self) -> int:
        return self.price_minor + self.fee_minor


def one_line(text: str, longest: int) -> str:
    """Return text of one line, tidied. Errors: ValueError that says the rule."""
    tidy = " ".join(text.split())
    if len(tidy) > longest:
        raise ValueError(f"At most {longest} characters, please.")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") for character in tidy):
        raise ValueError("This contains characters that cannot be printed.")
    return tidy


def lines(text: str) -> str:
    """Return an address of a few lines, tidied; empty lines go. Errors: ValueError that says the rule."""
    kept = [one_line(line, LONGEST_ADDRESS) for line in text.splitlines() if line.strip()]
    tidy = "\n".join(kept)
    if len(tidy) > LONGEST_ADDRESS:
        raise ValueError(f"At most {LONGEST_ADDRESS} characters, please.")
    if len(kept) > MOST_LINES:
        raise ValueError(f"At most {MOST_LINES} lines, please.")
    return tidy


def changed(before: BillingDetails, after: BillingDetails) -> list[str]:
    """Return the names of the fields that differ."""
    return [field.name for field in fields(BillingDetails) if getattr(before, field.name) != getattr(after, field.name)]
