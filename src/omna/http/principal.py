"""Who is asking, and what they may do. `accounts`, `workspaces` and `keys` know the answers; the app wires them in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from omna.db.pool import Connection
from omna.ids import ManagementKeyId, SessionId, UserId, ViewingId, WorkspaceId


class Role(StrEnum):
    """What a member is in a workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    BILLING = "billing"
    MEMBER = "member"


class Right(StrEnum):
    """What a route may ask for inside a workspace."""

    VIEW = "view"
    CHAT = "chat"
    OWN_KEYS = "own_keys"
    ALL_KEYS = "all_keys"
    OWN_USAGE = "own_usage"
    ALL_USAGE = "all_usage"
    LEDGER = "ledger"
    BILLING = "billing"
    MEMBERS = "members"
    LIMITS = "limits"
    MANAGEMENT_KEYS = "management_keys"
    OWNERSHIP = "ownership"


#: The table of docs/concepts/workspaces.md. Whoever may see all of something may also see their own.
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right) - {Right.BILLING, Right.OWNERSHIP},
    Role.BILLING: frozenset({Right.VIEW, Right.OWN_USAGE, Right.ALL_USAGE, Right.LEDGER, Right.BILLING}),
    Role.MEMBER: frozenset({Right.VIEW, Right.CHAT, Right.OWN_KEYS, Right.OWN_USAGE}),
}


class StaffRight(StrEnum):
    """What a route of the console may ask for."""

    SEE = "see"
    MONEY = "money"
    TICKETS = "tickets"
    FREEZE = "freeze"
    AUDIT = "audit"
    CONFIGURATION = "configuration"
    OWN = "own"


#: The table of docs/operations/staff.md: staff role → rights. A role that is not here is no staff.
STAFF_RIGHTS: Mapping[str, frozenset[StaffRight]] = {
    "owner": frozenset(StaffRight),
    "finance": frozenset({StaffRight.SEE, StaffRight.MONEY, StaffRight.TICKETS}),
    "support": frozenset({StaffRight.SEE, StaffRight.TICKETS, StaffRight.FREEZE}),
    "auditor": frozenset({StaffRight.SEE, StaffRight.AUDIT, StaffRight.CONFIGURATION}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in.

    origin      the network address they come from; frozen: the sentence that says why they may read and not act
    viewing_id  somebody of the staff, viewer_id, sees the app as this customer does, in a session of their own
    """

    user_id: UserId
    session_id: SessionId
    origin: str
    verified: bool
    staff_role: str | None
    frozen: str | None = None
    viewing_id: ViewingId | None = None
    viewer_id: UserId | None = None

    @property
    def staff_rights(self) -> frozenset[StaffRight]:
        """Return what they may do in the console; nothing for who is no staff."""
        return STAFF_RIGHTS.get(self.staff_role or "", frozenset())


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody, or a management key of somebody, inside one workspace.

    rights          what they may do now: of a key, never more than its maker may
    session_id      None for a management key, which therefore never passes a step-up
    frozen          the sentence that says why nothing may be changed: the workspace is frozen, or the person
    """

    workspace_id: WorkspaceId
    user_id: UserId
    role: Role
    rights: frozenset[Right]
    session_id: SessionId | None
    management_key_id: ManagementKeyId | None
    origin: str
    frozen: str | None = None

    def may(self, right: Right) -> bool:
        return right in self.rights


class Identity(Protocol):
    """Turns what a request carries into who is asking."""

    async def person(self, connection: Connection, token: str, origin: str) -> Person:
        """Return whose session this is. Errors: Unauthenticated."""
        ...

    async def member(self, connection: Connection, person: Person, workspace_id: WorkspaceId) -> Member:
        """Return what a person is in a workspace. Errors: NotFound, as for a workspace that does not exist."""
        ...

    async def key(self, connection: Connection, text: str, workspace_id: WorkspaceId, origin: str) -> Member:
        """Return what a management key may do. Errors: Unauthenticated; NotFound for another workspace."""
        ...

    async def seen_by(self, connection: Connection, staff: Person, viewing: str) -> Person:
        """Return the customer whom staff see the app as. Errors: ViewingOver."""
        ...

    async def has_opened(self, connection: Connection, viewing_id: ViewingId, workspace_id: WorkspaceId) -> bool:
        """Return whether it is on record that a workspace was opened in a viewing."""
        ...

    async def open_in_viewing(
        self, connection: Connection, person: Person, keyring: Any, workspace_id: WorkspaceId
    ) -> None:
        """Record that a workspace is looked at. Needs a transaction."""
        ...

    async def enter_console(self, connection: Connection, person: Person) -> None:
        """Note that staff use the console. Errors: SecondFactorRequired, ConsoleClosed."""
        ...

    async def refuse_staff(self, connection: Connection, person: Person, keyring: Any, what: str, right: str) -> None:
        """Record that staff tried what their role does not allow. Needs a transaction."""
        ...

    async def step_up(self, connection: Connection, session_id: SessionId, action: str, target: str) -> None:
        """Use up the fresh proof of identity for an action on a target. Errors: StepUpRequired."""
        ...
