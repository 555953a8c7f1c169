"""Bodies of /api about workspaces, members and invitations."""

from typing import Literal

from pydantic import Field

from omna.http.principal import Role
from omna.http.values import Amount, AmountIn, Flag, Input, Moment, Output, Text

MemberPeriod = Literal["day", "week", "month"]


class WorkspaceRow(Output):
    """A workspace in the switcher."""

    id: str
    name: str
    kind: Literal["personal", "team"]
    role: Role
    rights: list[str] = Field(description="What you may do here.")
    balance: Amount | None = Field(description="Credits that can be spent now.")
    low_balance_threshold: Amount | None = Field(description="Below this its people are warned; null is never.")
    pending: Literal["verification", "approval"] | None = Field(
        description="What its person waits for; nothing can be spent until then."
    )
    frozen_reason: str | None
    frozen_at: Moment | None
    frozen_until: Moment | None = Field(description="When the freeze ends by itself; null is never.")


class WorkspaceDetail(WorkspaceRow):
    """A workspace with its limits."""

    daily_limit: Amount | None = Field(description="The lower one of the operator's and your own.")
    spent_today: Amount
    held_today: Amount
    resets_at: Moment
    max_running: int | None
    members: int
    created_at: Moment


class WorkspaceNew(Input):
    """A team workspace that is to be."""

    name: Text


class WorkspaceChange(Input):
    """What changes; what is absent stays."""

    name: Text | None = None
    daily_limit: AmountIn | None = None
    no_daily_limit: Flag = Field(False, description="Take your own limit away; the operator's stays.")
    low_balance_threshold: AmountIn | None = None
    no_low_balance_threshold: Flag = False


class MemberRow(Output):
    """A member."""

    id: str
    name: str
    email: str | None = Field(description="For those who manage members, and of yourself.")
    role: Role
    you: bool
    joined_at: Moment
    spend_limit: Amount | None
    spend_period: MemberPeriod | None
    spent_in_period: Amount | None = Field(description="With what is held; null without a limit.")
    spent_30_days: Amount | None
    keys: int | None


class InvitationNew(Input):
    """Whom to invite, and as what."""

    email: Text
    role: Role = Role.MEMBER
    spend_limit: AmountIn | None = None
    spend_period: MemberPeriod | None = None


class InvitationRow(Output):
    """An invitation that waits for somebody."""

    id: str
    email: str
    role: Role
    spend_limit: Amount | None
    spend_period: MemberPeriod | None
    invited_by: str
    created_at: Moment
    expires_at: Moment
    expired: bool
