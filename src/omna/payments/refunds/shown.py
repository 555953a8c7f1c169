"""A refund as /api shows it, the same to customers and staff."""

from typing import Any

from omna.db.pool import Connection
from omna.http.values import MoneyOut
from omna.ids import show
from omna.payments import steps
from omna.payments.recharges.bodies import step_body
from omna.payments.refunds import schemas
from omna.payments.refunds.model import Refund


def row_of(refund: Refund) -> schemas.RefundRow:
    """Return a refund as in a list."""
    return schemas.RefundRow(**row_facts(refund))


async def detail_of(connection: Connection, refund: Refund) -> schemas.Refund:
    """Return a refund as on its page."""
    return schemas.Refund(**await fields_of(connection, refund))


async def fields_of(connection: Connection, refund: Refund) -> dict[str, Any]:
    """Return the fields of a refund's page."""
    timeline = await steps.of(connection, refund.workspace_id, refund.refund_id)
    set_aside = refund.approved_credits is not None and refund.state != "rejected"
    return {
        **row_facts(refund),
        "reason": refund.reason,
        "answer": refund.answer,
        "failure": refund.failure,
        "ledger_line": show("tr", refund.transfer("approve")) if set_aside else None,
        "timeline": [step_body(step) for step in timeline],
        "may": schemas.RefundMay(cancel=refund.state == "requested"),
    }


def row_facts(refund: Refund) -> dict[str, Any]:
    """Return the fields of a row, for every body that begins with them."""
    other = None
    if refund.other_recharge is not None:
        other = schemas.RefundOrder(id=show("rch", refund.other_recharge), reference=refund.other_reference or "")
    return {
        "id": show("rfd", refund.refund_id),
        "state": refund.shown_state,
        "kind": refund.kind,
        "preference": refund.preference,
        "recharge": schemas.RefundOrder(
            id=show("rch", refund.recharge_id), reference=refund.reference, channel=refund.channel
        ),
        "other_recharge": other,
        "credits": refund.credits,
        "approved_credits": refund.approved_credits,
        "amount": None
        if refund.amount_minor is None
        else MoneyOut(minor=refund.amount_minor, currency=refund.currency),
        "created_at": refund.created_at,
        "decided_at": refund.decided_at,
        "paid_at": refund.paid_at,
    }
