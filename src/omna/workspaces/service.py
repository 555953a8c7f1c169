"""Tenants: create them with their wallet, find them by what an operator types or by who asks."""

from collections.abc import Sequence
from datetime import datetime

from omna.audit import service as audit
from omna.config import Risk
from omna.db.pool import Connection
from omna.errors import (
    AccountFrozen,
    AwaitingApproval,
    Conflict,
    EmailNotVerified,
    InvalidValue,
    NotFound,
    frozen_sentence,
)
from omna.http.principal import Member, Right, Role
from omna.ids import UserId, WorkspaceId, new_id, parse, show
from omna.ledger import service as ledger
from omna.mail import address
from omna.money import LARGEST_AMOUNT, format_credits, parse_credits
from omna.names import one_line
from omna.workspaces import invitation_store, member_store, members, store
from omna.workspaces.model import APPROVAL, Membership, Today, Workspace

__all__ = [
    "Membership",
    "Today",
    "Workspace",
    "check_typed",
    "create_personal",
    "create_team",
    "delete_personal",
    "delete_team",
    "find",
    "freezes_ended",
    "get",
    "limit_own_days",
    "list_of_person",
    "owned_alone",
    "personal_of",
    "rename",
    "role_of",
    "set_daily_limit",
    "set_frozen",
    "set_max_running",
    "set_pending",
    "standing",
    "today",
    "warn_below",
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

    Errors  EmailNotVerified, AwaitingApproval, InvalidValue for the name, Conflict when the person owns too many
    """
    if not verified:
        raise EmailNotVerified
    personal = await personal_of(connection, user_id)
    if personal is not None and personal.pending == APPROVAL:
        # In a team of their own they could spend what nobody has looked at yet, and let others in.
        raise AwaitingApproval
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


async def standing(
    connection: Connection, workspace_id: WorkspaceId, user_id: UserId
) -> tuple[Role, str | None] | None:
    """Return what a person is in a workspace, and the sentence that says why nothing may be changed, if so.

    None for nothing, as in a workspace that is not there.
    """
    row = await store.standing(connection, workspace_id, user_id)
    if row is None:
        return None
    frozen = None
    if row["person_frozen_reason"] is not None:
        frozen = frozen_sentence("Your account", row["person_frozen_reason"])
    elif row["frozen_reason"] is not None:
        frozen = frozen_sentence("This workspace", row["frozen_reason"])
    return Role(row["role"]), frozen


async def belongs(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> bool:
    """Return whether a person is, or was until the end, a member of a workspace that may be deleted."""
    return await store.belongs(connection, workspace_id, user_id)


async def names(connection: Connection, workspace_ids: Sequence[WorkspaceId]) -> dict[WorkspaceId, str]:
    """Return names of workspaces, also of deleted ones: what is told of them is kept."""
    return await store.names(connection, workspace_ids)


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


async def limit_own_days(connection: Connection, limit: int | None, *, by: Member, actor: audit.Actor) -> None:
    """Bound what a workspace spends a UTC day, beside the operator's limit; None takes the bound away.

    Errors  InvalidValue, Forbidden
    """
    if limit is not None and not 0 <= limit <= LARGEST_AMOUNT:
        raise InvalidValue("A daily limit is an amount of Credits from 0 on.", param="daily_limit")
    await members.authority(connection, by, Right.LIMITS)
    before = await get(connection, by.workspace_id)
    if before.own_daily_limit != limit:
        await store.set_own_daily_limit(connection, by.workspace_id, limit)
        await _record_amount(connection, actor, before, "daily_limit", before.own_daily_limit, limit)


async def warn_below(connection: Connection, amount: int | None, *, by: Member, actor: audit.Actor) -> None:
    """Say below which available amount people are told; None is never. Errors: InvalidValue."""
    if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
        raise InvalidValue("A threshold is an amount of Credits from 0 on.", param="low_balance_threshold")
    before = await get(connection, by.workspace_id)
    if before.low_balance_threshold != amount:
        await store.set_low_balance_threshold(connection, by.workspace_id, amount)
        await _record_amount(connection, actor, before, "low_balance_threshold", before.low_balance_threshold, amount)


async def today(connection: Connection, workspace_id: WorkspaceId) -> Today:
    """Return what a workspace spent and holds in this UTC day."""
    return await store.today_of(connection, workspace_id)


async def delete_team(connection: Connection, typed_name: str, *, by: Member, actor: audit.Actor) -> Workspace:
    """Take everybody out of a team workspace and mark it as deleted; its ledger stays. Returns what it was.

    Its keys and its Credits are the caller's next steps, in the same transaction.
    Errors  Forbidden, Conflict for a personal workspace, AccountFrozen, InvalidValue for another name
    """
    await members.authority(connection, by, Right.OWNERSHIP)
    workspace = await get(connection, by.workspace_id)
    if workspace.kind == "personal":
        raise Conflict("A personal workspace goes with its account.")
    _require_not_frozen(workspace)
    check_typed(workspace, typed_name)
    await store.set_deleted(connection, by.workspace_id)
    await member_store.remove_all(connection, by.workspace_id)
    await invitation_store.revoke_all(connection, by.workspace_id)
    await audit.record(
        connection, actor, "workspace.delete", show("ws", by.workspace_id), before={"name": workspace.name}
    )
    return workspace


async def personal_of(connection: Connection, user_id: UserId) -> Workspace | None:
    """Return the personal workspace of a person, None when it is gone."""
    return await store.personal_of_person(connection, user_id)


async def delete_personal(connection: Connection, user_id: UserId, *, actor: audit.Actor) -> Workspace | None:
    """Mark the personal workspace of a person who leaves as deleted, and forget its name, which is often theirs.

    Its keys and its Credits are the caller's next steps, in the same transaction.
    Errors  AccountFrozen: what staff look into does not go away with the account
    """
    await member_store.lock_controls(connection)
    workspace = await personal_of(connection, user_id)
    if workspace is not None:
        _require_not_frozen(workspace)
        await store.set_deleted(connection, workspace.workspace_id)
        await store.set_name(connection, workspace.workspace_id, "deleted")
        await member_store.remove_all(connection, workspace.workspace_id)
        await invitation_store.revoke_all(connection, workspace.workspace_id)
        await audit.record(connection, actor, "workspace.delete", show("ws", workspace.workspace_id))
    return workspace


def check_typed(workspace: Workspace, typed_name: str) -> None:
    """Errors: InvalidValue when a typed name is not the workspace's."""
    if typed_name.strip() != workspace.name:
        raise InvalidValue("Type the name of the workspace as it stands there.", param="name")


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


async def set_frozen(
    connection: Connection,
    workspace_id: WorkspaceId,
    reason: str | None,
    *,
    note: str = "",
    until: datetime | None = None,
    with_person: bool = False,
) -> None:
    """Store a freeze, or end it with None. `risk` calls this under the controls lock."""
    await store.set_frozen(connection, workspace_id, reason, note, until, with_person)


async def freezes_ended(connection: Connection, limit: int) -> Sequence[WorkspaceId]:
    """Return workspaces whose freeze is past its end, by the database's clock."""
    return await store.freezes_ended(connection, limit)


async def set_daily_limit(connection: Connection, workspace_id: WorkspaceId, daily_limit: int | None) -> None:
    """Store a daily limit in nanocredits, None for no limit. `risk` calls this under the controls lock."""
    await store.set_daily_limit(connection, workspace_id, daily_limit)


async def set_max_running(connection: Connection, workspace_id: WorkspaceId, max_running: int | None) -> None:
    """Store how many requests may run at a time, None for no limit. `risk` calls this under the controls lock."""
    await store.set_max_running(connection, workspace_id, max_running)


async def _record_amount(
    connection: Connection, actor: audit.Actor, workspace: Workspace, what: str, before: int | None, after: int | None
) -> None:
    await audit.record(
        connection,
        actor,
        f"workspace.{what}",
        show("ws", workspace.workspace_id),
        before={what: None if before is None else format_credits(before)},
        after={what: None if after is None else format_credits(after)},
    )


def _require_not_frozen(workspace: Workspace) -> None:
    if workspace.frozen_reason is not None:
        raise AccountFrozen(frozen_sentence("This workspace", workspace.frozen_reason))


def _checked(name: str) -> str:
    name = one_line(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidValue(f"A workspace needs a name of at most {LONGEST_NAME} characters.", param="name")
    return name
