"""Staff decide: partly, whole, against each other, with four eyes; and what becomes of payments made twice."""

import asyncio

import pytest

from omna.audit.service import Actor
from omna.db.pool import transaction
from omna.errors import Conflict, Forbidden, InvalidValue, OmnaError
from omna.http.principal import Person
from omna.ids import SessionId, new_id, show
from omna.payments import steps
from omna.payments.refunds import follow_up, review
from omna.payments.refunds.model import Refund
from tests.harness.till import Reviewer, Till, nano


async def reject(till: Till, refund: Refund, by: Reviewer) -> review.Outcome:
    async with till.work() as connection:
        decision = review.Decision("no", message="Not possible.")
        return await review.reject(connection, refund.refund_id, decision, by=by.person, actor=by.actor)


async def convert(till: Till, refund: Refund, by: Reviewer) -> review.Outcome:
    async with till.work() as connection:
        decision = review.Decision("as wished", message="Enjoy.")
        return await review.convert(connection, refund.refund_id, decision, by=by.person, actor=by.actor)


async def paid(till: Till, refund: Refund, by: Reviewer, reference: str = "SEPA 1") -> review.Outcome:
    async with till.work() as connection:
        return await follow_up.pay_by_hand(
            connection, refund.refund_id, reference, reason="sent", by=by.person, actor=by.actor
        )


async def back(till: Till, refund: Refund, by: Reviewer) -> review.Outcome:
    async with till.work() as connection:
        return await follow_up.give_back(
            connection, refund.refund_id, reason="Account closed", by=by.person, actor=by.actor
        )


async def retry(till: Till, refund: Refund, by: Reviewer) -> review.Outcome:
    async with till.work() as connection:
        return await follow_up.retry(connection, refund.refund_id, reason="again", by=by.person, actor=by.actor)


async def test_a_part_is_approved_and_paid_by_hand(till: Till) -> None:
    fin = await till.staff()
    bought = await till.buy("10", "manual")
    await till.spend("2")
    refund = await till.ask(bought)
    outcome = await till.approve(refund, fin, credits="5", message="The rest was used for tests.")
    assert (outcome.refund.state, outcome.refund.payout, outcome.refund.amount_minor) == ("approved", "manual", 500)
    assert await till.sums() == ("3", "0", "5", "0")
    with pytest.raises(InvalidValue, match="reference of the payment"):
        await paid(till, refund, fin, " ")
    done = await paid(till, refund, fin)
    assert (done.refund.state, done.refund.payout_reference) == ("paid", "SEPA 1")
    assert await till.sums() == ("3", "0", "0", "0")
    assert await till.state_of(bought.recharge_id) == "credited"
    with pytest.raises(Conflict):
        await paid(till, refund, fin)
    assert (await till.subjects())[-2:] == ["Refund approved: 5.00 USD", "5.00 USD refunded"]
    async with transaction(till.pool) as connection:
        of_order = [one.step for one in await steps.of(connection, till.workspace_id, bought.recharge_id)]
    assert of_order[-3:] == ["refund_requested", "refund_approved", "refunded"]
    # The rest of it can still come back, and then nothing of the order is left.
    rest = await till.ask(bought)
    await till.approve(rest, fin)
    await paid(till, rest, fin)
    await till.spend("0")
    assert await till.state_of(bought.recharge_id) == "credited", "two Credits of it were used, not given back"


async def test_what_was_refunded_whole_is_reversed_and_a_failure_takes_that_back(till: Till) -> None:
    fin = await till.staff()
    bought = await till.buy("10", "manual")
    refund = await till.ask(bought)
    await till.approve(refund, fin)
    await paid(till, refund, fin)
    assert await till.state_of(bought.recharge_id) == "reversed"
    assert (await back(till, refund, fin)).refund.state == "failed"
    assert await till.state_of(bought.recharge_id) == "credited"
    assert await till.sums() == ("10", "0", "0", "0")
    assert (await till.subjects())[-1] == "Refund of 10.00 USD failed, your Credits are back"
    # Once more, with bookings of its own.
    assert (await retry(till, refund, fin)).refund.state == "approved"
    assert await till.sums() == ("0", "0", "10", "0")
    await paid(till, refund, fin)
    assert await till.sums() == ("0", "0", "0", "0")


