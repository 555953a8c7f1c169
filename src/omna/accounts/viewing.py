"""A customer's app as they see it, for staff: read-only, an hour at most, in the session of whoever began it.

Nobody gets another session or cookie. A page of a viewing names it in a header of each of its requests; without that
header the same browser acts as its own person, so the two never mix.
"""

from dataclasses import replace

from omna.accounts import console_sessions, service
from omna.accounts import viewing_store as store
from omna.accounts.viewing_store import Viewing
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Forbidden, NotFound, ViewingOver
from omna.http.principal import Person, StaffRight
from omna.ids import SessionId, UserId, ViewingId, WorkspaceId, new_id, parse, show

__all__ = [
    "BATCH",
    "SECONDS",
    "Viewing",
    "begin",
    "end",
    "end_over",
    "end_with",
    "find",
    "has_opened",
    "open_workspace",
    "seen_by",
]

SECONDS = 3600
#: Of one transaction.
BATCH = 100


async def begin(
    connection: Connection, who: Person, user_id: UserId, *, reason: str, actor: audit.Actor
) -> tuple[Viewing, int]:
    """Begin to look at a customer's app, and return it with the number of its row in the audit log.

    What was viewed in this session before ends. The caller has asked for the right and for a step-up.
    Errors  NotFound, Forbidden for oneself and for staff
    """
    if user_id == who.user_id:
        raise Forbidden("This is you: open your own workspace.")
    user = await service.get(connection, user_id)
    if user.staff_role is not None:
        raise Forbidden("Nobody looks over the shoulder of staff.")
    await store.lock_session(connection, who.session_id)
    await _end(connection, who.session_id, actor=actor, how="replaced")
    viewing_id = ViewingId(new_id())
    await store.add(connection, viewing_id, who.session_id, who.user_id, user_id, reason, SECONDS)
    viewing = await store.running(connection, viewing_id, who.session_id)
    if viewing is None:
        raise NotFound("There is no such person.")
    seq = await audit.record(
        connection,
        actor,
        "view.begin",
        show("usr", user_id),
        reason=reason,
        after={"viewing": show("vw", viewing_id), "ends_at": viewing.ends_at},
    )
    return viewing, seq


async def end(connection: Connection, who: Person, viewing_id: ViewingId, *, actor: audit.Actor) -> int | None:
    """End a viewing of one's session by hand; None: it was over already."""
    return await _end(connection, who.session_id, viewing_id, actor=actor, how="by hand")


async def end_with(connection: Connection, session_id: SessionId, *, actor: audit.Actor, how: str) -> None:
    """End what is viewed in a session, because the console or the session ends."""
    await _end(connection, session_id, actor=actor, how=how)


async def end_over(connection: Connection, *, actor: audit.Actor) -> int:
    """Note the end of viewings whose time, console or session is over; return how many."""
    over = await store.end_what_is_over(connection, BATCH)
    for viewing_id in over:
        await audit.record(connection, actor, "view.end", show("vw", viewing_id), after={"how": "over"})
    return len(over)


async def find(connection: Connection, who: Person) -> Viewing:
    """Return what is viewed. Errors: ViewingOver."""
    viewing = None if who.viewing_id is None else await store.running(connection, who.viewing_id, who.session_id)
    if viewing is None:
        raise ViewingOver
    return viewing


async def seen_by(connection: Connection, staff: Person, text: str) -> Person:
    """Return the customer whom somebody of the staff sees the app as. Each use keeps the console open.

    Errors  ViewingOver when it is over, or is not of this session, or its reader may not any more
    """
    try:
        viewing_id = parse(text, "vw")
    except ValueError:
        raise ViewingOver from None
    viewing = await store.running(connection, viewing_id, staff.session_id)
    if viewing is None or viewing.staff_id != staff.user_id or StaffRight.OWN not in staff.staff_rights:
        raise ViewingOver
    if staff.frozen is not None or not (await console_sessions.look(connection, staff)).open:
        raise ViewingOver
    await console_sessions.enter(connection, staff)
    return replace(
        staff,
        user_id=viewing.user_id,
        verified=viewing.user_verified,
        staff_role=None,
        viewing_id=viewing.viewing_id,
        viewer_id=viewing.staff_id,
    )


async def has_opened(connection: Connection, viewing_id: ViewingId, workspace_id: WorkspaceId) -> bool:
    return await store.has_opened(connection, viewing_id, workspace_id)


async def open_workspace(
    connection: Connection, viewing_id: ViewingId, workspace_id: WorkspaceId, *, actor: audit.Actor
) -> None:
    """Put on record that a workspace is looked at, once in a viewing."""
    if await store.open_workspace(connection, viewing_id, workspace_id):
        await audit.record(
            connection, actor, "view.open", show("ws", workspace_id), after={"viewing": show("vw", viewing_id)}
        )


async def _end(
    connection: Connection,
    session_id: SessionId,
    viewing_id: ViewingId | None = None,
    *,
    actor: audit.Actor,
    how: str,
) -> int | None:
    seq = None
    for ended in await store.end(connection, session_id, viewing_id):
        seq = await audit.record(connection, actor, "view.end", show("vw", ended), after={"how": how})
    return seq
