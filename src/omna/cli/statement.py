"""PURE  Transfers of a workspace as the lines of a statement, with the balances after each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from omna.ledger.model import Account, TransferLine, Wallet

_AVAILABLE = (Account.AVAILABLE_PAID, Account.AVAILABLE_PROMO)
_HELD = (Account.HELD_PAID, Account.HELD_PROMO)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: what happened, the Credits it moved, and what was available and held afterwards (nanocredits)."""

    seq: int
    booked_at: datetime
    what: str
    amount: int
    available: int
    held: int
    transfer: TransferLine


def statement(wallet: Wallet, history: Sequence[TransferLine]) -> list[StatementLine]:
    """Return the lines of transfers, newest first as they come.

    wallet   the balances after the newest transfer
    A settlement is two lines: the charge that leaves the hold, and the release of what was not needed.
    """
    lines: list[StatementLine] = []
    available: int = wallet.available
    held: int = wallet.held
    for transfer in history:
        moved_available, moved_held = _moved(transfer, _AVAILABLE), _moved(transfer, _HELD)
        moved_debt = _moved(transfer, (Account.DEBT,))
        before_available, before_held = available - moved_available, held - moved_held
        if transfer.kind == "settle":
            # In booking order the charge comes first; newest first, the release stands above it.
            charge = -(moved_available + moved_held)
            charged_held = before_held - charge
            if moved_available:
                lines.append(_line(transfer, "release", moved_available, available, held))
            lines.append(_line(transfer, "charge", -charge, before_available, charged_held))
        elif moved_held and moved_available:
            what = {"extend": "hold", "expire": "release"}.get(transfer.kind, transfer.kind)
            lines.append(_line(transfer, what, moved_available, available, held))
        else:
            lines.append(_line(transfer, transfer.kind, moved_available + moved_held + moved_debt, available, held))
        available, held = before_available, before_held
    return lines


def _moved(transfer: TransferLine, accounts: Sequence[Account]) -> int:
    return sum(entry.amount for entry in transfer.entries if entry.account in accounts)


def _line(transfer: TransferLine, what: str, amount: int, available: int, held: int) -> StatementLine:
    return StatementLine(transfer.seq, transfer.booked_at, what, amount, available, held, transfer)
