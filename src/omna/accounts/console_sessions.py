"""The console in a session of staff: opened by a fresh proof of identity, closed by itself when nobody uses it."""

from omna.accounts import console_store as store
from omna.accounts.console_store import Door
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import ConsoleClosed, SecondFactorRequired, Unauthenticated
from omna.http.principal import Person
from omna.ids import show

__all__ = ["IDLE_SECONDS", "LIFETIME_SECONDS", "Door", "close", "enter", "look", "open_for"]

IDLE_SECONDS = 15 * 60
LIFETIME_SECONDS = 8 * 3600
#: How exactly use is noted.
_NOTED_SECONDS = 30


async def look(connection: Connection, who: Person) -> Door:
    """Return the state of the console, which this does not count as use of. Errors: Unauthenticated."""
    door = await store.door(connection, who.session_id, IDLE_SECONDS, LIFETIME_SECONDS, _NOTED_SECONDS)
    if door is None:
        raise Unauthenticated
    return door


async def enter(connection: Connection, who: Person) -> None:
    """Let staff in and note it. Errors: SecondFactorRequired, ConsoleClosed, Unauthenticated."""
    door = await look(connection, who)
    if not door.second_factor:
        raise SecondFactorRequired(metadata={"where": "/app/settings/security"})
    if not door.open:
        raise ConsoleClosed
    if door.stale:
        await store.touch(connection, who.session_id, IDLE_SECONDS, _NOTED_SECONDS)


async def require_second_factor(connection: Connection, who: Person) -> None:
    """Errors: SecondFactorRequired, Unauthenticated."""
    if not (await look(connection, who)).second_factor:
        raise SecondFactorRequired(metadata={"where": "/app/settings/security"})


async def open_for(connection: Connection, who: Person, *, actor: audit.Actor) -> Door:
    """Open the console in a session; the eight hours begin anew. The caller has asked for a step-up.

    Errors  SecondFactorRequired, Unauthenticated
    """
    await require_second_factor(connection, who)
    await store.open_door(connection, who.session_id)
    await audit.record(connection, actor, "console.open", show("ses", who.session_id))
    return await look(connection, who)


async def close(connection: Connection, who: Person, *, actor: audit.Actor) -> None:
    """Close the console in a session; one that is closed already is no error."""
    if await store.close(connection, who.session_id):
        await audit.record(connection, actor, "console.close", show("ses", who.session_id))