async def test_the_bonus_goes_first_and_comes_back_with_a_failure(till: Till) -> None:
    fin = await till.staff()
    bought = await till.buy("100", "manual")
    assert await till.sums() == ("100", "5", "0", "0")
    await till.spend("2")
    refund = await till.ask(bought, credits="40")
    approved = (await till.approve(refund, fin)).refund
    assert (approved.promo_withdrawn, approved.amount_minor) == (nano("3"), 4000)
    assert await till.sums() == ("60", "0", "40", "0")
    await back(till, refund, fin)
    assert await till.sums() == ("100", "3", "0", "0")
    await retry(till, refund, fin)
    assert await till.sums() == ("60", "0", "40", "0")


async def test_the_amount_is_typed_and_compared(till: Till) -> None:
    fin = await till.staff()
    refund = await till.ask(await till.buy("10"))
    for typed in (None, 999, 1001):
        with pytest.raises(InvalidValue, match=r"The refund is 10\.00 USD"):
            await till.approve(refund, fin, typed_minor=typed)
    with pytest.raises(InvalidValue, match="At most 10 Credits"):
        await till.approve(refund, fin, credits="10.5", typed_minor=1050)
    assert (await till.refund(refund)).state == "requested"


async def test_what_was_spent_since_is_not_given_back(till: Till) -> None:
    fin = await till.staff()
    refund = await till.ask(await till.buy("10"))
    hold = await till.hold("4")
    with pytest.raises(InvalidValue, match="At most 6 Credits"):
        await till.approve(refund, fin, credits="10", typed_minor=1000)
    outcome = await till.approve(refund, fin, credits="6")
    assert outcome.refund.amount_minor == 600
    await till.settle(hold, "4")
    assert await till.sums() == ("0", "0", "6", "0")


async def test_two_reviewers_at_once_give_one_outcome(till: Till) -> None:
    fin, kim = await till.staff("Fin"), await till.staff("Kim")
    refund = await till.ask(await till.buy("10"))
    outcomes = await asyncio.gather(
        till.approve(refund, fin, typed_minor=1000),
        reject(till, refund, kim),
        till.approve(refund, kim, typed_minor=1000),
        return_exceptions=True,
    )
    done = [one for one in outcomes if isinstance(one, review.Outcome)]
    told = [one for one in outcomes if isinstance(one, Conflict)]
    assert (len(done), len(told)) == (1, 2), outcomes
    assert await till.sums() in (("0", "0", "10", "0"), ("10", "0", "0", "0"))


async def test_a_claim_keeps_others_out_for_a_while(till: Till) -> None:
    fin, kim = await till.staff("Fin"), await till.staff("Kim")
    refund = await till.ask(await till.buy("10"))
    async with till.work() as connection:
        claimed = await review.claim(connection, refund.refund_id, by=fin.person, actor=fin.actor)
    assert claimed.refund.shown_state == "in_review"
    with pytest.raises(Conflict, match="Fin is reviewing"):
        await till.approve(refund, kim)
    with pytest.raises(Conflict, match="Fin is reviewing"):
        async with till.work() as connection:
            await review.claim(connection, refund.refund_id, by=kim.person, actor=kim.actor)
    async with till.work() as connection:
        await review.release(connection, refund.refund_id, by=fin.person, actor=fin.actor)
    assert (await till.approve(refund, kim)).refund.state == "approved"


async def test_nobody_decides_about_their_own_money(till: Till) -> None:
    refund = await till.ask(await till.buy("10"))
    own = Person(till.owner_id, SessionId(new_id()), "192.0.2.1", True, "owner")
    reviewer = Reviewer(own, Actor(show("usr", till.owner_id), "192.0.2.1", till.key))
    with pytest.raises(Forbidden, match="your own request"):
        await till.approve(refund, reviewer)
    with pytest.raises(Forbidden):
        await reject(till, refund, reviewer)
    # Nor do they say that it was paid, or take it back.
    await till.approve(refund, await till.staff())
    for act in (paid, back):
        with pytest.raises(Forbidden):
            await act(till, refund, reviewer)


async def test_above_the_threshold_two_people_agree_on_the_same(till: Till) -> None:
    fin, kim = await till.staff("Fin"), await till.staff("Kim")
    refund = await till.ask(await till.buy("250"))
    first = await till.approve(refund, fin, credits="200")
    assert first.waiting
    assert await till.sums() == ("250", "0", "0", "0")
    with pytest.raises(Conflict, match="a second person"):
        await till.approve(refund, fin, credits="200")
    # Another amount is another proposal.
    assert (await till.approve(refund, kim, credits="150")).waiting
    assert (await till.approve(refund, fin, credits="150")).refund.state == "approved"
    assert await till.sums() == ("100", "0", "150", "0")


