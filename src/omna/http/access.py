"""What a route of /api requires of its caller. Every route names one of these in its signature; `api.py` refuses to
start with one that does not, so nothing is open by omission.

    async def rename(key: KeyPath, who: Annotated[Member, Can(Right.OWN_KEYS)], connection: Work) -> Key: ...
    async def approve(body: Approval, who: Annotated[Person, StaffCan(StaffRight.MONEY)], connection: Work) -> Done: ...

In a viewing (a customer's app as staff see it, named by the header VIEWING) only the reads of SHOWN answer, on
connections that cannot write; see viewing.py.

Who is frozen, or is in a workspace that is, reads and changes nothing, unless a route says `while_frozen`.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

import asyncpg
from fastapi import Depends, Path, Request

from omna.db.pool import Connection, borrow, transaction
from omna.errors import (
    AccountFrozen,
    ConflictingCredentials,
    Forbidden,
    NotFound,
    ServiceUnavailable,
    Unauthenticated,
    UnknownUrl,
)
from omna.http.principal import Identity, Member, Person, Right, StaffRight
from omna.http.viewing import READS, VIEWING, require_no_viewing
from omna.ids import WorkspaceId, parse

#: Of what was tried, in the audit log.
_LONGEST_ADDRESS = 200


class Requirement:
    """Marks a dependency that decides who may call a route."""

    #: How the reference names it.
    name: str


class _Anyone(Requirement):
    """Who has not signed in: sign-in itself, facts that everybody may know. Gives the network address."""

    name = "anyone"

    async def __call__(self, request: Request) -> str:
        return origin_of(request)


class _SignedIn(Requirement):
    """A person with a session."""

    name = "signed in"

    def __init__(self, while_frozen: bool) -> None:
        self.while_frozen = while_frozen

    async def __call__(self, request: Request) -> Person:
        _require_browser(request)
        async with borrow(_pool(request)) as connection:
            person = await _person(request, connection)
        if not self.while_frozen:
            _require_thawed(request, person)
        return person


class _Staff(Requirement):
    """Somebody of the staff, whether the console is open to them or not. For others there is nothing here."""

    name = "staff"

    async def __call__(self, request: Request) -> Person:
        _require_browser(request)
        async with borrow(_pool(request)) as connection:
            person = await _staff(request, connection)
        _require_thawed(request, person)
        return person


class _StaffCan(Requirement):
    """Somebody of the staff with this right, in a console that is open. For others there is nothing here."""

    def __init__(self, right: StaffRight) -> None:
        self.right = right
        self.name = f"staff: {right}"

    async def __call__(self, request: Request) -> Person:
        _require_browser(request)
        async with borrow(_pool(request)) as connection:
            person = await _staff(request, connection)
            if person.frozen is not None:
                raise AccountFrozen(person.frozen)
            await _identity(request).enter_console(connection, person)
        if self.right not in person.staff_rights:
            await self._record_refusal(request, person)
            raise Forbidden(f"Your role in the console ({person.staff_role}) does not allow this.")
        return person

    async def _record_refusal(self, request: Request, person: Person) -> None:
        path = quote(request.scope["path"])
        what = f"{request.method} {path}"[:_LONGEST_ADDRESS]
        async with transaction(_pool(request)) as connection:
            await _identity(request).refuse_staff(connection, person, request.app.state.keyring, what, self.right)


class _Can(Requirement):
    """A member, or a management key, with one of these rights in the workspace of the address."""

    def __init__(self, rights: tuple[Right, ...], people_only: bool, while_frozen: bool) -> None:
        self.rights = rights
        self.people_only = people_only
        self.while_frozen = while_frozen
        self.name = " or ".join(rights)

    async def __call__(
        self, request: Request, workspace: Annotated[str, Path(description="The workspace: `ws_…`")]
    ) -> Member:
        try:
            workspace_id = WorkspaceId(parse(workspace, "ws"))
        except ValueError:
            raise NotFound("There is no such workspace.") from None
        async with borrow(_pool(request)) as connection:
            member, person = await self._member(request, connection, workspace_id)
            if person is not None and person.viewing_id is not None:
                noted = await _identity(request).has_opened(connection, person.viewing_id, workspace_id)
            else:
                noted = True
        if person is not None and not noted:
            async with transaction(_pool(request)) as connection:
                keyring = request.app.state.keyring
                await _identity(request).open_in_viewing(connection, person, keyring, workspace_id)
        if not member.rights.intersection(self.rights):
            raise Forbidden(f"Your role in this workspace ({member.role}) does not allow this.")
        if not self.while_frozen:
            _require_thawed(request, member)
        return member

    async def _member(
        self, request: Request, connection: Connection, workspace_id: WorkspaceId
    ) -> tuple[Member, Person | None]:
        identity, authorization = _identity(request), request.headers.get("authorization")
        if authorization is None:
            person = await _person(request, connection)
            return await identity.member(connection, person, workspace_id), person
        if request.app.state.cookies.session in request.cookies:
            raise ConflictingCredentials("Send a session cookie or a management key, not both.")
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Send `Authorization: Bearer omna_mgmt_…`.")
        if self.people_only:
            raise Forbidden("A management key cannot do this; sign in with a browser.")
        return await identity.key(connection, text.strip(), workspace_id, origin_of(request)), None


def Can(*rights: Right, people_only: bool = False, while_frozen: bool = False) -> Any:  # noqa: N802 - an annotation
    """Require a member with at least one of the rights.

    people_only   management keys are refused
    while_frozen  also who is frozen, or is in a frozen workspace, may do it: ask for help, take power away
    """
    return Depends(_Can(rights, people_only, while_frozen))


def StaffCan(right: StaffRight) -> Any:  # noqa: N802 - reads as the annotation it is
    """Require somebody of the staff with a right. Everybody of them has a second factor and has opened the console."""
    return Depends(_StaffCan(right))


Anyone = Annotated[str, Depends(_Anyone())]
SignedIn = Annotated[Person, Depends(_SignedIn(while_frozen=False))]
EvenFrozen = Annotated[Person, Depends(_SignedIn(while_frozen=True))]
Staff = Annotated[Person, Depends(_Staff())]


async def _reading(request: Request) -> AsyncIterator[Connection]:
    async with borrow(_pool(request)) as connection:
        if VIEWING not in request.headers:
            yield connection
            return
        # The isolation is that of a report, which may begin one inside.
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection


async def _working(request: Request) -> AsyncIterator[Connection]:
    require_no_viewing(request)
    async with transaction(_pool(request)) as connection:
        yield connection


#: A connection for reads.
Reading = Annotated[Connection, Depends(_reading, scope="function")]
#: A connection in a transaction, committed before the answer is sent and rolled back when the route raises.
Work = Annotated[Connection, Depends(_working, scope="function")]


def _pooled(request: Request) -> asyncpg.Pool:
    require_no_viewing(request)
    return _pool(request)


#: The pool, for a route that waits for something between two short transactions.
AtPool = Annotated[asyncpg.Pool, Depends(_pooled)]


class StepUp:
    """Uses up the fresh proof of identity that an action needs."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def __call__(self, connection: Connection, who: Person | Member, action: str, target: str = "") -> None:
        """Errors: StepUpRequired, which names action and target; Forbidden for a management key."""
        if who.session_id is None:
            raise Forbidden("A management key cannot do this; sign in with a browser.")
        await self._identity.step_up(connection, who.session_id, action, target)


