"""The bodies of the ledger under /api."""

from typing import Literal

from pydantic import Field

from omna.http.paging import Page
from omna.http.values import Amount, Moment, Output
from omna.ledger.lines import LineKind


class Promo(Output):
    """Given Credits: what is left of one grant."""

    amount: Amount
    expires_at: Moment | None


class RunningRequest(Output):
    """Why Credits are held."""

    request: str
    model: str | None
    held: Amount
    since: Moment
    source: str | None
    key_name: str | None


class Verified(Output):
    """The proof that the books are right."""

    at: Moment | None = Field(description="The last full check; null: not yet.")
    ok: bool | None
    height: int = Field(description="Blocks of the hash chain.")
    sealed_until: Moment | None


class LedgerHead(Output):
    """Where the workspace stands. balance = available + held, less what is owed."""

    available: Amount
    balance: Amount
    paid: Amount
    promo: Amount
    promos: list[Promo]
    held: Amount
    refund_pending: Amount
    owed: Amount
    usd_per_credit: str
    running: list[RunningRequest]
    verified: Verified


class LineGroup(Output):
    """What a line of several requests stands for. With group=none, first and last, it opens to exactly them."""

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    requests: int
    first: int = Field(description="Number of its first transfer.")
    last: int = Field(description="Number of its last transfer.")


class LedgerLine(Output):
    """One line of the ledger."""

    id: str = Field(description="`tr_…`; of a group, that of its first transfer.")
    kind: LineKind
    time: Moment
    description: str
    amount: Amount
    balance_after: Amount
    status: Literal["settled", "reversed"]
    request: str | None
    order: str | None = Field(description="`rch_…`: the recharge that it belongs to.")
    refund: str | None = Field(description="`rfd_…`")
    model: str | None
    key_name: str | None
    source: str | None = Field(description="Of a request: `api` or `chat`.")
    corrects: str | None
    corrected_by: str | None
    group: LineGroup | None


class LedgerPage(Page[LedgerLine]):
    """Lines, newest first."""

    total: Amount = Field(description="Sum of the amounts of everything filtered.")


class MonthRow(Output):
    """A month (UTC)."""

    month: str = Field(examples=["2026-11"])
    opening: Amount
    closing: Amount
    lines: int
