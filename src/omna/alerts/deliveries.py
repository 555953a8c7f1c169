"""Take a delivery that is due, and keep account of its attempts. No transaction is open while the receiver thinks."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from omna.alerts import notice_store as store
from omna.alerts import service, settings, settings_store, signing
from omna.alerts.notice_store import Delivery
from omna.alerts.outcome import MOST_ATTEMPTS, Outcome, Verdict, pause_after
from omna.db.pool import Connection
from omna.errors import Conflict, NotFound
from omna.ids import show
from omna.vault.keyring import Keyring

__all__ = ["Delivery", "Parcel", "claim", "of_notices", "page", "send_again", "settle"]

#: Longer than any attempt, so that two workers never have the same delivery in their hands.
LEASE = timedelta(minutes=2)
#: The alert that says that alerts do not arrive.
FAILING, SUBJECT = "alerts.webhook_failing", "webhook"
#: Attempts of one delivery after which people hear of it by mail.
WORTH_TELLING = 4


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery with where it goes and what it is signed with, for this attempt."""

    delivery: Delivery
    url: str
    allowed: bool
    headers: Mapping[str, str]


async def claim(connection: Connection, keyring: Keyring) -> Parcel | None:
    """Return one delivery that is due, for this worker alone until its lease ends; None when there is none.

    A crash between the receiver's answer and `settle` sends it again, with the same id: at least once.
    Errors  EnvelopeError when the secret was sealed with a key this process does not have
    """
    target = await settings_store.get(connection)
    if target.webhook_url is None:
        await store.fail_queued(connection, "there is no webhook")
        return None
    keys = settings.keys_of(target, keyring)
    delivery = await store.claim(connection, LEASE)
    if delivery is None:
        return None
    headers = signing.headers(message_id(delivery.delivery_id), int(time.time()), delivery.body, keys)
    return Parcel(delivery, target.webhook_url, target.webhook_allowed, headers)


async def settle(connection: Connection, delivery: Delivery, outcome: Outcome) -> None:
    """Note what became of an attempt. Needs a transaction: what fails again and again opens an alert."""
    if outcome.verdict is Verdict.SENT:
        await store.set_sent(connection, delivery.delivery_id, outcome.status or 0)
        await service.resolve(connection, FAILING, SUBJECT)
        return
    pause = pause_after(delivery.attempts, outcome, random.random())  # noqa: S311 - spreads, hides nothing
    if pause is None:
        await store.set_failed(connection, delivery.delivery_id, outcome.status, outcome.error)
    else:
        await store.set_later(connection, delivery.delivery_id, outcome.status, outcome.error, pause)
    if pause is None or delivery.attempts >= WORTH_TELLING:
        await service.raise_alert(
            connection,
            FAILING,
            SUBJECT,
            severity="warning",
            facts={"error": outcome.error, "attempts": delivery.attempts, "most_attempts": MOST_ATTEMPTS},
            message=f"The webhook for alerts does not take deliveries: {outcome.error}",
        )


async def page(connection: Connection, before: UUID | None, limit: int) -> list[Delivery]:
    """Return deliveries, newest first; `before` continues a page."""
    return await store.deliveries(connection, before, limit)


async def of_notices(connection: Connection, notice_ids: Sequence[UUID]) -> dict[UUID, Delivery]:
    """Return the deliveries of some notices, by notice."""
    return {one.notice_id: one for one in await store.of_notices(connection, notice_ids)}


async def send_again(connection: Connection, delivery_id: UUID) -> Delivery:
    """Queue a delivery that was given up once more: the same body under the same id. Errors: NotFound, Conflict."""
    found = await store.delivery(connection, delivery_id)
    if found is None:
        raise NotFound("There is no such delivery.")
    if (await settings_store.get(connection)).webhook_url is None:
        raise Conflict("There is no webhook.")
    if not await store.again(connection, delivery_id):
        raise Conflict("Only a delivery that was given up can be sent again.")
    return found


def message_id(delivery_id: UUID) -> str:
    """Return the `webhook-id` of a delivery."""
    return show("msg", delivery_id)
