"""Bodies of /api about changes in a team that reach its keys or its Credits."""

from typing import Literal

from pydantic import Field

from omna.http.principal import Role
from omna.http.values import AmountIn, Flag, Input, Text

Fate = Literal["stop", "hand_over"]


class MemberChange(Input):
    """What changes about a member; what is absent stays."""

    role: Role | None = None
    spend_limit: AmountIn | None = None
    spend_period: Literal["day", "week", "month"] | None = None
    no_spend_limit: Flag = False
    keys: Fate | None = Field(None, description="Needed when they have keys, and the new role may not.")


class MemberRemoval(Input):
    """What becomes of the keys of who goes: they stop, or the one who acts gets them."""

    keys: Fate = "stop"


class OwnershipTransfer(Input):
    """Who is to be the owner, and the workspace's name, typed."""

    member: str
    name: Text


class WorkspaceDeletion(Input):
    """The workspace's name, typed, and whether its Credits are given up."""

    name: Text
    forfeit_credits: Flag = False
