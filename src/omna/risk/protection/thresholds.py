"""PURE  From where on the platform protects itself: defaults, bounds, and whether it may stop anything by itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal, TypeAlias

from omna.errors import InvalidValue
from omna.money import NANO_PER_CREDIT

Unit: TypeAlias = Literal["percent", "minutes", "count", "credits", "flag"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a threshold may be. Credits are nanocredits; a flag is 0 or 1."""

    unit: Unit
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every threshold with its default.

    cap_warning        percent of a daily or monthly cap
    errors_minutes     how far back calls of providers are counted
    errors_floor       calls below which nothing is said
    errors_percent     failed calls of a hundred
    errors_stop        stop the smallest scope by itself
    spend_minutes      how far back spending is counted
    spend_times        percent of what is usual in that time, by the median of the hour over 14 days
    spend_floor        nanocredits below which nothing is said
    spend_stop         stop the smallest scope by itself
    margin_floor       nanocredits of provider cost in 24 hours below which a margin is not judged
    debt_growth        nanocredits that customers owe more than at the beginning of the day
    refused_webhooks   deliveries of payment services turned away in a day
    """

    cap_warning: int = 80
    errors_minutes: int = 5
    errors_floor: int = 20
    errors_percent: int = 50
    errors_stop: int = 0
    spend_minutes: int = 15
    spend_times: int = 500
    spend_floor: int = 20 * NANO_PER_CREDIT
    spend_stop: int = 0
    margin_floor: int = NANO_PER_CREDIT
    debt_growth: int = 50 * NANO_PER_CREDIT
    refused_webhooks: int = 20


_MOST_CREDITS = 1_000_000_000 * NANO_PER_CREDIT
_CREDITS = Bounds("credits", 1, _MOST_CREDITS)
BOUNDS: Mapping[str, Bounds] = {
    "cap_warning": Bounds("percent", 1, 99),
    "errors_minutes": Bounds("minutes", 1, 60),
    "errors_floor": Bounds("count", 1, 1_000_000),
    "errors_percent": Bounds("percent", 1, 100),
    "errors_stop": Bounds("flag", 0, 1),
    "spend_minutes": Bounds("minutes", 5, 60),
    "spend_times": Bounds("percent", 110, 100_000),
    "spend_floor": _CREDITS,
    "spend_stop": Bounds("flag", 0, 1),
    "margin_floor": _CREDITS,
    "debt_growth": _CREDITS,
    "refused_webhooks": Bounds("count", 1, 1_000_000),
}


def defaults() -> dict[str, int]:
    return asdict(Thresholds())


def of_rows(rows: Mapping[str, int]) -> Thresholds:
    """Return the thresholds in force; rows of names that are not known any more count for nothing."""
    known = {field.name for field in fields(Thresholds)}
    return Thresholds(**{name: value for name, value in rows.items() if name in known})


def check(changes: Mapping[str, int]) -> None:
    """Errors: InvalidValue for an unknown name or a value out of bounds."""
    for name, value in changes.items():
        bounds = BOUNDS.get(name)
        if bounds is None:
            raise InvalidValue(f"There is no threshold {name!r}.", param="changes")
        if not bounds.least <= value <= bounds.most:
            least, most = bounds.least, bounds.most
            if bounds.unit == "credits":
                raise InvalidValue("An amount is above 0 Credits and at most a billion.", param=name)
            raise InvalidValue(f"This is a number from {least} to {most:,}.", param=name)
