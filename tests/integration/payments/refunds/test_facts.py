"""What a payment service says about refunds, in every order and as often as it likes."""

import itertools
from typing import Any

import pytest

from omna.errors import Conflict, PaymentServiceRefused, PaymentServiceUnavailable
from omna.ids import RefundId
from omna.payments.checkout.processor import RefundFacts, RefundStatus
from omna.payments.refunds import follow_up, payout
from tests.harness.till import Till, nano

PENDING, SUCCEEDED, FAILED = RefundStatus.PENDING, RefundStatus.SUCCEEDED, RefundStatus.FAILED


class Service:
    """A payment service that answers as it is told, and remembers by key what it was asked."""

    def __init__(self, *answers: RefundStatus | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int, RefundId]] = []

    async def refund(self, payment_id: str, amount_minor: int, refund_id: RefundId) -> RefundFacts:
        self.asked.append((payment_id, amount_minor, refund_id))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return RefundFacts(f"re_{refund_id.hex}", amount_minor, "usd", answer, ours=refund_id)


async def pay_out(till: Till, service: Service) -> int:
    await till.pool.execute("UPDATE refunds SET next_try_at = now() WHERE state = 'approved'")
    processors: Any = {"sandbox": service}
    tried = await payout.pay_out(till.pool, processors, actor=till.actor, most=1)
    await till.prove()
    return tried


async def approved(till: Till, amount: str = "10") -> Any:
    fin = await till.staff()
    bought = await till.buy(amount)
    refund = (await till.approve(await till.ask(bought), fin)).refund
    return bought, refund, fin


async def test_a_payout_is_sent_and_paid(till: Till) -> None:
    bought, refund, _ = await approved(till)
    service = Service(PENDING)
    assert await pay_out(till, service) == 1
    assert service.asked == [(bought.payment.payment_id, 1000, refund.refund_id)]
    sent = await till.refund(refund)
    assert (sent.state, sent.processor_refund) == ("sent", f"re_{refund.refund_id.hex}")
    assert await pay_out(till, service) == 0
    await till.tell_refund(bought, SUCCEEDED, 1000, sent.processor_refund)
    assert (await till.refund(refund)).state == "paid"
    assert await till.sums() == ("0", "0", "0", "0")


async def test_an_unknown_outcome_is_asked_again_with_the_same_key(till: Till) -> None:
    _, refund, _ = await approved(till)
    service = Service(PaymentServiceUnavailable(), PaymentServiceUnavailable(), SUCCEEDED)
    for state in ("approved", "approved", "paid"):
        await pay_out(till, service)
        assert (await till.refund(refund)).state == state
    assert {key for _, _, key in service.asked} == {refund.refund_id}


async def test_a_definite_refusal_gives_the_credits_back_and_a_retry_has_a_key_of_its_own(till: Till) -> None:
    _, refund, fin = await approved(till)
    service = Service(PaymentServiceRefused("The card is closed."), SUCCEEDED)
    await pay_out(till, service)
    failed = await till.refund(refund)
    assert (failed.state, failed.failure) == ("failed", "The card is closed.")
    assert await till.sums() == ("10", "0", "0", "0")
    async with till.work() as connection:
        await follow_up.retry(connection, refund.refund_id, reason="new card", by=fin.person, actor=fin.actor)
    await pay_out(till, service)
    assert (await till.refund(refund)).state == "paid"
    assert service.asked[0][2] != service.asked[1][2]


async def test_a_refusal_after_the_dispute_leaves_nothing_to_the_customer(till: Till) -> None:
    bought, refund, _ = await approved(till)
    await pay_out(till, Service(PaymentServiceUnavailable()))
    # It may be with the service, so the dispute leaves its share alone until it is known.
    await till.tell_dispute(bought, "open", 1000)
    assert await till.sums() == ("0", "0", "10", "0")
    await pay_out(till, Service(PaymentServiceRefused("This charge is disputed.")))
    assert (await till.refund(refund)).state == "failed"
    assert await till.sums() == ("0", "0", "0", "0")


async def test_nobody_takes_back_what_the_service_may_be_paying(till: Till) -> None:
    _, refund, fin = await approved(till)
    await pay_out(till, Service(PaymentServiceUnavailable()))
    with pytest.raises(Conflict, match="only its answer decides"):
        async with till.work() as connection:
            await follow_up.give_back(connection, refund.refund_id, reason="x", by=fin.person, actor=fin.actor)


