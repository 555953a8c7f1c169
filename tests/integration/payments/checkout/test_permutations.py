"""Whatever comes, in whatever order, twice or never: the same books at the end."""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omna.accounts import service as accounts
from omna.config import Risk
from omna.db.pool import transaction
from omna.ids import RechargeId, new_id
from omna.payments.checkout import applying, opening, polling
from omna.payments.checkout.processor import Facts
from omna.payments.checkout.syncing import sync
from omna.workspaces import service as workspaces
from tests.stripe.account import Account
from tests.stripe.deliveries import deliver, signed
from tests.stripe.till import Till

NANO = 10**9
Act = Callable[[], Awaitable[Any]]

EXAMPLES = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


async def fresh(till: Till) -> Till:
    """Return the same till for a new workspace."""
    async with transaction(till.registry.pool) as connection:
        user = await accounts.create_user(connection, f"{new_id().hex}@example.com", actor=till.actor, name="Ann")
        space = await workspaces.create_personal(connection, user.user_id, "Ann", risk=Risk(), actor=till.actor)
    till.account.events.clear()
    return replace(till, workspace_id=space.workspace_id)


def assert_credited(books: dict[str, Any]) -> None:
    """One order of 10 Credits was paid once, and nothing else happened."""
    assert books["orders"] == [("credited", "", "")]
    assert books["payments"] == [(1000, "usd", 10 * NANO, 0)]
    assert books["transfers"] == [("recharge", 1)]
    assert books["wallet"]["available_paid"] == 10 * NANO


def arrivals(till: Till, recharge_id: RechargeId, session: str) -> dict[str, Act]:
    """Return everything that can make us look at an order whose slow money arrived."""
    completed = next(one for one in till.account.events if one["type"] == "checkout.session.completed")
    succeeded = next(one for one in till.account.events if one["type"].endswith("async_payment_succeeded"))
    # A snapshot of the moment in which the session seemed to be over: events may say what is not true any more.
    gone = {"object": "checkout.session", "id": session, "status": "expired", "metadata": {}}
    expired = {**completed, "id": f"evt_{new_id().hex}", "type": "checkout.session.expired", "data": {"object": gone}}

    async def poll() -> None:
        await till.make_due()
        await polling.poll(till.registry)

    return {
        "completed": lambda: till.post(*signed(completed)),
        "succeeded": lambda: till.post(*signed(succeeded)),
        "return page": lambda: sync(till.registry, recharge_id),
        "poller": poll,
        "expired": lambda: till.post(*signed(expired)),
    }


@pytest.mark.slow
async def test_every_order_of_what_can_come_credits_once(till: Till) -> None:
    names = ("completed", "succeeded", "return page", "poller", "expired")
    for line in itertools.permutations(names):
        here = await fresh(till)
        recharge_id, session = await here.opened()
        here.account.pay_later(session)
        here.account.arrive(session)
        acts = arrivals(here, recharge_id, session)
        for name in (*line, *line[:2]):
            await acts[name]()
        assert_credited(await here.books())
    await till.verify()


@EXAMPLES
@given(
    st.permutations(["pays", "arrives", "completed", "succeeded", "return page", "poller", "expired"]),
    st.lists(st.sampled_from(["completed", "succeeded", "return page", "poller", "expired"]), max_size=3),
)
async def test_whatever_comes_between_what_happens_credits_once(
    till: Till, line: Sequence[str], again: Sequence[str]
) -> None:
    """Here it also matters what had happened at the service when we were told."""
    here = await fresh(till)
    recharge_id, session = await here.opened()
    acts: dict[str, Act] = {}
    late = []
    happened = 0
    for name in line:
        if name in ("pays", "arrives"):
            happened += 1
            (here.account.pay_later if happened == 1 else here.account.arrive)(session)
            if happened == 2:
                acts = arrivals(here, recharge_id, session)
        elif name == "return page":
            await sync(here.registry, recharge_id)
        elif name == "poller":
            await here.make_due()
            await polling.poll(here.registry)
        elif name == "completed" and happened:
            told = [one for one in here.account.events if one["type"] == "checkout.session.completed"]
            await here.tell(*told)
        else:
            late.append(name)
        await here.verify()
    for name in (*late, *again, "succeeded"):
        await acts[name]()
    assert_credited(await here.books())
    await here.verify()


@EXAMPLES
@given(seed=st.integers(0, 2**32 - 1), duplicates=st.floats(0, 1), lost=st.floats(0, 0.9))
async def test_events_twice_lost_and_shuffled_credit_once(
    till: Till, seed: int, duplicates: float, lost: float
) -> None:
    here = await fresh(till)
    recharge_id, session = await here.opened()
    here.account.pay(session)
    await deliver(here.post, here.account.events, seed=seed, duplicates=duplicates, lost=lost)
    # What was lost is made good by the poller.
    await here.make_due()
    await polling.poll(here.registry)
    assert_credited(await here.books())
    assert await here.state_of(recharge_id) == "credited"


async def test_event_may_come_before_our_own_commit(till: Till) -> None:
    order = await till.order()
    processor = till.registry.active
    assert processor is not None
    facts = await opening_words(till, order.recharge_id)
    await processor.create_checkout(*facts)
    [session] = till.account.sessions
    till.account.pay(session)
    # The row knows of no session yet: the order is recognised by its own id.
    assert set(await till.tell(*till.account.events)) == {200}
    assert_credited(await till.books())
    assert await till.session_of(order.recharge_id) == session
    await sync(till.registry, order.recharge_id)
    assert_credited(await till.books())
    await till.verify()


async def opening_words(till: Till, recharge_id: RechargeId) -> tuple[Any, str]:
    from omna.payments.checkout import store

    async with till.registry.pool.acquire() as connection:
        order = await store.order(connection, recharge_id)
    assert order is not None
    return opening.order_of(order), opening.return_url(till.registry, order)


async def test_slow_money_after_the_order_was_given_up_is_credited_and_flagged(till: Till) -> None:
    recharge_id, session = await till.opened()
    till.account.pay(session)
    await till.registry.pool.execute("UPDATE recharges SET state = 'expired'")
    assert set(await till.tell(*till.account.events)) == {200}
    books = await till.books()
    assert books["orders"] == [("credited", "late_payment", "")]
    assert books["wallet"]["available_paid"] == 10 * NANO
    await sync(till.registry, recharge_id)
    assert await till.books() == books
    await till.verify()


# Refunds and disputes: what the service says at each moment, and these answers booked in any order.


async def story(till: Till, name: str) -> tuple[Till, list[Facts]]:
    """Let a story happen at the service; returns the facts after each of its steps."""
    here = await fresh(till)
    recharge_id, session = await here.opened()
    account, processor = here.account, here.registry.active
    assert processor is not None
    told = [await processor.fetch(session)]

    async def look() -> None:
        told.append(await processor.fetch(session))

    if name.startswith("slow money"):
        account.pay_later(session)
        await look()
        (account.arrive if name == "slow money that comes" else account.bounce)(session)
    elif name == "closed unpaid":
        account.expire(session)
    else:
        await refund_or_dispute(account, account.pay(session)["id"], name, look)
    await look()
    assert recharge_id == told[0].recharge_id
    return here, told


async def refund_or_dispute(account: Account, intent: str, name: str, look: Act) -> None:
    await look()
    if name == "part refunded, then disputed and won":
        account.give_back(intent, 400)
        await look()
        dispute = account.dispute(intent)["id"]
        await look()
        account.win(dispute)
    elif name == "disputed, refunded, lost":
        dispute = account.dispute(intent, 600)["id"]
        await look()
        account.give_back(intent, 400)
        await look()
        account.lose(dispute)
    elif name == "inquiry, then a dispute, warned before":
        account.warn(intent)
        await look()
        dispute = account.dispute(intent, inquiry=True)["id"]
        await look()
        account.withdraw(dispute)
        await look()
        account.win(dispute)
    elif name == "refund that fails late":
        refund = account.give_back(intent, 700, status="pending")["id"]
        await look()
        account.finish_refund(refund)
        await look()
        account.fail_refund(refund)


STORIES = [
    "slow money that comes",
    "slow money that bounces",
    "closed unpaid",
    "part refunded, then disputed and won",
    "disputed, refunded, lost",
    "inquiry, then a dispute, warned before",
    "refund that fails late",
]


#: How far an order is.
RANK = {"created": 0, "open": 1, "awaiting_payment": 2, "failed": 3, "expired": 3, "credited": 4, "reversed": 5}


async def book(till: Till, facts: Facts) -> None:
    async with transaction(till.registry.pool) as connection:
        await applying.apply(connection, facts, freeze=False, actor=till.registry.actor)


@pytest.mark.parametrize("name", STORIES)
@EXAMPLES
@given(data=st.data())
async def test_old_answers_that_come_late_move_nothing_back(till: Till, name: str, data: st.DataObject) -> None:
    here, told = await story(till, name)
    line = data.draw(st.lists(st.integers(0, len(told) - 1), min_size=1, max_size=2 * len(told)), label="answers")
    furthest = 0
    for at in line:
        await book(here, told[at])
        [(state, *_)] = (await here.books())["orders"]
        assert RANK[state] >= furthest, "an old answer moved the order back"
        furthest = RANK[state]
    await book(here, told[-1])
    reached = await here.books()
    for at in line:
        await book(here, told[at])
    assert await here.books() == reached, "an answer that was booked before changed something"
    await here.verify()
    # The reference: every answer once, in its order; whatever was skipped on the way must not matter for the money.
    reference, again = await story(till, name)
    for facts in again:
        await book(reference, facts)
    expected = await reference.books()
    assert {key: reached[key] for key in ("wallet", "orders", "payments", "disputes")} == {
        key: expected[key] for key in ("wallet", "orders", "payments", "disputes")
    }
    await here.verify()


@pytest.mark.parametrize("name", STORIES)
async def test_events_of_a_story_in_any_order_end_in_its_books(till: Till, name: str) -> None:
    ends = []
    for seed in range(4):
        here, _ = await story(till, name)
        await deliver(here.post, here.account.events, seed=seed, duplicates=0.5, lost=0.0)
        ends.append(await here.books())
        await here.verify()
    assert all(end == ends[0] for end in ends)


async def test_refund_and_dispute_take_back_once(till: Till) -> None:
    here, told = await story(till, "part refunded, then disputed and won")
    await book(here, told[-2])
    books = await here.books()
    assert books["wallet"]["available_paid"] == 0
    assert books["wallet"]["debt"] == 0
    assert [row[4] for row in books["disputes"]] == [6 * NANO]
    await book(here, told[-1])
    assert (await here.books())["wallet"]["available_paid"] == 6 * NANO
    await here.verify()
