"""The door that payment services knock at: what is not proven changes nothing, and what is proven is never lost."""

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from omna.config import Payments, Settings
from omna.payments.checkout import applying, polling
from omna.payments.checkout.registry import Registry
from omna.payments.checkout.syncing import sync
from omna.payments.checkout.webhook import LIMIT_BYTES
from tests.stripe.account import KEY, SECRET, Thing
from tests.stripe.deliveries import signed
from tests.stripe.till import Till


@pytest.fixture
async def paid(till: Till) -> Thing:
    """The event of an order that was paid."""
    _, session = await till.opened()
    till.account.pay(session)
    return till.account.events[-1]


async def unchanged(till: Till, status: int, **refused: int) -> None:
    """Nothing was booked or kept; the delivery was counted."""
    assert (await till.books())["orders"] == [("open", "", "")]
    assert await till.events() == []
    assert await till.refused() == refused
    await till.verify()


async def test_forged_event_changes_nothing(till: Till, paid: Thing) -> None:
    assert await till.post(*signed(paid, "whsec_somebodyElse00000000")) == 400
    body, headers = signed(paid)
    assert await till.post(body.replace(b"evt_", b"evx_"), headers) == 400
    await unchanged(till, 400, forged=2)


@pytest.mark.parametrize("header", ["", "nonsense", "t=1", "t=x,v1=y", "v1=abc", "t=,v1="])
async def test_unsigned_event_changes_nothing(till: Till, paid: Thing, header: str) -> None:
    body, _ = signed(paid)
    assert await till.post(body, {"stripe-signature": header} if header else {}) == 400
    await unchanged(till, 400, **{"forged" if header else "unsigned": 1})


async def test_recorded_event_is_stale_after_five_minutes(till: Till, paid: Thing) -> None:
    assert await till.post(*signed(paid, at=int(time.time()) - 301)) == 400
    await unchanged(till, 400, stale=1)
    assert await till.post(*signed(paid, at=int(time.time()) - 280)) == 200


async def test_replayed_event_books_once(till: Till, paid: Thing) -> None:
    body, headers = signed(paid)
    assert [await till.post(body, headers) for _ in range(3)] == [200, 200, 200]
    assert len((await till.books())["payments"]) == 1
    assert await till.events() == [("checkout.session.completed", "handled")]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'{"id":1}', b"\xff\xfe", b'{"a":' * 20_000])
