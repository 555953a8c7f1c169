"""Jobs of the rules that watch for misuse: judge what happened, act on what was found, forget."""

from collections.abc import Awaitable, Callable

from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import Connection, borrow, transaction
from omna.errors import OmnaError, ServiceUnavailable
from omna.jobs.periodic import Pool
from omna.membership import notices
from omna.observability.logs import get_logger
from omna.risk.rules import service as rules
from omna.vault import service as vault
from omna.vault.keyring import Purpose

logger = get_logger(__name__)

#: A rule may look back for a year.
SHORTEST_DAYS = 366


def watch_events(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that judges sign-ups, payments and disputes that are new, and acts."""

    async def watch(pool: Pool) -> None:
        await _judge(pool, rules.judge_events)
        await _act(pool, settings)

    return watch


def watch_usage(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that judges what was spent, and acts."""

    async def watch(pool: Pool) -> None:
        await _judge(pool, rules.judge_usage)
        await _act(pool, settings)

    return watch


def forget_hits(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that deletes what rules were judged by and found `risk.history_days` ago."""

    async def forget(pool: Pool) -> None:
        async with transaction(pool) as connection:
            await connection.execute("SET LOCAL statement_timeout = '60s'")
            removed = await rules.prune(connection, max(settings.risk.history_days, SHORTEST_DAYS))
        if removed:
            logger.info("old events and hits of rules deleted", rows=removed)

    return forget


async def _judge(pool: Pool, judge: Callable[[Connection], Awaitable[tuple[int, bool]]]) -> None:
    found, more = 0, True
    while more:
        async with transaction(pool) as connection:
            await connection.execute("SET LOCAL statement_timeout = '60s'")
            hits, more = await judge(connection)
        found += hits
    if found:
        logger.info("rules found something", hits=found)


async def _act(pool: Pool, settings: Settings) -> None:
    """Act on one hit a transaction: a control is locked for milliseconds."""
    async with borrow(pool) as connection:
        waiting = await rules.waiting(connection)
        if not waiting:
            return
        keyring = await vault.open_keyring(connection, settings)
    actor = Actor(rules.ACTOR, "", keyring.derive(Purpose.AUDIT_CHAIN))
    for hit_id, outcome in waiting:
        try:
            async with transaction(pool) as connection:
                hit = await rules.act(connection, hit_id, outcome, tell=notices.tell_freeze, actor=actor)
        except ServiceUnavailable:
            raise
        except OmnaError as error:
            # The others must not wait behind it; it is tried again with the next turn.
            logger.error("rule could not act", hit=str(hit_id), error=str(error))
            continue
        if hit is not None and hit.acted is not None:
            logger.info("rule acted", rule=hit.rule.name, acted=hit.acted.value, spared=hit.spared)
