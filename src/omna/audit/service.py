"""Write the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from omna.audit import store
from omna.audit.checking import verify
from omna.audit.model import Actor, Entry, Finding, Head, seal, to_json
from omna.db.pool import Connection
from omna.observability.logs import bound_request

__all__ = ["Actor", "Entry", "Finding", "Head", "by_actor", "head", "note_reading", "record", "verify"]

#: How long a page may be looked at, and asked for again, as one reading.
_ONE_READING_MINUTES = 10


async def record(
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str,
    *,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Append a row in the caller's transaction and return its number. It names the request that the task serves.

    action          `noun.verb`, for example `key.revoke`
    subject         public id or name of what it was done to
    before, after   plain values; money as decimal strings of Credits, never a secret
    """
    assert connection.is_in_transaction(), "an act and its record are one transaction"
    last, at = await store.lock_head(connection)
    entry = Entry(
        seq=last.seq + 1,
        at=at,
        actor=actor.name,
        action=action,
        subject=subject,
        reason=reason,
        before=to_json(before),
        after=to_json(after),
        origin=actor.origin,
        request_id=bound_request(),
    )
    await store.append(connection, entry, seal(entry, last.seal, actor.key))
    return entry.seq


async def note_reading(connection: Connection, actor: Actor, action: str, subject: str) -> None:
    """Append that staff read something of a customer, unless the same person did so minutes ago.

    A page that asks again and again is one reading.
    """
    if not await store.has_lately(connection, actor.name, action, subject, _ONE_READING_MINUTES):
        await record(connection, actor, action, subject)


async def head(connection: Connection) -> Head:
    """Return number and seal of the newest row."""
    return await store.head(connection)


async def by_actor(connection: Connection, actor: str, action: str, since: datetime) -> list[Entry]:
    """Return what an actor did since a moment, oldest first."""
    return await store.by_actor(connection, actor, action, since)
