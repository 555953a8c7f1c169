"""Tell people of alerts: write the mails and the deliveries of what is due. Nothing is sent here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from omna.alerts import notice_store as store
from omna.alerts import settings_store
from omna.alerts.model import SEVERITIES, Alert, State, pause_after
from omna.alerts.notice_store import Notice
from omna.alerts.pacing import LISTED, WINDOW, Plan, Reason, plan, reason_of, worst_first
from omna.alerts.words import SEVERITIES as SEVERITY_WORDS
from omna.alerts.words import fact_lines, headline
from omna.clock import iso
from omna.db.pool import Connection
from omna.ids import AlertId, UserId, new_id, show
from omna.mail import service as mail
from omna.mail.kinds import language_of, when
from omna.mail.service import Kind

__all__ = ["Notice", "Recipient", "notices", "notices_of", "sweep", "tell", "test"]

#: Alerts of one turn; what is left comes with the next.
BATCH = 200
#: How long notices and deliveries are kept, and alerts after they ended.
NOTICES_KEPT, ALERTS_KEPT = timedelta(days=90), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets mails of alerts. user_id: None for an address without an account."""

    email: str
    language: str | None
    user_id: UserId | None


async def tell(connection: Connection, people: Sequence[Recipient], public_url: str) -> int:
    """Write what people are told now, and return how many notices that were.

    public_url  how people reach this installation; deliveries carry the address of the alert's page
    """
    await store.lock(connection)
    settings = await settings_store.get(connection)
    await store.skip_below(connection, SEVERITIES[SEVERITIES.index(settings.least_severity) :])
    due = await store.due(connection, BATCH)
    if not due:
        return 0
    post = _Post(people, public_url.rstrip("/"), webhook=settings.webhook_url is not None)
    match plan(len(due), *await store.told(connection, WINDOW)):
        case Plan.HOLD:
            return 0
        case Plan.SINGLE:
            for alert in due:
                await post.single(connection, alert)
        case Plan.DIGEST:
            await post.digest(connection, due)
    for alert in due:
        await store.note(connection, alert.alert_id, _pause(alert))
    return len(due)


async def test(connection: Connection, people: Sequence[Recipient], public_url: str) -> UUID:
    """Write a notice that only says that notices arrive, and return its id."""
    settings = await settings_store.get(connection)
    post = _Post(people, public_url.rstrip("/"), webhook=settings.webhook_url is not None)
    return await post.test(connection)


async def notices_of(connection: Connection, alert_id: AlertId, limit: int = 50) -> list[Notice]:
    """Return what people were told of an alert, newest first."""
    return await store.notices_of(connection, alert_id, limit)


async def notices(connection: Connection, before: UUID | None, limit: int) -> list[Notice]:
    """Return what people were told, newest first; `before` continues a page."""
    return await store.notices(connection, before, limit)


async def sweep(connection: Connection) -> int:
    """Delete what is old; return how many rows."""
    return await store.delete_older(connection, NOTICES_KEPT, ALERTS_KEPT)


@dataclass(frozen=True, slots=True)
class _Post:
    people: Sequence[Recipient]
    public_url: str
    webhook: bool

    async def single(self, connection: Connection, alert: Alert) -> None:
        reason = reason_of(alert)

        def values(language: str) -> dict[str, Any]:
            return {
                "alert": show("alr", alert.alert_id),
                "phase": str(reason),
                "severity": SEVERITY_WORDS[language][alert.severity],
                "headline": _headline(alert, language),
                "kind": alert.kind,
                "since": alert.opened_at,
                "until": when(alert.resolved_at) if alert.resolved_at is not None else "",
                "count": alert.count,
                "details": "\n".join(fact_lines(alert.facts)),
            }

        await self._send(connection, reason, [alert], Kind.ALERT, values, self._facts(alert))

    async def digest(self, connection: Connection, alerts: Sequence[Alert]) -> None:
        listed = worst_first(alerts)
        shown, open_ones = listed[:LISTED], [one for one in alerts if one.state is not State.RESOLVED]

        def values(language: str) -> dict[str, Any]:
            return {
                "total": len(alerts),
                "open": len(open_ones),
                "critical": sum(one.severity == "critical" for one in open_ones),
                "more": len(listed) - len(shown),
                "lines": "\n".join(_line(one, language) for one in shown),
            }

        facts = {
            "total": len(alerts),
            "open": len(open_ones),
            "more": len(listed) - len(shown),
            "alerts": [self._brief(one) for one in shown],
            "url": f"{self.public_url}/console/alerts",
        }
        await self._send(connection, Reason.DIGEST, alerts, Kind.ALERT_DIGEST, values, facts)

    async def test(self, connection: Connection) -> UUID:
        facts = {"message": "This is a test.", "url": f"{self.public_url}/console/alerts"}
        return await self._send(connection, Reason.TEST, [], Kind.ALERT_TEST, lambda _: {}, facts)

    async def _send(
        self,
        connection: Connection,
        reason: Reason,
        alerts: Sequence[Alert],
        kind: Kind,
        values: Any,
        facts: Mapping[str, Any],
    ) -> UUID:
        notice_id, mails = new_id(), []
        for person in self.people:
            language = language_of(person.language)
            sent = await mail.enqueue(
                connection, kind, person.email, language, values(language), user_id=person.user_id
            )
            if sent is not None:
                mails.append(sent)
        await store.add_notice(connection, notice_id, reason, [one.alert_id for one in alerts], mails)
        if self.webhook:
            at: datetime = await connection.fetchval("SELECT now()")
            body = {"type": f"alert.{reason}", "timestamp": iso(at), "data": facts}
            await store.add_delivery(connection, new_id(), notice_id, msgspec.json.encode(body).decode())
        return notice_id

    def _brief(self, alert: Alert) -> dict[str, Any]:
        return {
            "id": show("alr", alert.alert_id),
            "kind": alert.kind,
            "subject": alert.subject,
            "severity": alert.severity,
            "state": alert.state,
            "message": alert.message,
        }

    def _facts(self, alert: Alert) -> dict[str, Any]:
        return {
            **self._brief(alert),
            "facts": alert.facts,
            "count": alert.count,
            "opened_at": iso(alert.opened_at),
            "last_at": iso(alert.last_at),
            "resolved_at": None if alert.resolved_at is None else iso(alert.resolved_at),
            "url": f"{self.public_url}/console/alerts/{show('alr', alert.alert_id)}",
        }


def _pause(alert: Alert) -> timedelta | None:
    return pause_after(alert.notices + 1) if alert.state is State.OPEN else None


def _headline(alert: Alert, language: str) -> str:
    return headline(alert.kind, alert.subject, alert.facts, alert.message, language)


def _line(alert: Alert, language: str) -> str:
    over = {"en": "over", "zh": "已结束"}[language]
    word = over if alert.state is State.RESOLVED else SEVERITY_WORDS[language][alert.severity]
    return f"{word}: {_headline(alert, language)}"
