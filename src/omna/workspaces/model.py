"""PURE  A tenant, its members and who is invited. Amounts are nanocredits."""

from dataclasses import dataclass
from datetime import datetime

from omna.ids import InvitationId, UserId, WorkspaceId

#: What a personal workspace may wait for.
VERIFICATION = "verification"
APPROVAL = "approval"

#: Of a member's spend limit: UTC days, weeks from Monday, calendar months.
PERIODS = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant.

    daily_limit    the operator's, in nanocredits a UTC day; own_daily_limit: the workspace's own; the lower one binds
    max_running    requests at a time; None is no limit, as of the others
    frozen_reason  set while it is frozen: what its people read; frozen_note: why, for staff
    frozen_until   when it ends by itself; None is never
    frozen_with_person  a personal workspace that is frozen because its person is
    pending        what its person still waits for (`verification`, `approval`); nothing can be spent until then
    low_balance_threshold  available nanocredits below which its people are told; None is never
    """

    workspace_id: WorkspaceId
    kind: str
    name: str
    personal_user_id: UserId | None
    frozen_at: datetime | None
    frozen_reason: str | None
    daily_limit: int | None
    created_at: datetime
    max_running: int | None = None
    pending: str | None = None
    low_balance_threshold: int | None = None
    own_daily_limit: int | None = None
    frozen_note: str = ""
    frozen_until: datetime | None = None
    frozen_with_person: bool = False

    @property
    def binding_daily_limit(self) -> int | None:
        """What may be spent in a UTC day, whoever said so."""
        return min((limit for limit in (self.daily_limit, self.own_daily_limit) if limit is not None), default=None)


@dataclass(frozen=True, slots=True)
class Today:
    """What a workspace spent and holds in the UTC day, which ends at `resets_at`."""

    spent: int
    held: int
    resets_at: datetime
    members: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A workspace as one of its members sees it in the switcher. `available` is what a request may hold."""

    workspace: Workspace
    role: str
    balance: int
    available: int
    members: int


@dataclass(frozen=True, slots=True)
class SpendLimit:
    """What a member may spend over all of their keys in a period."""

    amount: int
    period: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member. What they spent is over all of their keys, in the period of their limit with what is held."""

    user_id: UserId
    name: str
    email: str
    role: str
    limit: SpendLimit | None
    spent_in_period: int
    spent_30_days: int
    keys: int
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open invitation as the members' page lists it."""

    invitation_id: InvitationId
    workspace_id: WorkspaceId
    email: str
    role: str
    limit: SpendLimit | None
    invited_by: UserId
    inviter_name: str
    created_at: datetime
    sent_at: datetime
    expires_at: datetime
    expired: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """What the holder of a token may know of an invitation."""

    invitation_id: InvitationId
    workspace_id: WorkspaceId
    workspace_name: str
    email: str
    email_normalized: str
    role: str
    limit: SpendLimit | None
    inviter_name: str
    expires_at: datetime
