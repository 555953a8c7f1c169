"""Raise and resolve alerts. Nothing here touches the network: a job tells people."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from omna.alerts import store
from omna.alerts.model import FLAP, FLAP_PAUSE, Alert, Severity, State, facts_to_json, one_line
from omna.db.pool import Connection
from omna.errors import Conflict, NotFound
from omna.ids import AlertId, new_id

__all__ = ["acknowledge", "current", "end", "find", "get", "hold", "opened", "page", "raise_alert", "resolve",
           "resolve_others"]  # fmt: skip


async def raise_alert(
    connection: Connection,
    kind: str,
    subject: str,
    *,
    severity: Severity,
    facts: Mapping[str, Any],
    message: str,
    counts: bool = True,
) -> AlertId:
    """Open an alert in the caller's transaction, or count one more of the one that is open.

    kind      `noun.what`, for example `provider.cap`
    subject   what it is about: a public id, a name, or a word; with the kind, what makes two alerts the same one
    severity  never falls while the alert is open; when it rises, people are told again
    facts     plain values: text, whole numbers, yes and no, moments, ids, decimals; never a secret
    message   one sentence in English that begins with the fact
    counts    False for what is looked at again and again: the newest facts stay, and the number says nothing
    """
    assert connection.is_in_transaction(), "an alert and what it tells of are one transaction"
    written, line = facts_to_json(facts), one_line(message)
    await store.lock(connection, kind, subject)
    again = await store.count_again(connection, kind, subject, severity, line, written, int(counts))
    if again is None:
        again = await store.reopen(connection, kind, subject, severity, line, written, within=FLAP, pause=FLAP_PAUSE)
    if again is not None:
        return again
    alert_id = AlertId(new_id())
    await store.add(connection, alert_id, kind, subject, severity, line, written)
    return alert_id


async def hold(connection: Connection, kind: str, subject: str) -> None:
    """Wait for whoever raises or ends this alert: for acts that are on record before they do so themselves.

    Whoever acknowledges an alert holds it and then waits for the audit log; the other way round is a deadlock.
    """
    await store.lock(connection, kind, subject)


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


async def current(connection: Connection, kind: str) -> list[Alert]:
    """Return the alerts of a kind that are not over."""
    return await store.current(connection, kind)


async def get(connection: Connection, alert_id: AlertId) -> Alert | None:
    """Return an alert, or None."""
    return await store.get(connection, alert_id)


async def find(connection: Connection, alert_id: AlertId) -> Alert:
    """Return an alert. Errors: NotFound."""
    return await _known(connection, alert_id)


async def opened(connection: Connection) -> dict[str, int]:
    """Return how many alerts nobody has acknowledged yet, by severity."""
    return await store.opened(connection)


async def page(
    connection: Connection,
    *,
    states: Sequence[State],
    severity: Severity | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Alert]:
    """Return alerts, those that happened last first; `before` continues a page."""
    return await store.page(connection, states, severity, before, limit)


async def acknowledge(connection: Connection, alert_id: AlertId, by: str) -> tuple[Alert, Alert]:
    """Note that somebody takes care, so that nobody is reminded; return the alert before and after.

    Errors  NotFound; Conflict when somebody has done so, or when it is over
    """
    before = await _lock(connection, alert_id)
    if before.state is not State.OPEN:
        raise Conflict("This alert is over." if before.state is State.RESOLVED else "Somebody has acknowledged it.")
    await store.acknowledge(connection, alert_id, by)
    return before, await _known(connection, alert_id)


async def end(connection: Connection, alert_id: AlertId) -> tuple[Alert, Alert]:
    """Call an alert over by hand; return it before and after. It opens again if it is raised again.

    Errors  NotFound; Conflict when it is over
    """
    before = await _lock(connection, alert_id)
    if before.state is State.RESOLVED:
        raise Conflict("This alert is over.")
    await store.resolve(connection, before.kind, before.subject)
    return before, await _known(connection, alert_id)


async def _lock(connection: Connection, alert_id: AlertId) -> Alert:
    known = await _known(connection, alert_id)
    await store.lock(connection, known.kind, known.subject)
    return await _known(connection, alert_id)


async def _known(connection: Connection, alert_id: AlertId) -> Alert:
    found = await store.get(connection, alert_id)
    if found is None:
        raise NotFound("There is no such alert.")
    return found
