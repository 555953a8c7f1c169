"""Write the audit log, and prove that nobody rewrote it."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from omna.audit import store
from omna.audit.model import GENESIS, Actor, Entry, Finding, seal, to_json
from omna.db.pool import Connection

__all__ = ["Actor", "Entry", "Finding", "by_actor", "record", "verify"]


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
    """Append a row in the caller's transaction and return its number.

    action          `noun.verb`, for example `key.revoke`
    subject         public id or name of what it was done to
    before, after   plain values; money as decimal strings of Credits, never a secret
    """
    assert connection.is_in_transaction(), "an act and its record are one transaction"
    last, previous, at = await store.lock_head(connection)
    entry = Entry(
        seq=last + 1,
        at=at,
        actor=actor.name,
        action=action,
        subject=subject,
        reason=reason,
        before=to_json(before),
        after=to_json(after),
        origin=actor.origin,
    )
    await store.append(connection, entry, seal(entry, previous, actor.key))
    return entry.seq


async def verify(connection: Connection, keys: Sequence[bytes]) -> list[Finding]:
    """Return every row that was changed, slipped in or is missing; an empty list is a log nobody rewrote.

    keys    every key that ever sealed a row, oldest first: once a newer one is in use, an older one seals nothing
    """
    findings: list[Finding] = []
    previous, expected, key_in_use = GENESIS, 1, 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for entry, mac in store.in_order(connection):
            if entry.seq != expected:
                findings.append(Finding(expected, f"rows {expected} to {entry.seq - 1} are missing"))
            for number in range(key_in_use, len(keys)):
                if hmac.compare_digest(mac, seal(entry, previous, keys[number])):
                    key_in_use = number
                    break
            else:
                findings.append(Finding(entry.seq, "the seal does not fit the row, or the row before it was changed"))
            previous, expected = mac, entry.seq + 1
    return findings


async def by_actor(connection: Connection, actor: str, action: str, since: datetime) -> list[Entry]:
    """Return what an actor did since a moment, oldest first."""
    return await store.by_actor(connection, actor, action, since)
