"""Invitations to a team: a mailed link that makes one person a member, once, within seven days."""

import hashlib
import secrets
from collections.abc import Sequence

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, InvalidValue, LinkExpired, NotFound, TooManyAttempts
from omna.http.principal import RIGHTS, Member, Right, Role
from omna.ids import InvitationId, UserId, new_id, show
from omna.mail import address
from omna.mail import service as mail
from omna.workspaces import invitation_store, member_store, members, service
from omna.workspaces.model import Invitation, Invited, SpendLimit

__all__ = ["Invitation", "Invited", "accept", "invite", "list_of", "look_up", "resend", "revoke", "sweep"]

#: Invitations a workspace sends in 24 hours: people invite colleagues, not a mailing list.
MOST_A_DAY = 100
_LONGEST_TOKEN = 64


async def invite(
    connection: Connection,
    email: str,
    role: Role,
    limit: SpendLimit | None = None,
    *,
    by: Member,
    actor: audit.Actor,
) -> Invitation:
    """Invite an address into the workspace of `by`, and mail the link.

    Errors  InvalidValue; Forbidden for the role owner without being one; Conflict when the person is a member, is
            invited already, or the workspace is personal; TooManyAttempts
    """
    try:
        normalized = address.normalize(email)
    except ValueError as error:
        raise InvalidValue(str(error), param="email") from None
    members.check_limit(limit)
    await _require_may_invite(connection, by, role)
    workspace = await service.get(connection, by.workspace_id)
    if workspace.kind == "personal":
        raise Conflict("A personal workspace has one member. Create a team workspace, and invite there.")
    if await member_store.role_of_address(connection, by.workspace_id, normalized) is not None:
        raise Conflict("This person is a member already.", param="email")
    await invitation_store.revoke_expired(connection, by.workspace_id, normalized)
    token, invitation_id = secrets.token_urlsafe(32), InvitationId(new_id())
    added = await invitation_store.add(
        connection,
        invitation_id,
        by.workspace_id,
        email.strip(),
        normalized,
        role,
        limit,
        _digest(token),
        by.user_id,
    )
    if not added:
        raise Conflict("This address has an open invitation already; send it again, or revoke it.", param="email")
    invitation = await _open(connection, by, invitation_id)
    await _send(connection, invitation, normalized, workspace.name, token, by)
    await audit.record(
        connection,
        actor,
        "invitation.create",
        show("inv", invitation_id),
        after={"workspace": show("ws", by.workspace_id), "role": str(role), **members.shown_limit(limit)},
    )
    return invitation


async def list_of(connection: Connection, by: Member) -> Sequence[Invitation]:
    """Return the invitations that wait for somebody, newest first; those that ran out, too."""
    return await invitation_store.open_ones(connection, by.workspace_id)


async def resend(connection: Connection, invitation_id: InvitationId, *, by: Member, actor: audit.Actor) -> Invitation:
    """Mail a new link, good for seven days from now; the old one is void.

    Errors  NotFound, Forbidden, TooManyAttempts
    """
    before = await _open(connection, by, invitation_id)
    await _require_may_invite(connection, by, Role(before.role))
    workspace = await service.get(connection, by.workspace_id)
    token = secrets.token_urlsafe(32)
    if not await invitation_store.renew(connection, by.workspace_id, invitation_id, _digest(token)):
        raise NotFound("There is no such invitation.")
    await _send(connection, before, address.normalize(before.email), workspace.name, token, by)
    await audit.record(
        connection,
        actor,
        "invitation.resend",
        show("inv", invitation_id),
        after={"workspace": show("ws", by.workspace_id)},
    )
    return await _open(connection, by, invitation_id)


async def revoke(connection: Connection, invitation_id: InvitationId, *, by: Member, actor: audit.Actor) -> None:
    """Void an invitation. Errors: NotFound, also for one that was accepted."""
    if not await invitation_store.revoke(connection, by.workspace_id, invitation_id):
        raise NotFound("There is no such invitation.")
    await audit.record(
        connection,
        actor,
        "invitation.revoke",
        show("inv", invitation_id),
        after={"workspace": show("ws", by.workspace_id)},
    )


async def look_up(connection: Connection, token: str) -> Invited:
    """Return what a token invites to; nothing is used up. Errors: LinkExpired."""
    found = await invitation_store.by_digest(connection, _digest(token))
    if found is None:
        raise LinkExpired("This invitation was used, revoked, replaced by a newer one, or is older than 7 days.")
    return found


async def accept(
    connection: Connection, token: str, user_id: UserId, email_normalized: str, *, actor: audit.Actor
) -> Invited:
    """Make a person a member, exactly once however often and from wherever it is asked.

    Success proves that the person reads the mail of the invited address, which is theirs: the caller marks it verified.
    Who is a member already keeps their role.

    Errors  LinkExpired; Forbidden for somebody with another address, told for whom it is
    """
    invited = await look_up(connection, token)
    if invited.email_normalized != email_normalized:
        raise Forbidden(
            f"This invitation is for {invited.email}. Sign out, and sign in with that address.",
            metadata={"invited": invited.email},
        )
    # The one who comes second waits here for the row, and then finds it used.
    if await invitation_store.use_up(connection, invited.workspace_id, invited.invitation_id, user_id) is None:
        raise LinkExpired("This invitation was used already.")
    await member_store.add(connection, invited.workspace_id, user_id, invited.role, invited.limit)
    await audit.record(
        connection,
        actor,
        "invitation.accept",
        show("inv", invited.invitation_id),
        after={
            "workspace": show("ws", invited.workspace_id),
            "member": show("usr", user_id),
            "role": invited.role,
            **members.shown_limit(invited.limit),
        },
    )
    return invited


async def sweep(connection: Connection) -> int:
    """Delete invitations that ended 90 days ago, whoever they were for, and return how many."""
    return await invitation_store.sweep(connection)


async def _require_may_invite(connection: Connection, by: Member, role: Role) -> None:
    # Read again and held: who is taken out at this moment must leave no invitation behind.
    held = await member_store.hold_role(connection, by.workspace_id, by.user_id)
    rights = frozenset() if held is None else by.rights & RIGHTS[Role(held)]
    if Right.MEMBERS not in rights:
        raise Forbidden("Your role in this workspace does not allow this any more.")
    if role == Role.OWNER and Right.OWNERSHIP not in rights:
        raise Forbidden("Only an owner invites an owner.")
    if await invitation_store.sent_today(connection, by.workspace_id) >= MOST_A_DAY:
        raise TooManyAttempts(f"A workspace sends at most {MOST_A_DAY} invitations a day.", retry_after=3600)


async def _open(connection: Connection, by: Member, invitation_id: InvitationId) -> Invitation:
    found = await invitation_store.open_ones(connection, by.workspace_id, invitation_id)
    if not found:
        raise NotFound("There is no such invitation.")
    return found[0]


async def _send(
    connection: Connection, invitation: Invitation, normalized: str, workspace_name: str, token: str, by: Member
) -> None:
    sent = await mail.enqueue(
        connection,
        mail.Kind.INVITATION,
        normalized,
        await invitation_store.language_for(connection, normalized, by.user_id),
        {
            "inviter": await invitation_store.name_of(connection, by.user_id),
            "workspace_name": workspace_name,
            "role": invitation.role,
            "token": token,
        },
    )
    if sent is None:
        raise TooManyAttempts(
            "This address got several invitations within the hour; the last one still works.", retry_after=3600
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token[:_LONGEST_TOKEN].encode(errors="replace")).digest()
