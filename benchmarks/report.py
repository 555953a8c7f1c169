"""What a run found, and how it is written down: one Markdown page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.figures import Spread


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report's first table. `met` is None for what has no target."""

    measure: str
    target: str
    measured: str
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the detail of a measure: a heading, column names, rows of text."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(slots=True)
class Outcome:
    """What one measure gives."""

    findings: list[Finding] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def show_spread(values: Spread, form: str = "{:.2f}", unit: str = "") -> str:
    """Return `median unit (low … high)`."""
    low, median, high = (form.format(value) for value in (values.low, values.median, values.high))
    return f"{median}{unit} ({low} … {high})"


def write_report(title: str, facts: Sequence[str], outcomes: Sequence[Outcome], notes: Sequence[str]) -> str:
    """Return the page: facts about the run, every finding in one table, the detail of each measure, notes."""
    lines = [f"# {title}", ""]
    lines += [f"- {fact}" for fact in facts]
    lines += ["", "| measure | target | measured | met |", "|---|---|---|---|"]
    for finding in (finding for outcome in outcomes for finding in outcome.findings):
        met = {True: "yes", False: "**no**", None: "–"}[finding.met]
        lines.append(f"| {finding.measure} | {finding.target} | {finding.measured} | {met} |")
    for table in (table for outcome in outcomes for table in outcome.tables):
        lines += ["", f"## {table.heading}", ""]
        if table.note:
            lines += [table.note, ""]
        lines += [f"| {' | '.join(table.columns)} |", f"|{'---|' * len(table.columns)}"]
        lines += [f"| {' | '.join(row)} |" for row in table.rows]
    if notes:
        lines += ["", "## Notes", ""]
        lines += [f"- {note}" for note in notes]
    return "\n".join(lines) + "\n"
