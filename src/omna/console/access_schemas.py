"""Bodies of /api/console/access and /api/console/staff."""

from typing import Annotated, Literal

from pydantic import Field

from omna.http.values import Acted, Amount, AmountIn, Input, Moment, Output, Reason, Text

Role = Literal["owner", "finance", "support", "auditor"]
SignUp = Literal["open", "invite", "approval"]
Source = Literal["configuration", "console"]


class AccessPolicy(Output):
    """Who may make an account, and what a new person is given."""

    sign_up: SignUp
    sign_up_from: Source = Field(description="Where it is set.")
    sign_up_configured: SignUp = Field(description="What the configuration says.")
    starter_credits: Amount
    starter_credits_from: Source
    starter_credits_configured: Amount
    starter_days: int
    changed_at: Moment
    stopped: bool = Field(description="An emergency stop keeps new people out, whatever the mode.")


class PolicyActed(AccessPolicy, Acted):
    """After a change."""


class PolicyChange(Input):
    """Null goes back to the configuration."""

    sign_up: SignUp | None
    starter_credits: AmountIn | None
    reason: Reason


class WaitingRow(Output):
    """Somebody who signed up and waits for a decision."""

    id: str
    email: str
    name: str
    verified: bool
    signed_up_at: Moment


class AccessRequestRow(Output):
    """Somebody without an account who asks for access."""

    id: str
    email: str
    name: str
    message: str
    requested_at: Moment


class InvitationOfStaff(Output):
    """An invitation to make an account that waits for somebody."""

    id: str
    email: str
    invited_by: str | None
    sent_at: Moment
    expires_at: Moment
    expired: bool


class AccessQueues(Output):
    """Who waits: sign-ups longest first, requests and invitations newest first."""

    waiting: list[WaitingRow]
    requests: list[AccessRequestRow]
    invitations: list[InvitationOfStaff]


class StaffRow(Output):
    """Somebody of the staff."""

    id: str
    email: str
    name: str
    role: Role
    second_factor: bool = Field(description="Without one the console does not open to them.")
    last_seen_at: Moment | None = Field(description="In the console.")
    disabled: bool
    you: bool


class AccessAct(Input):
    """Why."""

    reason: Reason


class Declining(Input):
    """Why, for the audit log; and what the person reads."""

    message: Annotated[Text, Field(max_length=500)] = ""
    reason: Reason


class InvitationOffer(Input):
    """Whom to invite."""

    email: Annotated[Text, Field(min_length=3, max_length=254)]
    reason: Reason
