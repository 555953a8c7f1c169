"""Recharging by itself: at most one in flight, never twice, never above the ceiling, and off after declines."""

import asyncio
from typing import Any

import pytest

from omna.audit import service as audit
from omna.db.pool import transaction
from omna.errors import Conflict, InvalidValue
from omna.http.principal import RIGHTS, Member, Role
from omna.ids import UserId, new_id
from omna.ledger import service as ledger
from omna.money import Nanocredits
from omna.payments.checkout import polling, syncing, top_up_store, top_ups, topping_up
from omna.payments.recharges.quote import tariff
from omna.risk import service as risk
from tests.stripe.till import STRIPE, Till

NANO = 10**9


@pytest.fixture
async def saved(till: Till) -> Till:
    """A workspace that paid 10 Credits with a card that was kept, and spent 8 of them."""
    _, session = await till.opened(save_method=True)
    till.account.pay(session)
    await till.tell(*till.account.events)
    await spend(till, 8)
    return till


async def spend(till: Till, amount: int) -> None:
    async with transaction(till.registry.pool) as connection:
        await ledger.adjust(
            connection, transfer_id=new_id(), workspace_id=till.workspace_id, amount=Nanocredits(-amount * NANO),  # type: ignore[arg-type]
            actor="test", reason="spent",
        )  # fmt: skip


async def switch_on(till: Till, **terms: Any) -> None:
    wanted = {"enabled": True, "threshold": 5 * NANO, "credits": 20 * NANO, "monthly_ceiling": 60 * NANO} | terms
    by = Member(till.workspace_id, UserId(new_id()), Role.OWNER, RIGHTS[Role.OWNER], None, None, "test")
    async with transaction(till.registry.pool) as connection:
        await top_ups.change(connection, **wanted, tariff=tariff(STRIPE, "1"), by=by, actor=till.actor)


async def row_of(till: Till) -> dict[str, Any]:
    row = await till.registry.pool.fetchrow(
        "SELECT enabled, recharge_id, failures, last_failure, method_label, saved_method,"
        " round(extract(epoch FROM next_try_at - now()) / 3600)::int AS hours FROM auto_top_ups"
    )
    return dict(row)


async def available(till: Till) -> int:
    wallet = (await till.books())["wallet"]
    await till.verify()
    return int(wallet["available_paid"]) // NANO


async def again(till: Till) -> None:
    """Let it be time for the next try."""
    await till.registry.pool.execute("UPDATE auto_top_ups SET next_try_at = now() - interval '1 s'")


@pytest.mark.parametrize("lock", [top_up_store.lock, ledger.locked_wallet])
async def test_a_payment_and_a_change_of_terms_never_wait_for_one_another(saved: Till, lock: Any) -> None:
    """Who changes the terms, or books by hand, locks that row and then the audit log; so does a payment."""
    _, session = await saved.opened(save_method=True)
    intent = saved.account.pay(session)
    if lock is ledger.locked_wallet:
        await saved.tell(saved.account.events[-1])
        saved.account.dispute(intent["id"])
    async with transaction(saved.registry.pool) as connection:
        await lock(connection, saved.workspace_id)
        arriving = asyncio.create_task(saved.tell(saved.account.events[-1]))
        await asyncio.sleep(0.5)
        await asyncio.wait_for(audit.record(connection, saved.actor, "test.act", "row"), 0.5)
    assert await arriving == [200]
    await saved.verify()


async def test_low_balance_is_recharged_once(saved: Till) -> None:
    assert (await row_of(saved))["method_label"] == "Visa ending in 4242"
    assert await topping_up.top_up_all(saved.registry) == 0, "off until somebody switches it on"
    await switch_on(saved)
    assert await topping_up.top_up_all(saved.registry) == 1
    assert await available(saved) == 22
    assert await topping_up.top_up_all(saved.registry) == 0
    assert (await saved.books())["orders"][-1] == ("credited", "", "")
    row = await row_of(saved)
    assert (row["recharge_id"], row["failures"]) == (None, 0)
    # Its events come as well.
    assert set(await saved.tell(*saved.account.events)) == {200}
    assert await available(saved) == 22


async def test_many_workers_at_once_recharge_once(saved: Till) -> None:
    await switch_on(saved)
    made = await asyncio.gather(*(topping_up.top_up_all(saved.registry) for _ in range(6)))
    assert sum(made) == 1
    assert await available(saved) == 22
    assert len(saved.account.intents) == 2


async def test_lost_answer_charges_once(saved: Till) -> None:
    await switch_on(saved)
    saved.stripe.answers_to_lose = 2
    assert await topping_up.top_up_all(saved.registry) == 1
    assert await available(saved) == 2
    row = await row_of(saved)
    assert row["recharge_id"] is not None, "it is on its way until somebody knows better"
    assert await topping_up.top_up_all(saved.registry) == 0
    await saved.make_due()
    assert await polling.poll(saved.registry) == 1
    assert await available(saved) == 22
    assert len(saved.account.intents) == 2


async def test_event_of_a_charge_may_come_first(saved: Till) -> None:
    await switch_on(saved)
    before = len(saved.account.events)
    saved.stripe.answers_to_lose = 2
    await topping_up.top_up_all(saved.registry)
    assert set(await saved.tell(*saved.account.events[before:])) == {200}
    assert await available(saved) == 22
    assert (await row_of(saved))["recharge_id"] is None
    await saved.make_due()
    await polling.poll(saved.registry)
    assert await available(saved) == 22


async def test_ceiling_of_a_month_counts_what_is_in_flight(saved: Till) -> None:
    await switch_on(saved, monthly_ceiling=45 * NANO)
    assert await topping_up.top_up_all(saved.registry) == 1
    assert await available(saved) == 22
    await spend(saved, 20)
    assert await topping_up.top_up_all(saved.registry) == 1
    await spend(saved, 20)
    assert await topping_up.top_up_all(saved.registry) == 0, "40 of 45 are used"
    row = await row_of(saved)
    assert (row["enabled"], row["last_failure"]) == (True, "monthly_ceiling")
    assert await available(saved) == 2
    # A higher ceiling counts at once.
    await switch_on(saved, monthly_ceiling=60 * NANO)
    assert await topping_up.top_up_all(saved.registry) == 1


async def test_declines_make_it_wait_and_then_switch_off(saved: Till) -> None:
    await switch_on(saved)
    saved.account.declining.add((await row_of(saved))["saved_method"])
    for failures, hours in ((1, 1), (2, 6), (3, 24)):
        assert await topping_up.top_up_all(saved.registry) == 1
        row = await row_of(saved)
        assert (row["enabled"], row["failures"], row["hours"], row["recharge_id"]) == (True, failures, hours, None)
        assert row["last_failure"] == "insufficient_funds"
        assert await topping_up.top_up_all(saved.registry) == 0, "it waits"
        await again(saved)
    assert await topping_up.top_up_all(saved.registry) == 1
    row = await row_of(saved)
    assert (row["enabled"], row["failures"], row["hours"]) == (False, 4, None)
    await again(saved)
    assert await topping_up.top_up_all(saved.registry) == 0
    assert await available(saved) == 2
    # No declined charge can come to life later.
    declined = [one for one in saved.account.intents.values() if one["status"] != "succeeded"]
    assert [one["status"] for one in declined] == ["canceled"] * 4


async def test_people_are_told_of_each_decline(saved: Till) -> None:
    pool = saved.registry.pool
    await pool.execute("UPDATE users SET email_verified_at = now()")
    await switch_on(saved)
    await pool.execute("UPDATE auto_top_ups SET failures = 3")
    saved.account.declining.add((await row_of(saved))["saved_method"])
    await topping_up.top_up_all(saved.registry)
    mails = await pool.fetch("SELECT subject, text FROM mail_outbox WHERE kind = 'top_up_failed'")
    assert [mail["subject"] for mail in mails] == ["Your automatic recharge of 20 Credits did not succeed"]
    assert "are off now" in mails[0]["text"]


async def test_service_that_is_away_is_asked_again(saved: Till) -> None:
    await switch_on(saved)
    saved.stripe.down = True
    assert await topping_up.top_up_all(saved.registry) == 1
    assert await available(saved) == 2
    saved.stripe.down = False
    await saved.make_due()
    await polling.poll(saved.registry)
    assert await available(saved) == 22


async def test_order_in_flight_past_its_time_ends_and_another_may_follow(saved: Till) -> None:
    await switch_on(saved)
    saved.stripe.down = True
    await topping_up.top_up_all(saved.registry)
    await saved.registry.pool.execute("UPDATE recharges SET expires_at = now() WHERE channel = 'top_up'")
    saved.stripe.down = False
    await saved.make_due()
    await polling.poll(saved.registry)
    row = await row_of(saved)
    assert (row["recharge_id"], row["last_failure"], row["failures"]) == (None, "expired", 1)


async def test_method_that_was_taken_away_is_not_charged_and_stays_away(saved: Till) -> None:
    await switch_on(saved)
    by = Member(saved.workspace_id, UserId(new_id()), Role.OWNER, RIGHTS[Role.OWNER], None, None, "test")
    async with transaction(saved.registry.pool) as connection:
        await top_ups.forget_method(connection, by=by, actor=saved.actor)
    assert await topping_up.top_up_all(saved.registry) == 0
    # Old events of the order that kept it come again.
    await saved.tell(*({**one, "id": f"{one['id']}_again"} for one in saved.account.events))
    row = await row_of(saved)
    assert (row["enabled"], row["saved_method"]) == (False, None)
    with pytest.raises(Conflict):
        await switch_on(saved)


async def test_order_that_a_person_ends_is_let_go(saved: Till) -> None:
    """Money that does not fit waits for staff; until they decide, no other order is made."""
    await switch_on(saved)
    saved.stripe.down = True
    await topping_up.top_up_all(saved.registry)
    saved.stripe.down = False
    await saved.registry.pool.execute("UPDATE recharges SET state = 'submitted' WHERE channel = 'top_up'")
    assert await topping_up.top_up_all(saved.registry) == 0
    await saved.registry.pool.execute("UPDATE recharges SET state = 'rejected' WHERE channel = 'top_up'")
    assert await topping_up.top_up_all(saved.registry) == 1
    assert await available(saved) == 22


@pytest.mark.parametrize(
    "terms", [{"credits": NANO}, {"credits": 2000 * NANO}, {"threshold": 0}, {"monthly_ceiling": 19 * NANO}]
)
async def test_terms_have_bounds(saved: Till, terms: dict[str, int]) -> None:
    with pytest.raises(InvalidValue):
        await switch_on(saved, **terms)


async def test_frozen_workspace_is_not_recharged(saved: Till) -> None:
    await switch_on(saved)
    await saved.registry.pool.execute("UPDATE workspaces SET frozen_at = now(), frozen_reason = 'test'")
    assert await topping_up.top_up_all(saved.registry) == 0
    assert await available(saved) == 2


async def test_sandbox_can_do_it_and_decline(sandbox: Till) -> None:
    from omna.payments.checkout import sandbox as service

    _, session = await sandbox.opened(save_method=True)
    async with transaction(sandbox.registry.pool) as connection:
        await service.press(connection, session, "pay_declining")
    await sandbox.make_due()
    await polling.poll(sandbox.registry)
    await spend(sandbox, 8)
    await switch_on(sandbox)
    assert await topping_up.top_up_all(sandbox.registry) == 1
    assert (await row_of(sandbox))["last_failure"] == "card_declined"
    _, session = await sandbox.opened(save_method=True)
    async with transaction(sandbox.registry.pool) as connection:
        await service.press(connection, session, "pay")
    await sandbox.make_due()
    await polling.poll(sandbox.registry)
    await spend(sandbox, 10)
    assert await topping_up.top_up_all(sandbox.registry) == 1
    assert await available(sandbox) == 22


async def test_nothing_is_charged_while_recharges_are_stopped_or_the_workspace_is_frozen(saved: Till) -> None:
    await switch_on(saved)
    # Made, and not charged: the service was away.
    made = await topping_up._order(saved.registry, saved.workspace_id)
    assert made is not None
    intents = len(saved.account.intents)
    async with transaction(saved.registry.pool) as connection:
        await risk.stop(connection, "recharge", cut_streams=False, reason="leak", actor=saved.actor)
    await syncing.sync(saved.registry, made)
    async with transaction(saved.registry.pool) as connection:
        await risk.resume(connection, "recharge", reason="over", actor=saved.actor)
        await risk.freeze(connection, saved.workspace_id, reason="disputed", actor=saved.actor)
    await syncing.sync(saved.registry, made)
    assert len(saved.account.intents) == intents
    async with transaction(saved.registry.pool) as connection:
        await risk.unfreeze(connection, saved.workspace_id, actor=saved.actor)
    await syncing.sync(saved.registry, made)
    assert await available(saved) == 22
