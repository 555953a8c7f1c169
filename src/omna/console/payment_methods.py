"""/api/console/payment-methods: how customers may pay by hand."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import Field

from omna.audit.acting import Act
from omna.http.access import Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Acted, Flag, Input, Moment, Output, Reason, Text, Whole
from omna.ids import show
from omna.payments.recharges import methods
from omna.payments.recharges.methods import Method, MethodFacts

router = Router(prefix="/api/console/payment-methods", tags=["console"])

Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
MethodPath = Annotated[str, Path(description="The payment method: `mth_…`")]
Name = Annotated[Text, Field(max_length=80)]
Instructions = Annotated[Text, Field(max_length=2000, description="Lines; `Label: value` gets a copy button.")]
Currency = Annotated[Text, Field(max_length=3, examples=["usd"])]


class PaymentMethod(Output):
    """A way to pay by hand."""

    id: str
    name: str
    name_zh: str
    instructions: str
    instructions_zh: str
    currency: str
    usual_hours: int
    position: int
    retired: bool
    retired_at: Moment | None


class PaymentMethodActed(PaymentMethod, Acted):
    """A way to pay after an act."""


class PaymentMethodNew(Input):
    """A way to pay that is to be."""

    name: Name
    name_zh: Name = ""
    instructions: Instructions
    instructions_zh: Instructions = ""
    currency: Currency = "usd"
    usual_hours: Whole = 24
    position: Whole = 0
    reason: Reason


class PaymentMethodChange(Input):
    """What changes; what is absent stays."""

    name: Name | None = None
    name_zh: Name | None = None
    instructions: Instructions | None = None
    instructions_zh: Instructions | None = None
    currency: Currency | None = None
    usual_hours: Whole | None = None
    position: Whole | None = None
    retired: Flag | None = Field(None, description="Not offered any more; orders that were made with it go on.")
    reason: Reason


@router.get("")
async def list_payment_methods(
    who: Annotated[Person, StaffCan(StaffRight.SEE)], connection: Reading
) -> list[PaymentMethod]:
    """Return every way to pay by hand: those that are offered, in their order, then those that are not any more."""
    return [PaymentMethod(**_facts(method)) for method in await methods.every(connection)]


@router.post("", status_code=201)
async def add_payment_method(body: PaymentMethodNew, who: Owner, connection: Work, act: Act) -> PaymentMethodActed:
    """Offer another way to pay."""
    facts = MethodFacts(**body.model_dump(exclude={"reason"}), retired=False)
    method, seq = await methods.add(connection, facts, reason=body.reason, actor=act(who))
    return PaymentMethodActed(**_facts(method), audit_seq=seq)


@router.patch("/{method}")
async def change_payment_method(
    method: MethodPath, body: PaymentMethodChange, who: Owner, connection: Work, act: Act
) -> PaymentMethodActed:
    """Change a way to pay, or retire it."""
    changes = body.model_dump(exclude={"reason"}, exclude_none=True)
    changed, seq = await methods.change(connection, _method_id(method), changes, reason=body.reason, actor=act(who))
    return PaymentMethodActed(**_facts(changed), audit_seq=seq)


def _facts(method: Method) -> dict[str, Any]:
    return {
        "id": show("mth", method.method_id),
        "name": method.name,
        "name_zh": method.name_zh,
        "instructions": method.instructions,
        "instructions_zh": method.instructions_zh,
        "currency": method.currency,
        "usual_hours": method.usual_hours,
        "position": method.position,
        "retired": method.retired_at is not None,
        "retired_at": method.retired_at,
    }


def _method_id(text: str) -> UUID:
    return id_in_address(text, "mth", "payment method")
