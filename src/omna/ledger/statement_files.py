"""Statements as files: CSV, and PDF by Typst."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import msgspec
import typst

from omna.clock import iso
from omna.http.csv_lines import Number, csv_line
from omna.ids import WorkspaceId, show
from omna.ledger import statements
from omna.ledger.lines import Within
from omna.ledger.statements import Entry, MonthStatement
from omna.money import format_credits

_TEMPLATE = Path(__file__).with_name("statement.typ")
_COLUMNS = (
    "time", "id", "kind", "description", "request", "model", "key_name", "amount", "balance_after", "corrects",
    "requests", "source",
)  # fmt: skip
#: PDFs made at once by a process: each takes a processor for a moment.
_MAKING = asyncio.Semaphore(2)


async def export(pool: asyncpg.Pool, workspace_id: WorkspaceId, within: Within) -> AsyncIterator[bytes]:
    """Yield the CSV of every line that is wanted, oldest first, and their sum."""
    total = 0
    yield csv_line(_COLUMNS).encode()
    async for entries in statements.everything(pool, workspace_id, within):
        total += sum(entry.line.amount for entry in entries)
        yield "".join(_csv_entry(entry) for entry in entries).encode()
    yield csv_line(["total", *[None] * 6, Number(format_credits(total)), *[None] * 4]).encode()


def month_csv(statement: MonthStatement) -> str:
    """Return a month as CSV: opening, lines, closing. The amounts of the lines are what lies between."""
    blank = [None] * 4

    def balance(what: str, moment: str, amount: int) -> str:
        return csv_line(
            [moment, None, what, statement.workspace_name, *blank[:4], Number(format_credits(amount)), *blank[:3]]
        )

    return "".join(
        [
            csv_line(_COLUMNS),
            balance("opening", iso(statement.month), statement.opening),
            *(_csv_entry(entry) for entry in statement.lines),
            balance("closing", iso(statements.next_month(statement.month)), statement.closing),
        ]
    )


async def month_pdf(statement: MonthStatement, operator: str, usd_per_credit: str) -> bytes:
    """Return a month as PDF."""
    data = {
        "workspace": statement.workspace_name,
        "billed_to": statement.billed_to,
        "tax_id": statement.tax_id,
        "operator": operator,
        "usd_per_credit": usd_per_credit,
        "month": f"{statement.month:%B %Y}",
        "opening": exact(statement.opening),
        "closing": exact(statement.closing),
        "change": _signed(statement.closing - statement.opening),
        "kinds": [
            {"kind": kind.capitalize(), "count": f"{count:,}", "amount": _signed(amount)}
            for kind, count, amount in statement.by_kind
        ],
        "lines": [_shown(entry) for entry in statement.lines],
    }
    async with _MAKING:
        return await asyncio.to_thread(_compile, msgspec.json.encode(data).decode())


def exact(amount: int) -> str:
    """Return an amount with every digit and at least two decimals, in groups of three."""
    whole, _, fraction = format_credits(abs(amount)).partition(".")
    return f"{'−' if amount < 0 else ''}{int(whole):,}.{fraction.ljust(2, '0')}"


def _signed(amount: int) -> str:
    return f"+{exact(amount)}" if amount > 0 else exact(amount)


def _compile(data: str) -> bytes:
    made = typst.compile(_TEMPLATE, sys_inputs={"data": data})
    assert isinstance(made, bytes), "one PDF is one file"
    return made


def _shown(entry: Entry) -> dict[str, str]:
    line = entry.line
    what = f"{line.transfers:,} requests" if entry.grouped else entry.first.reason or entry.first.model_id or ""
    if entry.first.source == "chat" and not entry.grouped:
        what += " · Chat"
    return {
        "time": f"{entry.last.booked_at:%Y-%m-%d}" if entry.grouped else f"{entry.last.booked_at:%Y-%m-%d %H:%M}",
        "kind": line.kind.capitalize(),
        "what": what[:200],
        "amount": _signed(line.amount),
        "after": exact(line.balance_after),
    }


def _csv_entry(entry: Entry) -> str:
    line, first = entry.line, entry.first
    cells: Sequence[str | None] = (
        iso(entry.last.booked_at),
        show("tr", first.transfer_id),
        line.kind,
        first.reason,
        None if entry.grouped or first.hold_id is None else show("req", first.hold_id),
        None if entry.grouped else first.model_id,
        None if entry.grouped else first.key_name,
        Number(format_credits(line.amount)),
        Number(format_credits(line.balance_after)),
        None if first.corrects is None else show("tr", first.corrects),
        Number(line.transfers) if line.kind == "usage" else None,
        None if entry.grouped else first.source,
    )
    return csv_line(cells)
