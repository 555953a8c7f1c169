"""Bodies of /api/console/disputes."""

from typing import Annotated, Literal

from pydantic import Field

from omna.console.recharge_schemas import FirstApprover, OfWorkspace
from omna.http.values import Acted, Amount, AmountIn, Input, Moment, MoneyOut, Output, Reason, Text
from omna.payments.disputes.schemas import DisputeState
from omna.payments.schemas import RechargeLink, Step

#: What a list of disputes can be narrowed to. `todo`: not over yet.
Wanted = Literal["todo", "warned", "inquiry", "open", "under_review", "won", "lost", "closed", "all"]


class StaffDisputeRow(Output):
    """A dispute in a list of staff."""

    id: str = Field(description="`dsp_…`")
    state: DisputeState
    processor: str
    reason: str
    recharge: RechargeLink
    workspace: OfWorkspace
    amount: MoneyOut
    clawed: Amount
    answer_owed: bool = Field(description="The bank waits for an answer.")
    evidence_due: Moment | None
    flag: str = Field(description="Why a person should look: risk_review, returned_after_loss, partly_returned.")
    opened_at: Moment
    closed_at: Moment | None


class DisputeMay(Output):
    """What can be done about a dispute now."""

    evidence_sent: bool
    close: bool = Field(description="Won or lost, only of a payment by hand: else its payment service says so.")
    put_aside: bool = Field(description="A warning, or an inquiry by hand, of which nothing came.")
    write_off: bool
    unfreeze: bool


class StaffDispute(StaffDisputeRow):
    """A dispute with everything about it."""

    external_id: str
    withdrawn: MoneyOut = Field(description="Taken by the bank until now.")
    returned: MoneyOut = Field(description="Given back by it until now.")
    booked: Literal["nothing", "opened", "won", "lost"]
    froze: bool
    frozen: str | None = Field(description="Why the workspace is frozen now.")
    debt_now: Amount
    written_off: Amount
    write_off_most: Amount
    evidence_sent_at: Moment | None
    ledger_line: str | None = Field(description="The ledger line with which its Credits were taken back: `tr_…`.")
    first_approver: FirstApprover | None
    timeline: list[Step]
    yours: bool = Field(description="You belong to its workspace: somebody else has to decide.")
    may: DisputeMay


class StaffDisputeActed(StaffDispute, Acted):
    """A dispute after an act."""


class DebtWrittenOff(StaffDisputeActed):
    """A dispute after its debt was given up."""

    booked_now: bool = Field(description="It is done; else a second person has to agree, too.")


class DisputeNew(Input):
    """A dispute of a payment by hand, of which a bank wrote."""

    recharge_id: Text
    state: Literal["inquiry", "open", "lost"]
    amount_typed: Annotated[Text, Field(max_length=20, examples=["12.50"])]
    reason: Reason


class DisputeEnd(Input):
    """How a dispute by hand ended; `closed`: nothing came of it."""

    outcome: Literal["won", "lost", "closed"]
    reason: Reason


class DebtWriteOff(Input):
    """How much of a debt is given up."""

    credits: AmountIn
    reason: Reason


class DebtPlanning(Input):
    """How much of a debt would be given up."""

    credits: AmountIn
    reason: Text = ""


class DisputeAct(Input):
    """Why."""

    reason: Reason
