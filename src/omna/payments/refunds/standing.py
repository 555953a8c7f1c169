"""What of a recharge can come back now, and why not: the one answer for the customer, the request and the reviewer."""

from dataclasses import dataclass
from uuid import UUID

from omna.db.pool import Connection
from omna.ledger import service as ledger
from omna.ledger.model import Wallet
from omna.payments.refunds import bonus, lots, store
from omna.payments.refunds.model import Kind, Order, Payment
from omna.payments.refunds.refundable import Lot, Most, most, unspent

#: Orders of people who paid, and were told that this payment was one too many or came too late.
PAID_IN_VAIN = ("duplicate", "rejected", "expired", "cancelled")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a recharge stands towards a refund of a kind.

    lot, payment    the payment that would be given back; None while none was credited
    unused          of all of its payments, as `refunded` and `clawed`
    promo           promo Credits that would be taken back with it
    obstacle        why there can be no request, as a sentence
    """

    order: Order
    wallet: Wallet
    lot: Lot | None
    payment: Payment | None
    credited: int
    unused: int
    refunded: int
    clawed: int
    most: Most
    promo: int
    obstacle: str | None

    @property
    def uncredited(self) -> bool:
        """Return whether the Credits of a payment have to be booked before they can go back."""
        return self.lot is None

    @property
    def used(self) -> int:
        return self.credited - self.refunded - self.clawed - self.unused

    @property
    def fee_kept_minor(self) -> int:
        """Return the part of what was paid that a refund of unused Credits does not give back."""
        return 0 if self.lot is None else self.lot.fee_minor


async def standing(connection: Connection, order: Order, kind: Kind, *, wallet: Wallet | None = None) -> Standing:
    """Return how a recharge stands. wallet: as it is to be, for a preview; by default as it is"""
    whole = kind == "duplicate"
    of_order = await lots.payments(connection, order.workspace_id, order.recharge_id)
    every = await lots.of_workspace(connection, order.workspace_id)
    wallet = wallet or await ledger.wallet(connection, order.workspace_id)
    left = unspent(every, wallet.available_paid)
    own = [lot for lot in every if lot.recharge_id == order.recharge_id]
    disputed = await store.disputed(connection, order.workspace_id, order.recharge_id)
    lot = _chosen(own, left, whole)
    if lot is None:
        ceiling = Most(order.credits, order.total_minor)
        return Standing(
            order=order,
            wallet=wallet,
            lot=None,
            payment=None,
            credited=0,
            unused=0,
            refunded=0,
            clawed=0,
            most=ceiling if whole else Most(0, 0),
            promo=0,
            obstacle=_obstacle_uncredited(order, whole=whole),
        )
    payment = next(one for one in of_order if one.payment_key == lot.payment_key)
    ceiling = most(lot, left[lot.payment_key], whole=whole)
    return Standing(
        order=order,
        wallet=wallet,
        lot=lot,
        payment=payment,
        credited=sum(one.credits for one in own),
        unused=sum(left[one.payment_key] for one in own),
        refunded=sum(one.refunded for one in own),
        clawed=sum(one.clawed for one in own),
        most=ceiling,
        promo=(await bonus.left(connection, payment)).amount,
        obstacle=_obstacle(ceiling, wallet, disputed=disputed),
    )


def _chosen(own: list[Lot], left: dict[UUID, int], whole: bool) -> Lot | None:
    if not own:
        return None
    # Paid twice: the later payment is the one too many. Otherwise the one with the most in it.
    if whole:
        return next((lot for lot in reversed(own) if left[lot.payment_key] > 0), own[-1])
    return max(own, key=lambda lot: left[lot.payment_key])


def _obstacle(ceiling: Most, wallet: Wallet, *, disputed: bool) -> str | None:
    if disputed:
        return (
            "The payer's bank has taken this payment into dispute. What becomes of the dispute decides about the money,"
            " so it cannot be refunded beside it."
        )
    if ceiling.credits == 0 and wallet.held_paid > 0:
        return "What is left of this recharge is held by running requests. Try again when they have ended."
    if ceiling.credits == 0:
        return "No Credits of this recharge are left: they were used, or went back already."
    return None


def _obstacle_uncredited(order: Order, *, whole: bool) -> str | None:
    if not whole:
        return "This recharge was not credited, so there are no Credits to give back."
    if order.channel != "manual":
        return "No payment of this order has arrived yet. Have it checked on its page, or ask support."
    if order.state not in PAID_IN_VAIN:
        return "This order is still being looked at. Wait for the decision, or cancel it."
    return None
