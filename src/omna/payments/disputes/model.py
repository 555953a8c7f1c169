"""PURE  A dispute: what the payer's bank did with a payment, and what was booked for it.

Booked is what money did, not what a status is called: `opened` once money was withdrawn, `won` once all of it came
back, `lost` when the case is over and it did not.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from omna.ids import DisputeId, RechargeId, TransferId, WorkspaceId, step_id

State = Literal["warned", "inquiry", "open", "under_review", "won", "lost", "closed"]
STATES: tuple[str, ...] = get_args(State)
Booked = Literal["nothing", "opened", "won", "lost"]

#: A later word replaces an earlier one; whichever of the last comes first stays.
RANK = {"warned": 0, "inquiry": 1, "open": 2, "under_review": 3, "won": 4, "lost": 4, "closed": 4}
OVER = frozenset({"won", "lost", "closed"})
#: An answer to the bank is owed.
ANSWER_OWED = frozenset({"inquiry", "open"})

RISK_REVIEW = "risk_review"
RETURNED_AFTER_LOSS = "returned_after_loss"
PARTLY_RETURNED = "partly_returned"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A row of `disputes`, with names. Amounts of money are cumulative.

    clawed          Credits taken back for it; more_claws: transfers of it, beside the one with its own id
    froze           whether it froze the workspace
    """

    workspace_id: WorkspaceId
    dispute_id: DisputeId
    recharge_id: RechargeId
    reference: str
    payment_key: UUID
    processor: str
    external_id: str
    state: State
    reason: str
    amount_minor: int
    currency: str
    withdrawn_minor: int
    returned_minor: int
    clawed: int
    more_claws: list[UUID]
    booked: Booked
    froze: bool
    written_off: int
    first_approver: UUID | None
    first_approved_at: datetime | None
    first_amount: int | None
    promo_withdrawn: int
    promo_expires_at: datetime | None
    evidence_due: datetime | None
    evidence_sent_at: datetime | None
    note: str
    flag: str
    opened_at: datetime
    closed_at: datetime | None

    @property
    def answer_owed(self) -> bool:
        return self.state in ANSWER_OWED and self.evidence_sent_at is None

    @property
    def freeze_reason(self) -> str:
        """Return why its workspace was frozen for it."""
        return f"A payment of this workspace (recharge {self.reference}) was taken back by the payer's bank"

    def transfer(self, step: str) -> TransferId:
        """Return the id of what a step books beside claws."""
        return TransferId(step_id(self.dispute_id, step))

    def next_claw(self) -> TransferId:
        """Return the id of the transfer that takes Credits back next: the first one has the dispute's own."""
        if not self.clawed:
            return TransferId(self.dispute_id)
        return self.transfer(f"claw:{len(self.more_claws)}")


@dataclass(frozen=True, slots=True)
class Movement:
    """What is known of a dispute now: its newest word, and money so far."""

    state: State
    withdrawn_minor: int
    returned_minor: int


def later(state: str, word: str) -> str:
    """Return the state after a word: words come late and out of order, and what is over is over."""
    return word if RANK[word] > RANK[state] else state


def next_booking(booked: Booked, now: Movement) -> Booked:
    """Return how it is to be booked, given what it is booked as."""
    if booked in ("won", "lost") or now.withdrawn_minor == 0:
        return booked
    if now.returned_minor >= now.withdrawn_minor:
        return "won"
    return "lost" if now.state == "lost" else "opened"


def steps_to(booked: Booked, wanted: Booked) -> tuple[Booked, ...]:
    """Return the bookings that lead there. What is won or lost when first heard of was opened before."""
    path: tuple[Booked, ...] = ("opened", wanted) if wanted in ("won", "lost") else (wanted,)
    return () if booked == wanted else path[1:] if booked == "opened" else path
