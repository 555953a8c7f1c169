"""Stripe's own library against the fake: what is asked twice is done once, and what cannot be asked is no excuse."""

import pytest

from omna.errors import PaymentServiceRefused, PaymentServiceUnavailable
from omna.ids import RefundId, new_id
from omna.payments.checkout.processor import Processor, RefundStatus
from omna.payments.checkout.syncing import sync
from tests.stripe.till import Till


async def paid(till: Till) -> tuple[Processor, str]:
    """Return the service, and a payment of 10.00."""
    _, session = await till.opened()
    processor = till.registry.active
    assert processor is not None
    return processor, till.account.pay(session)["id"]


async def test_refund_whose_answer_was_lost_is_made_once(till: Till) -> None:
    processor, payment = await paid(till)
    refund_id = RefundId(new_id())
    till.stripe.answers_to_lose = 2
    with pytest.raises(PaymentServiceUnavailable):
        await processor.refund(payment, 400, refund_id)
    # Days later, when Stripe has forgotten the key.
    till.stripe.keys.clear()
    made = await processor.refund(payment, 400, refund_id)
    assert (made.amount_minor, made.status, made.ours) == (400, RefundStatus.SUCCEEDED, refund_id)
    assert len(till.account.refunds) == 1


async def test_refund_that_failed_can_be_made_again(till: Till) -> None:
    processor, payment = await paid(till)
    refund_id = RefundId(new_id())
    first = await processor.refund(payment, 400, refund_id)
    till.account.fail_refund(first.refund_id)
    second = await processor.refund(payment, 400, refund_id)
    assert second.refund_id != first.refund_id
    assert second.status is RefundStatus.SUCCEEDED


async def test_refund_of_more_than_was_paid_is_refused(till: Till) -> None:
    processor, payment = await paid(till)
    with pytest.raises(PaymentServiceRefused):
        await processor.refund(payment, 1001, RefundId(new_id()))


async def test_many_refunds_are_read_page_by_page(till: Till) -> None:
    processor, payment = await paid(till)
    for amount in (100, 200, 300, 50, 25):
        till.account.give_back(payment, amount)
    session = await processor.session_of(payment)
    assert session is not None
    assert sum(one.amount_minor for one in (await processor.fetch(session)).refunds) == 675


async def test_key_that_may_not_read_warnings_credits_all_the_same(till: Till) -> None:
    recharge_id, session = await till.opened()
    till.account.warn(till.account.pay(session)["id"])
    till.stripe.forbidden.add("/v1/radar/early_fraud_warnings")
    await sync(till.registry, recharge_id)
    assert await till.state_of(recharge_id) == "credited"


async def test_key_that_may_not_read_disputes_books_nothing(till: Till) -> None:
    recharge_id, session = await till.opened()
    till.account.pay(session)
    till.stripe.forbidden.add("/v1/disputes")
    with pytest.raises(PaymentServiceRefused):
        await sync(till.registry, recharge_id)
    assert await till.state_of(recharge_id) == "open"


async def test_order_carries_our_ids_and_nothing_more(till: Till) -> None:
    order = await till.order("100")
    from omna.payments.checkout import opening

    await opening.open_checkout(till.registry, order.recharge_id)
    [session] = till.account.sessions.values()
    assert set(session["metadata"]) == {"omna_recharge", "omna_workspace"}
    assert session["client_reference_id"] == session["metadata"]["omna_recharge"]
    assert session["_intent"]["metadata"] == session["metadata"]


async def test_no_key_is_logged(till: Till, capsys: pytest.CaptureFixture[str]) -> None:
    recharge_id, _ = await till.opened()
    till.stripe.down = True
    with pytest.raises(PaymentServiceUnavailable) as caught:
        await sync(till.registry, recharge_id)
    said = capsys.readouterr()
    assert "sk_test" not in said.out + said.err + str(caught.value) + str(caught.value.__cause__)
