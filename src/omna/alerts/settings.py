"""Whom alerts are told to: mail addresses, and a webhook whose secret Omna makes and shows once.

Nothing here is audited: the console does that, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from yarl import URL

from omna.alerts import notice_store, signing
from omna.alerts import settings_store as store
from omna.alerts.model import Severity
from omna.alerts.settings_store import AlertSettings
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.mail import address
from omna.providers.egress import EgressRefused, parse_base_url
from omna.vault.envelope import Location
from omna.vault.keyring import Keyring, Purpose

__all__ = ["AlertSettings", "get", "origin_of", "remove_webhook", "reseal", "rotate", "set_recipients", "set_webhook"]

MOST_RECIPIENTS = 20
LONGEST_URL = 2000
#: How long the secret before still signs, beside the new one.
OVERLAP = timedelta(hours=24)

_PLACE = Location("alert_settings", "webhook", "webhook_secret")


async def get(connection: Connection) -> AlertSettings:
    """Return whom alerts are told to."""
    return await store.get(connection)


async def set_recipients(
    connection: Connection, recipients: Sequence[str] | None, least_severity: Severity
) -> tuple[AlertSettings, AlertSettings]:
    """Set who gets mails, and of which alerts people are told at all; return the settings before and after.

    recipients  None is every owner among staff
    Errors  InvalidValue
    """
    wanted = None
    if recipients is not None:
        try:
            wanted = list(dict.fromkeys(address.normalize(text) for text in recipients))
        except ValueError as error:
            raise InvalidValue(str(error), param="recipients") from None
        if not 1 <= len(wanted) <= MOST_RECIPIENTS:
            raise InvalidValue(f"Name 1 to {MOST_RECIPIENTS} addresses, or none of your own.", param="recipients")
    before = await store.lock(connection)
    await store.set_recipients(connection, wanted, least_severity)
    return before, await store.get(connection)


async def set_webhook(
    connection: Connection, url: str, *, allowed: bool, keyring: Keyring
) -> tuple[AlertSettings, AlertSettings, str | None]:
    """Set where alerts are delivered; return the settings before and after, and the secret when it is a new one.

    The secret stays while scheme, host and port do: another receiver must not get what the one before can check.
    allowed  this host and port may be plain http, another port than 443 or an address that is not public
    Errors  InvalidValue
    """
    target = check_url(url, allowed)
    before = await store.lock(connection)
    secret, sealed = None, before.webhook_secret
    if before.webhook_url is None or origin_of(before.webhook_url) != origin_of(str(target)):
        secret = signing.make_secret()
        sealed = keyring.seal(Purpose.ALERT_WEBHOOK, secret, _PLACE)
        await notice_store.fail_queued(connection, "the webhook was replaced")
    await store.set_webhook(connection, str(target), allowed, sealed)
    return before, await store.get(connection), secret


async def remove_webhook(connection: Connection) -> AlertSettings:
    """Deliver nowhere; return the settings before. Errors: Conflict when there is none."""
    before = await store.lock(connection)
    if before.webhook_url is None:
        raise Conflict("There is no webhook.")
    await notice_store.fail_queued(connection, "the webhook was removed")
    await store.set_webhook(connection, None, False, None)
    return before


async def rotate(connection: Connection, keyring: Keyring) -> tuple[str, datetime]:
    """Make a new secret; return it, and until when the one before signs too. Errors: Conflict without a webhook."""
    before = await store.lock(connection)
    if before.webhook_secret is None:
        raise Conflict("There is no webhook.")
    secret = signing.make_secret()
    sealed = keyring.seal(Purpose.ALERT_WEBHOOK, secret, _PLACE)
    return secret, await store.rotate(connection, sealed, before.webhook_secret, OVERLAP)


def keys_of(settings: AlertSettings, keyring: Keyring) -> list[str]:
    """Return the secrets that sign now, the newest first. Errors: EnvelopeError."""
    envelopes = (settings.webhook_secret, settings.webhook_old_secret)
    return [keyring.unseal(Purpose.ALERT_WEBHOOK, sealed, _PLACE) for sealed in envelopes if sealed is not None]


async def reseal(connection: Connection, keyring: Keyring) -> int:
    """Seal the secrets with the keyring's sealing key, and return how many there were."""
    new = [
        None if old is None else keyring.seal(Purpose.ALERT_WEBHOOK, _open(keyring, old), _PLACE)
        for old in await store.sealed(connection)
    ]
    await store.set_sealed(connection, *new)
    return sum(sealed is not None for sealed in new)


def check_url(text: str, allowed: bool) -> URL:
    """Return the address of a webhook. Errors: InvalidValue for one that alerts may not be sent to."""
    try:
        if len(text) > LONGEST_URL:
            raise EgressRefused(f"an address has at most {LONGEST_URL} characters")
        url = URL(text.strip())
        # The same judgement as for providers, which have no query.
        parse_base_url(str(url.with_query(None)), allowed)
    except (EgressRefused, ValueError) as error:
        raise InvalidValue(f"Alerts cannot be sent there: {error}.", param="url") from None
    return url


def origin_of(url: str) -> str:
    """Return scheme, host and port: what may stand in the audit log, because a path may be a secret."""
    return str(URL(url).origin())


def _open(keyring: Keyring, sealed: str) -> str:
    return keyring.unseal(Purpose.ALERT_WEBHOOK, sealed, _PLACE)
