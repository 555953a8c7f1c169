"""From an order to its page and back: resumed after a crash, asked about when nobody tells, closed after its time."""

import pytest

from omna.errors import Conflict, PaymentServiceRefused, PaymentServiceUnavailable
from omna.payments.checkout import opening, polling
from omna.payments.checkout.syncing import sync
from tests.stripe.till import Till


async def test_order_is_opened_once_and_credited_when_paid(till: Till) -> None:
    order = await till.order("100")
    url = await opening.open_checkout(till.registry, order.recharge_id)
    assert await opening.open_checkout(till.registry, order.recharge_id) == url
    [session] = till.account.sessions.values()
    assert session["url"] == url
    assert session["amount_total"] == 10_000
    assert await till.state_of(order.recharge_id) == "open"
    till.account.pay(session["id"])
    assert set(await till.tell(*till.account.events)) == {200}
    books = await till.books()
    assert books["orders"] == [("credited", "", "")]
    assert books["payments"] == [(10_000, "usd", 100 * 10**9, 5 * 10**9)]
    await till.verify()


async def test_lost_answer_is_asked_for_again_with_the_same_key(till: Till) -> None:
    order = await till.order()
    till.stripe.answers_to_lose = 2
    with pytest.raises(PaymentServiceUnavailable):
        await opening.open_checkout(till.registry, order.recharge_id)
    assert await till.state_of(order.recharge_id) == "created"
    # The customer comes back, or the poller does.
    await till.make_due()
    assert await polling.poll(till.registry) == 1
    assert len(till.account.sessions) == 1
    assert await till.state_of(order.recharge_id) == "open"


async def test_service_that_is_away_keeps_the_order(till: Till) -> None:
    order = await till.order()
    till.stripe.down = True
    with pytest.raises(PaymentServiceUnavailable):
        await opening.open_checkout(till.registry, order.recharge_id)
    assert await till.state_of(order.recharge_id) == "created"
    till.stripe.down = False
    assert (await opening.open_checkout(till.registry, order.recharge_id)).startswith("https://")


async def test_service_that_refuses_fails_the_order(till: Till) -> None:
    order = await till.order()
    await till.registry.pool.execute("UPDATE recharges SET expires_at = now() + interval '5 minutes'")
    with pytest.raises(PaymentServiceRefused):
        await opening.open_checkout(till.registry, order.recharge_id)
    assert (await till.books())["orders"] == [("failed", "", "refused")]
    with pytest.raises(Conflict):
        await opening.open_checkout(till.registry, order.recharge_id)


async def test_poller_finds_what_no_event_told(till: Till) -> None:
    recharge_id, session = await till.opened()
    till.account.pay(session)
    assert await polling.poll(till.registry) == 0
    await till.make_due()
    assert await polling.poll(till.registry) == 1
    assert await till.state_of(recharge_id) == "credited"
    await till.make_due()
    assert await polling.poll(till.registry) == 0


async def test_pauses_grow_and_end_with_the_time_of_the_order(till: Till) -> None:
    recharge_id, _ = await till.opened()
    pauses = []
    for _ in range(12):
        await till.make_due()
        assert await polling.poll(till.registry) == 1
        pauses.append(
            await till.registry.pool.fetchval(
                "SELECT round(extract(epoch FROM next_poll_at - now()))::int FROM recharges WHERE recharge_id = $1",
                recharge_id,
            )
        )
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (60, 3600)


async def test_order_past_its_time_is_closed_there_and_here(till: Till) -> None:
    recharge_id, session = await till.opened()
    await till.pass_time(recharge_id)
    await till.make_due()
    await polling.poll(till.registry)
    assert till.account.sessions[session]["status"] == "expired"
    assert (await till.books())["orders"] == [("expired", "", "")]


async def test_order_paid_in_its_last_moment_is_credited(till: Till) -> None:
    recharge_id, session = await till.opened()
    till.account.pay(session)
    await till.pass_time(recharge_id)
    await sync(till.registry, recharge_id)
    assert (await till.books())["orders"] == [("credited", "", "")]


async def test_slow_money_is_waited_for_past_the_time_of_the_order(till: Till) -> None:
    recharge_id, session = await till.opened()
    till.account.pay_later(session)
    await till.pass_time(recharge_id)
    await sync(till.registry, recharge_id)
    assert await till.state_of(recharge_id) == "awaiting_payment"
    till.account.arrive(session)
    await sync(till.registry, recharge_id)
    assert (await till.books())["orders"] == [("credited", "", "")]


async def test_slow_money_that_never_comes_fails_the_order(till: Till) -> None:
    recharge_id, session = await till.opened()
    till.account.pay_later(session)
    till.account.bounce(session)
    await sync(till.registry, recharge_id)
    assert (await till.books())["orders"] == [("failed", "", "insufficient_funds")]


async def test_cancelled_order_is_closed_at_the_service(till: Till) -> None:
    recharge_id, session = await till.opened()
    await till.registry.pool.execute("UPDATE recharges SET state = 'cancelled'")
    await till.make_due()
    assert await polling.poll(till.registry) == 1
    assert till.account.sessions[session]["status"] == "expired"
    await till.make_due()
    assert await polling.poll(till.registry) == 0
    assert await till.state_of(recharge_id) == "cancelled"


@pytest.mark.parametrize(
    ("how", "flag"), [({"amount": 999}, "amount_mismatch"), ({"currency": "eur"}, "currency_mismatch")]
)
async def test_money_that_does_not_fit_waits_for_a_person(till: Till, how: dict[str, object], flag: str) -> None:
    _, session = await till.opened()
    till.account.pay(session, **how)
    assert set(await till.tell(*till.account.events, *till.account.events)) == {200}
    books = await till.books()
    assert books["orders"] == [("submitted", flag, "")]
    assert books["payments"] == []
    assert books["wallet"]["available_paid"] == 0
    await till.verify()


async def test_comparison_finds_both_ways(till: Till) -> None:
    processor = till.registry.active
    assert processor is not None
    recharge_id, session = await till.opened()
    till.account.pay(session)
    # A payment of an installation that was restored from before the order.
    _, other = await till.opened()
    lost = till.account.pay(other)
    lost["metadata"] = {"omna_recharge": "rch_" + "0" * 32}
    found = await polling.compare(till.registry, processor)
    assert await till.state_of(recharge_id) == "credited"
    assert (found.missing, found.unknown) == ([lost["id"]], [])
    # One that Stripe does not know.
    await till.registry.pool.execute(
        "INSERT INTO payments (workspace_id, payment_key, recharge_id, processor, payment_id, amount_minor, currency,"
        " credits, received_at) VALUES ($1, gen_random_uuid(), $2, 'stripe', 'pi_nobody', 1, 'usd', 1,"
        " now() - interval '1 day')",
        till.workspace_id,
        recharge_id,
    )
    found = await polling.compare(till.registry, processor)
    assert found.unknown == ["pi_nobody"]
    assert (await till.books())["orders"][0] == ("credited", "not_at_processor", "")
