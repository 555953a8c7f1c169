"""Bodies of /api/console/refunds."""

from typing import Annotated, Literal

from pydantic import Field

from omna.console.recharge_schemas import FirstApprover, OfWorkspace, ReviewLock
from omna.http.values import Acted, Amount, AmountIn, Input, Moment, MoneyOut, Output, Reason, Text
from omna.payments.refunds.schemas import MostRefundable, Refund, RefundRow

#: What a list of refunds can be narrowed to. `todo`: what somebody still has to do something about, oldest first.
Wanted = Literal[
    "todo", "requested", "approved", "sent", "paid", "failed", "rejected", "converted", "cancelled", "flagged", "all"
]
Payout = Literal["processor", "manual"]
Message = Annotated[Text, Field(max_length=1000)]


class RefundFactsBeside(Output):
    """What is known about a payment and its customer, on one screen."""

    payment_status: str = Field(description="State of the order; `disputed` while its bank took the money back.")
    paid: MoneyOut | None = Field(description="What arrived; null while no payment was credited.")
    credited: Amount
    used: Amount
    unused: Amount
    most_refundable: MostRefundable
    obstacle: str | None = Field(description="Why nothing can be given back now.")
    promo_withdrawn: Amount
    uncredited: bool = Field(description="The payment was never credited: approving it books its Credits first.")
    charged: Amount = Field(description="Of all requests since the order was made.")
    provider_cost: Amount = Field(description="What they cost at providers.")
    requests_30d: int
    account_age_days: int | None
    disputes: int
    earlier_refunds: int
    frozen: str | None
    open_holds: Amount
    threshold: Amount = Field(description="Above it, a second person has to approve.")


class StaffRefundFields(Output):
    """What staff see beside a refund in a list."""

    workspace: OfWorkspace
    email: str | None
    flag: str = Field(description="Why a person should look: made_elsewhere, credits_missing, disputed, …")
    payout: Payout | None
    lock: ReviewLock | None
    first_approver: FirstApprover | None


class StaffRefundRow(StaffRefundFields, RefundRow):
    """A refund in a list of staff."""


class StaffRefund(StaffRefundFields, Refund):
    """A refund with everything staff need to decide about it."""

    facts: RefundFactsBeside
    payout_reference: str
    processor_refund: str | None
    attempts: int
    next_try_at: Moment | None
    decided_by: str | None
    yours: bool = Field(description="You asked for it, or belong to its workspace: somebody else has to decide.")


class StaffRefundActed(StaffRefund, Acted):
    """A refund after an act."""


class RefundDecided(StaffRefundActed):
    """A refund after an approval or a conversion."""

    booked: bool = Field(description="It is done; else a second person has to agree, too.")


class RefundApproval(Input):
    """What goes back, and the money for it, typed."""

    credits: AmountIn | None = Field(None, description="By default as many as were asked for.")
    amount_typed: Annotated[Text, Field(max_length=20, examples=["12.50"])]
    payout: Payout = "processor"
    message: Message = ""
    reason: Reason


class RefundPlanning(Input):
    """What an approval would give back."""

    credits: AmountIn | None = None
    amount_typed: Annotated[Text, Field(max_length=20)] | None = None
    payout: Payout = "processor"
    message: Message = ""
    reason: Text = ""


class RefundRejection(Input):
    """Why, for the audit log, and what the customer reads."""

    message: Annotated[Text, Field(min_length=1, max_length=1000)]
    reason: Reason


class RefundConversion(Input):
    """Why, for the audit log, and what the customer reads."""

    message: Message = ""
    reason: Reason


class RefundPaid(Input):
    """The payment that was sent by hand."""

    payout_reference: Annotated[Text, Field(max_length=200)]
    reason: Reason


class RefundAct(Input):
    """Why."""

    reason: Reason
