"""What a route of /api requires of its caller. Every route names one of these in its signature; `api.py` refuses to
start with one that does not, so nothing is open by omission.

    async def rename(key: KeyPath, who: Annotated[Member, Can(Right.OWN_KEYS)], connection: Work) -> Key: ...
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Path, Request

from omna.db.pool import Connection, borrow, transaction
from omna.errors import ConflictingCredentials, Forbidden, NotFound, ServiceUnavailable, Unauthenticated
from omna.http.principal import Identity, Member, Person, Right
from omna.ids import WorkspaceId, parse


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

    async def __call__(self, request: Request) -> Person:
        if "authorization" in request.headers:
            raise Unauthenticated("This address is for people: sign in with a browser.")
        async with borrow(_pool(request)) as connection:
            return await _person(request, connection)


class _Can(Requirement):
    """A member, or a management key, with one of these rights in the workspace of the address."""

    def __init__(self, rights: tuple[Right, ...], people_only: bool) -> None:
        self.rights = rights
        self.people_only = people_only
        self.name = " or ".join(rights)

    async def __call__(
        self, request: Request, workspace: Annotated[str, Path(description="The workspace: `ws_…`")]
    ) -> Member:
        try:
            workspace_id = WorkspaceId(parse(workspace, "ws"))
        except ValueError:
            raise NotFound("There is no such workspace.") from None
        async with borrow(_pool(request)) as connection:
            member = await self._member(request, connection, workspace_id)
        if not member.rights.intersection(self.rights):
            raise Forbidden(f"Your role in this workspace ({member.role}) does not allow this.")
        return member

    async def _member(self, request: Request, connection: Connection, workspace_id: WorkspaceId) -> Member:
        identity, authorization = _identity(request), request.headers.get("authorization")
        if authorization is None:
            return await identity.member(connection, await _person(request, connection), workspace_id)
        if request.app.state.cookies.session in request.cookies:
            raise ConflictingCredentials("Send a session cookie or a management key, not both.")
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Send `Authorization: Bearer omna_mgmt_…`.")
        if self.people_only:
            raise Forbidden("A management key cannot do this; sign in with a browser.")
        return await identity.key(connection, text.strip(), workspace_id, origin_of(request))


def Can(*rights: Right, people_only: bool = False) -> Any:  # noqa: N802 - reads as the annotation it is
    """Require a member with at least one of the rights. people_only: management keys are refused."""
    return Depends(_Can(rights, people_only))


Anyone = Annotated[str, Depends(_Anyone())]
SignedIn = Annotated[Person, Depends(_SignedIn())]


async def _reading(request: Request) -> AsyncIterator[Connection]:
    async with borrow(_pool(request)) as connection:
        yield connection


async def _working(request: Request) -> AsyncIterator[Connection]:
    async with transaction(_pool(request)) as connection:
        yield connection


#: A connection for reads.
Reading = Annotated[Connection, Depends(_reading, scope="function")]
#: A connection in a transaction, committed before the answer is sent and rolled back when the route raises.
Work = Annotated[Connection, Depends(_working, scope="function")]


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


async def _person(request: Request, connection: Connection) -> Person:
    token = request.cookies.get(request.app.state.cookies.session)
    if not token:
        raise Unauthenticated
    return await _identity(request).person(connection, token, origin_of(request))


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
    "Can",
    "Confirm",
    "Reading",
    "Requirement",
    "SignedIn",
    "StepUp",
    "Work",
    "origin_of",
    "requirement_of",
]
