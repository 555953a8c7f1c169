"""PURE: events become balanced entries. The rule of each operation is one function; the table is in README.md."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.ids import TransferId, WorkspaceId
from omna.ledger.model import Account, Wallet
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
    repaid = min(amount, -wallet.debt)
    return _without_zeros(
        (Account.RECHARGE_CLEARING, -amount), (Account.DEBT, repaid), (Account.AVAILABLE_PAID, amount - repaid)
    )


def promo_grant(amount: Nanocredits) -> Legs:
    """Credits were given; they are spent before paid ones, the earliest expiry first."""
    return _without_zeros((Account.PROMO_ISSUED, -amount), (Account.AVAILABLE_PROMO, amount))


def adjustment(wallet: Wallet, amount: Nanocredits) -> Legs:
    """Staff corrects a balance. Up repays debt first, like a recharge; down takes paid Credits."""
    repaid = min(amount, -wallet.debt) if amount > 0 else 0
    return _without_zeros(
        (Account.ADJUSTMENTS, -amount), (Account.DEBT, repaid), (Account.AVAILABLE_PAID, amount - repaid)
    )


def _without_zeros(*legs: tuple[Account, int]) -> Legs:
    return tuple(leg for leg in legs if leg[1])
