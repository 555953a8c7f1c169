"""The rule of four eyes: above a threshold, one person's money acts of a day need a second, different person.

What counts is what one person moved alone in the last 24 hours, over every kind of act: splitting does not help.
Where nobody else could approve, it goes through with a mark (`alone`), until a second approver exists.
"""

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from omna.accounts import service as accounts
from omna.audit import service as audit
from omna.clock import now
from omna.db.pool import Connection
from omna.money import parse_credits
from omna.risk import store
from omna.risk.model import FOUR_EYES_THRESHOLD, FOUR_EYES_WINDOW_HOURS, needs_second_person

__all__ = ["ACTS", "SECOND", "THRESHOLD", "Judgement", "judge", "lock", "off"]

THRESHOLD = FOUR_EYES_THRESHOLD
#: Acts in the audit log that count, each with its `amount` in Credits.
ACTS = (
    # What one person booked at once. A proposal that somebody approved is `credits.approve`: it had four eyes.
    "credits.manual",
    "recharge.approve",
    "refund.approve",
    "refund.convert",
    # Only of money that had gone out; others have no amount.
    "refund.fail",
    # Of one that was won by somebody's word.
    "dispute.close",
    "debt.write_off",
    "promo_code.create",
)
#: Name of the fact in the audit log that says who else had agreed: such an act had four eyes, and counts no more.
SECOND = "first_approver"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a second person must agree. alone: they would have to, and there is nobody who could."""

    second_person: bool
    alone: bool


async def lock(connection: Connection) -> None:
    """Wait for other money acts, before one is judged and booked: two side by side would not see one another.

    Take it after the row that is decided on and before the wallet.
    """
    await store.lock_money(connection)


async def judge(connection: Connection, amount: int, actor: str) -> Judgement:
    """Judge an act of an actor (`usr_…` or `cli:NAME`) over an amount of nanocredits. To book after it: lock first."""
    if not needs_second_person(amount, await _moved_alone(connection, actor)):
        return Judgement(second_person=False, alone=False)
    alone = await off(connection)
    return Judgement(second_person=not alone, alone=alone)


async def off(connection: Connection) -> bool:
    """Return whether nobody could be the second person, so that every act goes through with a mark."""
    return await accounts.approvers(connection) <= 1


async def _moved_alone(connection: Connection, actor: str) -> int:
    since = now() - timedelta(hours=FOUR_EYES_WINDOW_HOURS)
    moved = 0
    for act in ACTS:
        for entry in await audit.by_actor(connection, actor, act, since):
            facts = msgspec.json.decode(entry.after) if entry.after else {}
            if "amount" in facts and facts.get(SECOND) is None:
                moved += abs(parse_credits(facts["amount"]))
    return moved