async def test_malformed_event_changes_nothing(till: Till, paid: Thing, body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    _, headers = signed({})
    if body != b"\xff\xfe":
        import stripe

        headers = {"stripe-signature": stripe.WebhookSignature.generate_signature_header(text, SECRET)}
    assert await till.post(body, headers) == 400
    await unchanged(till, 400, malformed=1)


async def test_event_of_the_other_mode_changes_nothing(till: Till, paid: Thing) -> None:
    assert await till.post(*signed({**paid, "livemode": True})) == 400
    await unchanged(till, 400, wrong_mode=1)


async def test_oversized_event_changes_nothing(till: Till, paid: Thing) -> None:
    body, headers = signed({**paid, "padding": "x" * LIMIT_BYTES})
    assert await till.post(body, headers) == 413
    await unchanged(till, 413, too_large=1)


async def test_without_a_secret_there_is_no_webhook(till: Till, paid: Thing) -> None:
    for secret in ("", " ", ","):
        payments = Payments(stripe_secret_key=KEY, stripe_webhook_secret=secret, stripe_url=till.stripe.url)
        till.registry = Registry(
            Settings(data=Path("/nowhere"), payments=payments), till.registry.pool, till.registry.keyring
        )
        assert await till.post(*signed(paid)) == 404
        assert await till.post(*signed(paid, "")) == 404
    await unchanged(till, 404, no_secret=6)


async def test_no_header_opens_the_door(till: Till, paid: Thing) -> None:
    body, _ = signed(paid)
    for headers in (
        {"host": "localhost"},
        {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1;host=localhost"},
        {"authorization": f"Bearer {KEY}"},
    ):
        assert await till.post(body, headers) == 400
    await unchanged(till, 400, unsigned=3)


async def test_the_sandbox_is_no_way_round(till: Till, paid: Thing) -> None:
    body, headers = signed(paid)
    assert await till.post(body, headers, "sandbox") == 404
    assert await till.post(body, headers, "nobody") == 404
    await unchanged(till, 404, no_secret=1)


async def test_two_secrets_are_valid_during_a_rotation(till: Till, paid: Thing) -> None:
    settings = till.registry.settings
    both = replace(settings, payments=replace(settings.payments, stripe_webhook_secret=f"whsec_new0000000, {SECRET}"))
    till.registry = Registry(both, till.registry.pool, till.registry.keyring)
    assert await till.post(*signed(paid)) == 200
    assert await till.post(*signed(paid, "whsec_new0000000")) == 200
    assert await till.post(*signed(paid, "whsec_old0000000")) == 400


async def test_kinds_we_do_not_know_are_kept_and_left_alone(till: Till, paid: Thing) -> None:
    events = [
        {**paid, "id": "evt_a", "type": "invoice.paid"},
        {**paid, "id": "evt_b", "type": "payout.paid", "data": {"object": {"object": "payout", "id": "po_1"}}},
        {**paid, "id": "evt_c", "type": "charge.succeeded", "data": {"object": {"object": "charge", "id": "ch_1"}}},
    ]
    assert await till.tell(*events) == [200, 200, 200]
    assert [state for _, state in await till.events()] == ["unknown"] * 3
    assert (await till.books())["orders"] == [("open", "", "")]


async def test_payment_of_another_business_of_the_account_is_left_alone(till: Till) -> None:
    _, session = await till.opened()
    intent = till.account.pay(session)
    intent["metadata"].clear()
    till.account.sessions[session]["metadata"] = {}
    assert set(await till.tell(*till.account.events)) == {200}
    assert {state for _, state in await till.events()} == {"unknown"}
    assert (await till.books())["payments"] == []


async def test_order_that_is_not_here_is_never_credited_and_comes_again(till: Till) -> None:
    _, session = await till.opened()
    till.account.pay(session)
    till.account.sessions[session]["metadata"] = {"omna_recharge": "rch_" + "0" * 32}
    assert await till.tell(till.account.events[-1]) == [503]
    assert await till.events() == [("checkout.session.completed", "failed")]
    assert (await till.books())["payments"] == []


async def test_handler_that_fails_after_the_inbox_row_is_not_seen_as_done(
    till: Till, paid: Thing, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = applying.apply

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the process has a bad day")

    monkeypatch.setattr(applying, "apply", broken)
    assert await till.post(*signed(paid)) == 503
    assert await till.events() == [("checkout.session.completed", "failed")]
    row = await till.registry.pool.fetchrow("SELECT error, attempts, handled_at FROM payment_events")
    assert row is not None
    assert (row["error"], row["attempts"], row["handled_at"]) == ("Omna failed (RuntimeError).", 1, None)
    monkeypatch.setattr(applying, "apply", real)
    assert await till.post(*signed(paid)) == 200
    assert await till.events() == [("checkout.session.completed", "handled")]
    assert (await till.books())["orders"] == [("credited", "", "")]


async def test_failed_event_is_tried_again_by_ourselves(till: Till, paid: Thing) -> None:
    till.stripe.down = True
    assert await till.post(*signed(paid)) == 503
    assert await till.events() == [("checkout.session.completed", "failed")]
    till.stripe.down = False
    assert await polling.retry_events(till.registry) == 0, "not before its pause is over"
    await till.make_due()
    assert await polling.retry_events(till.registry) == 1
    assert await till.events() == [("checkout.session.completed", "handled")]
    assert (await till.books())["orders"] == [("credited", "", "")]


async def test_event_is_not_taken_while_the_database_is_away(
    till: Till, paid: Thing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> object:
        raise OSError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(type(till.registry.pool), "acquire", away)
        assert await till.post(*signed(paid)) == 503
        assert await till.post(*signed(paid, "whsec_forged000000")) == 503
    await unchanged(till, 503)
    assert await till.post(*signed(paid)) == 200


async def test_all_triggers_at_once_book_once(till: Till, paid: Thing, connection: asyncpg.Connection) -> None:
    recharge_id = await connection.fetchval("SELECT recharge_id FROM recharges")
    await till.make_due()
    results = await asyncio.gather(
        *(till.post(*signed(paid)) for _ in range(4)),
        *(till.post(*signed({**paid, "id": f"evt_other_{number}"})) for number in range(4)),
        *(sync(till.registry, recharge_id) for _ in range(4)),
        polling.poll(till.registry),
    )
    assert results[:8] == [200] * 8
    books = await till.books()
    assert (books["orders"], len(books["payments"])) == ([("credited", "", "")], 1)
    assert len(await till.events()) == 5
    await till.verify()


async def test_event_that_no_database_could_hold_is_kept_readable(till: Till, paid: Thing) -> None:
    odd = {**paid, "note": "a\x00b\ud800c", "huge": 10**40, "list": [{"\x00": float("nan")}]}
    assert await till.post(*signed(odd)) == 200
    payload = await till.registry.pool.fetchval("SELECT payload FROM payment_events")
    assert (payload["note"], payload["huge"]) == ("ab?c", str(10**40))


async def test_what_is_kept_is_the_event_and_no_secret(till: Till, paid: Thing, connection: asyncpg.Connection) -> None:
    assert await till.post(*signed(paid)) == 200
    row = await connection.fetchrow("SELECT * FROM payment_events")
    assert row is not None
    assert row["payload"] == paid
    assert row["recharge_id"] is not None
    assert row["workspace_id"] == till.workspace_id
    assert SECRET not in json.dumps(dict(row), default=str)
