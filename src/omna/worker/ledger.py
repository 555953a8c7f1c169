"""Jobs that keep the ledger proven: seal, sweep, verify."""

from omna.db.pool import borrow, transaction
from omna.jobs.periodic import Pool
from omna.ledger import service as ledger
from omna.observability.logs import get_logger
from omna.worker.books import check_books

logger = get_logger(__name__)

#: Promo grants swept by one statement: it locks their wallets, which requests are waiting for.
PROMO_BATCH = 500

#: Transfers that are read as fast as stored lines, and transfers covered by one transaction.
WORTH_STORING, LINES_BATCH = 500, 20_000


async def seal(pool: Pool) -> None:
    """Append everything booked until now to the hash chain.

    In the log the head has a second witness: whoever rewrites the chain must rewrite the logs too.
    """
    async with borrow(pool) as connection:
        head = await ledger.seal(connection)
    if head.transfers:
        logger.info("ledger sealed", transfers=head.transfers, height=head.height, digest=head.digest.hex())


async def store_lines(pool: Pool) -> None:
    """Store the lines of statements of wallets where much happened, so that reading them stays fast."""
    async with borrow(pool) as connection:
        waiting = await ledger.behind(connection, WORTH_STORING)
    for workspace_id in waiting:
        reached = -1
        while True:
            async with transaction(pool) as connection:
                await connection.execute("SET LOCAL statement_timeout = '1min'")
                last, reached = reached, await ledger.store_lines(connection, workspace_id, LINES_BATCH)
            if reached == last:
                break
    if waiting:
        logger.info("statement lines stored", workspaces=len(waiting))


async def expire_promos(pool: Pool) -> None:
    """Turn promo Credits past their expiry into breakage. Nobody could spend them since they expired."""
    swept = PROMO_BATCH
    while swept >= PROMO_BATCH:
        async with borrow(pool) as connection:
            swept = await connection.fetchval("SELECT ledger_expire_promos($1)", PROMO_BATCH)
        if swept:
            logger.info("promo Credits expired", grants=swept)


async def verify(pool: Pool) -> None:
    """Check every invariant of the books, and report each row that breaks one as an error."""
    async with borrow(pool) as connection:
        findings = await check_books(connection)
    for finding in findings:
        logger.error(
            "ledger invariant broken",
            invariant=finding.invariant,
            sentence=finding.sentence,
            subject=finding.subject,
            detail=finding.detail,
        )
    if not findings:
        logger.info("ledger verified")
