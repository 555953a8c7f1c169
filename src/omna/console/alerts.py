"""/api/console/alerts: what operators must know, and who takes care of it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Request

from omna.alerts import deliveries, telling
from omna.alerts import service as alerts
from omna.alerts.deliveries import Delivery
from omna.alerts.model import Alert, State
from omna.alerts.telling import Notice
from omna.alerts.words import headline
from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console.alert_schemas import (
    AlertAct,
    AlertActed,
    AlertDelivery,
    AlertDetail,
    AlertNotice,
    AlertRow,
    AlertSeverity,
    AlertSummary,
    NoticeMail,
    WantedAlerts,
)
from omna.db.pool import Connection
from omna.http.access import Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_moment
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import AlertId, show
from omna.mail import service as mail
from omna.mail.service import Mail
from omna.payments.recharges.routes import language_here
from omna.support.model import masked

router = Router(prefix="/api/console/alerts", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Guard = Annotated[Person, StaffCan(StaffRight.FREEZE)]
AlertPath = Annotated[str, Path(description="The alert: `alr_…`")]

_STATES: dict[str, tuple[State, ...]] = {
    "current": (State.OPEN, State.ACKNOWLEDGED),
    "all": tuple(State),
    **{str(state): (state,) for state in State},
}


@router.get("")
async def list_alerts(
    who: Onlooker,
    connection: Reading,
    http: Request,
    state: Annotated[WantedAlerts, Query(description="`current` is whatever is not resolved.")] = "current",
    severity: AlertSeverity | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AlertRow]:
    """Return alerts, those that opened last first."""
    language = await language_here(http, connection, who.user_id)
    found = await alerts.page(
        connection,
        states=_STATES[state],
        severity=severity,
        before=decode_moment(cursor, "alr"),
        limit=limit + 1,
    )
    rows, following = cut(found, limit, lambda one: (one.opened_at.isoformat(), show("alr", one.alert_id)))
    return Page(items=[AlertRow(**_row(one, language)) for one in rows], next_cursor=following)


@router.get("/summary")
async def count_alerts(who: Onlooker, connection: Reading) -> AlertSummary:
    """Return how many alerts nobody has acknowledged."""
    counts = await alerts.opened(connection)
    return AlertSummary(**{name: counts.get(name, 0) for name in ("critical", "warning", "info")})


@router.get("/{alert}")
async def get_alert(alert: AlertPath, who: Onlooker, connection: Reading, http: Request) -> AlertDetail:
    """Return an alert with its numbers and what people were told of it."""
    return AlertDetail(**await _detail(http, connection, _alert_id(alert), who))


@router.post("/{alert}/acknowledge")
async def acknowledge_alert(
    alert: AlertPath, body: AlertAct, who: Guard, connection: Work, http: Request, act: Act
) -> AlertActed:
    """Say that you take care: nobody is reminded any more."""
    actor = act(who)
    before, after = await alerts.acknowledge(connection, _alert_id(alert), actor.name)
    return await _acted(http, connection, before, after, who, actor, "alert.acknowledge", body.reason)


@router.post("/{alert}/end")
async def end_alert(
    alert: AlertPath, body: AlertAct, who: Guard, connection: Work, http: Request, act: Act
) -> AlertActed:
    """Call an alert over. It opens again when its reason is found again."""
    before, after = await alerts.end(connection, _alert_id(alert))
    return await _acted(http, connection, before, after, who, act(who), "alert.end", body.reason)


async def _acted(
    http: Request,
    connection: Connection,
    before: Alert,
    after: Alert,
    who: Person,
    actor: audit.Actor,
    action: str,
    reason: str,
) -> AlertActed:
    facts = await _detail(http, connection, after.alert_id, who)
    seq = await audit.record(
        connection,
        actor,
        action,
        show("alr", after.alert_id),
        reason=reason,
        before={"state": str(before.state)},
        after={"state": str(after.state), "kind": after.kind, "subject": after.subject},
    )
    return AlertActed(**facts, audit_seq=seq)


async def _detail(http: Request, connection: Connection, alert_id: AlertId, who: Person) -> dict[str, Any]:
    alert = await alerts.find(connection, alert_id)
    told = await telling.notices_of(connection, alert_id)
    return {
        **_row(alert, await language_here(http, connection, who.user_id)),
        "message": alert.message,
        "facts": dict(alert.facts),
        "acknowledged_by": alert.acknowledged_by,
        "next_notice_at": alert.next_notice_at if alert.state is State.OPEN else None,
        "notices": await notice_bodies(connection, told, who),
    }


def _row(alert: Alert, language: str) -> dict[str, Any]:
    return {
        "id": show("alr", alert.alert_id),
        "kind": alert.kind,
        "subject": alert.subject,
        "severity": alert.severity,
        "state": str(alert.state),
        "headline": headline(alert.kind, alert.subject, alert.facts, alert.message, language),
        "count": alert.count,
        "opened_at": alert.opened_at,
        "last_at": alert.last_at,
        "acknowledged_at": alert.acknowledged_at,
        "resolved_at": alert.resolved_at,
    }


async def notice_bodies(connection: Connection, told: Sequence[Notice], who: Person) -> list[AlertNotice]:
    """Return notices with what became of their mails and deliveries; addresses are for owners."""
    known = {one.mail_id: one for one in await mail.standing(connection, [m for one in told for m in one.mails])}
    sent = await deliveries.of_notices(connection, [one.notice_id for one in told])
    full = StaffRight.OWN in who.staff_rights
    return [
        AlertNotice.model_validate(
            {
                "at": one.at,
                "reason": one.reason,
                "alerts": len(one.alerts),
                "mails": [_mail_body(known[mail_id], full) for mail_id in one.mails if mail_id in known],
                "delivery": delivery_body(sent[one.notice_id]) if one.notice_id in sent else None,
            }
        )
        for one in told
    ]


def delivery_body(delivery: Delivery) -> AlertDelivery:
    return AlertDelivery.model_validate(
        {
            "id": deliveries.message_id(delivery.delivery_id),
            "reason": delivery.reason,
            "state": delivery.state,
            "attempts": delivery.attempts,
            "status": delivery.last_status,
            "error": delivery.last_error,
            "created_at": delivery.created_at,
            "sent_at": delivery.sent_at,
            "next_try_at": delivery.due_at if delivery.state == "queued" else None,
        }
    )


def _mail_body(one: Mail, full: bool) -> NoticeMail:
    # The server's words may name addresses, too.
    recipient = one.recipient if full else masked(one.recipient)
    return NoticeMail.model_validate(
        {"recipient": recipient, "state": one.state, "error": one.last_error if full else None}
    )


def _alert_id(text: str) -> AlertId:
    return AlertId(id_in_address(text, "alr", "alert"))
