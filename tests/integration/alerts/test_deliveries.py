"""Deliveries to a real receiver, and to places where none may be."""

import secrets
import socket
from pathlib import Path

import asyncpg
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from omna.alerts import deliveries, settings, telling, webhook
from omna.alerts.outcome import MOST_ATTEMPTS, Verdict
from omna.config import Settings, load
from omna.errors import Conflict, InvalidValue
from omna.vault import service as vault
from omna.vault.keyring import Keyring
from omna.worker.alerts import deliver_alerts
from tests.integration.alerts.receiver import Receiver

KEY = secrets.token_hex(32)


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return load({"OMNA_SECRETS_MASTER_KEY": KEY}, tmp_path)


@pytest.fixture
async def keyring(connection: asyncpg.Connection, site: Settings) -> Keyring:
    return await vault.open_keyring(connection, site)


async def aim(connection: asyncpg.Connection, keyring: Keyring, receiver: Receiver) -> None:
    async with connection.transaction():
        _, _, secret = await settings.set_webhook(connection, receiver.url, allowed=True, keyring=keyring)
    if secret is not None:
        receiver.secret = secret


async def notify(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await telling.test(connection, [], "https://omna.example.com")


async def rows(connection: asyncpg.Connection) -> list[tuple[str, int, int | None, str | None]]:
    found = await connection.fetch(
        "SELECT state, attempts, last_status, last_error FROM alert_deliveries ORDER BY delivery_id"
    )
    return [tuple(row) for row in found]


async def due_now(connection: asyncpg.Connection) -> None:
    await connection.execute("UPDATE alert_deliveries SET due_at = now()")


async def test_a_delivery_is_signed_and_sent_once(
    pool: asyncpg.Pool, connection: asyncpg.Connection, site: Settings, keyring: Keyring
) -> None:
    async with Receiver() as receiver:
        await aim(connection, keyring, receiver)
        await notify(connection)
        deliver = deliver_alerts(site)
        await deliver(pool)
        await deliver(pool)
        assert receiver.verified == [True]
        assert receiver.seen[0]["type"] == "alert.test"
        assert receiver.seen[0]["path"] == "/hook?to=me"
        assert await rows(connection) == [("sent", 1, 204, None)]


async def test_a_failed_delivery_comes_again_with_the_same_body_and_id(
    pool: asyncpg.Pool, connection: asyncpg.Connection, site: Settings, keyring: Keyring
) -> None:
    async with Receiver(answers=[500, 302], location="http://127.0.0.1:1/elsewhere") as receiver:
        await aim(connection, keyring, receiver)
        await notify(connection)
        deliver = deliver_alerts(site)
        await deliver(pool)
        await deliver(pool)
        assert len(receiver.ids) == 1, "not before its pause is over"
        await due_now(connection)
        await deliver(pool)
        assert await rows(connection) == [("queued", 2, 302, "the receiver answered 302: redirects are not followed")]
        await due_now(connection)
        await deliver(pool)
        assert len(set(receiver.ids)) == len(set(receiver.bodies)) == 1
        assert receiver.verified == [True] * 3
        assert (await rows(connection))[0][:2] == ("sent", 3)


async def test_a_crash_after_the_answer_sends_again_with_the_same_id(
    pool: asyncpg.Pool, connection: asyncpg.Connection, site: Settings, keyring: Keyring
) -> None:
    async with Receiver() as receiver:
        await aim(connection, keyring, receiver)
        await notify(connection)
        parcel = await deliveries.claim(connection, keyring)
        assert parcel is not None
        assert await deliveries.claim(connection, keyring) is None, "one worker has it"
        outcome = await webhook.send(parcel.url, parcel.allowed, parcel.headers, parcel.delivery.body)
        assert outcome.verdict is Verdict.SENT
        # The process dies here; its lease ends.
        await due_now(connection)
        await deliver_alerts(site)(pool)
        assert receiver.ids == [deliveries.message_id(parcel.delivery.delivery_id)] * 2


async def test_what_never_arrives_is_given_up_told_and_can_be_sent_again(
    pool: asyncpg.Pool, connection: asyncpg.Connection, site: Settings, keyring: Keyring
) -> None:
    async with Receiver(answers=[500] * MOST_ATTEMPTS) as receiver:
        await aim(connection, keyring, receiver)
        await notify(connection)
        deliver = deliver_alerts(site)
        for _ in range(MOST_ATTEMPTS):
            await due_now(connection)
            await deliver(pool)
        assert await rows(connection) == [("failed", MOST_ATTEMPTS, 500, "the receiver answered 500")]
        assert await connection.fetchval("SELECT state FROM alerts WHERE kind = 'alerts.webhook_failing'") == "open"
        [failed] = await deliveries.page(connection, None, 10)
        async with connection.transaction():
            await deliveries.send_again(connection, failed.delivery_id)
        with pytest.raises(Conflict):
            await deliveries.send_again(connection, failed.delivery_id)
        await deliver(pool)
        assert receiver.verified[-1]
        assert len(set(receiver.ids)) == 1
        assert await connection.fetchval("SELECT state FROM alerts") == "resolved"


async def test_a_receiver_that_is_gone_is_not_asked_again(
    pool: asyncpg.Pool, connection: asyncpg.Connection, site: Settings, keyring: Keyring
) -> None:
    async with Receiver(answers=[410]) as receiver:
        await aim(connection, keyring, receiver)
        await notify(connection)
        await deliver_alerts(site)(pool)
    assert (await rows(connection))[0][0] == "failed"


async def test_both_secrets_sign_while_one_replaces_the_other(
    pool: asyncpg.Pool, connection: asyncpg.Connection, site: Settings, keyring: Keyring
) -> None:
    deliver = deliver_alerts(site)
    async with Receiver() as receiver:
        await aim(connection, keyring, receiver)
        async with connection.transaction():
            new, _ = await settings.rotate(connection, keyring)
        old, receiver.secret = receiver.secret, receiver.secret
        for secret, overlap, genuine in ((old, True, True), (new, True, True), (old, False, False), (new, False, True)):
            receiver.secret = secret
            if not overlap:
                await connection.execute("UPDATE alert_settings SET webhook_old_until = now() - interval '1 second'")
            await notify(connection)
            await deliver(pool)
            assert receiver.verified[-1] is genuine


async def test_secrets_are_sealed_and_sealed_again(connection: asyncpg.Connection, keyring: Keyring) -> None:
    async with Receiver() as receiver:
        await aim(connection, keyring, receiver)
    async with connection.transaction():
        await settings.rotate(connection, keyring)
    known = settings.keys_of(await settings.get(connection), keyring)
    stored = await connection.fetchrow("SELECT webhook_secret, webhook_old_secret FROM alert_settings")
    assert stored is not None
    assert all(sealed.startswith("v1:") and "whsec_" not in sealed for sealed in stored)
    another = secrets.token_hex(32)
    both = Keyring.from_text(f"{another},{KEY}")
    async with connection.transaction():
        assert await settings.reseal(connection, both) == 2
    new = Keyring.from_text(another)
    assert settings.keys_of(await settings.get(connection), new) == known


async def test_the_secret_stays_with_its_receiver(connection: asyncpg.Connection, keyring: Keyring) -> None:
    async with connection.transaction():
        _, _, first = await settings.set_webhook(connection, "https://a.example.com/1", allowed=False, keyring=keyring)
        await notify(connection)
        _, _, same = await settings.set_webhook(connection, "https://a.example.com/2", allowed=False, keyring=keyring)
        _, _, other = await settings.set_webhook(connection, "https://b.example.com/1", allowed=False, keyring=keyring)
    assert first is not None
    assert same is None
    assert other not in (None, first)
    assert await rows(connection) == [("failed", 0, None, "the webhook was replaced")]


INSIDE = (
    ("http://hooks.example.com/", False),
    ("https://hooks.example.com:8443/", False),
    ("https://127.0.0.1/", False),
    ("https://10.1.2.3/", False),
    ("https://[::1]/", False),
    ("https://169.254.169.254/latest", True),
    ("http://[fd00:ec2::254]/", True),
    ("https://me:pw@hooks.example.com/", False),
    ("https://hooks.example.com/#x", False),
    ("ftp://hooks.example.com/", True),
    ("javascript:alert(1)", True),
    ("https://" + "a" * 2000 + ".example.com/", False),
)


async def test_an_address_inside_is_no_webhook(connection: asyncpg.Connection, keyring: Keyring) -> None:
    for url, allowed in INSIDE:
        with pytest.raises(InvalidValue):
            await settings.set_webhook(connection, url, allowed=allowed, keyring=keyring)


class Names(AbstractResolver):
    """A resolver whose answers the test chooses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None: ...


async def test_a_name_that_leads_inside_is_not_connected_to() -> None:
    for addresses in (("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("169.254.169.254",), ("::ffff:127.0.0.1",)):
        outcome = await webhook.send("https://hooks.example.com/", False, {}, "{}", Names(*addresses))
        assert outcome.verdict is Verdict.LATER
        assert outcome.error.startswith("not allowed: ")
    outcome = await webhook.send("http://hooks.internal:80/", True, {}, "{}", Names("169.254.169.254"))
    assert "never allowed" in outcome.error


async def test_an_answer_without_end_is_not_read() -> None:
    async with Receiver() as receiver:
        outcome = await webhook.send(
            receiver.url, True, {"webhook-id": "x", "webhook-timestamp": "0", "webhook-signature": ""}, "{}"
        )
        assert outcome.verdict is Verdict.SENT
    closed = await webhook.send(receiver.url, True, {}, "{}")
    assert (closed.verdict, closed.error) == (Verdict.LATER, "no connection")
