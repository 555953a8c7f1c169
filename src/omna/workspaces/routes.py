"""/api/workspaces: the switcher, one workspace, its members and invitations. What touches keys is in membership."""

from typing import Annotated, Any

from fastapi import Path, Request

from omna.audit.acting import Act
from omna.config import Settings
from omna.db.pool import Connection
from omna.errors import Forbidden, InvalidValue
from omna.http.access import Can, Confirm, Reading, SignedIn, Work
from omna.http.addresses import id_in_address
from omna.http.principal import RIGHTS, Member, Right, Role
from omna.http.router import Router
from omna.ids import InvitationId, show
from omna.ledger import service as ledger
from omna.money import parse_credits
from omna.workspaces import invitations, members, service
from omna.workspaces.model import Invitation, SpendLimit, Workspace
from omna.workspaces.model import MemberRow as MemberFacts
from omna.workspaces.schemas import (
    InvitationNew,
    InvitationRow,
    MemberRow,
    WorkspaceChange,
    WorkspaceDetail,
    WorkspaceNew,
    WorkspaceRow,
)

router = Router(prefix="/api/workspaces")

#: Of what a fresh proof is bound to.
_LONGEST_TARGET = 200

InvitationPath = Annotated[str, Path(description="The invitation: `inv_…`")]


@router.get("", tags=["workspaces"])
async def list_workspaces(who: SignedIn, connection: Reading) -> list[WorkspaceRow]:
    """Your workspaces, the personal one first."""
    return [
        WorkspaceRow(
            **_facts(one.workspace, Role(one.role), RIGHTS[Role(one.role)]),
            balance=one.available,
        )
        for one in await service.list_of_person(connection, who.user_id)
    ]


@router.post("", tags=["workspaces"], status_code=201)
async def create_workspace(
    body: WorkspaceNew, request: Request, who: SignedIn, connection: Work, act: Act
) -> WorkspaceRow:
    """Make a team workspace with a balance of its own."""
    settings: Settings = request.app.state.settings
    made = await service.create_team(
        connection, who.user_id, body.name, verified=who.verified, risk=settings.risk, actor=act(who)
    )
    return WorkspaceRow(**_facts(made, Role.OWNER, RIGHTS[Role.OWNER]), balance=0)


@router.get("/{workspace}", tags=["workspaces"])
async def get_workspace(who: Annotated[Member, Can(Right.VIEW)], connection: Reading) -> WorkspaceDetail:
    """One workspace with its limits, and what was spent today."""
    return await _detail(connection, who)


@router.patch("/{workspace}", tags=["workspaces"])
async def change_workspace(
    body: WorkspaceChange, who: Annotated[Member, Can(Right.MEMBERS, Right.LIMITS)], connection: Work, act: Act
) -> WorkspaceDetail:
    """Rename a workspace, bound what it spends a day, say when its people are warned."""
    actor = act(who)
    if (body.daily_limit is not None and body.no_daily_limit) or (
        body.low_balance_threshold is not None and body.no_low_balance_threshold
    ):
        raise InvalidValue("Either set a limit or take it away.")
    # First, because it waits for the admissions in flight before anything is written.
    if body.daily_limit is not None or body.no_daily_limit:
        _require(who, Right.LIMITS)
        limit = None if body.daily_limit is None else parse_credits(body.daily_limit)
        await service.limit_own_days(connection, limit, by=who, actor=actor)
    if body.low_balance_threshold is not None or body.no_low_balance_threshold:
        _require(who, Right.LIMITS)
        amount = None if body.low_balance_threshold is None else parse_credits(body.low_balance_threshold)
        await service.warn_below(connection, amount, by=who, actor=actor)
    if body.name is not None:
        _require(who, Right.MEMBERS)
        await service.rename(connection, who.workspace_id, body.name, actor=actor)
    return await _detail(connection, who)


@router.get("/{workspace}/members", tags=["members"])
async def list_members(who: Annotated[Member, Can(Right.VIEW)], connection: Reading) -> list[MemberRow]:
    """The members, owners first."""
    return [member_row(member, who) for member in await members.list_of(connection, who.workspace_id)]


@router.get("/{workspace}/invitations", tags=["members"])
async def list_invitations(who: Annotated[Member, Can(Right.MEMBERS)], connection: Reading) -> list[InvitationRow]:
    """Invitations that wait for somebody, newest first."""
    return [_invitation(one) for one in await invitations.list_of(connection, who)]