async def test_a_service_that_is_switched_off_keeps_the_refund_waiting(till: Till) -> None:
    _, refund, fin = await approved(till)
    await payout.pay_out(till.pool, {}, actor=till.actor)
    waiting = await till.refund(refund)
    assert (waiting.state, waiting.failure) == (
        "approved",
        "The payment service that took the money is switched off.",
    )
    # Nobody was asked, so the Credits may come back.
    async with till.work() as connection:
        await follow_up.give_back(connection, refund.refund_id, reason="other way", by=fin.person, actor=fin.actor)
    assert await till.sums() == ("10", "0", "0", "0")


@pytest.mark.parametrize("order", list(itertools.permutations([PENDING, SUCCEEDED, FAILED])))
async def test_every_order_of_facts_ends_the_same(till: Till, order: tuple[RefundStatus, ...]) -> None:
    bought, refund, _ = await approved(till)
    for status in order:
        for _ in range(2):
            await till.tell_refund(bought, status, 1000, "re_7", ours=refund.refund_id)
    # Failed is the last word: it comes after every other at the service, whenever it arrives here.
    assert (await till.refund(refund)).state == "failed"
    assert await till.sums() == ("10", "0", "0", "0")
    assert [one.refund_id for one in await till.refunds()] == [refund.refund_id]


async def test_a_late_failure_brings_credits_back_that_were_paid(till: Till) -> None:
    bought, refund, _ = await approved(till)
    await pay_out(till, Service(SUCCEEDED))
    assert await till.state_of(bought.recharge_id) == "reversed"
    for _ in range(2):
        await till.tell_refund(bought, FAILED, 1000, f"re_{refund.refund_id.hex}")
    assert (await till.refund(refund)).state == "failed"
    assert await till.sums() == ("10", "0", "0", "0")
    assert await till.state_of(bought.recharge_id) == "credited"


async def test_a_refund_made_at_the_service_takes_its_share_back_once(till: Till) -> None:
    bought = await till.buy("10")
    for _ in range(2):
        await till.tell_refund(bought, PENDING, 400, "re_9")
    assert await till.sums() == ("6", "0", "4", "0")
    for _ in range(2):
        await till.tell_refund(bought, SUCCEEDED, 400, "re_9")
    assert await till.sums() == ("6", "0", "0", "0")
    (row,) = await till.refunds()
    assert (row.state, row.requested_by, row.flag, row.approved_credits) == ("paid", None, "made_elsewhere", nano("4"))
    await till.tell_refund(bought, FAILED, 400, "re_9")
    assert await till.sums() == ("10", "0", "0", "0")


async def test_a_refund_made_at_the_service_takes_what_is_there_and_flags_the_rest(till: Till) -> None:
    bought = await till.buy("10")
    await till.spend("7")
    await till.tell_refund(bought, SUCCEEDED, 1000, "re_9")
    (row,) = await till.refunds()
    assert (row.flag, row.credits, row.approved_credits) == ("credits_missing", nano("10"), nano("3"))
    assert await till.sums() == ("0", "0", "0", "0")
    other = await till.buy("10")
    await till.spend("10")
    await till.tell_refund(other, SUCCEEDED, 1000, "re_10")
    assert ((await till.refunds())[0].state, (await till.refunds())[0].approved_credits) == ("paid", None)
    await till.tell_refund(other, FAILED, 1000, "re_10")
    assert (await till.refunds())[0].state == "failed"
    assert await till.sums() == ("0", "0", "0", "0")


async def test_a_failed_refund_we_never_heard_of_is_nothing(till: Till) -> None:
    bought = await till.buy("10")
    await till.tell_refund(bought, FAILED, 400, "re_9")
    assert await till.refunds() == []


async def test_a_payout_that_went_through_after_all_is_left_to_a_person(till: Till) -> None:
    bought, refund, _ = await approved(till)
    await pay_out(till, Service(PaymentServiceRefused("Refused.")))
    await till.tell_refund(bought, SUCCEEDED, 1000, "re_7", ours=refund.refund_id)
    late = await till.refund(refund)
    assert (late.state, late.flag) == ("failed", "paid_after_failure")
    assert await till.sums() == ("10", "0", "0", "0")
