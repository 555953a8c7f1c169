"""Bodies of /api/console/workspaces."""

from typing import Literal

from pydantic import Field

from omna.console.people_schemas import Freeze, TicketOfStaff
from omna.http.values import Acted, Amount, AmountIn, Flag, Input, Moment, MoneyOut, Output, Reason, Whole

#: What a list of workspaces can be narrowed to.
ShownWorkspaces = Literal["all", "frozen", "debt", "flagged", "pending", "team", "personal"]


class WorkspaceRowOfStaff(Output):
    """A workspace in a list of staff."""

    id: str
    name: str
    kind: Literal["personal", "team"]
    owner_email: str | None = Field(description="Of the first owner; masked for who may not decide about money.")
    members: int
    created_at: Moment
    frozen: bool
    pending: str | None
    available: Amount
    held: Amount
    owed: Amount
    spent_today: Amount
    daily_limit: Amount | None


class WalletFacts(Output):
    """What a workspace owns and owes."""

    available_paid: Amount
    available_promo: Amount
    held: Amount
    owed: Amount
    refund_pending: Amount


class Limits(Output):
    """What bounds a workspace; null is no limit."""

    daily_limit: Amount | None = Field(description="Of the operator.")
    own_daily_limit: Amount | None = Field(description="Of its own owners; the lower one binds.")
    max_running: int | None
    spent_today: Amount
    requests_today: int


class RunningRow(Output):
    """A request that runs now."""

    id: str
    model: str | None
    source: str | None
    key_name: str | None
    held: Amount
    since: Moment


class RequestRowOfStaff(Output):
    """A settled request: counts and costs, never what was said."""

    id: str
    model: str
    outcome: str
    error_code: str | None
    source: str
    prompt_tokens: int
    completion_tokens: int
    charge: Amount
    provider_cost: Amount
    duration_ms: int
    at: Moment


class KeyRowOfStaff(Output):
    """A key."""

    id: str
    name: str
    label: str = Field(description="Its first and last characters.")
    status: str
    creator_name: str | None
    rpm: int | None
    max_running: int | None
    spend_limit: Amount | None
    spend_period: str | None
    expires_at: Moment | None
    last_used_at: Moment | None
    spent_30d: Amount


class MemberOfStaff(Output):
    """A member."""

    id: str
    email: str
    name: str
    role: str
    spend_limit: Amount | None
    spend_period: str | None
    joined_at: Moment
    disabled: bool
    frozen: bool


class OrderRowOfStaff(Output):
    """A recharge."""

    id: str
    reference: str
    state: str
    channel: str
    credits: Amount
    flag: str
    created_at: Moment


class RefundOfStaff(Output):
    """A refund."""

    id: str
    reference: str
    state: str
    credits: Amount
    created_at: Moment


class DisputeOfStaff(Output):
    """A dispute."""

    id: str
    reference: str
    state: str
    amount: MoneyOut
    opened_at: Moment


class FlagOfStaff(Output):
    """What a rule found about a workspace."""

    at: Moment
    rule: str
    why: str
    why_zh: str
    acted: str | None = Field(description="What was done: flag, review, limit or freeze; null: nothing yet.")
    reversed: bool


class WorkspaceOfStaff(Output):
    """Everything staff see of a workspace."""

    id: str
    name: str
    kind: Literal["personal", "team"]
    person: str | None = Field(description="Of a personal workspace: whose it is.")
    created_at: Moment
    deleted_at: Moment | None
    pending: str | None
    freeze: Freeze | None
    frozen_with_person: bool = Field(description="Frozen because its person is: unfreeze the person.")
    wallet: WalletFacts
    limits: Limits
    running: list[RunningRow]
    members: list[MemberOfStaff]
    keys: list[KeyRowOfStaff]
    orders: list[OrderRowOfStaff]
    refunds: list[RefundOfStaff]
    disputes: list[DisputeOfStaff]
    flags: list[FlagOfStaff] = Field(description="What rules of risk found of late, newest first.")
    case: str | None = Field(description="The open case of risk about it: `/risk/{case}` in the console.")
    trusted: bool = Field(description="An owner of the staff vouches for it: rules leave it alone.")
    tickets: list[TicketOfStaff]
    requests: list[RequestRowOfStaff]
    yours: bool = Field(description="You belong to it: somebody else has to act.")


class WorkspaceActed(WorkspaceOfStaff, Acted):
    """A workspace after an act."""


class LimitsChange(Input):
    """What is to bound a workspace; null is no limit. Only an owner of the staff raises a limit or takes it away."""

    daily_limit: AmountIn | None
    max_running: Whole | None
    reason: Reason


class KeyEnding(Input):
    """Why a key ends."""

    reason: Reason
    leaked: Flag = Field(False, description="Somebody else may have it: the owners are told by mail.")
