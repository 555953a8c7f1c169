"""/api/console/protection: from where on the platform warns, and whether it may stop something by itself."""

from typing import Annotated

from pydantic import Field

from omna.audit.acting import Act
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Acted, Input, Output, Reason, Text
from omna.money import format_credits, parse_credits
from omna.risk.protection import service as protection
from omna.risk.protection.thresholds import BOUNDS, Thresholds, Unit, defaults

router = Router(prefix="/api/console/protection", tags=["console"])

#: What the thresholds are called in the audit log and in a step-up.
SUBJECT = "protection"
Value = Annotated[Text, Field(max_length=24, examples=["80"])]


class Threshold(Output):
    """One threshold. Values are text: whole numbers, Credits as decimals, 1 or 0 for yes or no."""

    name: str = Field(examples=["errors_percent"])
    unit: Unit
    value: str
    initial: str = Field(description="What it is when nobody changes it.")
    least: str
    most: str


class ProtectionActed(Acted):
    """The thresholds after an act."""

    thresholds: list[Threshold]


class ProtectionChange(Input):
    """Thresholds that shall change; others stay."""

    changes: Annotated[dict[Annotated[Text, Field(max_length=40)], Value], Field(min_length=1, max_length=len(BOUNDS))]
    reason: Reason


@router.get("")
async def list_thresholds(who: Annotated[Person, StaffCan(StaffRight.SEE)], connection: Reading) -> list[Threshold]:
    """Return the thresholds in force."""
    return _bodies(await protection.thresholds(connection))


@router.put("")
async def change_thresholds(
    body: ProtectionChange,
    who: Annotated[Person, StaffCan(StaffRight.OWN)],
    connection: Work,
    confirm: Confirm,
    act: Act,
) -> ProtectionActed:
    """Change thresholds, after a step-up for `protection.change`. They hold from the next look on, within seconds."""
    await confirm(connection, who, "protection.change", SUBJECT)
    changes = {name: _read(name, text) for name, text in body.changes.items()}
    after, seq = await protection.change(connection, changes, reason=body.reason, actor=act(who))
    return ProtectionActed(thresholds=_bodies(after), audit_seq=seq)


def _bodies(of: Thresholds) -> list[Threshold]:
    initial = defaults()
    return [
        Threshold(
            name=name,
            unit=bounds.unit,
            value=_write(name, getattr(of, name)),
            initial=_write(name, initial[name]),
            least=_write(name, bounds.least),
            most=_write(name, bounds.most),
        )
        for name, bounds in BOUNDS.items()
    ]


def _write(name: str, value: int) -> str:
    return format_credits(value) if BOUNDS[name].unit == "credits" else str(value)


def _read(name: str, text: str) -> int:
    """Return the number behind a text; what is none is out of bounds, which `change` refuses."""
    if name in BOUNDS and BOUNDS[name].unit == "credits":
        try:
            return parse_credits(text)
        except ValueError:
            return -1
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
