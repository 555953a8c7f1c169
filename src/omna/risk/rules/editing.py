"""Change rules. Every change is a new version, and in the audit log with what was before."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.ids import new_id, show
from omna.money import LARGEST_AMOUNT, format_credits
from omna.risk.model import check_reason
from omna.risk.rules import parameters, store
from omna.risk.rules.model import Kind, Outcome, Rule
from omna.risk.rules.store import Change

__all__ = ["Change", "change", "checked", "create", "described", "find", "listed"]

LONGEST_NAME = 100
MOST_RULES = 100
MOST_DAYS, MOST_HOURS = 3650, 8760


def checked(rule: Rule) -> Rule:
    """Return a rule in one spelling. Errors: InvalidValue naming the field."""
    name = " ".join(rule.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidValue(f"A name has 1 to {LONGEST_NAME} characters.", param="name")
    if rule.outcome is Outcome.LIMIT and (rule.limit_to is None or not 0 <= rule.limit_to <= LARGEST_AMOUNT):
        raise InvalidValue("Say to how many Credits a day.", param="limit_to")
    if rule.kind is Kind.FORBIDDEN_USE and rule.outcome is not Outcome.REVIEW:
        raise InvalidValue("What people report by hand is for people to decide.", param="outcome")
    if rule.new_accounts_days is not None and not 1 <= rule.new_accounts_days <= MOST_DAYS:
        raise InvalidValue(f"Days are a number from 1 to {MOST_DAYS:,}, or none.", param="new_accounts_days")
    if not 0 <= rule.cooldown_hours <= MOST_HOURS:
        raise InvalidValue(f"Hours are a number from 0 to {MOST_HOURS:,}.", param="cooldown_hours")
    return replace(
        rule,
        name=name,
        limit_to=rule.limit_to if rule.outcome is Outcome.LIMIT else None,
        parameters=parameters.checked(rule.kind, rule.parameters),
    )


async def create(connection: Connection, rule: Rule, *, reason: str, actor: audit.Actor) -> tuple[UUID, int]:
    """Add a rule; it judges from now on. Returns its id and the number of the row in the audit log.

    Errors  InvalidValue; Conflict when there are too many
    """
    reason = check_reason(reason)
    made = replace(checked(rule), rule_id=new_id(), version=1)
    if made.kind is Kind.FORBIDDEN_USE:
        raise InvalidValue("There is one rule for what people report by hand, and it is there.", param="kind")
    if len(await store.rules(connection)) >= MOST_RULES:
        raise Conflict(f"There can be {MOST_RULES} rules. Change one that is not needed.")
    await store.add_version(connection, made, actor.name, reason)
    seq = await audit.record(
        connection, actor, "rule.create", show("rul", made.rule_id), reason=reason, after=described(made)
    )
    return made.rule_id, seq


async def change(
    connection: Connection, rule_id: UUID, rule: Rule, *, expected: int, reason: str, actor: audit.Actor
) -> int:
    """Make a new version of a rule. Returns the number of the row in the audit log.

    expected  the version that the one who acts looked at: of two who change it at once, the second has to look again
    Errors    NotFound, InvalidValue; Conflict when there is a newer version, or nothing would change
    """
    reason = check_reason(reason)
    before = (await find(connection, rule_id))[0].rule
    if before.version != expected:
        raise Conflict(f"This rule was changed meanwhile, to version {before.version}. Look again.")
    if rule.kind is not before.kind:
        raise InvalidValue("A rule keeps its kind. Add another one.", param="kind")
    after = replace(checked(rule), rule_id=rule_id, version=before.version + 1)
    if described(after) == described(before):
        raise Conflict("Nothing would change.")
    if not await store.add_version(connection, after, actor.name, reason):
        raise Conflict("Somebody else changed this rule at the same time. Look again.")
    return await audit.record(
        connection,
        actor,
        "rule.change",
        show("rul", rule_id),
        reason=reason,
        before={"version": before.version, **described(before)},
        after={"version": after.version, **described(after)},
    )


async def listed(connection: Connection) -> tuple[list[Change], dict[UUID, int]]:
    """Return the rules as they count now, and how much each found in 30 days."""
    since: datetime = await connection.fetchval("SELECT now() - interval '30 days'")
    return await store.rules(connection), await store.hits_by_rule(connection, since)


async def find(connection: Connection, rule_id: UUID) -> list[Change]:
    """Return the versions of a rule, newest first. Errors: NotFound."""
    found = await store.versions(connection, rule_id)
    if not found:
        raise NotFound("There is no such rule.")
    return found


def described(rule: Rule) -> dict[str, Any]:
    """Return a rule as the audit log has it."""
    return {
        "kind": rule.kind.value,
        "name": rule.name,
        "enabled": rule.enabled,
        "parameters": dict(rule.parameters),
        "outcome": rule.outcome.value,
        "limit_to": None if rule.limit_to is None else format_credits(rule.limit_to),
        "severity": rule.severity.value,
        "new_accounts_days": rule.new_accounts_days,
        "cooldown_hours": rule.cooldown_hours,
    }
