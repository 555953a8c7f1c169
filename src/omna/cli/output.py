"""What a command prints: JSON for scripts, plain tables for people."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from omna.clock import iso
from omna.money import format_credits

#: Wide enough that nothing is cut when the reader is a program.
_WIDTH_OF_A_PIPE = 1000


def print_json(value: Any) -> None:
    """Print a value as indented JSON; money is already a decimal string in it."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def print_facts(facts: Mapping[str, object]) -> None:
    """Print names and values below one another."""
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        print(f"{name:<{width}}  {_text(value)}")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[str] = ()) -> None:
    """Print rows under headings; the columns named in `numbers` are aligned to the right."""
    right = set(numbers)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    count = 0
    for row in rows:
        table.add_row(*(_text(value) for value in row))
        count += 1
    if not count:
        print("nothing yet")
        return
    console = Console(
        width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE, markup=False, highlight=False, emoji=False
    )
    console.print(table, soft_wrap=False)


def credits_or_none(amount: int | None) -> str | None:
    """Return nanocredits as a decimal string of Credits, None for none."""
    return None if amount is None else format_credits(amount)


def moment_or_none(moment: datetime | None) -> str | None:
    """Return a moment as ISO 8601 in UTC, None for none."""
    return None if moment is None else iso(moment)


def _text(value: object) -> str:
    match value:
        case None:
            return "–"
        case True:
            return "yes"
        case False:
            return "no"
        case datetime():
            return iso(value)
        case list() | tuple():
            return ", ".join(_plain(str(item)) for item in value)
        case _:
            return _plain(str(value))


def _plain(text: str) -> str:
    """Return text without what would command a terminal: strangers write some of what is shown here."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
