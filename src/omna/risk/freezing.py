"""Freeze workspaces and people, and let them go again: by hand, or when a freeze has reached its end. Each act returns
the number of its row in the audit log, None where nothing changed.

A frozen person's personal workspace is frozen with them. It may be frozen for itself as well; then it stays frozen when
the person is let go, and the other way round.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from omna.accounts import service as accounts
from omna.accounts.model import User
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, InvalidValue
from omna.ids import UserId, WorkspaceId, show
from omna.risk import store
from omna.risk.model import check_message, check_reason
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace


@dataclass(frozen=True, slots=True)
class Ended:
    """Whose freeze came to its end."""

    workspaces: tuple[WorkspaceId, ...] = ()
    people: tuple[UserId, ...] = ()


async def freeze(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    reason: str,
    actor: audit.Actor,
    until: datetime | None = None,
    message: str = "",
) -> int:
    """Refuse new requests of a workspace; running streams are cut and settled by their gateway.

    reason   why, for staff and the audit log
    message  what the customer reads; without one they read the reason
    until    when the freeze ends by itself
    Errors   NotFound, InvalidValue, Forbidden for the actor's own personal workspace
    """
    reason, message = check_reason(reason), check_message(message)
    await store.lock(connection)
    await _check_end(connection, until)
    before = await workspaces.get(connection, workspace_id)
    _refuse_oneself(before.personal_user_id, actor)
    await workspaces.set_frozen(connection, workspace_id, message or reason, note=reason, until=until)
    return await audit.record(
        connection,
        actor,
        "workspace.freeze",
        show("ws", workspace_id),
        reason=reason,
        before=_shown(before),
        after=_shown(await workspaces.get(connection, workspace_id)),
    )


async def unfreeze(
    connection: Connection, workspace_id: WorkspaceId, *, reason: str = "", actor: audit.Actor
) -> int | None:
    """End the freeze of a workspace. Nothing happens, and nothing is recorded, when there is none.

    A personal workspace stays frozen as long as its person is.
    Errors  NotFound, Conflict when it is frozen for nothing but its person; Forbidden as for a freeze
    """
    await store.lock(connection)
    before = await workspaces.get(connection, workspace_id)
    _refuse_oneself(before.personal_user_id, actor)
    if before.frozen_with_person:
        raise Conflict("This workspace is frozen because its person is; unfreeze the person.")
    if before.frozen_reason is None:
        return None
    owner = None if before.personal_user_id is None else await accounts.find(connection, before.personal_user_id)
    if owner is not None and owner.frozen_reason is not None:
        await _freeze_with_person(connection, workspace_id, owner)
    else:
        await workspaces.set_frozen(connection, workspace_id, None)
    return await audit.record(
        connection,
        actor,
        "workspace.unfreeze",
        show("ws", workspace_id),
        reason=reason,
        before=_shown(before),
        after=_shown(await workspaces.get(connection, workspace_id)),
    )


async def freeze_user(
    connection: Connection,
    user_id: UserId,
    *,
    reason: str,
    actor: audit.Actor,
    until: datetime | None = None,
    message: str = "",
) -> int:
    """Refuse what a person's keys ask for in every workspace, and everything but reading of themselves.

    Errors  NotFound, InvalidValue; Forbidden for oneself; Conflict for the last staff owner
    """
    reason, message = check_reason(reason), check_message(message)
    await store.lock(connection)
    await _check_end(connection, until)
    before = await accounts.get(connection, user_id)
    _refuse_oneself(user_id, actor)
    if await accounts.is_last_owner(connection, before):
        raise Conflict("The last staff owner cannot be frozen: nobody could end it.")
    await accounts.set_frozen(connection, user_id, message or reason, note=reason, until=until)
    frozen = await accounts.get(connection, user_id)
    personal = await workspaces.personal_of(connection, user_id)
    if personal is not None and (personal.frozen_reason is None or personal.frozen_with_person):
        await _freeze_with_person(connection, personal.workspace_id, frozen)
    return await audit.record(
        connection,
        actor,
        "user.freeze",
        show("usr", user_id),
        reason=reason,
        before=_shown(before),
        after=_shown(frozen),
    )


async def unfreeze_user(connection: Connection, user_id: UserId, *, reason: str = "", actor: audit.Actor) -> int | None:
    """End the freeze of a person, and of the personal workspace that was frozen with them. Errors: NotFound, Forbidden.

    Nothing happens, and nothing is recorded, when there is none.
    """
    await store.lock(connection)
    before = await accounts.get(connection, user_id)
    _refuse_oneself(user_id, actor)
    if before.frozen_reason is None:
        return None
    await accounts.set_frozen(connection, user_id, None)
    personal = await workspaces.personal_of(connection, user_id)
    if personal is not None and personal.frozen_with_person:
        await workspaces.set_frozen(connection, personal.workspace_id, None)
    return await audit.record(
        connection,
        actor,
        "user.unfreeze",
        show("usr", user_id),
        reason=reason,
        before=_shown(before),
        after={"frozen_reason": None},
    )


async def end_freezes(connection: Connection, *, actor: audit.Actor) -> Ended:
    """End one freeze that is past its end by the database's clock, of a person or of a workspace.

    One in a transaction: admission waits for the lock, and nothing may be locked behind the record of another.
    """
    if not (await accounts.freezes_ended(connection, 1) or await workspaces.freezes_ended(connection, 1)):
        # Nothing to do needs no lock that admission would wait for.
        return Ended()
    await store.lock(connection)
    for user_id in await accounts.freezes_ended(connection, 1):
        await unfreeze_user(connection, user_id, reason="The freeze has reached its end.", actor=actor)
        return Ended(people=(user_id,))
    for workspace_id in await workspaces.freezes_ended(connection, 1):
        await unfreeze(connection, workspace_id, reason="The freeze has reached its end.", actor=actor)
        return Ended(workspaces=(workspace_id,))
    return Ended()


async def _freeze_with_person(connection: Connection, workspace_id: WorkspaceId, owner: User) -> None:
    # The end is the person's: it is theirs that the job looks at.
    await workspaces.set_frozen(connection, workspace_id, owner.frozen_reason, note=owner.frozen_note, with_person=True)


async def _check_end(connection: Connection, until: datetime | None) -> None:
    if until is not None and until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    if until is not None and until <= await store.now(connection):
        raise InvalidValue("A freeze ends in the future, or when somebody ends it.", param="until")


def _refuse_oneself(user_id: UserId | None, actor: audit.Actor) -> None:
    if user_id is not None and actor.name == show("usr", user_id):
        raise Forbidden("Nobody freezes or unfreezes themselves.")


def _shown(subject: Workspace | User) -> dict[str, object]:
    if subject.frozen_reason is None:
        return {"frozen_reason": None}
    return {
        "frozen_reason": subject.frozen_reason,
        "frozen_note": subject.frozen_note,
        "frozen_at": subject.frozen_at,
        "frozen_until": subject.frozen_until,
    }
