"""PURE  What can come back of a payment. Credits are nanocredits, money the smallest unit of its currency.

The oldest paid Credits are spent first: what is there now came with the newest payments. Credits that running requests
hold are not there, so they are respected. A bonus is no money: it is taken back first and worth nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Lot:
    """The Credits of one payment and what became of them, as far as it is not spending.

    amount_minor    received; fee_minor of it was for the way it was paid
    refunded        Credits on their way back or there already; refunded_minor their money
    clawed          Credits taken back by a dispute that is not won
    """

    payment_key: UUID
    recharge_id: UUID
    credits: int
    amount_minor: int
    fee_minor: int = 0
    refunded: int = 0
    refunded_minor: int = 0
    clawed: int = 0

    @property
    def left(self) -> int:
        """Return the Credits of it that neither a refund nor a dispute took."""
        return max(0, self.credits - self.refunded - self.clawed)


@dataclass(frozen=True, slots=True)
class Most:
    """The most that can come back of a payment."""

    credits: int
    amount_minor: int


def unspent(lots: Sequence[Lot], available_paid: int) -> dict[UUID, int]:
    """Return how much of each payment is unspent. lots: every payment of the workspace, oldest first"""
    there = max(0, available_paid)
    result: dict[UUID, int] = {}
    for lot in reversed(lots):
        result[lot.payment_key] = min(lot.left, there)
        there -= result[lot.payment_key]
    return result


def money_of(lot: Lot, amount: int, *, whole: bool) -> int:
    """Return the money for Credits of a payment, beside what was refunded of it before; never more than was received.

    The parts of a payment add up: it is the share of everything refunded until then, rounded down, less what was paid
    back already.

    whole   a payment that should not have been: its fee comes back, too
    """
    basis = lot.amount_minor if whole else max(0, lot.amount_minor - lot.fee_minor)
    share = basis * min(lot.credits, lot.refunded + amount) // lot.credits
    return max(0, min(share, lot.amount_minor) - lot.refunded_minor)


def credits_of(lot: Lot, amount_minor: int) -> int:
    """Return the Credits that money of a payment stands for, at least one nanocredit and at most all of them.

    Used for money that went back without being asked here first. The whole price is all of the Credits, whether or not
    the fee came back with it.
    """
    basis = max(1, lot.amount_minor - lot.fee_minor)
    return max(1, min(lot.credits, lot.credits * amount_minor // basis))


def share_of(lot: Lot, withdrawn_minor: int) -> int:
    """Return the Credits of a payment of which a bank took so much back."""
    return min(lot.credits, lot.credits * max(0, withdrawn_minor) // lot.amount_minor)


def most(lot: Lot, unspent_credits: int, *, whole: bool) -> Most:
    """Return the most that can come back now. Credits worth less than the smallest coin are none."""
    minor = money_of(lot, unspent_credits, whole=whole)
    return Most(unspent_credits, minor) if minor > 0 else Most(0, 0)
