"""Proves that orders, payments, refunds and disputes say what the ledger booked for them."""

from pathlib import Path

from omna.db.pool import Connection
from omna.ledger.model import Finding
from omna.ledger.verification import findings, read_invariants

PAYMENT_INVARIANTS = read_invariants(Path(__file__).with_name("verify.sql"))


async def verify(connection: Connection) -> list[Finding]:
    """Check every invariant of verify.sql; an empty list is the proof."""
    return await findings(connection, PAYMENT_INVARIANTS)
