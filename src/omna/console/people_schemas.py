"""Bodies of /api/console/users."""

from typing import Annotated, Literal

from pydantic import Field

from omna.console.access_schemas import Role
from omna.http.values import Acted, Amount, Flag, Input, Moment, Output, Reason, Text

#: What a list of people can be narrowed to.
ShownUsers = Literal["all", "frozen", "disabled", "pending", "unverified", "staff"]
#: What the customer reads; empty: the reason is what they read.
Message = Annotated[Text, Field(max_length=500)]


class Freeze(Output):
    """A freeze in force."""

    since: Moment
    until: Moment | None = Field(description="When it ends by itself; null is never.")
    message: str = Field(description="What the customer reads.")
    reason: str = Field(description="Why, for staff.")


class UserRow(Output):
    """A person in a list of staff."""

    id: str
    email: str = Field(description="Masked for who may not decide about money.")
    name: str
    staff_role: Role | None
    created_at: Moment
    last_seen_at: Moment | None = Field(description="Where they are signed in; null: nowhere.")
    verified: bool
    approved: bool
    disabled: bool
    frozen: bool
    workspace: str | None = Field(description="Their personal workspace.")
    workspace_frozen: bool
    available: Amount
    owed: Amount


class WaysIn(Output):
    """How a person signs in."""

    password: bool
    authenticator: bool
    recovery_codes: int
    passkeys: int
    services: list[str] = Field(description="Other services that lead into the account.")


class SessionOfStaff(Output):
    """Where somebody is signed in."""

    device: str
    origin: str = Field(description="Network address; masked for who may not decide about money.")
    method: str
    created_at: Moment
    last_seen_at: Moment


class MembershipRow(Output):
    """A workspace of somebody."""

    id: str
    name: str
    kind: Literal["personal", "team"]
    role: str
    frozen: bool
    pending: str | None
    available: Amount
    owed: Amount


class TicketOfStaff(Output):
    """A request for support."""

    id: str
    subject: str
    category: str
    state: str
    updated_at: Moment


class UserDetail(Output):
    """Everything staff see of a person."""

    id: str
    email: str
    name: str
    language: str | None
    created_at: Moment
    verified_at: Moment | None
    approved_at: Moment | None
    disabled_at: Moment | None
    deleted_at: Moment | None
    staff_role: Role | None
    freeze: Freeze | None
    ways_in: WaysIn
    sessions: list[SessionOfStaff]
    workspaces: list[MembershipRow]
    tickets: list[TicketOfStaff]
    you: bool = Field(description="This is you: nobody acts on themselves.")


class UserActed(UserDetail, Acted):
    """A person after an act."""


class FreezeNew(Input):
    """Why, for staff and the audit log; what the customer reads; until when."""

    reason: Reason
    message: Message = ""
    until: Annotated[Text, Field(max_length=40)] | None = Field(
        None, description="A moment; null is until somebody unfreezes."
    )


class PersonAct(Input):
    """Why."""

    reason: Reason


class FactorReset(Input):
    """Why, and how you made sure who they are."""

    reason: Reason
    passkeys: Flag = Field(False, description="Remove their passkeys, too: the device is lost or in other hands.")


class RoleChange(Input):
    """What somebody may do in the console; null is nothing."""

    role: Role | None
    reason: Reason
