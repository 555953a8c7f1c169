"""PURE  What operators type: amounts and dates, with an error that names the option."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from omna.errors import InvalidValue
from omna.money import Nanocredits, parse_credits

_PERCENT = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,6})?")


def credits_of(text: str, option: str) -> Nanocredits:
    """Return an amount of Credits. Errors: InvalidValue naming the option."""
    try:
        return parse_credits(text)
    except ValueError as error:
        raise InvalidValue(f"{option}: {error}", param=option) from None


def limit_of(text: str, option: str) -> Nanocredits | None:
    """Return an amount of Credits, or None for the word `none`. Errors: InvalidValue naming the option."""
    return None if text.strip().lower() == "none" else credits_of(text, option)


def names_of(text: str | None) -> tuple[str, ...] | None:
    """Return names that were given with commas between them, None for an option that was not given."""
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def percent_of(text: str, option: str) -> Decimal:
    """Return a percentage from 0 to 10,000. Errors: InvalidValue naming the option."""
    if _PERCENT.fullmatch(text.strip()) is None or (percent := Decimal(text.strip())) > 10_000:
        raise InvalidValue(f"{option}: {text!r} is no percentage from 0 to 10000, such as 12.5", param=option)
    return percent


def number_of(text: str, option: str) -> int | None:
    """Return a whole number, or None for the word `none`. Errors: InvalidValue naming the option."""
    text = text.strip().lower()
    if text == "none":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidValue(f"{option}: {text!r} is no whole number, and not the word none", param=option)
    return int(text)


def end_of(text: str | None, option: str) -> datetime | None:
    """Return the moment something ends: a date is good until the end of that day (UTC), a time until then.

    Errors  InvalidValue naming the option
    """
    if text is None:
        return None
    try:
        if len(text) == len("2030-12-31"):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise InvalidValue(f"{option}: {text!r} is no date such as 2030-12-31", param=option) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
