"""Mails about a refund, to who asked for it, else to those who look after the money of the workspace."""

from typing import Any

from omna.db.pool import Connection
from omna.ids import show
from omna.mail.kinds import Kind
from omna.payments.recharges.letters import tell
from omna.payments.recharges.quote import format_minor
from omna.payments.refunds.model import Refund


async def requested(connection: Connection, refund: Refund) -> None:
    """Tell that a request arrived."""
    await _tell(connection, refund, Kind.REFUND_REQUESTED, {"credits": refund.credits})


async def decided(connection: Connection, refund: Refund) -> None:
    """Tell what staff decided: approved, rejected or converted."""
    await _tell(
        connection,
        refund,
        Kind.REFUND_DECIDED,
        {
            "decision": refund.state,
            "credits": refund.approved_credits or refund.credits,
            "amount": _money(refund),
            "answer": refund.answer,
        },
    )


async def paid(connection: Connection, refund: Refund) -> None:
    """Tell that the money is on its way to the payer's account."""
    await _tell(
        connection, refund, Kind.REFUND_PAID, {"credits": refund.approved_credits or 0, "amount": _money(refund)}
    )


async def failed(connection: Connection, refund: Refund) -> None:
    """Tell that the money did not arrive and the Credits are back."""
    await _tell(
        connection, refund, Kind.REFUND_FAILED, {"credits": refund.approved_credits or 0, "amount": _money(refund)}
    )


async def _tell(connection: Connection, refund: Refund, kind: Kind, values: dict[str, Any]) -> None:
    facts = {"refund": show("rfd", refund.refund_id), "reference": refund.reference}
    await tell(connection, refund.workspace_id, refund.requested_by, kind, {**facts, **values})


def _money(refund: Refund) -> str:
    return "" if refund.amount_minor is None else format_minor(refund.amount_minor, refund.currency)
