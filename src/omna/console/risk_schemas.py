"""Bodies of /api/console/risk."""

from typing import Annotated, Any, Literal

from pydantic import Field

from omna.console.recharge_schemas import OfWorkspace
from omna.http.values import Acted, Amount, AmountIn, Flag, Input, Moment, Output, Reason, Text, Whole

CaseState = Literal["open", "cleared", "limited", "frozen", "banned"]
#: What a list of cases can be narrowed to. `open`: the first deadline first; others: the one opened last first.
Wanted = Literal["open", "decided", "cleared", "limited", "frozen", "banned", "all"]
KindName = Literal[
    "spend_velocity",
    "model_mix",
    "sign_up_velocity",
    "shared_payment_fingerprint",
    "failed_recharges",
    "fraud_warning",
    "chargeback_history",
    "forbidden_use",
]
OutcomeName = Literal["flag", "review", "limit", "freeze"]
SeverityName = Literal["low", "medium", "high"]


class Because(Output):
    """Why, in the languages of the console."""

    en: str
    zh: str


class RuleRef(Output):
    """The rule that found something, as it was then."""

    id: str
    version: int
    name: str
    kind: KindName


class Related(Output):
    """Something that a hit is about: a workspace, an order or a dispute."""

    kind: Literal["workspace", "recharge", "dispute"]
    id: str
    name: str


class RiskHit(Output):
    """What a rule found, the numbers it decided by, and what came of it."""

    id: str
    rule: RuleRef
    severity: SeverityName
    at: Moment
    found_at: Moment
    because: Because
    numbers: dict[str, Any] = Field(description="Amounts are decimal strings of Credits.")
    parameters: dict[str, Any]
    outcome: OutcomeName
    acted: OutcomeName | None = Field(description="Null for the seconds until a job acts.")
    spared: str = Field(description="Why the outcome did not apply: staff, trusted, already, deleted.")
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reversed_at: Moment | None
    reversible: bool
    related: list[Related]


class CaseAssignee(Output):
    """Who has a case."""

    id: str
    name: str
    yours: bool


class CaseRow(Output):
    """A case in the queue."""

    id: str
    workspace: OfWorkspace
    email: str | None = Field(description="Of whoever owns the workspace; masked for those who do not handle money.")
    state: CaseState
    severity: SeverityName
    opened_at: Moment
    due_at: Moment
    late: bool
    assignee: CaseAssignee | None
    hits: int
    because: Because | None = Field(description="Of the newest hit.")
    decided_at: Moment | None


class CaseNote(Output):
    """What staff noted."""

    author: str
    text: str
    at: Moment


class EarlierCase(Output):
    """Another case of the workspace."""

    id: str
    state: CaseState
    opened_at: Moment
    reason: str


class DaySpent(Output):
    """What a workspace spent on a UTC day."""

    day: str
    spent: Amount


class RiskCase(CaseRow):
    """A case with everything about it."""

    owner: str | None = Field(description="Who owns the workspace: `usr_…`")
    found: list[RiskHit]
    notes: list[CaseNote]
    earlier: list[EarlierCase]
    days: list[DaySpent] = Field(description="The last 30 days, today last.")
    frozen_reason: str | None
    daily_limit: Amount | None
    trusted: str | None = Field(description="Why an owner vouches for it; null when nobody does.")
    decided_by: str | None
    reason: str
    yours: bool = Field(description="You belong to its workspace: somebody else has to decide.")


class CaseActed(RiskCase, Acted):
    """A case after an act."""


class CaseCounts(Output):
    """How many cases wait."""

    open: int
    late: int
    mine: int
    unassigned: int
    oldest: Moment | None


class CaseReport(Input):
    """Forbidden use, reported by hand."""

    workspace: Annotated[Text, Field(max_length=200, description="`ws_…`, or the address of its person.")]
    reason: Reason


class CaseAssignment(Input):
    """Whose a case is to be."""

    assignee: Literal["me"] | None
    expected: Annotated[Text, Field(max_length=64)] | None = Field(description="Whose it was when you looked: `usr_…`")
    reason: Annotated[Text, Field(max_length=500)] = ""


class CaseNoting(Input):
    """A note for staff alone."""

    text: Annotated[Text, Field(min_length=1, max_length=2000)]


class CaseDecision(Input):
    """What becomes of a workspace."""

    decision: Literal["clear", "limit", "freeze", "ban"]
    limit: AmountIn | None = Field(None, description="Of `limit`: Credits a UTC day.")
    message: Annotated[Text, Field(max_length=500)] = Field("", description="What the customer reads of a freeze.")
    days: Annotated[Whole, Field(ge=1, le=365)] | None = Field(None, description="After which a freeze ends.")
    reason: Reason


class Trust(Input):
    """Whether an owner vouches for a workspace."""

    trusted: Flag
    reason: Reason


class RiskAct(Input):
    """Why something is put back."""

    reason: Reason


class ParameterSpec(Output):
    """A parameter of a kind of rule."""

    name: str
    form: Literal["whole", "credits", "choices"]
    initial: Any
    least: int
    most: int
    optional: bool
    choices: list[str]


class KindSpec(Output):
    """A kind of rule and what it can be set to."""

    kind: KindName
    parameters: list[ParameterSpec]


class RiskRule(Output):
    """A rule as it counts now, or as it was in a version."""

    id: str
    version: int
    kind: KindName
    name: str
    enabled: bool
    parameters: dict[str, Any]
    outcome: OutcomeName
    limit_to: Amount | None
    severity: SeverityName
    new_accounts_days: int | None
    cooldown_hours: int
    changed_by: str
    changed_at: Moment
    reason: str
    hits_30_days: int


class RiskRules(Output):
    """Every rule, and what rules can be."""

    rules: list[RiskRule]
    kinds: list[KindSpec]


class RuleVersions(Output):
    """A rule and how it came to be, newest version first."""

    versions: list[RiskRule]


class RuleActed(RiskRule, Acted):
    """A rule after a change."""


class RuleFields(Input):
    """What a rule says."""

    kind: KindName
    name: Annotated[Text, Field(max_length=100)]
    enabled: Flag
    parameters: Annotated[dict[str, Any], Field(max_length=10)]
    outcome: OutcomeName
    limit_to: AmountIn | None = None
    severity: SeverityName
    new_accounts_days: Whole | None = None
    cooldown_hours: Whole


class RuleNew(RuleFields):
    """A rule that is to be."""

    reason: Reason


class RuleChange(RuleFields):
    """A new version of a rule."""

    expected_version: Whole = Field(description="The version you looked at.")
    reason: Reason


class DryRunAsked(RuleFields):
    """A rule to try on the past."""

    days: Annotated[Whole, Field(ge=1, le=90)]


class DryRunRow(Output):
    """A workspace that a rule would have found."""

    workspace: OfWorkspace
    email: str | None
    first_at: Moment
    times: int
    because: Because
    numbers: dict[str, Any]
    flagged_already: bool


class DryRunResult(Output):
    """Whom a rule would have found. Of many, only the first are listed."""

    since: Moment
    until: Moment
    items: list[DryRunRow]
    workspaces: int
    hits: int
    flagged_already: int
    audit_seq: int
