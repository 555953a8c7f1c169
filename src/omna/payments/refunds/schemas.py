"""Bodies of /api about refunds."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from omna.http.values import Amount, AmountIn, Input, Moment, MoneyOut, Output, Text
from omna.payments.schemas import Step

#: `in_review`: a request that a person is looking at.
ShownState = Literal[
    "requested", "in_review", "approved", "sent", "paid", "failed", "rejected", "converted", "cancelled"
]
RefundKind = Literal["unused", "duplicate"]
Preference = Literal["refund", "convert"]
ClientToken = Annotated[str, StringConstraints(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class MostRefundable(Output):
    """The most that can come back: Credits, and the money for them."""

    credits: Amount
    money: MoneyOut


class Refundable(Output):
    """What of a recharge can come back."""

    credited: Amount
    used: Amount
    unused: Amount
    refunded: Amount
    fee_not_returned: MoneyOut
    most: MostRefundable
    promo_withdrawn: Amount = Field(description="Promo Credits that would be taken back first; they are no money.")
    credits_available: Amount = Field(description="Paid Credits that nothing holds.")
    blocked: str | None = Field(description="Why there can be no request now.")
    email: str | None = Field(description="Your address.")
    method: str | None = Field(description="How it was paid.")
    reference: str
    note_decided_by_person: bool = Field(description="A person decides about every request.")


class RefundNew(Input):
    """A wish to get a payment back."""

    client_token: ClientToken = Field(description="The same again is the same refund.")
    recharge_id: Text
    kind: RefundKind
    other_recharge: Text | None = Field(None, description="Paid twice: the other order.")
    preference: Preference = Field("refund", description="Paid twice: the money, or Credits for it.")
    credits: AmountIn | None = Field(None, description="As many of the unused Credits; by default all.")
    reason: Annotated[Text, Field(max_length=1000)]


class RefundOrder(Output):
    """An order that a refund names."""

    id: str
    reference: str
    channel: str | None = None


class RefundMay(Output):
    """What you can do with it now."""

    cancel: bool


class RefundRow(Output):
    """A refund in a list."""

    id: str
    state: ShownState
    kind: RefundKind
    preference: Preference
    recharge: RefundOrder
    other_recharge: RefundOrder | None
    credits: Amount = Field(description="Asked for.")
    approved_credits: Amount | None
    amount: MoneyOut | None = Field(description="Of money, once approved.")
    created_at: Moment
    decided_at: Moment | None
    paid_at: Moment | None


class Refund(RefundRow):
    """A refund with everything about it."""

    reason: str
    answer: str = Field(description="What staff say to you.")
    failure: str
    ledger_line: str | None = Field(description="The ledger line with which its Credits left the balance: `tr_…`.")
    timeline: list[Step]
    may: RefundMay
