"""Sessions: who is signed in where. The token is told once and stored as its digest; an ended session fails at once."""

from dataclasses import dataclass

from omna.accounts import session_store as store
from omna.accounts import tokens, viewing_store
from omna.accounts.model import Client
from omna.accounts.session_store import Session
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import NotFound, Unauthenticated, frozen_sentence
from omna.http.principal import Person
from omna.ids import SessionId, UserId, new_id, show

__all__ = [
    "LIFETIME_SECONDS",
    "Session",
    "Started",
    "end",
    "end_others",
    "list_of",
    "resolve",
    "sign_out",
    "start",
]

LIFETIME_SECONDS = 14 * 24 * 3600
IDLE_SECONDS = 12 * 3600
#: Longest name of a browser that is kept.
_USER_AGENT = 400


@dataclass(frozen=True, slots=True)
class Started:
    """A new session and its token, which is known to nobody but its browser from here on."""

    session_id: SessionId
    token: str


async def start(connection: Connection, user_id: UserId, method: str, client: Client) -> Started:
    """Begin a session. method: how the person proved who they are, for example `password`."""
    token, session_id = tokens.make(), SessionId(new_id())
    await store.add(
        connection,
        session_id,
        user_id,
        tokens.digest(token),
        method,
        client.user_agent[:_USER_AGENT].replace("\x00", ""),
        client.origin,
        LIFETIME_SECONDS,
    )
    return Started(session_id, token)


async def resolve(connection: Connection, token: str, origin: str) -> Person:
    """Return whose session a token is. Errors: Unauthenticated when it was ended, is too old or was idle too long."""
    found = await store.find(connection, tokens.digest(token), IDLE_SECONDS)
    if found is None:
        raise Unauthenticated
    if found.stale:
        await store.touch(connection, found.session_id, origin)
    return Person(
        user_id=found.user_id,
        session_id=found.session_id,
        origin=origin,
        verified=found.verified,
        staff_role=found.staff_role,
        frozen=None if found.frozen is None else frozen_sentence("Your account", found.frozen),
    )


async def list_of(connection: Connection, user_id: UserId) -> list[Session]:
    """Return where a person is signed in, last seen first."""
    return await store.of_user(connection, user_id, IDLE_SECONDS)


async def end(connection: Connection, user_id: UserId, session_id: SessionId, *, actor: audit.Actor) -> None:
    """End one of a person's sessions. Errors: NotFound, also for somebody else's."""
    if not await store.delete(connection, user_id, session_id):
        raise NotFound("There is no such session.")
    await audit.record(connection, actor, "session.end", show("ses", session_id))


async def end_others(connection: Connection, user_id: UserId, keep: SessionId, *, actor: audit.Actor) -> int:
    """End all sessions of a person but one, and return how many there were."""
    ended = await store.delete_others(connection, user_id, keep)
    if ended:
        await audit.record(connection, actor, "session.end_others", show("usr", user_id), after={"ended": ended})
    return ended


async def sign_out(connection: Connection, token: str, *, key: bytes, origin: str) -> None:
    """End the session of a token; one that is over already is no error. key: seals the audit log."""
    ended = await store.delete_by_digest(connection, tokens.digest(token))
    if ended is not None:
        session_id, user_id = ended
        actor = audit.Actor(show("usr", user_id), origin, key)
        await audit.record(connection, actor, "session.sign_out", show("ses", session_id))
        for viewing_id in await viewing_store.end(connection, session_id):
            await audit.record(connection, actor, "view.end", show("vw", viewing_id), after={"how": "signed out"})
