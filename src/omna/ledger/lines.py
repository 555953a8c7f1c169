"""PURE  The ledger as its owner reads it: lines with the balance after each. Amounts are nanocredits.

The balance is what is available and held, less what is owed; a hold does not change it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Literal, get_args
from uuid import UUID

LineKind = Literal[
    "recharge", "usage", "refund", "conversion", "chargeback", "reversal", "promo", "expiry", "adjustment"
]
LINE_KINDS: tuple[str, ...] = get_args(LineKind)
Group = Literal["none", "hour", "day"]


@dataclass(frozen=True, slots=True)
class Line:
    """Consecutive usage of one hour, or one event. It covers the transfers first_seq … last_seq.

    number  counts the lines of a wallet without gaps; lowest is the first of a merged line's numbers
    hour    the UTC hour in which it was booked; of a merged line, the first
    """

    number: int
    first_seq: int
    last_seq: int
    part: int
    kind: str
    hour: datetime
    transfers: int
    amount: int
    balance_after: int
    lowest: int = 0
    last_hour: datetime | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What one transfer did to the balance, with what is known about its cause.

    recharge_id, refund_id  the order, and the refund, that it belongs to
    source  of a request: api, chat
    """

    seq: int
    part: int
    kind: str
    booked_at: datetime
    amount: int
    transfer_id: UUID
    hold_id: UUID | None
    reason: str | None
    model_id: str | None
    key_name: str | None
    corrects: UUID | None
    corrected_by: UUID | None
    recharge_id: UUID | None = None
    refund_id: UUID | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """Which lines are wanted; None: all. Hours are whole UTC hours, the last one exclusive; numbers are inclusive."""

    start: datetime | None = None
    end: datetime | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    kinds: Sequence[str] | None = None


def whole_hours(start: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Return a range widened to whole UTC hours: the ledger is grouped by them."""
    return (
        None if start is None else _floor(start),
        None if end is None else _floor(end + timedelta(hours=1) - timedelta(microseconds=1)),
    )


def merge_days(lines: Sequence[Line], zone: tzinfo) -> list[Line]:
    """Return lines (newest first) with the consecutive usage of a day as one. A day begins at a whole UTC hour."""
    merged: list[Line] = []
    for line in lines:
        newer = merged[-1] if merged else None
        if (
            newer is not None
            and newer.kind == line.kind == "usage"
            and newer.lowest == line.number + 1
            and newer.hour.astimezone(zone).date() == line.hour.astimezone(zone).date()
        ):
            merged[-1] = replace(
                newer,
                first_seq=line.first_seq,
                hour=line.hour,
                transfers=newer.transfers + line.transfers,
                amount=newer.amount + line.amount,
                lowest=line.number,
            )
        else:
            merged.append(replace(line, lowest=line.number, last_hour=line.hour))
    return merged


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
