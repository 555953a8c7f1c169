"""PURE  A manual act over Credits: what is wished, and what became of it. Amounts are nanocredits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from omna.errors import InvalidValue
from omna.ids import ProposalId, WorkspaceId
from omna.money import Nanocredits

Kind = Literal["adjustment", "promo", "usage_refund"]
State = Literal["open", "booked", "rejected", "withdrawn", "expired"]
STATES: tuple[str, ...] = get_args(State)

#: Days for which a proposal waits for a second person.
OPEN_DAYS = 7
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody of the staff wants to be booked.

    amount      below zero: taken, of an adjustment alone
    note        what the customer reads in the ledger
    expires_at  last moment of promo Credits; None: they do not expire
    request_id  whose charge is given back, of a usage refund
    """

    workspace_id: WorkspaceId
    kind: Kind
    amount: Nanocredits
    note: str
    expires_at: datetime | None = None
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wish with who made it and what became of it. One that nobody decided in time is expired, swept or not."""

    proposal_id: ProposalId
    workspace_id: WorkspaceId
    kind: Kind
    amount: Nanocredits
    promo_expires_at: datetime | None
    request_id: UUID | None
    note: str
    reason: str
    state: State
    proposer: str
    created_at: datetime
    expires_at: datetime
    decider: str | None
    decided_at: datetime | None
    answer: str
    transfer_id: UUID | None
    alone: bool

    @property
    def wish(self) -> Wish:
        return Wish(self.workspace_id, self.kind, self.amount, self.note, self.promo_expires_at, self.request_id)


def check(wish: Wish, now: datetime) -> Wish:
    """Return a wish with its note tidied. Errors: InvalidValue for one that makes no sense."""
    if wish.amount == 0:
        raise InvalidValue("Zero Credits change nothing.", param="credits")
    if wish.kind == "promo" and wish.amount < 0:
        raise InvalidValue("Promo Credits are given, not taken.", param="credits")
    if wish.kind == "usage_refund" and wish.amount < 0:
        raise InvalidValue("A charge is given back, not taken.", param="credits")
    if (wish.kind == "usage_refund") != (wish.request_id is not None):
        raise InvalidValue("A charge is that of a request: name it, and nothing else.", param="request")
    if wish.expires_at is not None and wish.kind != "promo":
        raise InvalidValue("Only promo Credits expire.", param="expires_on")
    if wish.expires_at is not None and wish.expires_at <= now:
        raise InvalidValue("The Credits would have expired already.", param="expires_on")
    note = wish.note.strip()
    if not note or not note.isprintable():
        raise InvalidValue("Say in one line what the customer shall read in the ledger.", param="note")
    if len(note) > LONGEST_NOTE:
        raise InvalidValue(f"What the customer reads has at most {LONGEST_NOTE} characters.", param="note")
    return Wish(wish.workspace_id, wish.kind, wish.amount, note, wish.expires_at, wish.request_id)
