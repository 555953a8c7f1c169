"""A look at everything, as a terminal shows it. What is wrong is red and says so in words."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from omna.cli.top_reading import Reading
from omna.clock import iso
from omna.money import format_credits
from omna.worker.traffic import SECONDS

_WRONG = "bold red"
_HEAD = "bold"
#: Outcomes that are nobody's fault.
_FINE = frozenset({"completed", "client_left", "exhausted"})
_MOST_LINES = 12


def screen(reading: Reading) -> RenderableType:
    """Return what to print."""
    return Group(_title(reading), Text(), _facts(reading), Text(), _providers(reading), *_caps(reading))


def _title(reading: Reading) -> Text:
    shown = Text.assemble(("omna top", _HEAD), "  ", iso(reading.now.at), "  ")
    parts = ", ".join(f"{count} {part}" for part, count in sorted(reading.processes.items())) or "no process"
    shown.append(f"{parts} connected", style="" if reading.processes else _WRONG)
    for scope in reading.stops:
        shown.append(f"  STOPPED: {_plain(scope)}", style=_WRONG)
    return shown


def _facts(reading: Reading) -> Table:
    now, passed = reading.now, reading.traffic
    table = Table.grid(padding=(0, 2))
    table.add_column(style=_HEAD)
    table.add_column()

    def add(name: str, *parts: str | tuple[str, bool]) -> None:
        line = Text()
        for part in parts:
            text, wrong = part if isinstance(part, tuple) else (part, False)
            if text:
                line.append(("  " if line else "") + text, style=_WRONG if wrong else "")
        table.add_row(name, line)

    add(
        "requests",
        f"{passed.requests / SECONDS:.1f}/s",
        *((f"{_plain(o)} {n}", o not in _FINE) for o, n in passed.outcomes.items()),
    )
    add(
        "running",
        f"{now.holds}",
        f"{format_credits(now.held)} Credits held",
        f"oldest {_age(now.oldest_hold)}",
        (f"{now.lapsed} without their gateway" if now.lapsed else "", True),
    )
    add("took", _times(passed.total))
    add("first output", _times(passed.first))
    add("spent", f"{format_credits(passed.spent)} Credits/min", f"providers {format_credits(passed.cost)}/min")
    checked = "never checked" if now.ledger_checked is None else f"checked {_age(now.ledger_checked)} ago"
    add(
        "books",
        ("BROKEN" if now.ledger_broken else "whole", now.ledger_broken),
        checked,
        f"{now.unsealed} transfers wait for their seal, the oldest for {_age(now.unsealed_age)}",
    )
    journal = reading.journal if reading.gateways is None else max(reading.journal, int(reading.gateways.journal))
    add("journal", (f"{journal} settlements wait for the database" if journal else "empty", journal > 0))
    if reading.gateways is not None:
        add(
            "queues",
            *(f"{name} {count:.0f}" for name, count in sorted(reading.gateways.queues.items())),
            *((f"{address} does not answer", True) for address in reading.gateways.unread),
        )
        add("pools", *(f"{state} {count:.0f}" for state, count in sorted(reading.gateways.pool.items())))
    add(
        "jobs",
        f"{now.jobs} known",
        (f"{now.jobs_late} late", now.jobs_late > 0),
        (f"{now.jobs_failing} failing", now.jobs_failing > 0),
    )
    add("mails", f"{now.mails_waiting} waiting", (f"{now.mails_late} for an hour or more", now.mails_late > 0))
    add("payments", (f"{now.events_failed} events not worked on", now.events_failed > 0))
    full = now.connections > 0.85 * now.most_connections
    add(
        "database",
        (f"{now.connections} of {now.most_connections} connections", full),
        f"{now.database_bytes / 2**20:.0f} MiB",
        f"{now.standbys} standbys",
    )
    add(
        "alerts",
        *(
            (f"{kind} ({severity}) {count}", True)
            for (kind, severity), count in sorted(now.alerts.items())[:_MOST_LINES]
        ),
        "" if now.alerts else "none",
    )
    return table


def _providers(reading: Reading) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_HEAD)
    table.add_column("provider")
    table.add_column("state")
    for name in ("calls/h", "failed/h", "first p95", "spent today", "cap"):
        table.add_column(name, justify="right")
    for line in reading.providers[:_MOST_LINES]:
        wrong = line.state in ("open", "stopped")
        near = line.cap is not None and line.spent is not None and line.spent + (line.held or 0) >= 0.8 * line.cap
        table.add_row(
            _plain(line.name),
            Text(line.state, style=_WRONG if wrong else ""),
            str(line.calls),
            Text(str(line.failures), style=_WRONG if line.failures * 5 > line.calls else ""),
            "–" if line.first_p95 is None else f"{line.first_p95} ms",
            Text("–" if line.spent is None else format_credits(line.spent), style=_WRONG if near else ""),
            "–" if line.cap is None else format_credits(line.cap),
        )
    return table


def _caps(reading: Reading) -> list[RenderableType]:
    if not reading.caps:
        return []
    table = Table(box=None, pad_edge=False, header_style=_HEAD)
    table.add_column("model")
    for name in ("spent today", "held", "cap"):
        table.add_column(name, justify="right")
    for line in sorted(reading.caps, key=lambda one: one.spent + one.held, reverse=True)[:_MOST_LINES]:
        near = line.spent + line.held >= 0.8 * line.cap
        table.add_row(
            _plain(line.name),
            Text(format_credits(line.spent), style=_WRONG if near else ""),
            format_credits(line.held),
            format_credits(line.cap),
        )
    return [Text(), table]


def _times(values: tuple[float, float, float] | None) -> str:
    if values is None:
        return "–"
    return "  ".join(f"{name} {value:.0f} ms" for name, value in zip(("p50", "p95", "p99"), values, strict=True))


def _age(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _plain(text: str) -> str:
    """Return text without what would command a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
