"""/api/console/access: who may come in; /api/console/staff: who works here."""

from typing import Annotated, Any

from fastapi import Path, Request

from omna.accounts import policy, staff
from omna.accounts import service as accounts
from omna.accounts.policy import Policy
from omna.audit.acting import Act
from omna.config import Settings
from omna.console.access_schemas import (
    AccessAct,
    AccessPolicy,
    AccessQueues,
    AccessRequestRow,
    Declining,
    InvitationOffer,
    InvitationOfStaff,
    PolicyActed,
    PolicyChange,
    StaffRow,
    WaitingRow,
)
from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Acted
from omna.ids import UserId, show
from omna.membership import admitting, arrival, asking
from omna.money import Nanocredits, format_credits, parse_credits
from omna.risk import four_eyes

router = Router(prefix="/api/console", tags=["console"])

Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
UserPath = Annotated[str, Path(description="The person: `usr_…`")]
RequestPath = Annotated[str, Path(description="The request for access: `acr_…`")]
InvitationPath = Annotated[str, Path(description="The invitation: `ain_…`")]


@router.get("/access")
async def get_policy(request: Request, _: Owner, connection: Reading) -> AccessPolicy:
    """Return who may make an account, what a new person is given, and where both are set."""
    return AccessPolicy(**await _policy(request, connection))


@router.post("/access")
async def change_policy(
    request: Request, body: PolicyChange, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> PolicyActed:
    """Decide it, from the next request on every replica, after a step-up for `access.policy`.

    Starter Credits are money that one person gives: above what four eyes leave to one, only the configuration can.
    """
    await confirm(connection, who, "access.policy", "access")
    starter = None if body.starter_credits is None else Nanocredits(parse_credits(body.starter_credits))
    if starter is not None and starter > four_eyes.THRESHOLD and not await four_eyes.off(connection):
        raise InvalidValue(
            f"Nobody gives each new person more than {format_credits(four_eyes.THRESHOLD)} Credits alone: such amounts "
            "stand in the configuration, as `accounts.starter_credits`.",
            param="starter_credits",
        )
    seq = await policy.decide(
        connection,
        _settings(request).accounts,
        sign_up=body.sign_up,
        starter_credits=starter,
        reason=body.reason,
        actor=act(who),
    )
    return PolicyActed(**await _policy(request, connection), audit_seq=seq)


@router.get("/access/queues")
async def get_queues(_: Owner, connection: Reading) -> AccessQueues:
    """Return who waits for a decision, and which invitations wait for somebody."""
    return AccessQueues(
        waiting=[
            WaitingRow(
                id=show("usr", one.user_id),
                email=one.email,
                name=one.name,
                verified=one.verified,
                signed_up_at=one.created_at,
            )
            for one in await accounts.waiting(connection)
        ],
        requests=[
            AccessRequestRow(
                id=show("acr", one.access_request_id),
                email=one.email,
                name=one.name,
                message=one.message,
                requested_at=one.requested_at,
            )
            for one in await asking.requests(connection)
        ],
        invitations=[
            InvitationOfStaff(
                id=show("ain", one.access_invitation_id),
                email=one.email,
                invited_by=one.inviter_name,
                sent_at=one.created_at,
                expires_at=one.expires_at,
                expired=one.expired,
            )
            for one in await admitting.invitations(connection)
        ],
    )


@router.post("/access/waiting/{user}/approve")
async def approve_user(user: UserPath, body: AccessAct, who: Owner, connection: Work, act: Act) -> Acted:
    """Let somebody spend who waits; they hear of it by mail."""
    user_id = UserId(id_in_address(user, "usr", "person"))
    return Acted(audit_seq=await admitting.approve(connection, user_id, reason=body.reason, actor=act(who)))


@router.post("/access/waiting/{user}/decline")
async def decline_user(user: UserPath, body: Declining, who: Owner, connection: Work, act: Act) -> Acted:
    """Keep somebody out who waits; the account is disabled, and they hear of it by mail."""
    user_id = UserId(id_in_address(user, "usr", "person"))
    seq = await admitting.decline(connection, user_id, body.message, reason=body.reason, actor=act(who))
    return Acted(audit_seq=seq)


@router.post("/access/requests/{request_}/invite")
async def invite_asker(request_: RequestPath, body: AccessAct, who: Owner, connection: Work, act: Act) -> Acted:
    """Answer a request for access by a mail with a link that makes an account."""
    request_id = id_in_address(request_, "acr", "request for access")
    seq = await admitting.invite_request(connection, request_id, by=who.user_id, reason=body.reason, actor=act(who))
    return Acted(audit_seq=seq)


@router.post("/access/requests/{request_}/decline")
async def decline_asker(request_: RequestPath, body: Declining, who: Owner, connection: Work, act: Act) -> Acted:
    """Answer a request for access with no, by mail."""
    request_id = id_in_address(request_, "acr", "request for access")
    seq = await admitting.decline_request(connection, request_id, body.message, reason=body.reason, actor=act(who))
    return Acted(audit_seq=seq)


@router.post("/access/invitations")
async def invite_somebody(body: InvitationOffer, who: Owner, connection: Work, act: Act) -> Acted:
    """Mail somebody a link that makes an account, whatever the mode of sign-up. It works for seven days."""
    seq = await admitting.invite(connection, body.email, by=who.user_id, reason=body.reason, actor=act(who))
    return Acted(audit_seq=seq)


@router.post("/access/invitations/{invitation}/revoke")
async def revoke_invitation(
    invitation: InvitationPath, body: AccessAct, who: Owner, connection: Work, act: Act
) -> Acted:
    """Void an invitation."""
    invitation_id = id_in_address(invitation, "ain", "invitation")
    return Acted(audit_seq=await admitting.revoke(connection, invitation_id, reason=body.reason, actor=act(who)))


@router.get("/staff")
async def list_staff(who: Owner, connection: Reading) -> list[StaffRow]:
    """Return everybody of the staff, owners first. A role is given and taken on the page of the person."""
    return [
        StaffRow(
            id=show("usr", one.user_id),
            email=one.email,
            name=one.name,
            role=one.role.value,
            second_factor=one.second_factor,
            last_seen_at=one.console_seen_at,
            disabled=one.disabled_at is not None,
            you=one.user_id == who.user_id,
        )
        for one in await staff.list_of(connection)
    ]


async def _policy(request: Request, connection: Connection) -> dict[str, Any]:
    configured = _settings(request).accounts
    now: Policy = await policy.effective(connection, configured)
    return {
        "sign_up": now.sign_up,
        "sign_up_from": "console" if now.sign_up_decided else "configuration",
        "sign_up_configured": configured.sign_up,
        "starter_credits": now.starter_credits,
        "starter_credits_from": "console" if now.starter_decided else "configuration",
        "starter_credits_configured": parse_credits(configured.starter_credits),
        "starter_days": now.starter_days,
        "changed_at": now.changed_at,
        "stopped": await arrival.is_stopped(connection),
    }


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
