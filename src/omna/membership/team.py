"""Changes in a team that reach beyond its members: what becomes of keys, and of the Credits of a deleted workspace.

Whoever goes, or gets a role without keys, leaves no key behind that works in their name: it is ended or handed over.
Everything here waits for the admissions in flight first, so that it holds for the next request.
"""

from typing import Literal

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.http.principal import Member, Role
from omna.ids import TransferId, UserId, WorkspaceId, new_id
from omna.keys import management, managing
from omna.ledger import service as ledger
from omna.membership import chat_store, leaving_store
from omna.money import format_credits
from omna.workspaces import members
from omna.workspaces import service as workspaces

#: What becomes of the keys of somebody who goes.
Fate = Literal["stop", "hand_over"]


async def change_role(
    connection: Connection, user_id: UserId, role: Role, fate: Fate | None, *, by: Member, actor: audit.Actor
) -> None:
    """Give a member another role. `fate` must be named when they have keys, and may not have them any more.

    Errors  those of members.change_role(); InvalidValue
    """
    await members.change_role(connection, user_id, role, by=by, actor=actor)
    if members.may_have_keys(role):
        return
    if fate is None and await managing.live_keys(connection, by.workspace_id, user_id):
        raise InvalidValue("This role has no keys: say whether theirs stop or are handed over.", param="keys")
    await _part_with_keys(connection, by, user_id, fate or "stop", actor)


async def remove(connection: Connection, user_id: UserId, fate: Fate, *, by: Member, actor: audit.Actor) -> None:
    """Take a member out; their keys stop, or become those of the one who acts. Errors: those of members.remove()."""
    await members.remove(connection, user_id, by=by, actor=actor)
    await chat_store.depart(connection, by.workspace_id, user_id)
    await _part_with_keys(connection, by, user_id, fate, actor)


async def leave(connection: Connection, fate: Fate, *, by: Member, actor: audit.Actor) -> None:
    """Leave a workspace; one's keys stop, or become those of an owner. Errors: those of members.leave()."""
    await members.leave(connection, by=by, actor=actor)
    await chat_store.depart(connection, by.workspace_id, by.user_id)
    await _part_with_keys(connection, by, by.user_id, fate, actor)


async def transfer(connection: Connection, user_id: UserId, typed_name: str, *, by: Member, actor: audit.Actor) -> None:
    """Make another member the owner; the one who acts becomes an admin.

    Errors  InvalidValue when the name is not the workspace's; those of members.transfer()
    """
    workspaces.check_typed(await workspaces.get(connection, by.workspace_id), typed_name)
    await members.transfer(connection, user_id, by=by, actor=actor)


async def delete(connection: Connection, typed_name: str, *, forfeit: bool, by: Member, actor: audit.Actor) -> None:
    """Delete a team workspace: its keys end, its people go, its ledger stays.

    forfeit  what is left of its Credits is given up
    Errors   those of workspaces.delete_team(); Conflict while Credits are left and not given up, or something is held,
             owed or being refunded
    """
    await workspaces.delete_team(connection, typed_name, by=by, actor=actor)
    await close(connection, by.workspace_id, forfeit=forfeit, goes="workspace", actor=actor)


async def close(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    forfeit: bool,
    goes: Literal["workspace", "account"],
    actor: audit.Actor,
) -> None:
    """Empty the wallet of a workspace that was marked as deleted, and end its keys.

    goes    what its people deleted: the reasons say it
    Errors  Conflict while a paid order waits, while Credits are left and not given up, or something is held, owed or
            being refunded
    """
    if await leaving_store.has_paid_orders(connection, workspace_id):
        raise Conflict(
            "An order here can still be paid, or waits for its review or its money. Wait for it, or cancel it first."
        )
    wallet = await ledger.locked_wallet(connection, workspace_id)
    if wallet.available > 0 and not forfeit:
        raise Conflict(
            f"{format_credits(wallet.available)} Credits are left. Ask for a refund first, or give them up.",
            metadata={"credits_left": format_credits(wallet.available)},
        )
    await ledger.give_up(
        connection,
        transfer_id=TransferId(new_id()),
        workspace_id=workspace_id,
        actor=actor.name,
        reason=f"given up with the {goes}",
    )
    await managing.revoke_all(connection, workspace_id, reason=f"{goes} deleted", actor=actor)
    await management.revoke_all(connection, workspace_id, reason=f"{goes} deleted", actor=actor)
    await leaving_store.forget_billing(connection, workspace_id)
    await chat_store.forget_workspace(connection, workspace_id)


async def _part_with_keys(connection: Connection, by: Member, user_id: UserId, fate: Fate, actor: audit.Actor) -> None:
    workspace_id = by.workspace_id
    reason = "their maker may not have keys here any more"
    if fate == "hand_over":
        await managing.hand_over(connection, workspace_id, user_id, await _heir(connection, by, user_id), actor=actor)
    else:
        await managing.revoke_all(connection, workspace_id, user_id, reason=reason, actor=actor)
    # These act in the name of their maker: nobody inherits them.
    await management.revoke_all(connection, workspace_id, user_id, reason=reason, actor=actor)


async def _heir(connection: Connection, by: Member, leaver: UserId) -> UserId:
    """Return who gets the keys: the one who acts, or an owner when they act on themselves."""
    if by.user_id != leaver:
        return by.user_id
    rest = [member for member in await members.list_of(connection, by.workspace_id) if member.user_id != leaver]
    return rest[0].user_id
