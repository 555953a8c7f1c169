"""Jobs that prove the audit log, and carry its head to a second place."""

from collections.abc import Awaitable, Callable

from omna.alerts import service as alerts
from omna.audit import checking
from omna.audit import service as audit
from omna.audit.model import Head, Report, Scope
from omna.config import Settings
from omna.db.pool import Connection, borrow
from omna.jobs.periodic import Pool
from omna.observability.logs import get_logger
from omna.vault import service as vault
from omna.vault.keyring import Keyring
from omna.worker import ledger

logger = get_logger(__name__)

#: The alert of a log that somebody rewrote.
BROKEN = "audit.broken"


async def check_log(
    connection: Connection, keyring: Keyring, *, scope: Scope = "all", witness: Head | None = None
) -> Report:
    """Check the audit log and keep what was found; what `omna audit verify` and the jobs run."""
    report = await checking.check(connection, await vault.audit_keys(connection, keyring), scope=scope, witness=witness)
    async with connection.transaction():
        await checking.note(connection, report)
        if report.findings:
            await alerts.raise_alert(
                connection,
                BROKEN,
                "audit",
                severity="critical",
                facts={"findings": report.findings, "first_row": report.named[0].seq, "scope": report.scope},
                message=f"The audit log is broken at row {report.named[0].seq}: {report.named[0].problem}.",
            )
        elif scope == "all":
            await alerts.resolve(connection, BROKEN, "audit")
    return report


async def tell_head(pool: Pool) -> None:
    """Log number and seal of the newest row: whoever rewrites the log has to rewrite the logs of the system too."""
    async with borrow(pool) as connection:
        head = await audit.head(connection)
    logger.info("audit head", seq=head.seq, seal=head.seal.hex())


def check_all(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that checks every row of the audit log."""

    async def check(pool: Pool) -> None:
        """Check every row of the audit log."""
        await _check(pool, settings, "all")

    return check


def check_new(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that checks the rows since the last check."""

    async def check(pool: Pool) -> None:
        """Check the rows of the audit log since the last check."""
        await _check(pool, settings, "new")

    return check


def check_asked(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that does the checks which somebody asked for in the console."""

    async def check(pool: Pool) -> None:
        """Check the chains that somebody wants checked now."""
        while True:
            async with borrow(pool) as connection:
                chain = await checking.begin(connection)
            if chain is None:
                return
            try:
                if chain == "audit":
                    await _check(pool, settings, "all")
                else:
                    await ledger.verify(pool)
            finally:
                async with borrow(pool) as connection:
                    await checking.finish(connection, chain)

    return check


async def _check(pool: Pool, settings: Settings, scope: Scope) -> None:
    async with borrow(pool) as connection:
        keyring = await vault.open_keyring(connection, settings)
        report = await check_log(connection, keyring, scope=scope)
    for finding in report.named:
        logger.error("audit log broken", seq=finding.seq, problem=finding.problem)
    if scope == "all" and not report.findings:
        logger.info("audit log verified", rows=report.rows, seq=report.head.seq, seal=report.head.seal.hex())
