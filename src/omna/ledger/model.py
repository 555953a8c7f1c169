"""What the ledger hands out: wallets, statement lines, booking results. Amounts are nanocredits."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from omna.ids import TransferId, WorkspaceId
from omna.money import Nanocredits


class Account(StrEnum):
    """The chart of accounts. The first six belong to a workspace and stand in its wallet; the rest only record."""

    AVAILABLE_PAID = "available_paid"
    AVAILABLE_PROMO = "available_promo"
    HELD_PAID = "held_paid"
    HELD_PROMO = "held_promo"
    DEBT = "debt"
    REFUND_PENDING = "refund_pending"
    RECHARGE_CLEARING = "recharge_clearing"
    PROMO_ISSUED = "promo_issued"
    REVENUE = "revenue"
    BREAKAGE = "breakage"
    REFUNDS_OUT = "refunds_out"
    CHARGEBACK_CLEARING = "chargeback_clearing"
    CHARGEBACK_LOSS = "chargeback_loss"
    BAD_DEBT = "bad_debt"
    OVERRUN_ABSORBED = "overrun_absorbed"
    ADJUSTMENTS = "adjustments"


#: The accounts that stand in a wallet, by the names and in the order of its fields.
WALLET_ACCOUNTS = (
    Account.AVAILABLE_PAID,
    Account.AVAILABLE_PROMO,
    Account.HELD_PAID,
    Account.HELD_PROMO,
    Account.DEBT,
    Account.REFUND_PENDING,
)


class Code(StrEnum):
    """How one item of a batch ended; see the headers of booking.sql."""

    HELD = "held"
    BOOKED = "booked"
    SETTLED = "settled"
    RELEASED = "released"
    EXPIRED = "expired"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    INSUFFICIENT = "insufficient"
    NOT_OPEN = "not_open"
    UNKNOWN_WALLET = "unknown_wallet"
    UNKNOWN_HOLD = "unknown_hold"
    UNKNOWN_GRANT = "unknown_grant"
    EXCEEDS_HOLD = "exceeds_hold"
    NOT_EXPIRED = "not_expired"
    ALREADY_SETTLED = "already_settled"
    ALREADY_RELEASED = "already_released"
    ALREADY_EXPIRED = "already_expired"


@dataclass(frozen=True, slots=True)
class Wallet:
    """The balances of one workspace."""

    workspace_id: WorkspaceId
    available_paid: Nanocredits
    available_promo: Nanocredits
    held_paid: Nanocredits
    held_promo: Nanocredits
    debt: Nanocredits
    refund_pending: Nanocredits

    @property
    def available(self) -> Nanocredits:
        """What a request may hold; promo Credits past their expiry leave it when they are swept."""
        return Nanocredits(self.available_paid + self.available_promo)

    @property
    def held(self) -> Nanocredits:
        return Nanocredits(self.held_paid + self.held_promo)

    @property
    def balance(self) -> Nanocredits:
        """What the workspace owns: available, held for running requests, and (negative) debt."""
        return Nanocredits(self.available + self.held + self.debt)


@dataclass(frozen=True, slots=True)
class Charge:
    """What a request cost, by the buckets that paid it (a debt counts as paid).

    settled_by   the transfer that charged it
    given_back   what a correction returned of it; only one is ever made
    """

    settled_by: TransferId
    paid: Nanocredits
    promo: Nanocredits
    given_back: Nanocredits

    @property
    def total(self) -> Nanocredits:
        return Nanocredits(self.paid + self.promo)


@dataclass(frozen=True, slots=True)
class Entry:
    """One leg of a transfer. `balance_after` is None on platform accounts."""

    account: Account
    amount: Nanocredits
    balance_after: Nanocredits | None


@dataclass(frozen=True, slots=True)
class TransferLine:
    """One booked event of a workspace, newest first in a statement; `seq` numbers them without gaps."""

    transfer_id: TransferId
    seq: int
    kind: str
    hold_id: TransferId | None
    booked_at: datetime
    actor: str | None
    reason: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant: which one, on what, and how."""

    invariant: str
    sentence: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block of the hash chain, and how many transfers were sealed on the way to it just now."""

    height: int
    digest: bytes
    sealed_until: datetime
    transfers: int


@dataclass(frozen=True, slots=True)
class PromoLeft:
    """What is left of a promo grant; expires_at None: never."""

    amount: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunningHold:
    """An open hold and the request it is for."""

    request_id: UUID
    held: int
    since: datetime
    model_id: str | None
    source: str | None
    key_name: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """The last full check of the books (None: not yet), and how far the hash chain reaches."""

    checked_at: datetime | None
    ok: bool | None
    height: int
    sealed_until: datetime | None


@dataclass(frozen=True, slots=True)
class NotedCheck:
    """A full check of the books: when, how many rows broke an invariant, and the first of them."""

    checked_at: datetime
    findings: int
    named: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the checks so far say about the books.

    last            the newest check
    whole_at        when the books were last found right
    broken_since    the first check after that which found something; None while they are right
    head            the newest block of the hash chain
    """

    last: NotedCheck | None
    whole_at: datetime | None
    broken_since: datetime | None
    head: Head


@dataclass(frozen=True, slots=True)
class MonthSum:
    """A month of a wallet: closing is opening and everything in between."""

    month: datetime
    opening: int
    closing: int
    lines: int
