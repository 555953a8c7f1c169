"""Measure what a rule is about, over a range: a stretch of usage, or a stretch of events."""

from dataclasses import dataclass
from datetime import datetime

from omna.db.pool import Connection
from omna.risk.rules import measure_store as store
from omna.risk.rules.model import Kind, Measure, Rule, credits_of


@dataclass(frozen=True, slots=True)
class Range:
    """Hours of usage [since, until), events with positions in (after, up_to]."""

    since: datetime
    until: datetime
    after: int
    up_to: int


async def measure(connection: Connection, rule: Rule, over: Range, *, most: int | None = None) -> list[Measure]:
    """Return what is near enough to a rule to be judged, in the order of judging. most: stop after so many."""
    wanted = rule.parameters
    match rule.kind:
        case Kind.SPEND_VELOCITY:
            return await store.spend(
                connection,
                over.since,
                over.until,
                hours=wanted["hours"],
                at_least=credits_of(wanted["at_least"]),
                most=most,
            )
        case Kind.MODEL_MIX:
            return await store.model_mix(
                connection,
                over.since,
                over.until,
                hours=wanted["hours"],
                at_least=credits_of(wanted["at_least"]),
                share=wanted["share"],
                most=most,
            )
        case Kind.SIGN_UP_VELOCITY:
            return await _in_common(connection, "sign_up", rule, over, wanted["hours"], most)
        case Kind.SHARED_PAYMENT_FINGERPRINT:
            return await _in_common(connection, "payment_means", rule, over, wanted["days"] * 24, most)
        case Kind.FAILED_RECHARGES:
            return await _counts(connection, "recharge_ended", rule, over, most)
        case Kind.FRAUD_WARNING:
            return await _counts(connection, "fraud_warning", rule, over, most)
        case Kind.CHARGEBACK_HISTORY:
            return await _counts(connection, "dispute_opened", rule, over, most)
        case Kind.FORBIDDEN_USE:
            return []


async def _in_common(
    connection: Connection, kind: str, rule: Rule, over: Range, hours: int, most: int | None
) -> list[Measure]:
    return await store.in_common(
        connection, kind, over.after, over.up_to, hours=hours, at_least=rule.parameters["accounts"], most=most
    )


async def _counts(connection: Connection, kind: str, rule: Rule, over: Range, most: int | None) -> list[Measure]:
    return await store.counts(
        connection,
        kind,
        over.after,
        over.up_to,
        hours=rule.parameters.get("days", 1) * 24,
        markers=rule.parameters.get("outcomes"),
        at_least=rule.parameters.get("count", 1),
        most=most,
    )
