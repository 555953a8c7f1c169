"""Bodies of /api about disputes."""

from typing import Literal

from pydantic import Field

from omna.http.values import Amount, Moment, MoneyOut, Output
from omna.payments.schemas import RechargeLink

DisputeState = Literal["warned", "inquiry", "open", "under_review", "won", "lost", "closed"]


class DisputeRow(Output):
    """A payment that its payer disputes at their bank."""

    id: str = Field(description="`dsp_…`")
    state: DisputeState
    recharge: RechargeLink
    amount: MoneyOut
    clawed: Amount = Field(description="Credits that were taken back for it.")
    debt: Amount = Field(description="What the workspace owes now.")
    opened_at: Moment
    closed_at: Moment | None
    sentence: str = Field(description="What happened, and what follows from it.")
