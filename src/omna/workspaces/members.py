"""Who is in a workspace, what they are there, and what they may spend.

Every change waits for the admissions in flight, so that it holds for the next request, and for every other change of
members: two owners who step down at once are two changes, one after the other, and the second one is refused. What the
one who acts may do is read again under that lock.
"""

from collections.abc import Sequence

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, InvalidValue, NotFound
from omna.http.principal import RIGHTS, Member, Right, Role
from omna.ids import UserId, WorkspaceId, show
from omna.money import LARGEST_AMOUNT, format_credits
from omna.workspaces import invitation_store, member_store, store
from omna.workspaces.model import PERIODS, MemberRow, SpendLimit

__all__ = [
    "MemberRow",
    "SpendLimit",
    "authority",
    "change_role",
    "erase_person",
    "get",
    "leave",
    "limit_spend",
    "list_of",
    "may_have_keys",
    "remove",
    "transfer",
]


def may_have_keys(role: str) -> bool:
    """Return whether members of a role have API keys; gateway/admission.sql knows the same."""
    return Right.OWN_KEYS in RIGHTS[Role(role)]


async def list_of(connection: Connection, workspace_id: WorkspaceId) -> Sequence[MemberRow]:
    """Return the members of a workspace, owners first."""
    return await member_store.list_of(connection, workspace_id, None)


async def get(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> MemberRow:
    """Return a member. Errors: NotFound."""
    found = await member_store.list_of(connection, workspace_id, user_id)
    if not found:
        raise NotFound("There is no such member.")
    return found[0]


async def change_role(
    connection: Connection, user_id: UserId, role: Role, *, by: Member, actor: audit.Actor
) -> MemberRow:
    """Give a member another role, from the next request on.

    Nobody changes their own, but an owner may step down beside another one. Who may invite no more has no open
    invitations either.
    Errors  NotFound; Forbidden for an owner's role without being one; Conflict for the last owner
    """
    rights = await authority(connection, by, Right.MEMBERS)
    before = await get(connection, by.workspace_id, user_id)
    if before.role == role:
        return before
    if user_id == by.user_id and before.role != Role.OWNER:
        raise Forbidden("You cannot change your own role.")
    if Role.OWNER in (before.role, role) and Right.OWNERSHIP not in rights:
        raise Forbidden("Only an owner gives or takes the role owner.")
    await _keep_an_owner(connection, before, by.workspace_id)
    await member_store.set_role(connection, by.workspace_id, user_id, role)
    if Right.MEMBERS not in RIGHTS[role]:
        await invitation_store.revoke_of(connection, by.workspace_id, user_id)
    await _record(
        connection, actor, "member.role", by.workspace_id, user_id, {"role": before.role}, {"role": str(role)}
    )
    return await get(connection, by.workspace_id, user_id)


async def limit_spend(
    connection: Connection, user_id: UserId, limit: SpendLimit | None, *, by: Member, actor: audit.Actor
) -> MemberRow:
    """Bound what a member may spend over all of their keys, from the next request on; None takes the bound away.

    Errors  NotFound, InvalidValue; Forbidden for an owner's limit and for one's own without being an owner
    """
    check_limit(limit)
    rights = await authority(connection, by, Right.LIMITS)
    before = await get(connection, by.workspace_id, user_id)
    if before.role == Role.OWNER and Right.OWNERSHIP not in rights:
        raise Forbidden("Only an owner limits an owner.")
    if user_id == by.user_id and Right.OWNERSHIP not in rights:
        raise Forbidden("Somebody else says what you may spend.")
    if before.limit != limit:
        await member_store.set_limit(connection, by.workspace_id, user_id, limit)
        await _record(
            connection, actor, "member.limit", by.workspace_id, user_id, shown_limit(before.limit), shown_limit(limit)
        )
    return await get(connection, by.workspace_id, user_id)


async def remove(connection: Connection, user_id: UserId, *, by: Member, actor: audit.Actor) -> MemberRow:
    """Take a member out and return what they were; their open invitations are void, or they could come back by one.

    What becomes of their keys is the caller's next step.

    Errors  NotFound; Forbidden for an owner without being one, and for oneself, who leaves; Conflict for the last owner
    """
    rights = await authority(connection, by, Right.MEMBERS)
    if user_id == by.user_id:
        raise Forbidden("You cannot remove yourself; leave the workspace instead.")
    member = await get(connection, by.workspace_id, user_id)
    if member.role == Role.OWNER and Right.OWNERSHIP not in rights:
        raise Forbidden("Only an owner removes an owner.")
    await _take_out(connection, by.workspace_id, member, "member.remove", actor)
    await invitation_store.revoke_of(connection, by.workspace_id, user_id)
    return member


async def leave(connection: Connection, *, by: Member, actor: audit.Actor) -> MemberRow:
    """Leave a workspace. Errors: Conflict for the last owner, and for one's personal workspace."""
    await authority(connection, by, Right.VIEW)
    workspace = await store.get(connection, by.workspace_id)
    if workspace is not None and workspace.personal_user_id == by.user_id:
        raise Conflict("This is your personal workspace; it goes with your account.")
    member = await get(connection, by.workspace_id, by.user_id)
    await _take_out(connection, by.workspace_id, member, "member.leave", actor)
    return member


async def transfer(connection: Connection, user_id: UserId, *, by: Member, actor: audit.Actor) -> None:
    """Make another member the owner; the one who was becomes an admin.

    Errors  NotFound, Conflict for oneself and for a personal workspace
    """
    await authority(connection, by, Right.OWNERSHIP)
    workspace = await store.get(connection, by.workspace_id)
    if workspace is None or workspace.kind == "personal":
        raise Conflict("A personal workspace belongs to its person.")
    if user_id == by.user_id:
        raise Conflict("You are an owner already.")
    before = await get(connection, by.workspace_id, user_id)
    await member_store.set_role(connection, by.workspace_id, user_id, Role.OWNER)
    await member_store.set_role(connection, by.workspace_id, by.user_id, Role.ADMIN)
    await _record(
        connection,
        actor,
        "workspace.transfer",
        by.workspace_id,
        user_id,
        {"owner": show("usr", by.user_id), "role": before.role},
        {"owner": show("usr", user_id), "role": str(Role.OWNER)},
    )


async def erase_person(connection: Connection, user_id: UserId, *, actor: audit.Actor) -> Sequence[WorkspaceId]:
    """Take a person out of every team and return which; their personal workspace is the caller's.

    Errors  Conflict when a team would lose its last owner
    """
    await member_store.lock_controls(connection)
    teams = await member_store.teams_of(connection, user_id)
    for workspace_id in teams:
        member = await get(connection, workspace_id, user_id)
        await _take_out(connection, workspace_id, member, "member.leave", actor)
    return teams


def check_limit(limit: SpendLimit | None) -> None:
    """Errors: InvalidValue."""
    if limit is None:
        return
    if not 0 <= limit.amount <= LARGEST_AMOUNT:
        raise InvalidValue("A spend limit is an amount of Credits from 0 on.", param="spend_limit")
    if limit.period not in PERIODS:
        raise InvalidValue("The spend limit of a member is a day's, a week's or a month's.", param="spend_period")


def shown_limit(limit: SpendLimit | None) -> dict[str, object]:
    """Return a limit as the audit log holds it."""
    if limit is None:
        return {"spend_limit": None, "spend_period": None}
    return {"spend_limit": format_credits(limit.amount), "spend_period": limit.period}


async def authority(connection: Connection, by: Member, right: Right) -> frozenset[Right]:
    """Return what the one who acts may do at this moment, and let nobody change it until the transaction ends.

    Errors  Forbidden
    """
    await member_store.lock_controls(connection)
    role = await store.role_of(connection, by.workspace_id, by.user_id)
    rights = frozenset() if role is None else by.rights & RIGHTS[Role(role)]
    if right not in rights:
        raise Forbidden("Your role in this workspace does not allow this any more.")
    return rights


async def _take_out(
    connection: Connection, workspace_id: WorkspaceId, member: MemberRow, action: str, actor: audit.Actor
) -> None:
    await _keep_an_owner(connection, member, workspace_id)
    await member_store.remove(connection, workspace_id, member.user_id)
    before = {"role": member.role, **shown_limit(member.limit)}
    await _record(connection, actor, action, workspace_id, member.user_id, before, None)


async def _keep_an_owner(connection: Connection, member: MemberRow, workspace_id: WorkspaceId) -> None:
    if member.role == Role.OWNER and await member_store.owners(connection, workspace_id) == 1:
        raise Conflict("A workspace keeps its last owner. Make somebody else an owner first, or delete the workspace.")


async def _record(
    connection: Connection,
    actor: audit.Actor,
    action: str,
    workspace_id: WorkspaceId,
    user_id: UserId,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    where = {"workspace": show("ws", workspace_id)}
    await audit.record(
        connection,
        actor,
        action,
        show("usr", user_id),
        before=None if before is None else {**where, **before},
        after=where if after is None else {**where, **after},
    )
