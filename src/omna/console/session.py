"""/api/console/session: what somebody of the staff may do, and the door of the console."""

from omna.accounts import console_sessions, viewing
from omna.accounts import service as accounts
from omna.audit.acting import Act
from omna.console.schemas import ConsoleSession
from omna.db.pool import Connection
from omna.http.access import Confirm, Reading, Staff, Work
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.risk import four_eyes

router = Router(prefix="/api/console/session", tags=["console"])


@router.get("")
async def get_session(who: Staff, connection: Reading) -> ConsoleSession:
    """Whether the console is open to you, and what your role allows. Asking does not count as use."""
    return await _session(connection, who)


@router.post("")
async def open_console(who: Staff, connection: Work, confirm: Confirm, act: Act) -> ConsoleSession:
    """Open the console, after a step-up for `console.open`: for 8 hours, or until nothing was done for 15 minutes."""
    await console_sessions.require_second_factor(connection, who)
    await confirm(connection, who, "console.open")
    await viewing.end_with(connection, who.session_id, actor=act(who), how="console opened anew")
    await console_sessions.open_for(connection, who, actor=act(who))
    return await _session(connection, who)


@router.delete("", status_code=204)
async def close_console(who: Staff, connection: Work, act: Act) -> None:
    """Close the console; you stay signed in."""
    await console_sessions.close(connection, who, actor=act(who))
    await viewing.end_with(connection, who.session_id, actor=act(who), how="console closed")


async def _session(connection: Connection, who: Person) -> ConsoleSession:
    door = await console_sessions.look(connection, who)
    user = await accounts.get(connection, who.user_id)
    return ConsoleSession(
        role=who.staff_role or "",
        rights=sorted(who.staff_rights),
        open=door.open,
        opened_at=door.opened_at if door.open else None,
        idle_seconds=door.idle_seconds,
        second_factor=door.second_factor,
        email=user.email,
        name=user.name,
        four_eyes_off=StaffRight.MONEY in who.staff_rights and await four_eyes.off(connection),
    )
