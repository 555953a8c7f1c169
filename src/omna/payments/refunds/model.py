"""PURE  A refund: Credits on their way back into money, and the ids of what it books."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from omna.ids import RechargeId, RefundId, TransferId, UserId, WorkspaceId, step_id

Kind = Literal["unused", "duplicate"]
Preference = Literal["refund", "convert"]
Payout = Literal["processor", "manual"]
State = Literal["requested", "approved", "sent", "paid", "failed", "rejected", "converted", "cancelled"]
STATES: tuple[str, ...] = get_args(State)

#: Somebody still has to do something about it.
OPEN = ("requested", "approved", "sent")
#: Its Credits have left the balance.
SET_ASIDE = ("approved", "sent", "paid")


@dataclass(frozen=True, slots=True)
class Order:
    """The recharge a refund is about, as far as refunds need to know it."""

    workspace_id: WorkspaceId
    recharge_id: RechargeId
    reference: str
    channel: str
    state: str
    credits: int
    bonus: int
    price_minor: int
    fee_minor: int
    currency: str
    processor: str | None
    method: str | None
    created_by: UserId | None

    @property
    def total_minor(self) -> int:
        return self.price_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that arrived. `bonus_id` is the grant that came with it."""

    workspace_id: WorkspaceId
    payment_key: UUID
    recharge_id: RechargeId
    processor: str
    payment_id: str
    amount_minor: int
    currency: str
    credits: int
    bonus: int
    bonus_id: UUID | None


@dataclass(frozen=True, slots=True)
class Refund:
    """A row of `refunds`, with the names of the orders it speaks of.

    credits             asked for; approved_credits what was set aside
    round               how often it was set aside again, after a payout that failed for good
    payout_key          what the payment service knows the payout by
    promo_withdrawn     promo Credits of the recharge that were taken back with it
    """

    workspace_id: WorkspaceId
    refund_id: RefundId
    recharge_id: RechargeId
    reference: str
    channel: str
    payment_key: UUID | None
    other_recharge: RechargeId | None
    other_reference: str | None
    kind: Kind
    preference: Preference
    state: State
    requested_by: UserId | None
    client_token: str
    reason: str
    credits: int
    approved_credits: int | None
    amount_minor: int | None
    currency: str
    payout: Payout | None
    payout_reference: str
    processor_refund: str | None
    payout_key: UUID | None
    round: int
    promo_withdrawn: int
    promo_expires_at: datetime | None
    answer: str
    failure: str
    flag: str
    reviewer_id: UserId | None
    review_until: datetime | None
    reviewer_name: str | None
    first_approver: UserId | None
    first_approved_at: datetime | None
    first_terms: dict[str, Any] | None
    decided_by: UserId | None
    decided_at: datetime | None
    paid_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    created_at: datetime
    #: The clock of the database when this was read.
    read_at: datetime

    @property
    def shown_state(self) -> str:
        """Return the state as people read it: somebody who reviews a request has it for a while."""
        locked = self.review_until is not None and self.review_until > self.read_at
        return "in_review" if self.state == "requested" and locked else self.state

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def transfer(self, step: Literal["approve", "pay", "fail", "promo_back"]) -> TransferId:
        """Return the id of what a step of this round books. What approves it has the name of its payout, too."""
        if step == "approve":
            return TransferId(self.key_of_round(self.round))
        return TransferId(step_id(self.refund_id, f"{step}:{self.round}"))

    def key_of_round(self, number: int) -> UUID:
        """Return what the payment service is to know the payout of a round by: a failed one can never be sent again."""
        return self.refund_id if number == 0 else step_id(self.refund_id, f"payout:{number}")
