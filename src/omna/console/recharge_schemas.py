"""Bodies of /api/console/recharges."""

from typing import Annotated, Literal

from pydantic import Field

from omna.http.values import Acted, Amount, AmountIn, Input, Moment, MoneyOut, Output, Reason, Text
from omna.payments.recharges.schemas import Recharge, RechargeRow
from omna.payments.schemas import PaymentEventRow, ReceivedPayment

#: What a list of orders can be narrowed to: a state; everything; everything whose money was unusual.
Wanted = Literal[
    "submitted",
    "needs_information",
    "awaiting_proof",
    "created",
    "open",
    "awaiting_payment",
    "credited",
    "rejected",
    "duplicate",
    "cancelled",
    "expired",
    "failed",
    "reversed",
    "flagged",
    "all",
]


class OfWorkspace(Output):
    """The workspace something belongs to."""

    id: str
    name: str


class ReviewLock(Output):
    """Who has an order in hand, and until when."""

    name: str
    until: Moment
    yours: bool


class FirstApprover(Output):
    """Who approved first, where two have to."""

    name: str
    at: Moment
    yours: bool


class Misfit(Output):
    """Money that arrived and does not fit the order."""

    payment_id: str
    amount: MoneyOut
    share: Amount | None = Field(description="What it would be in Credits in proportion; null in another currency.")


class StaffFacts(Output):
    """What staff see beside an order."""

    workspace: OfWorkspace
    email: str = Field(description="Of who ordered; empty for an automatic one.")
    waiting_seconds: int
    lock: ReviewLock | None
    flag: str
    first_approver: FirstApprover | None
    decided_by: str | None


class StaffRechargeRow(StaffFacts, RechargeRow):
    """An order in a list of staff."""


class WarnedRecharge(Output):
    """Another order that looks like the same payment."""

    id: str
    reference: str
    state: str
    workspace: OfWorkspace


class DuplicateWarning(Output):
    """A sign that a payment was handed in twice."""

    kind: Literal["same_proof", "same_reference", "same_amount_and_day"]
    recharge: WarnedRecharge


class StaffRecharge(StaffFacts, Recharge):
    """An order with everything staff need to decide about it."""

    warnings: list[DuplicateWarning]
    events: list[PaymentEventRow]
    payments: list[ReceivedPayment]
    received: Misfit | None
    yours: bool = Field(description="You made it, or belong to its workspace: somebody else has to approve it.")
    decidable: bool = Field(description="It can be approved now.")
    threshold: Amount = Field(description="Above it, a second person has to approve.")
    balance: Amount = Field(description="Of the workspace now, with what is held and less what is owed.")
    owed: Amount


class StaffRechargeActed(StaffRecharge, Acted):
    """An order after an act."""


class RechargeApproved(StaffRechargeActed):
    """An order after an approval."""

    booked: bool = Field(description="The Credits are there; else a second person has to approve it, too.")
    alone: bool = Field(description="It is above the threshold, and nobody else could have approved it.")


class RechargeApproval(Input):
    """The amount that arrived, typed."""

    amount_minor_typed: Annotated[Text, Field(max_length=20, examples=["12.50"])]
    credits: AmountIn | None = Field(None, description="Of money that does not fit the order: what it is worth.")
    reason: Reason


class RechargeRejection(Input):
    """Why, for the audit log, and what the customer reads."""

    message: Annotated[Text, Field(max_length=1000)]
    reason: Reason


class RechargeQuestion(Input):
    """What the customer is asked."""

    question: Annotated[Text, Field(max_length=1000)]
    reason: Reason


class RechargeDuplicate(Input):
    """The order that counts."""

    of: Text
    reason: Reason