async def test_much_money_that_is_said_to_have_come_back_needs_two_people(till: Till) -> None:
    fin, boss = await till.staff(), await till.staff("Boss", "owner")
    refund = await till.ask(await till.buy("250", "manual"))
    for by in (fin, boss):
        refund = (await till.approve(refund, by)).refund
    await paid(till, refund, fin)
    assert await till.sums() == ("0", "0", "0", "0")
    assert (await back(till, refund, fin)).waiting
    with pytest.raises(Conflict):
        await back(till, refund, fin)
    assert await till.sums() == ("0", "0", "0", "0")
    done = await back(till, refund, boss)
    assert (done.waiting, done.refund.state) == (False, "failed")
    assert await till.sums() == ("250", "0", "0", "0")


async def test_one_person_alone_goes_through_with_a_mark(till: Till) -> None:
    fin = await till.staff("Fin")
    refund = await till.ask(await till.buy("250"))
    outcome = await till.approve(refund, fin)
    assert not outcome.waiting
    async with transaction(till.pool) as connection:
        row = await connection.fetchval("SELECT after FROM audit_log WHERE seq = $1", outcome.audit_seq)
    assert row["without_second_person"] is True
    assert row["amount"] == "250"


async def test_a_rejection_says_why_and_books_nothing(till: Till) -> None:
    fin = await till.staff()
    refund = await till.ask(await till.buy("10"))
    outcome = await reject(till, refund, fin)
    assert (outcome.refund.state, outcome.refund.answer) == ("rejected", "Not possible.")
    assert await till.sums() == ("10", "0", "0", "0")
    assert (await till.subjects())[-1] == "Refund declined"


async def test_a_payment_made_twice_is_converted_on_both_orders(till: Till) -> None:
    fin = await till.staff()
    counts, twice = await till.buy("10"), await till.buy("10")
    refund = await till.ask(twice, kind="duplicate", preference="convert", other_recharge=counts.recharge_id)
    assert (await convert(till, refund, fin)).refund.state == "converted"
    assert await till.sums() == ("20", "0", "0", "0")
    async with transaction(till.pool) as connection:
        for one in (counts, twice):
            told = [step.step for step in await steps.of(connection, till.workspace_id, one.recharge_id)]
            assert told[-2:] == ["refund_requested", "refund_converted"]


@pytest.mark.parametrize("preference", ["convert", "refund"])
async def test_a_payment_that_was_never_credited_ends_as_its_customer_wishes(till: Till, preference: str) -> None:
    fin = await till.staff()
    counts, vain = await till.buy("10", "manual"), await till.ordered("10", "manual")
    async with transaction(till.pool) as connection:
        await connection.execute("UPDATE recharges SET state = 'duplicate' WHERE recharge_id = $1", vain.recharge_id)
    refund = await till.ask(vain, kind="duplicate", preference=preference, other_recharge=counts.recharge_id)
    assert await till.sums() == ("10", "0", "0", "0")
    if preference == "convert":
        assert (await convert(till, refund, fin)).refund.state == "converted"
        assert await till.sums() == ("20", "0", "0", "0")
        assert await till.state_of(vain.recharge_id) == "credited"
        return
    # Credited and set aside in one transaction: the books show every cent.
    assert (await till.approve(refund, fin)).refund.amount_minor == 1000
    assert await till.sums() == ("10", "0", "10", "0")
    await paid(till, refund, fin)
    assert await till.sums() == ("10", "0", "0", "0")
    assert await till.state_of(vain.recharge_id) == "reversed"


async def test_one_order_paid_twice_gives_one_payment_back(till: Till) -> None:
    fin = await till.staff()
    first = await till.buy("10")
    second = await till.pay(first.recharge, "pi_second")
    assert await till.sums() == ("20", "0", "0", "0")
    refund = await till.ask(first, kind="duplicate")
    approved = (await till.approve(refund, fin)).refund
    assert (approved.payment_key, approved.approved_credits) == (second.payment.payment_key, nano("10"))
    assert await till.sums() == ("10", "0", "10", "0")


async def test_credits_that_came_back_and_were_spent_cannot_be_tried_again(till: Till) -> None:
    fin = await till.staff()
    refund = await till.ask(await till.buy("10", "manual"))
    await till.approve(refund, fin)
    await back(till, refund, fin)
    await till.spend("1")
    with pytest.raises(OmnaError, match="used meanwhile"):
        await retry(till, refund, fin)
