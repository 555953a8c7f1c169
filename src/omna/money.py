"""Credits as integers, and the one rounding rule.

Everything is stored and computed in nanocredits (10⁻⁹ Credit). On the wire and on the command line Credits are decimal
strings; a float never touches money. Source: docs/decisions/0002-money-is-integers.md
"""

import re
from typing import NewType

Nanocredits = NewType("Nanocredits", int)

NANO_PER_CREDIT = 10**9
TOKENS_PER_PRICE = 10**6  # prices are nanocredits per this many tokens

# PostgreSQL's BIGINT: an amount outside it must be refused here, with a sentence, and not in the database.
LARGEST_AMOUNT = Nanocredits(2**63 - 1)

_CREDITS = re.compile(r"([+-]?)([0-9]{1,12})(?:\.([0-9]{1,9}))?")


def parse_credits(text: str) -> Nanocredits:
    """Return the nanocredits a decimal string of Credits stands for.

    Shape   optional sign, up to 12 digits, optionally a point and up to 9 digits; no exponent, no separators
    Errors  ValueError when the text is anything else, or the amount does not fit in 64 bits
    """
    match = _CREDITS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an amount of Credits such as 12.5 (at most 9 decimals)")
    sign, whole, fraction = match.groups()
    amount = int(whole) * NANO_PER_CREDIT + int((fraction or "").ljust(9, "0"))
    if amount > LARGEST_AMOUNT:
        raise ValueError(f"{text!r} Credits is more than Omna can hold")
    return Nanocredits(-amount if sign == "-" else amount)


def format_credits(amount: int) -> str:
    """Return nanocredits as the shortest decimal string of Credits: no exponent, no trailing zeros, no `-0`."""
    return format_decimal(amount, 9)


def format_decimal(units: int, decimals: int) -> str:
    """Return `units × 10^-decimals` as the shortest exact decimal string; decimals is 1 or more."""
    if not units:
        return "0"
    # Digits as text: every answer shows several amounts, and this takes half the time of dividing and formatting.
    digits = str(abs(units)).zfill(decimals + 1)
    whole, fraction = digits[:-decimals], digits[-decimals:].rstrip("0")
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def round_up(unrounded: int, divisor: int) -> Nanocredits:
    """Return `unrounded / divisor` rounded up: applied once per request, to the exact sum of its components."""
    return Nanocredits(-(-unrounded // divisor))
