"""The proof that the books are right: the ledger, and everything that must agree with it."""

from omna.db.pool import Connection
from omna.gateway import verification as gateway
from omna.ledger import service as ledger
from omna.ledger.model import Finding
from omna.payments import verification as payments


async def verify_books(connection: Connection) -> list[Finding]:
    """Check every invariant there is: what `omna ledger verify` and the nightly job run."""
    return await ledger.verify(connection) + await gateway.verify(connection) + await payments.verify(connection)
