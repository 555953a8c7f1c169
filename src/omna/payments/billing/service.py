"""Billing details of a workspace, and the receipts of its orders."""

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.http.principal import Member
from omna.ids import RechargeId, WorkspaceId, show
from omna.mail import address
from omna.payments.billing import store
from omna.payments.billing.model import (
    LONGEST_NAME,
    LONGEST_TAX_ID,
    BillingDetails,
    Receipt,
    changed,
    lines,
    one_line,
)


async def details(connection: Connection, workspace_id: WorkspaceId) -> BillingDetails:
    """Return what stands on the receipts of orders to come; empty until somebody says it."""
    return await store.details(connection, workspace_id) or BillingDetails()


async def change(connection: Connection, wanted: BillingDetails, *, by: Member, actor: audit.Actor) -> BillingDetails:
    """Replace the billing details of the workspace of `by`. Receipts of earlier orders stay as they are.

    Errors  InvalidValue naming the field
    """
    checked = _checked(wanted)
    before = await store.lock_details(connection, by.workspace_id)
    differing = changed(before, checked)
    if differing:
        await store.put_details(connection, by.workspace_id, checked)
        # Which fields, not what they say: the log is kept longer than an address may be.
        await audit.record(
            connection, actor, "billing_details.change", show("ws", by.workspace_id), after={"changed": differing}
        )
    return checked


async def receipt(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId, language: str) -> Receipt:
    """Return what the receipt of an order says. Errors: NotFound; Conflict until its Credits were added."""
    found = await store.receipt(connection, workspace_id, recharge_id, language)
    if found is None:
        raise NotFound("There is no such recharge.")
    _, said = found
    if said is None:
        raise Conflict("There is a receipt once the Credits of this order were added.")
    return said


def _checked(wanted: BillingDetails) -> BillingDetails:
    field = "name"
    try:
        name = one_line(wanted.name, LONGEST_NAME)
        field = "address"
        place = lines(wanted.address)
        field = "tax_id"
        tax_id = one_line(wanted.tax_id, LONGEST_TAX_ID)
        field = "email"
        email = wanted.email.strip()
        if email:
            address.normalize(email)
    except ValueError as error:
        raise InvalidValue(str(error), param=field) from None
    return BillingDetails(name, place, tax_id, email)
