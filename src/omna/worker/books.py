"""The proof that the books are right: the ledger, and everything that must agree with it."""

from omna.alerts import service as alerts
from omna.db.pool import Connection
from omna.gateway import verification as gateway
from omna.ledger import service as ledger
from omna.ledger.model import Finding
from omna.payments import verification as payments

#: The alert of books that do not add up.
BROKEN = "ledger.broken"


async def verify_books(connection: Connection) -> list[Finding]:
    """Check every invariant there is: what `omna ledger verify` and the nightly job run."""
    return await ledger.verify(connection) + await gateway.verify(connection) + await payments.verify(connection)


async def check_books(connection: Connection) -> list[Finding]:
    """Check the books, and keep what was found for the console and for whoever reads a statement."""
    findings = await verify_books(connection)
    async with connection.transaction():
        await ledger.note_check(connection, findings)
        if findings:
            first = findings[0]
            await alerts.raise_alert(
                connection,
                BROKEN,
                "ledger",
                severity="critical",
                facts={"findings": len(findings), "invariant": first.invariant, "where": first.subject},
                message=f"The books do not add up: {first.invariant} at {first.subject} ({first.detail}).",
            )
        else:
            await alerts.resolve(connection, BROKEN, "ledger")
    return findings
