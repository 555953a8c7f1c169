"""PURE  Rows of a CSV file: RFC 4180, and nothing in them that a spreadsheet would run."""

from collections.abc import Iterable

#: What makes a spreadsheet take a text for a formula or swallow the quote in front of it; in Chinese and Japanese also
#: in full width.
_STARTERS = tuple("=+-@\t\r\x00\uff1d\uff0b\uff0d\uff20")


class Number(str):
    """A cell that is a number: it is written as it is, also with its minus sign."""

    __slots__ = ()


def csv_line(cells: Iterable[str | None]) -> str:
    """Return one line with its CRLF. Text that begins like a formula gets an apostrophe in front; None is empty."""
    return ",".join("" if cell is None else _cell(cell) for cell in cells) + "\r\n"


def _cell(cell: str) -> str:
    if isinstance(cell, Number):
        return cell
    # Some programs skip a line feed or blanks of any kind, and read a formula behind them.
    if cell.startswith(_STARTERS) or cell.lstrip().startswith(_STARTERS):
        cell = f"'{cell}"
    cell = cell.replace("\x00", "")
    if any(character in cell for character in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell
