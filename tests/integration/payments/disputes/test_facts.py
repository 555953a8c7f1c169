"""Disputes: Credits are taken back once a payment, whatever order events come in, and debts are repaid first."""

import itertools

import pytest

from omna.db.pool import borrow
from omna.ids import DisputeId
from omna.payments import steps
from omna.payments.checkout.processor import RefundStatus
from omna.payments.disputes import desk
from omna.risk import service as risk
from omna.workspaces import service as workspaces
from tests.harness.till import Till, nano

SUCCEEDED, FAILED, PENDING = RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.PENDING


async def frozen(till: Till) -> str | None:
    async with borrow(till.pool) as connection:
        return (await workspaces.get(connection, till.workspace_id)).frozen_reason


async def test_warnings_and_inquiries_book_nothing(till: Till) -> None:
    bought = await till.buy("10")
    for status in ("warned", "inquiry"):
        dispute = await till.tell_dispute(bought, status)
        assert (dispute.state, dispute.booked) == (status, "nothing")
    assert await till.sums() == ("10", "0", "0", "0")
    assert await frozen(till) is None
    assert (await till.tell_dispute(bought, "closed")).closed_at is not None


async def test_a_withdrawal_takes_credits_back_freezes_and_tells(till: Till) -> None:
    bought = await till.buy("10")
    await till.spend("4")
    dispute = await till.tell_dispute(bought, "open", 1000)
    assert (dispute.booked, dispute.clawed, dispute.froze, dispute.flag) == ("opened", nano("10"), True, "risk_review")
    assert await till.sums() == ("0", "0", "0", "4")
    assert "taken back by the payer's bank" in (await frozen(till) or "")
    assert (await till.subjects())[-1] == (f"Payment {bought.recharge.reference} is disputed: 10 Credits taken back")
    async with borrow(till.pool) as connection:
        told = [step.step for step in await steps.of(connection, till.workspace_id, bought.recharge_id)]
        of_dispute = [step.step for step in await steps.of(connection, till.workspace_id, dispute.dispute_id)]
    assert told[-1] == "dispute_opened"
    assert of_dispute == ["open", "dispute_opened"]
    for _ in range(3):
        again = await till.tell_dispute(bought, "open", 1000)
        assert again.clawed == nano("10")
    assert await till.sums() == ("0", "0", "0", "4")


async def test_a_policy_without_freeze_leaves_the_workspace_open(till: Till) -> None:
    dispute = await till.tell_dispute(await till.buy("10"), "open", 1000, freeze=False)
    assert (dispute.froze, await frozen(till)) == (False, None)


async def test_a_freeze_that_is_there_stays_as_it_is(till: Till) -> None:
    bought = await till.buy("10")
    async with till.work() as connection:
        await risk.freeze(connection, till.workspace_id, reason="abuse", actor=till.actor)
    assert (await till.tell_dispute(bought, "open", 1000)).froze is False
    assert await frozen(till) == "abuse"


async def test_a_payment_of_a_deleted_workspace_is_taken_back_as_well(till: Till) -> None:
    bought = await till.buy("10")
    await till.spend("10")
    async with till.work() as connection:
        await connection.execute("UPDATE workspaces SET deleted_at = now() WHERE workspace_id = $1", till.workspace_id)
    dispute = await till.tell_dispute(bought, "open", 1000)
    assert (dispute.booked, dispute.froze) == ("opened", False)
    assert await till.sums() == ("0", "0", "0", "10")
    async with borrow(till.pool) as connection:
        shown = await desk.file(connection, DisputeId(dispute.dispute_id), till.owner_id)
    assert (shown.workspace_name, shown.frozen, shown.debt) == ("Shop", None, nano("10"))


async def test_a_debt_is_repaid_by_the_next_recharge(till: Till) -> None:
    bought = await till.buy("10")
    await till.spend("10")
    await till.tell_dispute(bought, "lost", 1000, freeze=False)
    assert await till.sums() == ("0", "0", "0", "10")
    assert await till.state_of(bought.recharge_id) == "reversed"
    await till.buy("25")
    assert await till.sums() == ("15", "0", "0", "0")


async def test_won_brings_everything_back_and_freezing_is_ended_by_a_person(till: Till) -> None:
    bought = await till.buy("100")
    await till.spend("10")
    assert await till.sums() == ("95", "0", "0", "0")
    await till.tell_dispute(bought, "open", 10000)
    assert await till.sums() == ("0", "0", "0", "5")
    for _ in range(2):
        dispute = await till.tell_dispute(bought, "won", 10000, 10000)
    assert dispute.booked == "won"
    assert await till.sums() == ("95", "0", "0", "0")
    assert await frozen(till) is not None
    assert await till.state_of(bought.recharge_id) == "credited"


async def test_the_bonus_goes_with_a_dispute_and_comes_back_with_it(till: Till) -> None:
    bought = await till.buy("100")
    await till.tell_dispute(bought, "open", 10000)
    assert await till.sums() == ("0", "0", "0", "0")
    await till.tell_dispute(bought, "won", 10000, 10000)
    assert await till.sums() == ("100", "5", "0", "0")
    # And goes once more, when the same payment is disputed again.
    await till.tell_dispute(bought, "open", 10000, name="dp_2")
    assert await till.sums() == ("0", "0", "0", "0")


async def test_won_after_the_debt_was_repaid_gives_the_money_back_as_credits(till: Till) -> None:
    bought = await till.buy("10")
    await till.spend("10")
    await till.tell_dispute(bought, "open", 1000, freeze=False)
    await till.buy("25")
    assert await till.sums() == ("15", "0", "0", "0")
    await till.tell_dispute(bought, "won", 1000, 1000)
    assert await till.sums() == ("25", "0", "0", "0")


@pytest.mark.parametrize(
    "order", list(itertools.permutations([("open", 1000, 0), ("under_review", 1000, 0), ("won", 1000, 1000)]))
)
async def test_won_in_every_order(till: Till, order: tuple[tuple[str, int, int], ...]) -> None:
    bought = await till.buy("10")
    await till.spend("3")
    for status, withdrawn, returned in order:
        for _ in range(2):
            await till.tell_dispute(bought, status, withdrawn, returned)
    dispute = await till.tell_dispute(bought, "open", 1000)
    assert (dispute.state, dispute.booked) == ("won", "won")
    assert await till.sums() == ("7", "0", "0", "0")


@pytest.mark.parametrize("order", list(itertools.permutations([("warned", 0), ("open", 1000), ("lost", 1000)])))
async def test_lost_in_every_order(till: Till, order: tuple[tuple[str, int], ...]) -> None:
    bought = await till.buy("10")
    await till.spend("3")
    for status, withdrawn in order:
        for _ in range(2):
            await till.tell_dispute(bought, status, withdrawn)
    dispute = await till.tell_dispute(bought, "lost", 1000)
    assert (dispute.state, dispute.booked, dispute.clawed) == ("lost", "lost", nano("10"))
    assert await till.sums() == ("0", "0", "0", "3")
    assert await till.state_of(bought.recharge_id) == "reversed"


async def test_lost_without_a_withdrawal_books_nothing(till: Till) -> None:
    dispute = await till.tell_dispute(await till.buy("10"), "lost", 0)
    assert (dispute.state, dispute.booked) == ("lost", "nothing")
    assert await till.sums() == ("10", "0", "0", "0")


async def test_money_that_comes_back_after_a_loss_is_left_to_a_person(till: Till) -> None:
    bought = await till.buy("10")
    await till.tell_dispute(bought, "lost", 1000)
    dispute = await till.tell_dispute(bought, "won", 1000, 1000)
    assert (dispute.booked, dispute.flag) == ("lost", "returned_after_loss")
    assert await till.sums() == ("0", "0", "0", "0")


