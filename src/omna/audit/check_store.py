"""SQL of the checks of the audit log, and of those that somebody asked for."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from asyncpg import Record

from omna.audit.model import Chain, Finding, Head, Noted, Report, Request, Scope
from omna.db.pool import Connection


async def add(connection: Connection, report: Report) -> None:
    await connection.execute(
        "INSERT INTO audit_checks (scope, rows, findings, broken, head_seq, head_seal)"
        " VALUES ($1, $2, $3, $4::text::jsonb, $5, $6)",
        report.scope,
        report.rows,
        report.findings,
        msgspec.json.encode([{"seq": one.seq, "problem": one.problem} for one in report.named]).decode(),
        report.head.seq,
        report.head.seal,
    )


async def forget(connection: Connection) -> None:
    """Delete checks of new rows that found nothing and are a day old; the newest of all stays."""
    await connection.execute(
        "DELETE FROM audit_checks WHERE scope = 'new' AND findings = 0 AND checked_at < now() - interval '1 day'"
        " AND check_id < (SELECT max(check_id) FROM audit_checks)"
    )


async def heads(connection: Connection) -> dict[int, bytes]:
    """Return rows that checks ended at, with their seals."""
    rows = await connection.fetch("SELECT head_seq, head_seal FROM audit_checks WHERE head_seq > 0 ORDER BY check_id")
    return {row["head_seq"]: row["head_seal"] for row in reversed(rows)}


async def newest(connection: Connection, scope: Scope | None) -> Noted | None:
    row = await connection.fetchrow(
        "SELECT checked_at, scope, rows, findings, broken::text AS broken, head_seq, head_seal FROM audit_checks"
        " WHERE $1::text IS NULL OR scope = $1 ORDER BY check_id DESC LIMIT 1",
        scope,
    )
    return None if row is None else _noted(row)


async def whole_until(connection: Connection) -> datetime | None:
    """Return when all rows were last found whole."""
    moment: datetime | None = await connection.fetchval(
        "SELECT checked_at FROM audit_checks WHERE scope = 'all' AND findings = 0 ORDER BY check_id DESC LIMIT 1"
    )
    return moment


async def newest_broken(connection: Connection, after: datetime | None) -> Noted | None:
    row = await connection.fetchrow(
        "SELECT checked_at, scope, rows, findings, broken::text AS broken, head_seq, head_seal FROM audit_checks"
        " WHERE findings > 0 AND ($1::timestamptz IS NULL OR checked_at > $1) ORDER BY check_id DESC LIMIT 1",
        after,
    )
    return None if row is None else _noted(row)


async def first_broken(connection: Connection, after: datetime | None) -> datetime | None:
    moment: datetime | None = await connection.fetchval(
        "SELECT min(checked_at) FROM audit_checks WHERE findings > 0 AND ($1::timestamptz IS NULL OR checked_at > $1)",
        after,
    )
    return moment


async def ask(connection: Connection, chain: Chain, by: str) -> bool:
    """Ask for a check; False when one is waited for already. One that began an hour ago has died."""
    asked: bool | None = await connection.fetchval(
        "INSERT INTO check_requests AS r (chain, asked_by) VALUES ($1, $2) ON CONFLICT (chain) DO UPDATE"
        " SET asked_at = clock_timestamp(), asked_by = excluded.asked_by, begun_at = NULL"
        " WHERE r.begun_at < now() - interval '1 hour' RETURNING true",
        chain,
        by,
    )
    return asked is True


async def begin(connection: Connection) -> Chain | None:
    """Return a chain that is to be checked now, once; again when the worker that began an hour ago has died."""
    chain: Chain | None = await connection.fetchval(
        "UPDATE check_requests SET begun_at = clock_timestamp() WHERE chain = (SELECT chain FROM check_requests"
        " WHERE begun_at IS NULL OR begun_at < now() - interval '1 hour'"
        " ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING chain"
    )
    return chain


async def finish(connection: Connection, chain: Chain) -> None:
    await connection.execute("DELETE FROM check_requests WHERE chain = $1", chain)


async def asked(connection: Connection) -> Sequence[Request]:
    rows = await connection.fetch("SELECT chain, asked_at, asked_by, begun_at FROM check_requests")
    return [Request(row["chain"], row["asked_at"], row["asked_by"], row["begun_at"]) for row in rows]


def _noted(row: Record) -> Noted:
    named = [Finding(one["seq"], one["problem"]) for one in msgspec.json.decode(row["broken"])]
    head = Head(row["head_seq"], row["head_seal"])
    return Noted(row["checked_at"], Report(row["scope"], row["rows"], row["findings"], named, head))
