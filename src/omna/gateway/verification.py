"""Proves what the gateway keeps beside the ledger: running requests, usage rows and counted spend."""

from pathlib import Path

from omna.db.pool import Connection
from omna.ledger.model import Finding
from omna.ledger.verification import findings, read_invariants

GATEWAY_INVARIANTS = read_invariants(Path(__file__).with_name("verify.sql"))


async def verify(connection: Connection) -> list[Finding]:
    """Check every invariant of verify.sql; an empty list is the proof."""
    return await findings(connection, GATEWAY_INVARIANTS)
