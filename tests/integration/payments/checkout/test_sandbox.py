"""The pretended payment service: same protocol, same inbox, and no way into production."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omna.config import ConfigError, Payments, Server, Settings
from omna.db.pool import transaction
from omna.errors import Conflict, PaymentServiceRefused
from omna.ids import RefundId, new_id
from omna.payments.checkout import inbox
from omna.payments.checkout import sandbox as service
from omna.payments.checkout.inbox import Outcome
from omna.payments.checkout.processor import RefundStatus
from omna.payments.checkout.registry import check
from omna.payments.checkout.syncing import sync
from tests.stripe.account import KEY
from tests.stripe.till import Till

NANO = 10**9


async def press(till: Till, session: str, button: Any) -> None:
    """What the page does."""
    async with transaction(till.registry.pool) as connection:
        pressed = await service.press(connection, session, button)
    running = till.registry.sandbox
    assert running is not None
    assert await inbox.receive(till.registry, "sandbox", *running.deliver(pressed, button)) is Outcome.DONE


@pytest.mark.parametrize(
    ("buttons", "state", "failure"),
    [
        (["pay"], "credited", ""),
        (["fail"], "failed", "card_declined"),
        (["pay_later"], "awaiting_payment", ""),
        (["pay_later", "succeed"], "credited", ""),
        (["pay_later", "fail_later"], "failed", "card_declined"),
    ],
)
async def test_buttons_take_the_order_where_they_say(
    sandbox: Till, buttons: list[str], state: str, failure: str
) -> None:
    recharge_id, session = await sandbox.opened()
    for button in buttons:
        await press(sandbox, session, button)
    books = await sandbox.books()
    assert books["orders"] == [(state, "", failure)]
    assert books["wallet"]["available_paid"] == (10 * NANO if state == "credited" else 0)
    await sync(sandbox.registry, recharge_id)
    assert await sandbox.books() == books
    await sandbox.verify()


async def test_button_is_pressed_once(sandbox: Till) -> None:
    _, session = await sandbox.opened()
    await press(sandbox, session, "pay")
    for button in ("pay", "pay_later", "fail", "win", "fail_refund"):
        with pytest.raises(Conflict):
            await press(sandbox, session, button)


async def test_dispute_is_clawed_back_and_won(sandbox: Till) -> None:
    _, session = await sandbox.opened()
    for button in ("pay", "warn", "dispute"):
        await press(sandbox, session, button)
    assert (await sandbox.books())["wallet"]["available_paid"] == 0
    await press(sandbox, session, "win")
    assert (await sandbox.books())["wallet"]["available_paid"] == 10 * NANO
    await sandbox.verify()


async def test_refund_is_made_once_and_may_fail_later(sandbox: Till) -> None:
    _, session = await sandbox.opened()
    await press(sandbox, session, "pay")
    running = sandbox.registry.sandbox
    assert running is not None
    payment = (await running.fetch(session)).payment
    assert payment is not None
    refund_id = RefundId(new_id())
    one = await running.refund(payment.payment_id, 400, refund_id)
    assert await running.refund(payment.payment_id, 400, refund_id) == one
    with pytest.raises(PaymentServiceRefused):
        await running.refund(payment.payment_id, 601, RefundId(new_id()))
    await press(sandbox, session, "fail_refund")
    assert [refund.status for refund in (await running.fetch(session)).refunds] == [RefundStatus.FAILED]


async def test_deliveries_of_the_sandbox_are_proven_too(sandbox: Till) -> None:
    recharge_id, session = await sandbox.opened()
    running = sandbox.registry.sandbox
    assert running is not None
    async with transaction(sandbox.registry.pool) as connection:
        pressed = await service.press(connection, session, "pay")
    body, headers = running.deliver(pressed, "pay")
    assert await sandbox.post(body.replace(b"paid", b"PAID"), headers, "sandbox") == 400
    assert await sandbox.post(body, {}, "sandbox") == 400
    assert await sandbox.state_of(recharge_id) == "open"
    assert await sandbox.post(body, headers, "sandbox") == 200
    assert await sandbox.state_of(recharge_id) == "credited"


@pytest.mark.parametrize(
    ("url", "payments", "word"),
    [
        ("https://omna.example.com", Payments(sandbox=True), "localhost"),
        ("http://192.168.1.5:5108", Payments(sandbox=True), "localhost"),
        ("https://localhost.example.com", Payments(sandbox=True), "localhost"),
        ("http://localhost:5108", Payments(sandbox=True, stripe_secret_key="sk_live_0000000000000000"), "live"),
        ("http://localhost:5108", Payments(sandbox=True, stripe_secret_key="rk_live_0000000000000000"), "live"),
        ("https://omna.example.com", Payments(stripe_secret_key="pk_live_0000"), "secret key"),
        ("https://omna.example.com", Payments(stripe_secret_key=KEY, stripe_url="https://evil.example"), "stripe_url"),
        (
            "https://omna.example.com",
            Payments(stripe_secret_key="sk_live_0000000000000000", stripe_url="http://127.0.0.1:1"),
            "stripe_url",
        ),
    ],
)
def test_what_must_not_be_does_not_start(url: str, payments: Payments, word: str) -> None:
    settings = Settings(data=Path("/nowhere"), server=Server(public_url=url), payments=payments)
    with pytest.raises(ConfigError, match=word):
        check(settings)


@pytest.mark.parametrize(
    "url", ["http://localhost:5108", "http://127.0.0.1:80", "http://[::1]:80", "http://omna.localhost"]
)
def test_sandbox_runs_on_this_machine(url: str) -> None:
    check(Settings(data=Path("/nowhere"), server=Server(public_url=url), payments=Payments(sandbox=True)))


async def test_stripe_goes_before_the_sandbox(till: Till) -> None:
    settings = till.registry.settings
    both = replace(settings, payments=replace(settings.payments, sandbox=True))
    registry = type(till.registry)(both, till.registry.pool, till.registry.keyring)
    assert registry.active is not None
    assert (registry.active.name, registry.active.livemode) == ("stripe", False)
    assert set(registry.processors) == {"stripe", "sandbox"}
