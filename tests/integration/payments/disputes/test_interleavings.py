"""A refund and a dispute of one payment, told in any order and as often as the network likes, against plain arithmetic.

The seed of a run is printed at its top; each case has its own, so that one can be repeated.
"""

import asyncio
import random

import pytest

from omna.errors import Conflict
from omna.payments.checkout.processor import RefundStatus
from omna.payments.refunds import store
from tests.harness.till import Till, nano

BOUGHT, REFUNDED = 10, 4


@pytest.mark.parametrize("number", range(10))
async def test_any_story_of_a_refund_and_a_dispute_ends_where_arithmetic_says(
    till: Till, number: int, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(request.config.option.hypothesis_seed + number)
    fin = await till.staff()
    bought = await till.buy(str(BOUGHT))
    spent = chance.choice([0, 3, 6])
    refund = (await till.approve(await till.ask(bought, credits=str(REFUNDED)), fin)).refund
    if spent:
        await till.spend(str(spent))
    # From here on the payment service may have it in its hands, whether or not its answer arrives.
    assert await store.claim_payout(till.pool, 60) == refund.refund_id  # type: ignore[arg-type]
    end_of_refund = chance.choice([RefundStatus.SUCCEEDED, RefundStatus.FAILED])
    end_of_dispute = chance.choice(["open", "won", "lost"])
    tells = [("refund", RefundStatus.PENDING), ("refund", RefundStatus.SUCCEEDED), ("refund", end_of_refund)]
    tells += [("dispute", "warned"), ("dispute", "open"), ("dispute", end_of_dispute)]
    story = [one for one in tells for _ in range(chance.randint(1, 2))]
    chance.shuffle(story)

    async def tell(what: str, word: str) -> None:
        if what == "refund":
            await till.tell_refund(bought, RefundStatus(word), 400, "re_1", ours=refund.refund_id)
        else:
            withdrawn = 0 if word == "warned" else 1000
            await till.tell_dispute(bought, word, withdrawn, 1000 if word == "won" else 0, freeze=False)

    for what, word in story:
        await tell(what, word)
    # Whichever of its last words comes last: the books catch up with both.
    last = [("refund", end_of_refund), ("dispute", end_of_dispute)]
    chance.shuffle(last)
    for what, word in last:
        await tell(what, word)
    back = REFUNDED if end_of_refund is RefundStatus.SUCCEEDED else 0
    taken = 0 if end_of_dispute == "won" else BOUGHT - back
    wallet = await till.wallet()
    assert wallet.balance == nano(str(BOUGHT - spent)) - nano(str(back)) - nano(str(taken)), (story, spent)
    assert wallet.refund_pending == 0
    gone = back + (taken if end_of_dispute == "lost" else 0)
    assert await till.state_of(bought.recharge_id) == ("reversed" if gone == BOUGHT else "credited")


@pytest.mark.parametrize("number", range(4))
async def test_a_reviewer_and_a_bank_at_once_never_take_the_same_credits(till: Till, number: int) -> None:
    fin = await till.staff()
    bought = await till.buy("10")
    refund = await till.ask(bought)
    outcomes = await asyncio.gather(
        till.approve(refund, fin, typed_minor=1000),
        till.tell_dispute(bought, "open", 1000),
        return_exceptions=True,
    )
    assert all(one is None or not isinstance(one, Exception) or isinstance(one, Conflict) for one in outcomes), outcomes
    # Whoever came first: the bank has the money, and the Credits are gone once.
    assert await till.sums() == ("0", "0", "0", "0")
    assert (await till.refund(refund)).state in ("requested", "failed")
