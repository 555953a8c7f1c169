"""Raise and resolve alerts. Nothing here touches the network: a job tells people."""

from collections.abc import Collection, Mapping
from typing import Any

from omna.alerts import store
from omna.alerts.model import FLAP, FLAP_PAUSE, Alert, Severity, facts_to_json, one_line
from omna.db.pool import Connection
from omna.ids import AlertId, new_id

__all__ = ["get", "raise_alert", "resolve", "resolve_others"]


async def raise_alert(
    connection: Connection,
    kind: str,
    subject: str,
    *,
    severity: Severity,
    facts: Mapping[str, Any],
    message: str,
) -> AlertId:
    """Open an alert in the caller's transaction, or count one more of the one that is open.

    kind      `noun.what`, for example `provider.cap`
    subject   what it is about: a public id, a name, or a word; with the kind, what makes two alerts the same one
    severity  never falls while the alert is open; when it rises, people are told again
    facts     plain values: text, whole numbers, yes and no, moments, ids, decimals; never a secret
    message   one sentence in English that begins with the fact
    """
    assert connection.is_in_transaction(), "an alert and what it tells of are one transaction"
    written, line = facts_to_json(facts), one_line(message)
    await store.lock(connection, kind, subject)
    again = await store.count_again(connection, kind, subject, severity, line, written)
    if again is None:
        again = await store.reopen(connection, kind, subject, severity, line, written, within=FLAP, pause=FLAP_PAUSE)
    if again is not None:
        return again
    alert_id = AlertId(new_id())
    await store.add(connection, alert_id, kind, subject, severity, line, written)
    return alert_id


async def resolve(connection: Connection, kind: str, subject: str) -> AlertId | None:
    """End the open alert of a kind and subject, and return it; None when there is none, which is no error."""
    assert connection.is_in_transaction(), "the end of an alert and what it tells of are one transaction"
    await store.lock(connection, kind, subject)
    return await store.resolve(connection, kind, subject)


async def resolve_others(connection: Connection, kind: str, still: Collection[str]) -> int:
    """End the open alerts of a kind whose subject is not among those that are still true; return how many."""
    ended = 0
    for subject in await store.open_subjects(connection, kind):
        if subject not in still and await resolve(connection, kind, subject) is not None:
            ended += 1
    return ended


async def get(connection: Connection, alert_id: AlertId) -> Alert | None:
    """Return an alert, or None."""
    return await store.get(connection, alert_id)
