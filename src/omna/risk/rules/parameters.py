"""PURE  What rules of each kind can be set to, within which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from omna.errors import InvalidValue
from omna.money import LARGEST_AMOUNT, format_credits, parse_credits


class Kind(StrEnum):
    """What a rule watches."""

    SPEND_VELOCITY = "spend_velocity"
    MODEL_MIX = "model_mix"
    SIGN_UP_VELOCITY = "sign_up_velocity"
    SHARED_PAYMENT_FINGERPRINT = "shared_payment_fingerprint"
    FAILED_RECHARGES = "failed_recharges"
    FRAUD_WARNING = "fraud_warning"
    CHARGEBACK_HISTORY = "chargeback_history"
    FORBIDDEN_USE = "forbidden_use"


@dataclass(frozen=True, slots=True)
class Spec:
    """A parameter: a whole number within bounds, an amount of Credits above zero, or some of `choices`."""

    form: Literal["whole", "credits", "choices"]
    initial: Any
    least: int = 0
    most: int = 0
    optional: bool = False
    choices: tuple[str, ...] = ()


_WINDOW = Spec("whole", 24, 1, 168)
_AT_LEAST = Spec("credits", "20")

PARAMETERS: Mapping[Kind, Mapping[str, Spec]] = {
    # Spent in the hours, in all; `times` as much as usual in so many hours, over the 30 days before.
    Kind.SPEND_VELOCITY: {
        "at_least": _AT_LEAST,
        "hours": _WINDOW,
        "times": Spec("whole", 10, 2, 1000, optional=True),
    },
    # `share` percent of what was spent in the hours went to models not used in the 30 days before.
    Kind.MODEL_MIX: {"at_least": _AT_LEAST, "hours": _WINDOW, "share": Spec("whole", 80, 1, 100)},
    Kind.SIGN_UP_VELOCITY: {"accounts": Spec("whole", 5, 2, 1000), "hours": Spec("whole", 24, 1, 720)},
    Kind.SHARED_PAYMENT_FINGERPRINT: {"accounts": Spec("whole", 3, 2, 100), "days": Spec("whole", 90, 1, 365)},
    Kind.FAILED_RECHARGES: {
        "count": Spec("whole", 5, 1, 100),
        "days": Spec("whole", 7, 1, 90),
        "outcomes": Spec("choices", ["failed", "rejected"], choices=("failed", "rejected", "cancelled")),
    },
    Kind.FRAUD_WARNING: {},
    Kind.CHARGEBACK_HISTORY: {"count": Spec("whole", 2, 1, 100), "days": Spec("whole", 180, 1, 365)},
    Kind.FORBIDDEN_USE: {},
}


def checked(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a kind, complete and in one spelling. Errors: InvalidValue naming the parameter."""
    specs = PARAMETERS[kind]
    for name in given:
        if name not in specs:
            raise InvalidValue(f"A rule of this kind has no parameter {name!r}.", param=f"parameters.{name}"[:80])
    return {name: _checked(name, spec, given.get(name)) for name, spec in specs.items()}


def _checked(name: str, spec: Spec, value: Any) -> Any:
    param = f"parameters.{name}"
    if value is None:
        if spec.optional:
            return None
        raise InvalidValue("This is needed.", param=param)
    match spec.form:
        case "whole":
            # A truth is a number in Python, and none here.
            if isinstance(value, bool) or not isinstance(value, int) or not spec.least <= value <= spec.most:
                raise InvalidValue(f"A whole number from {spec.least} to {spec.most}.", param=param)
            return value
        case "credits":
            return _amount(value, param)
        case "choices":
            if not isinstance(value, list) or not value or any(one not in spec.choices for one in value):
                raise InvalidValue(f"At least one of {', '.join(spec.choices)}.", param=param)
            return [one for one in spec.choices if one in value]


def _amount(value: Any, param: str) -> str:
    try:
        amount = parse_credits(value) if isinstance(value, str) else 0
    except ValueError:
        amount = parse_credits("0")
    if not 0 < amount <= LARGEST_AMOUNT:
        raise InvalidValue("An amount of Credits above 0, such as 12.5.", param=param)
    return format_credits(amount)
