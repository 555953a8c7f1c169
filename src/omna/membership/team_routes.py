"""/api/workspaces/{workspace}: changes in a team that reach its keys or its Credits."""

from typing import Annotated

from fastapi import Path

from omna.audit.acting import Act
from omna.errors import InvalidValue
from omna.http.access import Can, Confirm, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Member, Right, Role
from omna.http.router import Router
from omna.ids import UserId, show
from omna.membership import team
from omna.membership.team_schemas import MemberChange, MemberRemoval, OwnershipTransfer, WorkspaceDeletion
from omna.workspaces import members
from omna.workspaces.routes import member_row, spend_limit_of
from omna.workspaces.schemas import MemberRow

router = Router(prefix="/api/workspaces/{workspace}")

MemberPath = Annotated[str, Path(description="The member: `usr_…`")]


@router.post("/transfer", tags=["workspaces"], status_code=204)
async def transfer_workspace(
    body: OwnershipTransfer, who: Annotated[Member, Can(Right.OWNERSHIP)], connection: Work, confirm: Confirm, act: Act
) -> None:
    """Make another member the owner; you become an admin. Needs a fresh proof that it is you."""
    await confirm(connection, who, "workspace.transfer", show("ws", who.workspace_id))
    await team.transfer(connection, _user_id(body.member), body.name, by=who, actor=act(who))


@router.post("/deletion", tags=["workspaces"], status_code=204)
async def delete_workspace(
    body: WorkspaceDeletion, who: Annotated[Member, Can(Right.OWNERSHIP)], connection: Work, confirm: Confirm, act: Act
) -> None:
    """Delete a team workspace: its keys stop, its ledger is kept. Needs a fresh proof that it is you."""
    await confirm(connection, who, "workspace.delete", show("ws", who.workspace_id))
    await team.delete(connection, body.name, forfeit=body.forfeit_credits, by=who, actor=act(who))


@router.post("/leaving", tags=["workspaces"], status_code=204)
async def leave_workspace(
    body: MemberRemoval, who: Annotated[Member, Can(Right.VIEW, people_only=True)], connection: Work, act: Act
) -> None:
    """Leave a workspace; handed over, your keys become an owner's."""
    await team.leave(connection, body.keys, by=who, actor=act(who))


@router.patch("/members/{member}", tags=["members"])
async def change_member(
    member: MemberPath,
    body: MemberChange,
    who: Annotated[Member, Can(Right.MEMBERS)],
    connection: Work,
    confirm: Confirm,
    act: Act,
) -> MemberRow:
    """Change the role of a member, or bound what they spend. To make an owner needs a fresh proof that it is you."""
    user_id, actor = _user_id(member), act(who)
    # Another owner can take the workspace away: this is no less than to hand it over.
    if body.role == Role.OWNER and who.may(Right.OWNERSHIP):
        await confirm(connection, who, "member.make_owner", show("usr", user_id))
    limit = spend_limit_of(body.spend_limit, body.spend_period)
    if limit is not None and body.no_spend_limit:
        raise InvalidValue("Either set a limit or take it away.", param="no_spend_limit")
    if limit is not None or body.no_spend_limit:
        await members.limit_spend(connection, user_id, limit, by=who, actor=actor)
    if body.role is not None:
        await team.change_role(connection, user_id, body.role, body.keys, by=who, actor=actor)
    return member_row(await members.get(connection, who.workspace_id, user_id), who)


@router.post("/members/{member}/removal", tags=["members"], status_code=204)
async def remove_member(
    member: MemberPath, body: MemberRemoval, who: Annotated[Member, Can(Right.MEMBERS)], connection: Work, act: Act
) -> None:
    """Take a member out, from the next request on; handed over, their keys become yours."""
    await team.remove(connection, _user_id(member), body.keys, by=who, actor=act(who))


def _user_id(text: str) -> UserId:
    return UserId(id_in_address(text, "usr", "member"))