@router.post("/{workspace}/invitations", tags=["members"], status_code=201)
async def invite(
    body: InvitationNew,
    who: Annotated[Member, Can(Right.MEMBERS)],
    connection: Work,
    confirm: Confirm,
    act: Act,
) -> InvitationRow:
    """Invite somebody by mail; the link works for seven days, once. An owner needs a fresh proof that it is you."""
    # Another owner can take the workspace away: this is no less than to hand it over.
    if body.role == Role.OWNER and who.may(Right.OWNERSHIP):
        await confirm(connection, who, "invitation.make_owner", body.email[:_LONGEST_TARGET])
    limit = spend_limit_of(body.spend_limit, body.spend_period)
    made = await invitations.invite(connection, body.email, body.role, limit, by=who, actor=act(who))
    return _invitation(made)


@router.post("/{workspace}/invitations/{invitation}/resend", tags=["members"])
async def resend_invitation(
    invitation: InvitationPath, who: Annotated[Member, Can(Right.MEMBERS)], connection: Work, act: Act
) -> InvitationRow:
    """Send a new link; the one before stops working."""
    return _invitation(await invitations.resend(connection, _invitation_id(invitation), by=who, actor=act(who)))


@router.delete("/{workspace}/invitations/{invitation}", tags=["members"], status_code=204)
async def revoke_invitation(
    invitation: InvitationPath, who: Annotated[Member, Can(Right.MEMBERS)], connection: Work, act: Act
) -> None:
    """Take an invitation back."""
    await invitations.revoke(connection, _invitation_id(invitation), by=who, actor=act(who))


def member_row(member: MemberFacts, who: Member) -> MemberRow:
    """Return a member as the one who asks may see them."""
    you = member.user_id == who.user_id
    limit = member.limit
    all_usage = you or who.may(Right.ALL_USAGE)
    return MemberRow(
        id=show("usr", member.user_id),
        name=member.name,
        email=member.email if you or who.may(Right.MEMBERS) else None,
        role=Role(member.role),
        you=you,
        joined_at=member.joined_at,
        spend_limit=None if limit is None or not all_usage else limit.amount,
        spend_period=None if limit is None or not all_usage else limit.period,  # type: ignore[arg-type]
        spent_in_period=None if limit is None or not all_usage else member.spent_in_period,
        spent_30_days=member.spent_30_days if all_usage else None,
        keys=member.keys if you or who.may(Right.ALL_KEYS) else None,
    )


def spend_limit_of(amount: str | None, period: str | None) -> SpendLimit | None:
    """Return the limit that two fields make. Errors: InvalidValue for one without the other."""
    if (amount is None) != (period is None):
        raise InvalidValue("A spend limit needs a period, and a period a limit.", param="spend_period")
    return None if amount is None or period is None else SpendLimit(parse_credits(amount), period)


async def _detail(connection: Connection, who: Member) -> WorkspaceDetail:
    workspace = await service.get(connection, who.workspace_id)
    today = await service.today(connection, who.workspace_id)
    wallet = await ledger.wallet(connection, who.workspace_id)
    return WorkspaceDetail(
        **_facts(workspace, who.role, who.rights),
        balance=wallet.available,
        daily_limit=workspace.binding_daily_limit,
        spent_today=today.spent,
        held_today=today.held,
        resets_at=today.resets_at,
        max_running=workspace.max_running,
        members=today.members,
        created_at=workspace.created_at,
    )


def _facts(workspace: Workspace, role: Role, rights: frozenset[Right]) -> dict[str, Any]:
    return {
        "id": show("ws", workspace.workspace_id),
        "name": workspace.name,
        "kind": workspace.kind,
        "role": role,
        "rights": sorted(rights),
        "low_balance_threshold": workspace.low_balance_threshold,
        "pending": workspace.pending,
        "frozen_reason": workspace.frozen_reason,
        "frozen_at": workspace.frozen_at,
        "frozen_until": workspace.frozen_until,
    }


def _invitation(one: Invitation) -> InvitationRow:
    return InvitationRow(
        id=show("inv", one.invitation_id),
        email=one.email,
        role=Role(one.role),
        spend_limit=None if one.limit is None else one.limit.amount,
        spend_period=None if one.limit is None else one.limit.period,  # type: ignore[arg-type]
        invited_by=one.inviter_name,
        created_at=one.created_at,
        expires_at=one.expires_at,
        expired=one.expired,
    )


def _invitation_id(text: str) -> InvitationId:
    return InvitationId(id_in_address(text, "inv", "invitation"))


def _require(who: Member, right: Right) -> None:
    if not who.may(right):
        raise Forbidden(f"Your role in this workspace ({who.role}) does not allow this.")
