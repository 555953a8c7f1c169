"""From statements to the bodies of /api."""

from omna.ids import show
from omna.ledger.model import MonthSum
from omna.ledger.schemas import LedgerHead, LedgerLine, LineGroup, MonthRow, Promo, RunningRequest, Verified
from omna.ledger.statements import Entry, Head


def head_body(head: Head, usd_per_credit: str) -> LedgerHead:
    wallet, check = head.wallet, head.check
    return LedgerHead(
        available=wallet.available,
        balance=wallet.balance,
        paid=wallet.available_paid,
        promo=wallet.available_promo,
        promos=[Promo(amount=promo.amount, expires_at=promo.expires_at) for promo in head.promos],
        held=wallet.held,
        refund_pending=wallet.refund_pending,
        owed=-wallet.debt,
        usd_per_credit=usd_per_credit,
        running=[
            RunningRequest(
                request=show("req", one.request_id),
                model=one.model_id,
                held=one.held,
                since=one.since,
                source=one.source,
                key_name=one.key_name,
            )
            for one in head.running
        ],
        verified=Verified(at=check.checked_at, ok=check.ok, height=check.height, sealed_until=check.sealed_until),
    )


def line_body(entry: Entry) -> LedgerLine:
    line, first, last = entry.line, entry.first, entry.last
    hold = None if entry.grouped or first.hold_id is None else first.hold_id
    return LedgerLine(
        id=show("tr", first.transfer_id),
        kind=line.kind,  # type: ignore[arg-type]
        time=last.booked_at,
        description=first.reason or "",
        amount=line.amount,
        balance_after=line.balance_after,
        status="settled" if entry.grouped or first.corrected_by is None else "reversed",
        request=None if hold is None else show("req", hold),
        order=None if first.recharge_id is None else show("rch", first.recharge_id),
        refund=None if first.refund_id is None else show("rfd", first.refund_id),
        model=None if entry.grouped else first.model_id,
        key_name=None if entry.grouped else first.key_name,
        source=None if entry.grouped else first.source,
        corrects=None if first.corrects is None else show("tr", first.corrects),
        corrected_by=None if entry.grouped or first.corrected_by is None else show("tr", first.corrected_by),
        group=LineGroup(
            start=first.booked_at, end=last.booked_at, requests=line.transfers, first=line.first_seq, last=line.last_seq
        )
        if entry.grouped
        else None,
    )


def month_body(month: MonthSum) -> MonthRow:
    return MonthRow(month=f"{month.month:%Y-%m}", opening=month.opening, closing=month.closing, lines=month.lines)
