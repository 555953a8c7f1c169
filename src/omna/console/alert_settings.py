"""/api/console/alert-settings: whom alerts are told to, and whether it arrived."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request

from omna.accounts.alerting import audience
from omna.alerts import deliveries, settings, telling
from omna.alerts.settings import AlertSettings, origin_of
from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console.alert_schemas import (
    AlertAct,
    AlertDelivery,
    AlertNotice,
    AlertSettingsActed,
    AlertSettingsOut,
    AlertWebhook,
    RecipientsWish,
    WebhookWish,
)
from omna.console.alerts import delivery_body, notice_bodies
from omna.db.pool import Connection
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_id
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Acted
from omna.ids import show
from omna.vault.keyring import Keyring

router = Router(prefix="/api/console/alert-settings", tags=["console"])

Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
DeliveryPath = Annotated[str, Path(description="The delivery: `msg_…`")]

#: What the settings are called in the audit log.
SUBJECT = "alerts"


@router.get("")
async def get_alert_settings(who: Owner, connection: Reading) -> AlertSettingsOut:
    """Return whom alerts are told to."""
    return AlertSettingsOut(**await _facts(connection))


@router.put("/recipients")
async def set_recipients(
    body: RecipientsWish, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> AlertSettingsActed:
    """Set who gets mails, and of which alerts people are told, after a step-up for `alert_settings.change`."""
    await confirm(connection, who, "alert_settings.change", SUBJECT)
    before, after = await settings.set_recipients(connection, body.recipients, body.least_severity)
    return await _acted(connection, act(who), "alert_settings.change", body.reason, _told(before), _told(after))


@router.put("/webhook")
async def set_webhook(
    body: WebhookWish, who: Owner, connection: Work, http: Request, confirm: Confirm, act: Act
) -> AlertSettingsActed:
    """Deliver alerts to an address, after a step-up for `alert_webhook.set`. A new receiver gets a new secret."""
    await confirm(connection, who, "alert_webhook.set", SUBJECT)
    before, after, secret = await settings.set_webhook(
        connection, body.url, allowed=body.allowed, keyring=_keyring(http)
    )
    return await _acted(
        connection, act(who), "alert_webhook.set", body.reason, _aim(before), _aim(after), secret=secret
    )


@router.post("/webhook/rotate")
async def rotate_secret(
    body: AlertAct, who: Owner, connection: Work, http: Request, confirm: Confirm, act: Act
) -> AlertSettingsActed:
    """Make a new secret, after a step-up for `alert_webhook.rotate`. The one before signs for 24 hours, too."""
    await confirm(connection, who, "alert_webhook.rotate", SUBJECT)
    secret, until = await settings.rotate(connection, _keyring(http))
    after: dict[str, datetime] = {"old_secret_until": until}
    return await _acted(connection, act(who), "alert_webhook.rotate", body.reason, None, after, secret=secret)


@router.post("/webhook/remove")
async def remove_webhook(
    body: AlertAct, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> AlertSettingsActed:
    """Deliver nowhere, after a step-up for `alert_webhook.remove`."""
    await confirm(connection, who, "alert_webhook.remove", SUBJECT)
    before = await settings.remove_webhook(connection)
    return await _acted(connection, act(who), "alert_webhook.remove", body.reason, _aim(before), None)


@router.post("/test")
async def send_test(body: AlertAct, who: Owner, connection: Work, http: Request, act: Act) -> Acted:
    """Send a test to everybody who is told of alerts. It leaves within seconds."""
    await telling.test(connection, await audience(connection), http.app.state.settings.server.public_url)
    return Acted(audit_seq=await audit.record(connection, act(who), "alert.test", SUBJECT, reason=body.reason))


@router.get("/notices")
async def list_notices(who: Owner, connection: Reading, limit: Limit = 50, cursor: Cursor = None) -> Page[AlertNotice]:
    """Return what people were told, newest first, and whether it arrived."""
    found = await telling.notices(connection, decode_id(cursor), limit + 1)
    rows, following = cut(found, limit, lambda one: (one.notice_id.hex,))
    return Page(items=await notice_bodies(connection, rows, who), next_cursor=following)


@router.get("/deliveries")
async def list_deliveries(
    who: Owner, connection: Reading, limit: Limit = 50, cursor: Cursor = None
) -> Page[AlertDelivery]:
    """Return deliveries to the webhook, newest first."""
    found = await deliveries.page(connection, decode_id(cursor), limit + 1)
    rows, following = cut(found, limit, lambda one: (one.delivery_id.hex,))
    return Page(items=[delivery_body(one) for one in rows], next_cursor=following)


@router.post("/deliveries/{delivery}/send")
async def send_delivery_again(delivery: DeliveryPath, body: AlertAct, who: Owner, connection: Work, act: Act) -> Acted:
    """Queue a delivery that was given up once more: the same body, under the same id."""
    delivery_id: UUID = id_in_address(delivery, "msg", "delivery")
    before = await deliveries.send_again(connection, delivery_id)
    seq = await audit.record(
        connection,
        act(who),
        "alert_delivery.send",
        show("msg", delivery_id),
        reason=body.reason,
        before={"state": before.state, "attempts": before.attempts},
        after={"state": "queued"},
    )
    return Acted(audit_seq=seq)


async def _acted(
    connection: Connection,
    actor: audit.Actor,
    action: str,
    reason: str,
    before: Any,
    after: Any,
    *,
    secret: str | None = None,
) -> AlertSettingsActed:
    facts = await _facts(connection)
    seq = await audit.record(connection, actor, action, SUBJECT, reason=reason, before=before, after=after)
    return AlertSettingsActed(**facts, secret=secret, audit_seq=seq)


async def _facts(connection: Connection) -> dict[str, Any]:
    now = await settings.get(connection)
    webhook = None
    if now.webhook_url is not None:
        webhook = AlertWebhook(url=now.webhook_url, allowed=now.webhook_allowed, old_secret_until=now.webhook_old_until)
    return {
        "recipients": None if now.recipients is None else list(now.recipients),
        "least_severity": now.least_severity,
        "mails_go_to": [one.email for one in await audience(connection)],
        "webhook": webhook,
    }


def _told(of: AlertSettings) -> dict[str, Any]:
    return {
        "recipients": None if of.recipients is None else list(of.recipients),
        "least_severity": of.least_severity,
    }


def _aim(of: AlertSettings) -> dict[str, Any] | None:
    # The path may be a secret of the receiver.
    return None if of.webhook_url is None else {"origin": origin_of(of.webhook_url), "allowed": of.webhook_allowed}


def _keyring(http: Request) -> Keyring:
    keyring: Keyring = http.app.state.keyring
    return keyring
