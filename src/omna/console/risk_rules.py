"""/api/console/risk/rules: read, change and try the rules that watch for misuse."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import risk_shown
from omna.console.recharge_schemas import OfWorkspace
from omna.console.risk_schemas import (
    DryRunAsked,
    DryRunResult,
    DryRunRow,
    KindSpec,
    ParameterSpec,
    RiskRules,
    RuleActed,
    RuleChange,
    RuleFields,
    RuleNew,
    RuleVersions,
)
from omna.db.pool import Connection
from omna.http.access import Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import show
from omna.money import parse_credits
from omna.risk.rules import editing, history
from omna.risk.rules.model import Kind, Outcome, Rule, Severity
from omna.risk.rules.parameters import PARAMETERS

router = Router(prefix="/api/console/risk/rules", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
RulePath = Annotated[str, Path(description="The rule: `rul_…`")]

#: Of a rule that is being tried, or not made yet.
_NEW = UUID(int=0)


@router.get("")
async def list_rules(who: Onlooker, connection: Reading) -> RiskRules:
    """Return every rule as it counts now, and the kinds there are with their parameters."""
    rules, hits = await editing.listed(connection)
    return RiskRules(
        rules=[risk_shown.rule_shown(one, hits.get(one.rule.rule_id, 0)) for one in rules],
        kinds=[
            KindSpec(
                kind=kind.value,
                parameters=[
                    ParameterSpec(
                        name=name,
                        form=spec.form,
                        initial=spec.initial,
                        least=spec.least,
                        most=spec.most,
                        optional=spec.optional,
                        choices=list(spec.choices),
                    )
                    for name, spec in specs.items()
                ],
            )
            for kind, specs in PARAMETERS.items()
        ],
    )


@router.post("/dry-run")
async def try_rule(body: DryRunAsked, who: Owner, connection: Work, act: Act) -> DryRunResult:
    """Run a rule over the last days and return whom it would have found. Nothing is changed; the reading is audited."""
    rule = editing.checked(_rule(body))
    tried = await history.dry_run(connection, rule, body.days)
    people = await history.people(connection, [one.first.workspace_id for one in tried.found])
    seq = await audit.record(
        connection,
        act(who),
        "rule.try",
        rule.kind.value,
        after={"days": body.days, "workspaces": tried.workspaces, **editing.described(rule)},
    )
    items = []
    for one in tried.found:
        measure = one.first
        name, email = people.get(measure.workspace_id, ("", None))
        items.append(
            DryRunRow(
                workspace=OfWorkspace(id=show("ws", measure.workspace_id), name=name),
                email=risk_shown.email_shown(email, who),
                first_at=measure.at,
                times=one.times,
                because=risk_shown.because(rule.kind, rule.parameters, measure.numbers, who),
                numbers=risk_shown.numbers_shown(measure.numbers, who),
                flagged_already=one.flagged_already,
            )
        )
    return DryRunResult(
        since=tried.since,
        until=tried.until,
        items=items,
        workspaces=tried.workspaces,
        hits=tried.hits,
        flagged_already=tried.flagged_already,
        audit_seq=seq,
    )


@router.get("/{rule}")
async def get_rule(rule: RulePath, who: Onlooker, connection: Reading) -> RuleVersions:
    """Return the versions of a rule, newest first."""
    versions = await editing.find(connection, _rule_id(rule))
    return RuleVersions(versions=[risk_shown.rule_shown(one, 0) for one in versions])


@router.post("", status_code=201)
async def create_rule(body: RuleNew, who: Owner, connection: Work, act: Act) -> RuleActed:
    """Add a rule; it judges from now on."""
    rule_id, seq = await editing.create(connection, _rule(body), reason=body.reason, actor=act(who))
    return await _acted(connection, rule_id, seq)


@router.put("/{rule}")
async def change_rule(rule: RulePath, body: RuleChange, who: Owner, connection: Work, act: Act) -> RuleActed:
    """Make a new version of a rule, which counts from now on."""
    rule_id = _rule_id(rule)
    seq = await editing.change(
        connection, rule_id, _rule(body), expected=body.expected_version, reason=body.reason, actor=act(who)
    )
    return await _acted(connection, rule_id, seq)


async def _acted(connection: Connection, rule_id: UUID, seq: int) -> RuleActed:
    [newest, *_] = await editing.find(connection, rule_id)
    return RuleActed(**risk_shown.rule_shown(newest, 0).model_dump(exclude={"limit_to"}),
                     limit_to=newest.rule.limit_to, audit_seq=seq)  # fmt: skip


def _rule(body: RuleFields) -> Rule:
    return Rule(
        rule_id=_NEW,
        version=0,
        kind=Kind(body.kind),
        name=body.name,
        enabled=body.enabled,
        parameters=body.parameters,
        outcome=Outcome(body.outcome),
        limit_to=None if body.limit_to is None else parse_credits(body.limit_to),
        severity=Severity(body.severity),
        new_accounts_days=body.new_accounts_days,
        cooldown_hours=body.cooldown_hours,
    )


def _rule_id(text: str) -> UUID:
    return id_in_address(text, "rul", "rule")
