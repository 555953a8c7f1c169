"""Bodies of /api/console/payments and payment-events."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from omna.console.recharge_schemas import OfWorkspace
from omna.http.values import Acted, Amount, Input, Moment, MoneyOut, Output, Reason
from omna.payments.schemas import PaymentEventRow, RechargeLink

WantedEvents = Literal["all", "handled", "failed", "ignored", "unknown"]


class PaymentEvent(PaymentEventRow):
    """An event of a payment service with what it carried."""

    payload: dict[str, Any] = Field(description="As it came. Who does not decide about money sees no personal data.")
    payment_id: str | None
    session_id: str | None
    workspace_id: str | None
    note: str = Field(description="Why it was put aside.")


class PaymentEventActed(PaymentEvent, Acted):
    """An event after an act."""


class PaymentAct(Input):
    """Why."""

    reason: Reason


class RefusedDeliveries(Output):
    """Deliveries that were turned away on one day. Nothing of them is kept."""

    day: date
    processor: str
    cause: str
    count: int
    last_at: Moment


class PaidRecharge(RechargeLink):
    """The order that a payment is for."""

    state: str


class PaymentRow(Output):
    """Money that arrived."""

    payment_id: str
    processor: str
    recharge: PaidRecharge
    workspace: OfWorkspace
    amount: MoneyOut
    credits: Amount
    refunded: MoneyOut
    disputed: bool
    received_at: Moment
    transfer_id: str
