"""Tenants: create them with their wallet, find them by what an operator types or by who asks."""

from collections.abc import Sequence

from omna.audit import service as audit
from omna.config import Risk
from omna.db.pool import Connection
from omna.errors import Conflict, EmailNotVerified, InvalidValue, NotFound
from omna.http.principal import Role
from omna.ids import UserId, WorkspaceId, new_id, parse, show
from omna.ledger import service as ledger
from omna.mail import address
from omna.money import parse_credits
from omna.workspaces import store
from omna.workspaces.model import Membership, Workspace

__all__ = [
    "Membership",
    "Workspace",
    "create_personal",
    "create_team",
    "find",
    "get",
    "list_of_person",
    "owned_alone",
    "rename",
    "role_of",
    "set_daily_limit",
    "set_frozen",
    "set_max_running",
    "set_pending",
]

#: Team workspaces one person may own: enough for people, too few for a flood.
MOST_TEAMS = 20
LONGEST_NAME = 100


async def create_personal(
    connection: Connection,
    user_id: UserId,
    name: str,
    *,
    risk: Risk,
    actor: audit.Actor,
    pending: str | None = None,
) -> Workspace:
    """Create the personal workspace of a person, its membership and its wallet, with the default daily limit.

    pending  what its person still waits for: `verification` or `approval`
    """
    return await _create(connection, "personal", user_id, name, risk=risk, actor=actor, pending=pending)


async def create_team(
    connection: Connection, user_id: UserId, name: str, *, verified: bool, risk: Risk, actor: audit.Actor
) -> Workspace:
    """Create a team workspace with an empty balance, owned by a person.

    Errors  EmailNotVerified, InvalidValue for the name, Conflict when the person owns too many
    """
    if not verified:
        raise EmailNotVerified
    name = _checked(name)
    await store.lock_person(connection, user_id)
    if await store.teams_owned(connection, user_id) >= MOST_TEAMS:
        raise Conflict(f"One person owns at most {MOST_TEAMS} team workspaces. Delete one, or hand one over.")
    return await _create(connection, "team", user_id, name, risk=risk, actor=actor)


async def _create(
    connection: Connection,
    kind: str,
    user_id: UserId,
    name: str,
    *,
    risk: Risk,
    actor: audit.Actor,
    pending: str | None = None,
) -> Workspace:
    workspace_id = WorkspaceId(new_id())
    limit = parse_credits(risk.default_daily_limit) if risk.default_daily_limit else None
    personal_user_id = user_id if kind == "personal" else None
    await store.add(connection, workspace_id, kind, name, personal_user_id, limit, pending)
    await store.add_member(connection, workspace_id, user_id, Role.OWNER)
    await ledger.open_wallet(connection, workspace_id)
    await audit.record(
        connection,
        actor,
        "workspace.create",
        show("ws", workspace_id),
        after={
            "kind": kind,
            "owner": show("usr", user_id),
            "daily_limit": risk.default_daily_limit or None,
            "pending": pending,
        },
    )
    return await get(connection, workspace_id)


async def list_of_person(connection: Connection, user_id: UserId) -> Sequence[Membership]:
    """Return the workspaces a person is a member of, the personal one first."""
    return await store.of_person(connection, user_id)


async def owned_alone(connection: Connection, user_id: UserId) -> Sequence[Workspace]:
    """Return the team workspaces of which a person is the only owner: they would be nobody's without them."""
    return await store.owned_alone(connection, user_id)


async def role_of(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> Role | None:
    """Return what a person is in a workspace, None for nothing, as in a workspace that is not there."""
    role = await store.role_of(connection, workspace_id, user_id)
    return None if role is None else Role(role)


async def rename(connection: Connection, workspace_id: WorkspaceId, name: str, *, actor: audit.Actor) -> Workspace:
    """Give a workspace another name. Errors: InvalidValue, NotFound."""
    name = _checked(name)
    before = await get(connection, workspace_id)
    if before.name != name:
        await store.set_name(connection, workspace_id, name)
        await audit.record(
            connection,
            actor,
            "workspace.rename",
            show("ws", workspace_id),
            before={"name": before.name},
            after={"name": name},
        )
    return await get(connection, workspace_id)


async def set_pending(connection: Connection, user_id: UserId, pending: str | None) -> None:
    """Store what the person of a personal workspace waits for, None for nothing. Who decides it audits it."""
    await store.set_pending(connection, user_id, pending)


async def get(connection: Connection, workspace_id: WorkspaceId) -> Workspace:
    """Return a workspace. Errors: NotFound."""
    workspace = await store.get(connection, workspace_id)
    if workspace is None:
        raise NotFound("There is no such workspace.")
    return workspace


async def find(connection: Connection, id_or_email: str) -> Workspace:
    """Return the workspace with an id (`ws_…` or a plain UUID), or the personal one of a mail address.

    Errors  InvalidValue when the text is neither, NotFound
    """
    text = id_or_email.strip()
    try:
        if "@" in text:
            workspace = await store.personal_of(connection, address.normalize(text))
        else:
            workspace = await store.get(connection, WorkspaceId(parse(text, "ws")))
    except ValueError:
        raise InvalidValue(f"{text!r} is neither a workspace id (ws_…) nor a mail address.") from None
    if workspace is None:
        raise NotFound(f"There is no workspace {text}.")
    return workspace


async def set_frozen(connection: Connection, workspace_id: WorkspaceId, reason: str | None) -> None:
    """Store a freeze, or end it with None. `risk` calls this under the controls lock."""
    await store.set_frozen(connection, workspace_id, reason)


async def set_daily_limit(connection: Connection, workspace_id: WorkspaceId, daily_limit: int | None) -> None:
    """Store a daily limit in nanocredits, None for no limit. `risk` calls this under the controls lock."""
    await store.set_daily_limit(connection, workspace_id, daily_limit)


async def set_max_running(connection: Connection, workspace_id: WorkspaceId, max_running: int | None) -> None:
    """Store how many requests may run at a time, None for no limit. `risk` calls this under the controls lock."""
    await store.set_max_running(connection, workspace_id, max_running)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidValue(f"A workspace needs a name of at most {LONGEST_NAME} characters.", param="name")
    return name
