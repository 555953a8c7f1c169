"""SQL of billing details, and of what a receipt says.

Reads   recharges, payments, payment_methods, refunds, workspaces
Writes  billing_details
"""

from omna.db.pool import Connection
from omna.ids import RechargeId, WorkspaceId
from omna.payments.billing.model import BillingDetails, Payment, Receipt, Refunded


async def details(connection: Connection, workspace_id: WorkspaceId) -> BillingDetails | None:
    row = await connection.fetchrow(
        "SELECT name, address, tax_id, email FROM billing_details WHERE workspace_id = $1", workspace_id
    )
    return None if row is None else BillingDetails(**dict(row))


async def lock_details(connection: Connection, workspace_id: WorkspaceId) -> BillingDetails:
    """Return the details of a workspace, which nobody else changes until this transaction ends."""
    row = await connection.fetchrow(
        "INSERT INTO billing_details AS known (workspace_id) VALUES ($1)"
        " ON CONFLICT (workspace_id) DO UPDATE SET name = known.name RETURNING name, address, tax_id, email",
        workspace_id,
    )
    assert row is not None
    return BillingDetails(**dict(row))


async def put_details(connection: Connection, workspace_id: WorkspaceId, to: BillingDetails) -> None:
    await connection.execute(
        "UPDATE billing_details SET name = $2, address = $3, tax_id = $4, email = $5, updated_at = now()"
        " WHERE workspace_id = $1",
        workspace_id,
        to.name,
        to.address,
        to.tax_id,
        to.email,
    )


async def receipt(
    connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId, language: str
) -> tuple[str, Receipt | None] | None:
    """Return the state of an order and what its receipt says, which is nothing until its Credits were added."""
    row = await connection.fetchrow(
        "SELECT r.state, r.reference, r.credited_at, w.name AS workspace_name, r.billing, r.processor,"
        " r.payer_reference, r.test_mode, r.credits, r.bonus, r.price_minor, r.fee_minor, r.currency,"
        " coalesce(CASE WHEN $3 = 'zh' AND m.name_zh <> '' THEN m.name_zh ELSE m.name END, '') AS method"
        " FROM recharges AS r JOIN workspaces AS w USING (workspace_id)"
        " LEFT JOIN payment_methods AS m USING (method_id)"
        " WHERE r.workspace_id = $1 AND r.recharge_id = $2",
        workspace_id,
        recharge_id,
        language,
    )
    if row is None:
        return None
    if row["credited_at"] is None:
        return row["state"], None
    billing = row["billing"]
    return row["state"], Receipt(
        reference=row["reference"],
        credited_at=row["credited_at"],
        workspace_name=row["workspace_name"],
        billed_to=BillingDetails(billing.get("name", ""), billing.get("address", ""), billing.get("tax_id", "")),
        method=row["method"],
        processor=row["processor"],
        payer_reference=row["payer_reference"],
        test_mode=row["test_mode"],
        reversed=row["state"] == "reversed",
        credits=row["credits"],
        bonus=row["bonus"],
        price_minor=row["price_minor"],
        fee_minor=row["fee_minor"],
        currency=row["currency"],
        payments=await _payments(connection, workspace_id, recharge_id),
        refunds=await _refunds(connection, workspace_id, recharge_id),
    )


async def _payments(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> list[Payment]:
    rows = await connection.fetch(
        "SELECT received_at, amount_minor, currency FROM payments"
        " WHERE workspace_id = $1 AND recharge_id = $2 ORDER BY received_at, payment_key",
        workspace_id,
        recharge_id,
    )
    return [Payment(**dict(row)) for row in rows]


async def _refunds(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> list[Refunded]:
    """Return what was decided in the customer's favour; what is only asked for is on no receipt."""
    rows = await connection.fetch(
        "SELECT state, coalesce(approved_credits, credits) AS credits, amount_minor, currency,"
        " coalesce(paid_at, decided_at, created_at) AS at FROM refunds"
        " WHERE workspace_id = $1 AND recharge_id = $2 AND state IN ('approved', 'sent', 'paid', 'converted')"
        " ORDER BY created_at, refund_id",
        workspace_id,
        recharge_id,
    )
    return [Refunded(**dict(row)) for row in rows]
