"""What the ledger is meant to do, in plain Python: wallets, holds, grants, and codes for every item of a batch.

Written from the design, not from the SQL: one item at a time, dictionaries instead of sets, nothing clever. The state
machines of this folder run every command here and on the real engine and compare.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

#: Where an amount can stand, besides the grants: the workspace's own accounts.
BUCKETS = ("paid", "held_paid", "held_promo", "debt")


@dataclass
class Grant:
    """A promo grant. Its place in the order of spending is (expires_at, grant_id)."""

    grant_id: UUID
    expires_at: float
    remaining: int

    @property
    def order(self) -> tuple[float, UUID]:
        return self.expires_at, self.grant_id


@dataclass
class Hold:
    """An open hold: what it took of paid Credits and of each grant."""

    paid: int = 0
    parts: dict[UUID, int] = field(default_factory=dict)
    lease_over: bool = False

    @property
    def promo(self) -> int:
        return sum(self.parts.values())

    @property
    def amount(self) -> int:
        return self.paid + self.promo


@dataclass
class Wallet:
    paid: int = 0
    debt: int = 0
    refund_pending: int = 0
    #: What refunds paid out and disputes took, and did not come back.
    refunded: int = 0
    disputed: int = 0
    grants: dict[UUID, Grant] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    #: How each hold that is not open any more ended: (kind, transfer, charge).
    ended: dict[UUID, tuple[str, UUID, int]] = field(default_factory=dict)
    #: Of each hold that was charged: what of it was paid and promo; and whose charge was given back.
    charged: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    given_back: set[UUID] = field(default_factory=set)
    #: Every transfer by its id, with what it was about: the same id with anything else is a conflict.
    transfers: dict[UUID, tuple[object, ...]] = field(default_factory=dict)

    def spendable(self, now: float) -> int:
        """Promo Credits that have not expired."""
        return sum(grant.remaining for grant in self.grants.values() if grant.expires_at > now)

    def available(self, now: float) -> int:
        """What a new hold may take: nothing while there is a debt."""
        return 0 if self.debt < 0 else self.paid + self.spendable(now)

    def balances(self) -> dict[str, int]:
        return {
            "available_paid": self.paid,
            "available_promo": sum(grant.remaining for grant in self.grants.values()),
            "held_paid": sum(hold.paid for hold in self.holds.values()),
            "held_promo": sum(hold.promo for hold in self.holds.values()),
            "debt": self.debt,
            "refund_pending": self.refund_pending,
        }


class Ledger:
    """All wallets, and what the platform's own accounts add up to."""

    def __init__(self) -> None:
        self.wallets: dict[UUID, Wallet] = {}
        self.platform: dict[str, int] = defaultdict(int)
        self.unsealed = 0

    def recharge(self, workspace: UUID, transfer: UUID, amount: int) -> str:
        return self._credit(workspace, transfer, ("recharge", amount), amount, "recharge_clearing")

    def adjust(self, workspace: UUID, transfer: UUID, amount: int) -> str:
        return self._credit(workspace, transfer, ("adjustment", amount), amount, "adjustments")

    def grant(self, workspace: UUID, transfer: UUID, amount: int, expires_at: float) -> str:
        wallet = self.wallets[workspace]
        if known := wallet.transfers.get(transfer):
            return "replayed" if known == ("promo_grant", amount, expires_at) else "conflict"
        self._booked(wallet, transfer, ("promo_grant", amount, expires_at))
        wallet.grants[transfer] = Grant(transfer, expires_at, amount)
        self.platform["promo_issued"] -= amount
        return "booked"

    def refund(self, step: str, workspace: UUID, transfer: UUID, amount: int) -> str:
        """A refund is approved, paid, or failed before (fail) or after (fail_late) it was paid."""
        wallet = self.wallets[workspace]
        if known := wallet.transfers.get(transfer):
            return "replayed" if known == (step, amount) else "conflict"
        if step == "approve":
            if amount > wallet.paid:
                return "insufficient"
            wallet.paid -= amount
            wallet.refund_pending += amount
        elif step == "fail_late":
            wallet.refunded -= amount
            self.platform["refunds_out"] -= amount
            self._returned(wallet, amount)
        else:
            if amount > wallet.refund_pending:
                return "conflict"
            wallet.refund_pending -= amount
            if step == "pay":
                wallet.refunded += amount
                self.platform["refunds_out"] += amount
            else:
                self._returned(wallet, amount)
        self._booked(wallet, transfer, (step, amount))
        return "booked"

    def dispute(self, step: str, workspace: UUID, transfer: UUID, amount: int) -> str:
        """A chargeback was opened (paid Credits go first, the rest becomes debt), won or lost."""
        wallet = self.wallets[workspace]
        if known := wallet.transfers.get(transfer):
            return "replayed" if known == (step, amount) else "conflict"
        if step == "open":
            taken = min(amount, wallet.paid)
            wallet.paid -= taken
            wallet.debt -= amount - taken
        elif step == "win":
            self._returned(wallet, amount)
        else:
            self.platform["recharge_clearing"] += amount
        change = amount if step == "open" else -amount
        wallet.disputed += change
        self.platform["chargeback_clearing"] += change
        self._booked(wallet, transfer, (step, amount))
        return "booked"

    def write_off(self, workspace: UUID, transfer: UUID, amount: int) -> str:
        wallet = self.wallets[workspace]
        if known := wallet.transfers.get(transfer):
            return "replayed" if known == ("write_off", amount) else "conflict"
        if amount > -wallet.debt:
            return "too_much"
        wallet.debt += amount
        self.platform["bad_debt"] -= amount
        self._booked(wallet, transfer, ("write_off", amount))
        return "booked"

    def withdraw(self, workspace: UUID, transfer: UUID, grant_id: UUID, now: float) -> str:
        """End a grant and take back what is left of it; returns how much, also for a replay."""
        wallet = self.wallets[workspace]
        if known := wallet.transfers.get(transfer):
            return str(known[2])
        grant = wallet.grants[grant_id]
        left, grant.remaining = grant.remaining, 0
        grant.expires_at = min(grant.expires_at, now)
        if left:
            self.platform["breakage"] += left
            self._booked(wallet, transfer, ("withdraw", grant_id, left))
        return str(left)

    def hold(self, workspace: UUID, transfer: UUID, hold_id: UUID, amount: int, now: float) -> str:
        """A new hold when transfer and hold are one, more for an open one otherwise."""
        wallet = self.wallets.get(workspace)
        if wallet is None:
            return "unknown_wallet"
        if known := wallet.transfers.get(transfer):
            return "replayed" if known == ("hold", hold_id, amount) else "conflict"
        if transfer != hold_id and hold_id not in wallet.holds:
            return "not_open"
        if wallet.debt < 0 or amount > wallet.available(now):
            return "insufficient"
        hold = wallet.holds.setdefault(hold_id, Hold())
        left = amount
        for grant in sorted(wallet.grants.values(), key=lambda grant: grant.order):
            if grant.expires_at > now and (taken := min(left, grant.remaining)):
                grant.remaining -= taken
                hold.parts[grant.grant_id] = hold.parts.get(grant.grant_id, 0) + taken
                left -= taken
        wallet.paid -= left
        hold.paid += left
        self._booked(wallet, transfer, ("hold", hold_id, amount))
        return "held"

    def resolve(
        self, workspace: UUID, transfer: UUID, hold_id: UUID, charge: int, now: float, *, expired_only: bool
    ) -> str:
        """Charge a hold (promo first) and give the rest back to where it came from; once, whoever tries."""
        wallet = self.wallets.get(workspace)
        if wallet is None:
            return "unknown_hold"
        if ended := wallet.ended.get(hold_id):
            kind, by, charged = ended
            return kind if (by, charged) == (transfer, charge) else f"already_{kind}"
        hold = wallet.holds.get(hold_id)
        if hold is None:
            return "unknown_hold"
        if expired_only and not hold.lease_over:
            return "not_expired"
        if not 0 <= charge <= hold.amount:
            return "exceeds_hold"
        kind = "settled" if charge else "expired" if expired_only else "released"
        left = charge
        for grant_id, part in sorted(hold.parts.items(), key=lambda item: wallet.grants[item[0]].order):
            grant = wallet.grants[grant_id]
            taken = min(left, part)
            left -= taken
            if grant.expires_at > now:
                grant.remaining += part - taken
            else:
                self.platform["breakage"] += part - taken
        if charge:
            wallet.charged[hold_id] = left, charge - left
        wallet.paid += hold.paid - left
        self.platform["revenue"] += charge
        del wallet.holds[hold_id]
        wallet.ended[hold_id] = (kind, transfer, charge)
        self._booked(wallet, transfer, ("resolve", hold_id, charge))
        return kind

    def give_back(self, workspace: UUID, transfer: UUID, hold_id: UUID, amount: int) -> str:
        """Return a charge, or a part of it, once: what was paid first, and the promo part as a grant of its own."""
        wallet = self.wallets[workspace]
        if known := wallet.transfers.get(transfer):
            return "replayed" if known == ("give_back", hold_id, amount) else "conflict"
        if hold_id not in wallet.charged or hold_id in wallet.given_back:
            return "conflict"
        paid, promo = wallet.charged[hold_id]
        if amount > paid + promo:
            return "too_much"
        promo_back = max(0, amount - paid)
        self._returned(wallet, amount - promo_back)
        if promo_back:
            # Whoever compares asks the database when it ends.
            wallet.grants[transfer] = Grant(transfer, float("inf"), promo_back)
        wallet.given_back.add(hold_id)
        self.platform["revenue"] -= amount
        self._booked(wallet, transfer, ("give_back", hold_id, amount))
        return "booked"

    def sweep(self, now: float) -> int:
        """Turn what is left of expired grants into breakage."""
        swept = 0
        for wallet in self.wallets.values():
            for grant in wallet.grants.values():
                if grant.remaining and grant.expires_at <= now:
                    self.platform["breakage"] += grant.remaining
                    grant.remaining = 0
                    self.unsealed += 1
                    swept += 1
        return swept

    def _credit(self, workspace: UUID, transfer: UUID, content: tuple[object, ...], amount: int, source: str) -> str:
        wallet = self.wallets[workspace]
        if known := wallet.transfers.get(transfer):
            return "replayed" if known == content else "conflict"
        if amount < 0 and wallet.paid + amount < 0:
            return "insufficient"
        if amount > 0:
            self._returned(wallet, amount)
        else:
            wallet.paid += amount
        self.platform[source] -= amount
        self._booked(wallet, transfer, content)
        return "booked"

    def _returned(self, wallet: Wallet, amount: int) -> None:
        repaid = min(amount, -wallet.debt)
        wallet.debt += repaid
        wallet.paid += amount - repaid

    def _booked(self, wallet: Wallet, transfer: UUID, content: tuple[object, ...]) -> None:
        wallet.transfers[transfer] = content
        self.unsealed += 1
