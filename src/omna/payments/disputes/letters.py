"""Mails about disputes, to those who look after the money of a workspace."""

from typing import Any

from omna.db.pool import Connection
from omna.ids import show
from omna.ledger import service as ledger
from omna.mail.kinds import Kind
from omna.payments.disputes.model import Dispute
from omna.payments.recharges.letters import tell
from omna.payments.recharges.quote import format_minor


async def opened(connection: Connection, dispute: Dispute, *, frozen: bool) -> None:
    """Tell what was taken back, what is owed now, and whether requests are refused."""
    await _tell(
        connection,
        dispute,
        Kind.DISPUTE_OPENED,
        {"amount": format_minor(dispute.withdrawn_minor, dispute.currency), "frozen": "yes" if frozen else "no"},
    )


async def closed(connection: Connection, dispute: Dispute) -> None:
    """Tell whether the Credits are back."""
    await _tell(
        connection,
        dispute,
        Kind.DISPUTE_CLOSED,
        {"amount": format_minor(dispute.withdrawn_minor, dispute.currency), "outcome": dispute.booked},
    )


async def _tell(connection: Connection, dispute: Dispute, kind: Kind, values: dict[str, Any]) -> None:
    wallet = await ledger.wallet(connection, dispute.workspace_id)
    facts = {
        "recharge": show("rch", dispute.recharge_id),
        "reference": dispute.reference,
        "credits": dispute.clawed,
        "debt": -wallet.debt,
    }
    await tell(connection, dispute.workspace_id, None, kind, {**facts, **values})
