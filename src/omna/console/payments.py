"""/api/console/payments and payment-events: what arrived, what payment services told us, and asking them again."""

from typing import Annotated, Any
from uuid import UUID

from asyncpg import Record
from fastapi import Path, Query, Request

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import privacy
from omna.console.payment_schemas import (
    PaidRecharge,
    PaymentAct,
    PaymentEvent,
    PaymentEventActed,
    PaymentRow,
    RefusedDeliveries,
    WantedEvents,
)
from omna.console.recharge_schemas import OfWorkspace, StaffRechargeActed
from omna.console.recharges import acted_body
from omna.db.pool import transaction
from omna.errors import NotFound
from omna.http.access import AtPool, Reading, StaffCan, Work
from omna.http.paging import Cursor, Limit, Page, cut, decode_id
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import MoneyOut
from omna.ids import parse, show
from omna.payments.checkout import desk
from omna.payments.checkout.registry import AtCheckout
from omna.payments.recharges.routes import recharge_id_of
from omna.payments.schemas import PaymentEventRow

router = Router(prefix="/api/console", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Cashier = Annotated[Person, StaffCan(StaffRight.MONEY)]
EventPath = Annotated[str, Path(description="The event: `evt_…`")]
RechargePath = Annotated[str, Path(description="The order: `rch_…`")]
Sought = Annotated[str | None, Query(max_length=200, description="An id, ours or the service's, or a reference.")]

#: Fields of payloads that say who somebody is.
_PERSONAL = frozenset(
    {"email", "customer_email", "receipt_email", "phone", "name", "address", "billing_details", "customer_details",
     "shipping", "shipping_details", "customer_purchase_ip", "ip"}
)  # fmt: skip
HIDDEN = "[hidden]"


@router.get("/payments")
async def list_payments(
    who: Onlooker, connection: Reading, q: Sought = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[PaymentRow]:
    """Return every payment that was credited, newest first."""
    found = await desk.payments(connection, q, decode_id(cursor), limit + 1)
    rows, following = cut(found, limit, lambda row: (row["payment_key"].hex,))
    return Page(items=[_payment(row, who) for row in rows], next_cursor=following)


@router.get("/payment-events")
async def list_payment_events(
    who: Onlooker,
    connection: Reading,
    state: Annotated[WantedEvents, Query(description="`failed`: waits for another try.")] = "all",
    q: Sought = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[PaymentEventRow]:
    """Return what payment services told us, newest first."""
    found = await desk.events(connection, None if state == "all" else [state], q, decode_id(cursor), limit + 1)
    rows, following = cut(found, limit, lambda row: (row["event_key"].hex,))
    return Page(items=[PaymentEventRow(**_event_facts(row)) for row in rows], next_cursor=following)


@router.get("/payment-events/refused")
async def list_refused_deliveries(who: Onlooker, connection: Reading) -> list[RefusedDeliveries]:
    """Return how many deliveries were turned away, by day and cause."""
    return [RefusedDeliveries(**dict(row)) for row in await desk.refused(connection)]


@router.get("/payment-events/{event}")
async def get_payment_event(event: EventPath, who: Onlooker, connection: Work, act: Act) -> PaymentEvent:
    """Return an event with what it carried. Each reading is in the audit log."""
    row = await desk.event(connection, _event_key(event))
    await audit.record(connection, act(who), "payment_event.read", show("evt", row["event_key"]))
    return PaymentEvent(**_detail_facts(row, who))


@router.post("/payment-events/{event}/resend")
async def resend_payment_event(
    event: EventPath, body: PaymentAct, who: Cashier, pool: AtPool, checkout: AtCheckout, act: Act
) -> PaymentEventActed:
    """Ask the service about what this event is about, and book what is missing."""
    event_key = _event_key(event)
    seq = await desk.resend(checkout, event_key, reason=body.reason, actor=act(who))
    async with transaction(pool) as connection:
        return PaymentEventActed(**_detail_facts(await desk.event(connection, event_key), who), audit_seq=seq)


@router.post("/payment-events/{event}/ignore")
async def ignore_payment_event(
    event: EventPath, body: PaymentAct, who: Cashier, connection: Work, act: Act
) -> PaymentEventActed:
    """Put a failed event aside; it is not tried again."""
    event_key = _event_key(event)
    seq = await desk.ignore(connection, event_key, reason=body.reason, actor=act(who))
    return PaymentEventActed(**_detail_facts(await desk.event(connection, event_key), who), audit_seq=seq)


@router.post("/recharges/{recharge}/reconcile")
async def reconcile_recharge(
    recharge: RechargePath,
    body: PaymentAct,
    http: Request,
    who: Cashier,
    pool: AtPool,
    checkout: AtCheckout,
    act: Act,
) -> StaffRechargeActed:
    """Ask the payment service about an order now, and book what it says."""
    recharge_id = recharge_id_of(recharge)
    seq = await desk.reconcile(checkout, recharge_id, reason=body.reason, actor=act(who))
    async with transaction(pool) as connection:
        return await acted_body(http, connection, recharge_id, who, seq)


def _payment(row: Record, who: Person) -> PaymentRow:
    return PaymentRow(
        payment_id=row["payment_id"],
        processor=row["processor"],
        recharge=PaidRecharge(id=show("rch", row["recharge_id"]), reference=row["reference"], state=row["state"]),
        workspace=OfWorkspace(id=show("ws", row["workspace_id"]), name=privacy.text(who, row["workspace_name"])),
        amount=MoneyOut(minor=row["amount_minor"], currency=row["currency"]),
        credits=row["credits"],
        refunded=MoneyOut(minor=row["refunded"], currency=row["currency"]),
        disputed=row["disputed"],
        received_at=row["received_at"],
        transfer_id=show("tr", row["payment_key"]),
    )


def _event_facts(row: Record) -> dict[str, Any]:
    return {
        "id": show("evt", row["event_key"]),
        "processor": row["processor"],
        "external_id": row["external_id"],
        "kind": row["kind"],
        "state": row["state"],
        "error": row["error"],
        "attempts": row["attempts"],
        "livemode": row["livemode"],
        "recharge_id": None if row["recharge_id"] is None else show("rch", row["recharge_id"]),
        "received_at": row["received_at"],
        "handled_at": row["handled_at"],
    }


def _detail_facts(row: Record, who: Person) -> dict[str, Any]:
    decides = StaffRight.MONEY in who.staff_rights
    return {
        **_event_facts(row),
        "payload": row["payload"] if decides else _without_people(row["payload"]),
        "payment_id": row["payment_id"],
        "session_id": row["session_id"],
        "workspace_id": None if row["workspace_id"] is None else show("ws", row["workspace_id"]),
        "note": row["note"],
    }


def _without_people(value: Any) -> Any:
    """Return a payload without what says who somebody is."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if name in _PERSONAL and inner else _without_people(inner) for name, inner in value.items()
        }
    return [_without_people(inner) for inner in value] if isinstance(value, list) else value


def _event_key(text: str) -> UUID:
    try:
        return parse(text, "evt")
    except ValueError:
        raise NotFound("There is no such event.") from None
