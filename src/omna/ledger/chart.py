"""PURE: events become balanced entries. The rule of each operation is one function; the table is in README.md."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.ids import TransferId, WorkspaceId
from omna.ledger.model import WALLET_ACCOUNTS, Account, Charge, Wallet
from omna.money import Nanocredits

Legs = tuple[tuple[Account, int], ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer ready to be booked. `expires_at` belongs to promo grants alone."""

    transfer_id: TransferId
    workspace_id: WorkspaceId
    kind: str
    legs: Legs
    fingerprint: UUID
    actor: str
    reason: str
    expires_at: datetime | None = None


def fingerprint(*parts: object) -> UUID:
    """Return what identifies the content of an operation: the same id with another fingerprint is a conflict.

    Shape   128 bits over the operation's inputs, not over entries: those also depend on the wallet at that moment
    """
    return UUID(bytes=hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest())


def recharge(wallet: Wallet, amount: Nanocredits) -> Legs:
    """Credits were bought: debt is repaid first, the rest can be spent."""
    return _credited(wallet, Account.RECHARGE_CLEARING, amount)


def promo_grant(amount: Nanocredits) -> Legs:
    """Credits were given; they are spent before paid ones, the earliest expiry first."""
    return _without_zeros((Account.PROMO_ISSUED, -amount), (Account.AVAILABLE_PROMO, amount))


def adjustment(wallet: Wallet, amount: Nanocredits) -> Legs:
    """Staff corrects a balance. Up repays debt first, like a recharge; down takes paid Credits."""
    repaid = min(amount, -wallet.debt) if amount > 0 else 0
    return _without_zeros(
        (Account.ADJUSTMENTS, -amount), (Account.DEBT, repaid), (Account.AVAILABLE_PAID, amount - repaid)
    )


def refund_approved(amount: Nanocredits) -> Legs:
    """Paid Credits wait for their money to go back: they can be spent no more."""
    return (Account.AVAILABLE_PAID, -amount), (Account.REFUND_PENDING, amount)


def refund_paid(amount: Nanocredits) -> Legs:
    """The money of a refund went out."""
    return (Account.REFUND_PENDING, -amount), (Account.REFUNDS_OUT, amount)


def refund_failed(wallet: Wallet, amount: Nanocredits, *, was_paid: bool) -> Legs:
    """The money did not arrive: the Credits come back, to a debt first. `was_paid`: it had seemed to go out."""
    source = Account.REFUNDS_OUT if was_paid else Account.REFUND_PENDING
    return _credited(wallet, source, amount)


def chargeback_opened(wallet: Wallet, amount: Nanocredits) -> Legs:
    """A disputed payment was taken from us: its Credits go, and what is spent or held of them is owed."""
    taken = min(amount, wallet.available_paid)
    return _without_zeros(
        (Account.AVAILABLE_PAID, -taken), (Account.DEBT, taken - amount), (Account.CHARGEBACK_CLEARING, amount)
    )


def chargeback_won(wallet: Wallet, amount: Nanocredits) -> Legs:
    """A disputed payment came back: what is owed now is repaid first, the rest can be spent."""
    return _credited(wallet, Account.CHARGEBACK_CLEARING, amount)


def chargeback_lost(amount: Nanocredits) -> Legs:
    """A disputed payment is gone for good: it was no recharge after all. The wallet paid when it was opened."""
    return (Account.CHARGEBACK_CLEARING, -amount), (Account.RECHARGE_CLEARING, amount)


def usage_refund(wallet: Wallet, charge: Charge, amount: Nanocredits) -> Legs:
    """A charge, or a part of it, is given back in the reverse order of its buckets: paid (a debt first), then promo."""
    promo = max(0, amount - charge.paid)
    repaid = min(amount - promo, -wallet.debt)
    return _without_zeros(
        (Account.REVENUE, -amount),
        (Account.DEBT, repaid),
        (Account.AVAILABLE_PAID, amount - promo - repaid),
        (Account.AVAILABLE_PROMO, promo),
    )


def debt_written_off(amount: Nanocredits) -> Legs:
    """A debt, or a part of it, is given up."""
    return (Account.DEBT, amount), (Account.BAD_DEBT, -amount)


def promo_withdrawn(amount: Nanocredits) -> Legs:
    """Given Credits are taken back, as if they had expired."""
    return _without_zeros((Account.AVAILABLE_PROMO, -amount), (Account.BREAKAGE, amount))


def after(wallet: Wallet, legs: Legs) -> Wallet:
    """Return the wallet as it would be with this booked: a preview, which does not say whether it may be."""
    change = dict(legs)
    return Wallet(
        wallet.workspace_id,
        *(Nanocredits(getattr(wallet, account) + change.get(account, 0)) for account in WALLET_ACCOUNTS),
    )


def _credited(wallet: Wallet, source: Account, amount: Nanocredits) -> Legs:
    repaid = min(amount, -wallet.debt)
    return _without_zeros((source, -amount), (Account.DEBT, repaid), (Account.AVAILABLE_PAID, amount - repaid))


def _without_zeros(*legs: tuple[Account, int]) -> Legs:
    return tuple(leg for leg in legs if leg[1])
