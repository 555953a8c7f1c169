"""Leaving for ever: the person is erased, their keys end, their personal workspace goes, every booking stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from omna.accounts import erasure
from omna.accounts import service as accounts
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.ids import UserId, show
from omna.keys import management, managing
from omna.ledger import service as ledger
from omna.mail import address
from omna.mail import service as mail
from omna.mail.service import Kind
from omna.membership import chat_store, team
from omna.membership import leaving_store as store
from omna.money import Nanocredits
from omna.risk.rules import service as rules
from omna.uploads import service as uploads
from omna.workspaces import members
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace

_REASON = "account deleted"


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in the way of leaving: Credits in the personal workspace, and teams that would be nobody's."""

    credits_left: Nanocredits
    blocked_by: Sequence[Workspace]


async def facts(connection: Connection, user_id: UserId) -> Facts:
    """Return what somebody must know, and settle, before they leave."""
    personal = await workspaces.personal_of(connection, user_id)
    left = Nanocredits(0) if personal is None else (await ledger.wallet(connection, personal.workspace_id)).available
    return Facts(left, await workspaces.owned_alone(connection, user_id))


async def leave(
    connection: Connection, user_id: UserId, typed_email: str, *, forfeit: bool, actor: audit.Actor
) -> None:
    """Delete an account.

    typed_email  the address of the account, as a proof that this is meant
    forfeit      what is left of the Credits of the personal workspace is given up
    Errors       InvalidValue for another address; Conflict while teams have no other owner, while Credits are left and
                 not given up, or something is held, owed or being refunded; for the last owner of the installation
    """
    user = await accounts.get(connection, user_id)
    if not _same(typed_email, user.email_normalized):
        raise InvalidValue("Type the address of your account as it stands there.", param="email")
    if alone := await workspaces.owned_alone(connection, user_id):
        raise Conflict(
            f"You are the only owner of {', '.join(space.name for space in alone)}."
            " Make somebody else an owner first, or delete the workspace.",
            metadata={"blocked_by": [{"workspace": show("ws", s.workspace_id), "name": s.name} for s in alone]},
        )
    # From here on nobody is admitted with a key of theirs, and no member changes, until this is committed.
    for workspace_id in await members.erase_person(connection, user_id, actor=actor):
        await managing.revoke_all(connection, workspace_id, user_id, reason=_REASON, actor=actor)
        await management.revoke_all(connection, workspace_id, user_id, reason=_REASON, actor=actor)
    personal = await workspaces.delete_personal(connection, user_id, actor=actor)
    if personal is not None:
        await team.close(connection, personal.workspace_id, forfeit=forfeit, goes="account", actor=actor)
    await chat_store.forget_person(connection, user_id)
    await uploads.erase_person(connection, user_id)
    await erasure.erase(connection, user_id, actor=actor)
    await store.forget(connection, user_id, user.email_normalized)
    await rules.forget_person(connection, user_id)
    if user.verified:
        # No user id: the outbox, too, must not know whose address this was.
        await mail.enqueue(connection, Kind.ACCOUNT_DELETED, user.email, user.language, {"name": user.name})


def _same(typed: str, email_normalized: str) -> bool:
    try:
        return address.normalize(typed) == email_normalized
    except ValueError:
        return False
