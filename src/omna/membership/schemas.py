"""Bodies of /api about leaving: the export of everything about a person, and the end of their account."""

from typing import Literal

from omna.http.values import Amount, Flag, Input, Moment, Output, Text


class ExportLink(Output):
    """Where everything about a person can be downloaded, by them alone."""

    id: str
    state: Literal["ready", "making", "expired"]
    url: str | None
    expires_at: Moment | None


class AccountDeletion(Input):
    """The end of an account, meant: `email` is its address, typed."""

    email: Text
    forfeit_credits: Flag = False


class BlockingWorkspace(Output):
    """A team workspace that would lose its last owner."""

    workspace: str
    name: str


class DeletionFacts(Output):
    """What to settle before an account can be deleted. `credits_left`: of the personal workspace."""

    credits_left: Amount
    blocked_by: list[BlockingWorkspace]
