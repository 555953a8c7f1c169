"""Jobs that watch the platform's numbers and its own machinery."""

import socket
import time
from collections.abc import Awaitable, Callable, Sequence

from omna.alerts import service as alerts
from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import Connection, borrow, transaction
from omna.jobs import periodic
from omna.jobs.periodic import Pool
from omna.mail import service as mail
from omna.observability.logs import get_logger
from omna.payments.checkout import desk
from omna.risk.protection import service as protection
from omna.risk.protection.stopping import ACTOR
from omna.vault import service as vault
from omna.vault.keyring import Purpose

logger = get_logger(__name__)

#: Milliseconds that a clock may differ from the database's.
SKEW = 2000
#: Minutes after which a turn that nobody took is overdue.
OVERDUE = 10
MAIL, JOBS, CLOCK, REFUSED = "mail.stuck", "jobs.overdue", "clock.skewed", "payments.refused"


def protect(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that looks at caps and at calls that fail."""

    async def look(pool: Pool) -> None:
        actor = await _actor(pool, settings)
        async with transaction(pool) as connection:
            await protection.watch_caps(connection)
        async with transaction(pool) as connection:
            _report(await protection.watch_errors(connection, actor=actor))

    return look


def watch_spending(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that compares what is spent with what is usual."""

    async def look(pool: Pool) -> None:
        actor = await _actor(pool, settings)
        async with transaction(pool) as connection:
            _report(await protection.watch_spend(connection, actor=actor))
        async with transaction(pool) as connection:
            await protection.watch_debts(connection)

    return look


async def watch_margins(pool: Pool) -> None:
    """Look for models that cost more than they bring."""
    async with transaction(pool) as connection:
        await protection.watch_margins(connection)


def watch_operations(names: Sequence[str]) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that looks at mails, jobs, clocks and webhooks of payment services. names: of every job."""

    async def look(pool: Pool) -> None:
        async with transaction(pool) as connection:
            await _watch_mail(connection)
        async with transaction(pool) as connection:
            await _watch_jobs(connection, names)
        async with transaction(pool) as connection:
            await _watch_refused(connection)
        async with transaction(pool) as connection:
            await _watch_clock(connection)

    return look


async def _watch_mail(connection: Connection) -> None:
    waiting, late, failed = await mail.backlog(connection)
    if not late:
        await alerts.resolve(connection, MAIL, "outbox")
        return
    await alerts.raise_alert(
        connection,
        MAIL,
        "outbox",
        severity="warning",
        facts={"late": late, "waiting": waiting, "given_up": failed},
        message=f"{late} mails have waited for an hour or more",
        counts=False,
    )


async def _watch_jobs(connection: Connection, names: Sequence[str]) -> None:
    late = await periodic.overdue(connection, names, OVERDUE)
    for name, minutes in late.items():
        await alerts.raise_alert(
            connection,
            JOBS,
            name,
            severity="warning",
            facts={"minutes": minutes},
            message=f"No worker has run the job {name}, which was due {minutes} minutes ago",
            counts=False,
        )
    await alerts.resolve_others(connection, JOBS, late)


async def _watch_refused(connection: Connection) -> None:
    most = (await protection.thresholds(connection)).refused_webhooks
    today = await connection.fetchval("SELECT timezone('UTC', now())::date")
    counts: dict[str, int] = {}
    for row in await desk.refused(connection):
        if row["day"] == today:
            counts[row["processor"]] = counts.get(row["processor"], 0) + row["count"]
    many = {name: count for name, count in counts.items() if count >= most}
    for name, count in many.items():
        await alerts.raise_alert(
            connection,
            REFUSED,
            name,
            severity="warning",
            facts={"count": count},
            message=f"{count} deliveries of {name} were turned away today: is its secret the right one?",
            counts=False,
        )
    await alerts.resolve_others(connection, REFUSED, many)


async def _watch_clock(connection: Connection) -> None:
    host = socket.gethostname()
    before = time.time()
    theirs = (await connection.fetchval("SELECT clock_timestamp()")).timestamp()
    after = time.time()
    # Neither a slow answer nor a slow question is a wrong clock.
    skew = round(1000 * max(theirs - after, before - theirs, 0))
    if skew <= SKEW:
        await alerts.resolve(connection, CLOCK, host)
        return
    await alerts.raise_alert(
        connection,
        CLOCK,
        host,
        severity="warning",
        facts={"milliseconds": skew},
        message=f"The clock of {host} differs from the database's by {skew / 1000:.1f} seconds",
        counts=False,
    )


async def _actor(pool: Pool, settings: Settings) -> Actor:
    async with borrow(pool) as connection:
        keyring = await vault.open_keyring(connection, settings)
    return Actor(ACTOR, "", keyring.derive(Purpose.AUDIT_CHAIN))


def _report(stopped: Sequence[str]) -> None:
    for scope in stopped:
        logger.warning("stopped by protection", scope=scope)
