"""PURE  What Omna asks of a payment service, and what it is told: one protocol, two implementations.

Events are only triggers. Whatever arrives, the service is asked for `Facts`: the whole truth about one order as it is
now, in cumulative amounts. Booking the difference is the business of `applying`. Amounts are `…_minor`: whole units of
the smallest coin of `currency`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from omna.ids import RechargeId, RefundId, WorkspaceId

ProcessorName = Literal["stripe", "sandbox"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid: a recharge as the service needs it."""

    recharge_id: RechargeId
    workspace_id: WorkspaceId
    reference: str
    description: str
    amount_minor: int
    currency: str
    email: str
    language: str
    expires_at: datetime
    #: Also let the service keep the method, for automatic recharges.
    save_method: bool = False


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page of the service where an order is paid."""

    session_id: str
    url: str


class RefundStatus(StrEnum):
    """What became of a refund. Both directions are possible: one that succeeded can fail later."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """Money that arrived.

    payment_id      the service's, the same for ever
    amount_minor    received, before anything was given back
    fingerprint     of the card or account, "" when unknown
    """

    payment_id: str
    amount_minor: int
    currency: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """A refund at the service. `ours` is the refund of Omna that it carries out, None when made at the service."""

    refund_id: str
    amount_minor: int
    currency: str
    status: RefundStatus
    failure: str = ""
    ours: RefundId | None = None


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A dispute at the service.

    status          warned, inquiry, open, under_review, won, lost or closed; only a name, nothing is booked from it
    amount_minor    what the payer disputes
    withdrawn_minor, returned_minor     cumulative: what was taken from us for it, and given back; fees are not in it
    """

    dispute_id: str
    status: str
    reason: str
    amount_minor: int
    currency: str
    withdrawn_minor: int = 0
    returned_minor: int = 0
    evidence_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class WarningFacts:
    """The payer's bank expects fraud: often the day before a dispute. No money moves."""

    warning_id: str
    fraud_type: str
    actionable: bool


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """A method that the service keeps for automatic recharges."""

    customer_id: str
    method_id: str
    label: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth about one order at the service, as it is now.

    livemode        False: test mode, no money moved
    session_id      what the order is known by there
    recharge_id     ours, as we told the service; None when it knows of none: not an order of this installation
    status          open: can still be paid · complete: the payer is done · expired: can never be paid
    pending         complete, and the money is on its way (a delayed method)
    failure         why the last try to pay failed, "" when none did
    payment         money that arrived, None until it did
    """

    processor: ProcessorName
    livemode: bool
    session_id: str
    recharge_id: RechargeId | None
    status: Literal["open", "complete", "expired"]
    pending: bool = False
    failure: str = ""
    payment: PaymentFacts | None = None
    refunds: Sequence[RefundFacts] = ()
    disputes: Sequence[DisputeFacts] = ()
    warnings: Sequence[WarningFacts] = ()
    saved: SavedMethod | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What the service told us: what to look at, and nothing to believe.

    session_id, payment_id, recharge_id     what it is about, as far as it says so; all None: nothing of ours
    known           whether this kind is about payments at all
    """

    external_id: str
    kind: str
    livemode: bool
    payload: Mapping[str, Any]
    session_id: str | None = None
    payment_id: str | None = None
    recharge_id: RechargeId | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Received:
    """One payment of the service's list, for the daily comparison."""

    payment_id: str
    recharge_id: RechargeId | None
    amount_minor: int
    currency: str


class RefusedDelivery(Exception):
    """A delivery that is not believed. `cause` is one of unsigned, forged, stale, malformed, wrong_mode."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Processor(Protocol):
    """A payment service. Calls go over a network: never make one inside a transaction.

    Errors of all calls     PaymentServiceUnavailable: ask again later. PaymentServiceRefused: asking again is no use
    """

    name: ProcessorName
    #: Whether money moves.
    livemode: bool
    #: Whether it can keep a method for automatic recharges.
    can_save: bool

    async def create_checkout(self, order: Order, return_url: str) -> Checkout:
        """Return the page where an order is paid; the same order again gives the same page."""
        ...

    async def fetch(self, session_id: str) -> Facts:
        """Return the truth about an order."""
        ...

    async def session_of(self, payment_id: str) -> str | None:
        """Return the session that a payment belongs to, None when it is not of a checkout of ours."""
        ...

    async def refund(self, payment_id: str, amount_minor: int, refund_id: RefundId) -> RefundFacts:
        """Give a part of a payment back; the same refund again changes nothing and returns what became of it."""
        ...

    async def expire(self, session_id: str) -> None:
        """See to it that an order can never be paid any more. One that was paid, or is over, stays as it is."""
        ...

    async def charge_saved(self, order: Order, saved: SavedMethod) -> str:
        """Charge a kept method and return the session id to fetch; a decline is in the facts, not an error."""
        ...

    async def received_since(self, since: datetime) -> Sequence[Received]:
        """Return every payment that arrived since a moment and belongs to a recharge, whoever's it is."""
        ...

    async def touched_since(self, since: datetime) -> set[str]:
        """Return the payments of which something was given back or disputed since a moment, whoever's they are."""
        ...

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """Return a delivery that is proven to come from the service. Errors: RefusedDelivery."""
        ...

    @property
    def listens(self) -> bool:
        """Whether deliveries can be proven: without a secret there is no webhook."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
