"""Bodies of /api about buying Credits."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from omna.http.values import Amount, AmountIn, Flag, Input, Moment, MoneyOut, Output, Text
from omna.payments.schemas import RechargeLink, Step

StateWord = Literal[
    "awaiting_proof",
    "submitted",
    "in_review",
    "needs_information",
    "rejected",
    "duplicate",
    "created",
    "open",
    "awaiting_payment",
    "failed",
    "credited",
    "cancelled",
    "expired",
    "reversed",
]
FlagWord = Literal["late_payment", "paid_twice", "amount_mismatch", "currency_mismatch"]


class PackOffer(Output):
    """An amount that is offered."""

    credits: Amount
    bonus: Amount = Field(description="Promo Credits that come with it.")
    price: MoneyOut


class MethodOffer(Output):
    """A way to pay by hand, in the language of who asks."""

    id: str = Field(description="`mth_…`")
    name: str
    instructions: list[str] = Field(description="Lines; `Label: value` is worth a copy button.")
    currency: str
    usual_hours: int = Field(description="How long it usually takes until the Credits are there.")


class CheckoutOffer(Output):
    """The automatic checkout."""

    processor: Literal["stripe", "sandbox"]
    test_mode: bool = Field(description="No money moves.")
    fee_percent: str


class Pause(Output):
    """Why no new orders are taken, and since when."""

    reason: str
    since: Moment


class ProofRules(Output):
    """What may be handed in as a proof."""

    types: list[str]
    most_bytes: int


class RechargeOptions(Output):
    """What can be bought, and how it can be paid."""

    packs: list[PackOffer]
    minimum: Amount
    maximum: Amount
    usd_per_credit: str
    currency: str
    methods: list[MethodOffer]
    checkout: CheckoutOffer | None
    paused: Pause | None
    owed: Amount
    available: Amount
    terms_version: str
    manual_days: int = Field(description="Days an order by hand waits for its proof.")
    proof: ProofRules


class QuoteAsk(Input):
    """What somebody thinks of buying."""

    credits: AmountIn
    channel: Literal["manual", "checkout"]


class RechargeQuote(Output):
    """What an amount costs and brings now."""

    credits: Amount
    bonus: Amount
    price: MoneyOut
    fee: MoneyOut
    total: MoneyOut
    owed_deducted: Amount
    credits_received: Amount = Field(description="Credits and bonus, less what is owed: what can be spent.")
    new_balance: Amount = Field(description="What is available afterwards.")


class RechargeNew(Input):
    """An order that is to be. The same `client_token` again is the same order."""

    client_token: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    channel: Literal["manual", "checkout"]
    credits: AmountIn
    method_id: Text | None = None
    accept_terms: Literal[True] = Field(description="The terms of service and the refund policy.")
    save_method: Flag = Field(False, description="Keep the card for automatic recharges.")


class ProofNew(Input):
    """The proof of a payment, another one in its place, or the answer to a question."""

    upload_id: Text | None = Field(None, description="`upl_…`; absent keeps the file that is there.")
    payer_reference: Text
    paid_on: date | None = None
    note: Text = ""


class RechargeRow(Output):
    """An order in a list."""

    id: str = Field(description="`rch_…`")
    channel: Literal["manual", "checkout", "top_up"]
    state: StateWord
    credits: Amount
    bonus: Amount
    total: MoneyOut
    reference: str
    created_at: Moment
    credited_at: Moment | None
    test_mode: bool
    flag_note: FlagWord | None = Field(description="What was unusual about its money.")


class OrderMethod(Output):
    """How an order by hand is paid."""

    name: str
    instructions: list[str]


class ProofFile(Output):
    """What was handed in."""

    id: str = Field(description="`upl_…`")
    name: str
    type: str
    size: int


class MayDo(Output):
    """What can be done with an order now."""

    cancel: bool
    submit: bool
    check: bool = Field(description="Ask the payment service now.")
    refund: bool
    retry: bool = Field(description="Order the same again.")


class OrderRefund(Output):
    """A refund of an order."""

    id: str
    state: str
    credits: Amount


class OrderDispute(Output):
    """A payment of an order that the payer's bank took back."""

    id: str
    state: str


class OrderBilling(Output):
    """Who buys, as it stood when the order was made."""

    name: str
    address: str
    tax_id: str


class Recharge(RechargeRow):
    """An order with everything about it."""

    price: MoneyOut
    fee: MoneyOut
    owed_repaid: Amount
    credits_received: Amount = Field(description="What could be spent of it; before it is credited, what will be.")
    method: OrderMethod | None
    expires_at: Moment
    submitted_at: Moment | None
    payer_reference: str
    paid_on: date | None
    note: str
    proof: ProofFile | None
    question: str = Field(description="What staff asked last, or why it was rejected.")
    failure: str
    duplicate_of: RechargeLink | None
    checkout_url: str | None = Field(description="Where it can be paid now.")
    ledger_line: str | None = Field(description="`tr_…`: the line of its first payment.")
    transfer_id: str | None
    timeline: list[Step]
    may: MayDo
    refunds: list[OrderRefund]
    disputes: list[OrderDispute]
    billing: OrderBilling
    processor: Literal["stripe", "sandbox"] | None