def _step_up(request: Request) -> StepUp:
    return StepUp(_identity(request))


Confirm = Annotated[StepUp, Depends(_step_up)]


def origin_of(request: Request) -> str:
    """Return the network address of the client."""
    address: str = request.scope["omna.origin"]
    return address


def requirement_of(dependant: Any) -> Requirement | None:
    """Return what a route requires, or None when it names nothing."""
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Requirement):
            return dependency.call
        found = requirement_of(dependency)
        if found is not None:
            return found
    return None


def _require_browser(request: Request) -> None:
    if "authorization" in request.headers:
        raise Unauthenticated("This address is for people: sign in with a browser.")


def _require_thawed(request: Request, who: Person | Member) -> None:
    if who.frozen is not None and request.method not in READS:
        raise AccountFrozen(who.frozen)


async def _staff(request: Request, connection: Connection) -> Person:
    person = await _person(request, connection)
    if not person.staff_rights:
        raise UnknownUrl
    return person


async def _person(request: Request, connection: Connection) -> Person:
    token = request.cookies.get(request.app.state.cookies.session)
    if not token:
        raise Unauthenticated
    person = await _identity(request).person(connection, token, origin_of(request))
    viewing = request.headers.get(VIEWING)
    return person if viewing is None else await _identity(request).seen_by(connection, person, viewing)


def _identity(request: Request) -> Identity:
    identity: Identity = request.app.state.identity
    return identity


def _pool(request: Request) -> asyncpg.Pool:
    pool: asyncpg.Pool | None = request.app.state.pool
    if pool is None:
        raise ServiceUnavailable(retry_after=2)
    return pool


__all__ = [
    "Anyone",
    "AtPool",
    "Can",
    "Confirm",
    "EvenFrozen",
    "Reading",
    "Requirement",
    "SignedIn",
    "Staff",
    "StaffCan",
    "StepUp",
    "Work",
    "origin_of",
    "requirement_of",
]
