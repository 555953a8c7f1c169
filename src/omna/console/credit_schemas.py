"""Bodies of /api/console/credits."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from omna.console.recharge_schemas import OfWorkspace
from omna.http.values import Acted, Amount, AmountIn, Input, Moment, Output, Reason, Text
from omna.risk.proposals.model import LONGEST_NOTE, Kind, State

#: What a list can be narrowed to.
Wanted = Literal["open", "booked", "rejected", "withdrawn", "expired", "all"]
Note = Annotated[Text, Field(max_length=LONGEST_NOTE, description="What the customer reads in the ledger.")]


class Proposer(Output):
    """Who proposed it, or decided about it: a person, or a command line."""

    name: str
    yours: bool


class Possible(Output):
    """What the reader may do with it now."""

    approve: bool
    reject: bool
    withdraw: bool


class CreditProposalRow(Output):
    """Credits that staff give or take by hand."""

    id: str = Field(description="`prp_…`")
    workspace: OfWorkspace
    kind: Kind
    credits: Amount = Field(description="Below zero: taken.")
    expires_at: Moment | None = Field(description="When promo Credits end; null is never.")
    request: str | None = Field(description="The request whose charge is given back.")
    note: str = Field(description="What the customer reads in the ledger.")
    state: State
    proposer: Proposer
    created_at: Moment
    open_until: Moment = Field(description="Until when a second person can approve.")
    decided_at: Moment | None
    alone: bool = Field(description="Above the threshold, and booked because nobody else could approve it.")


class CreditProposal(CreditProposalRow):
    """A manual act over Credits with everything about it."""

    reason: str = Field(description="Why it was proposed, for staff alone.")
    decider: Proposer | None
    answer: str = Field(description="Why it was decided so, for staff alone.")
    ledger_line: str | None = Field(description="Where it was booked: `tr_…`")
    threshold: Amount = Field(description="What one person may move alone in a day.")
    yours: bool = Field(description="You belong to its workspace: others have to decide.")
    may: Possible


class CreditProposalActed(CreditProposal, Acted):
    """A manual act over Credits after somebody did something about it."""

    booked: bool = Field(description="It is in the ledger; else a second person has to approve.")


class CreditsWish(Input):
    """Credits to be given or taken."""

    workspace: Annotated[Text, Field(max_length=40, description="`ws_…`")] | None = Field(
        None, description="Not needed beside a request."
    )
    kind: Kind
    credits: AmountIn = Field(description="Below zero: taken, of an adjustment alone.")
    expires_on: date | None = Field(
        None, le=date(2999, 12, 31), description="Last day (UTC) promo Credits can be spent."
    )
    request: Annotated[Text, Field(max_length=60)] | None = Field(
        None, description="`req_…` whose charge is given back, in whole or in part."
    )
    note: Note
    reason: Reason


class CreditsPlanning(CreditsWish):
    """Credits to be given or taken, before anything is decided."""

    note: Note = ""
    reason: Text = ""


class CreditsDecision(Input):
    """Why, for the audit log."""

    reason: Reason


class ChargedRequest(Output):
    """How a request was charged; nothing of what it said."""

    id: str
    workspace: OfWorkspace
    at: Moment
    model: str
    provider: str
    source: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    charge: Amount
    paid: Amount = Field(description="Of the charge, what paid Credits covered.")
    promo: Amount = Field(description="Of the charge, what promo Credits covered.")
    refundable: Amount
    outcome: str
    finish_reason: str | None
    error_code: str | None
    streamed: bool
    estimated: bool
    duration_ms: int
    proposal: str | None = Field(description="What gives the charge back, or will: `prp_…`")