async def test_a_part_that_was_withdrawn_takes_its_share(till: Till) -> None:
    bought = await till.buy("10")
    dispute = await till.tell_dispute(bought, "open", 250)
    assert dispute.clawed == nano("2.5")
    assert await till.sums() == ("7.5", "0", "0", "0")


@pytest.mark.parametrize("ends", [SUCCEEDED, FAILED])
@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "end", "withdrawn"])))
async def test_refund_and_dispute_claw_back_once_in_every_order(
    till: Till, order: tuple[str, ...], ends: RefundStatus
) -> None:
    """A refund of 4 that the service knows of, and a dispute over everything: together they take 10, or the refund 0."""
    bought = await till.buy("10")
    for event in order:
        for _ in range(2):
            if event == "withdrawn":
                await till.tell_dispute(bought, "open", 1000)
            elif event == "sent":
                await till.tell_refund(bought, PENDING, 400, "re_1")
            elif event == "end" and ends is SUCCEEDED:
                await till.tell_refund(bought, SUCCEEDED, 400, "re_1")
            elif event == "end":
                await till.tell_refund(bought, FAILED, 400, "re_1")
    # Whatever came last, the service's next word on disputes lets the books catch up.
    await till.tell_dispute(bought, "open", 1000)
    paid, _, pending, debt = await till.sums()
    if ends is FAILED and order.index("end") < order.index("sent"):
        # A failure that arrived before anything was known of its refund; its next report settles it.
        await till.tell_refund(bought, FAILED, 400, "re_1")
        await till.tell_dispute(bought, "open", 1000)
        paid, _, pending, debt = await till.sums()
    assert (paid, pending, debt) == ("0", "0", "0")


async def test_a_refund_that_nobody_has_begun_to_pay_is_stopped(till: Till) -> None:
    fin = await till.staff()
    bought = await till.buy("10")
    refund = (await till.approve(await till.ask(bought, credits="4"), fin)).refund
    dispute = await till.tell_dispute(bought, "open", 1000)
    stopped = await till.refund(refund)
    assert (stopped.state, stopped.flag) == ("failed", "disputed")
    assert dispute.clawed == nano("10")
    assert await till.sums() == ("0", "0", "0", "0")


async def test_a_refund_that_is_with_the_service_counts_until_it_fails(till: Till) -> None:
    fin = await till.staff()
    bought = await till.buy("10")
    refund = (await till.approve(await till.ask(bought, credits="4"), fin)).refund
    await till.tell_refund(bought, PENDING, 400, "re_1", ours=refund.refund_id)
    dispute = await till.tell_dispute(bought, "open", 1000)
    assert dispute.clawed == nano("6")
    await till.tell_refund(bought, FAILED, 400, "re_1", ours=refund.refund_id)
    dispute = await till.tell_dispute(bought, "open", 1000)
    assert (dispute.clawed, len(dispute.more_claws)) == (nano("10"), 1)
    assert await till.sums() == ("0", "0", "0", "0")
    dispute = await till.tell_dispute(bought, "lost", 1000)
    assert dispute.booked == "lost"
    assert await till.state_of(bought.recharge_id) == "reversed"


async def test_a_refund_that_fails_after_the_loss_is_taken_and_lost_at_once(till: Till) -> None:
    fin = await till.staff()
    bought = await till.buy("10")
    refund = (await till.approve(await till.ask(bought, credits="4"), fin)).refund
    await till.tell_refund(bought, SUCCEEDED, 400, "re_1", ours=refund.refund_id)
    await till.tell_dispute(bought, "lost", 1000)
    await till.tell_refund(bought, FAILED, 400, "re_1", ours=refund.refund_id)
    dispute = await till.tell_dispute(bought, "lost", 1000)
    assert dispute.clawed == nano("10")
    assert await till.sums() == ("0", "0", "0", "0")
