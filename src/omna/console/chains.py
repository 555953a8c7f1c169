"""The two chains that prove what happened, as the console shows them: audit log and ledger."""

from omna.audit import checking
from omna.audit import service as audit
from omna.audit.model import Chain
from omna.console.audit_schemas import BrokenRow, ChainHead, ChainStatus, CheckAsked
from omna.db.pool import Connection
from omna.errors import Conflict
from omna.ledger import service as ledger


async def of_audit(connection: Connection) -> ChainStatus:
    """Return what is known about the audit log."""
    standing, head = await checking.standing(connection), await audit.head(connection)
    last, broken = standing.last, standing.broken
    return ChainStatus(
        state="broken" if broken is not None else "unchecked" if standing.last_full is None else "whole",
        head=ChainHead(number=head.seq, seal=head.seal.hex()),
        checked_at=None if last is None else last.checked_at,
        checked_all_at=None if standing.last_full is None else standing.last_full.checked_at,
        rows=None if standing.last_full is None else standing.last_full.report.rows,
        whole_at=standing.whole_at,
        broken_since=standing.broken_since,
        findings=0 if broken is None else broken.report.findings,
        broken=[]
        if broken is None
        else [BrokenRow(where=str(one.seq), seq=one.seq, problem=one.problem) for one in broken.report.named],
        asked=await _asked(connection, "audit"),
    )


async def of_ledger(connection: Connection) -> ChainStatus:
    """Return what is known about the books."""
    standing = await ledger.standing(connection)
    last = standing.last
    return ChainStatus(
        state="unchecked" if last is None else "broken" if last.findings else "whole",
        head=ChainHead(number=standing.head.height, seal=standing.head.digest.hex()),
        checked_at=None if last is None else last.checked_at,
        checked_all_at=None if last is None else last.checked_at,
        rows=None,
        whole_at=standing.whole_at,
        broken_since=standing.broken_since,
        findings=0 if last is None else last.findings,
        broken=[]
        if last is None
        else [
            BrokenRow(where=f"{one.invariant}: {one.subject}", seq=None, problem=f"{one.sentence} ({one.detail})")
            for one in last.named
        ],
        asked=await _asked(connection, "ledger"),
    )


async def ask(connection: Connection, chain: Chain, by: str) -> None:
    """Ask a worker to check a chain from its first row. Errors: Conflict while somebody waits for that already."""
    if not await checking.ask(connection, chain, by):
        raise Conflict("This is being checked already; the result will be here in a moment.")


async def _asked(connection: Connection, chain: Chain) -> CheckAsked | None:
    for request in await checking.asked(connection):
        if request.chain == chain:
            return CheckAsked(at=request.asked_at, by=request.asked_by, begun_at=request.begun_at)
    return None
