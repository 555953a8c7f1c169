"""SQL of the checks of the books."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from omna.db.pool import Connection
from omna.ledger.model import Finding, NotedCheck


async def add(connection: Connection, findings: int, named: Sequence[Finding]) -> None:
    await connection.execute(
        """INSERT INTO ledger_checks (findings, broken, height, sealed_until)
           SELECT $1, $2::text::jsonb, height, sealed_until FROM ledger_blocks ORDER BY height DESC LIMIT 1""",
        findings,
        msgspec.json.encode(named).decode(),
    )


async def newest(connection: Connection) -> NotedCheck | None:
    row = await connection.fetchrow(
        "SELECT checked_at, findings, broken::text AS broken FROM ledger_checks ORDER BY checked_at DESC LIMIT 1"
    )
    if row is None:
        return None
    named = msgspec.json.decode(row["broken"], type=tuple[Finding, ...])
    return NotedCheck(row["checked_at"], row["findings"], named)


async def whole_until(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """Return when the books were last found right, and the first check after that which found something."""
    row = await connection.fetchrow(
        """SELECT whole.at, min(c.checked_at) AS since
           FROM (SELECT max(checked_at) AS at FROM ledger_checks WHERE findings = 0) AS whole
           LEFT JOIN ledger_checks AS c ON c.findings > 0 AND (whole.at IS NULL OR c.checked_at > whole.at)
           GROUP BY whole.at"""
    )
    assert row is not None
    return row["at"], row["since"]
