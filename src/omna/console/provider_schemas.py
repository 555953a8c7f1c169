"""Bodies of /api/console/providers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from omna.http.values import Acted, Amount, AmountIn, Flag, Input, Moment, Output, Reason, Text, Whole
from omna.risk.reconciliation.model import State

Name = Annotated[Text, Field(max_length=64, description="Short name, for example `openrouter`; it never changes.")]
Url = Annotated[Text, Field(max_length=500, examples=["https://api.openai.com/v1"])]
Secret = Annotated[Text, Field(min_length=1, max_length=4096, description="Never shown again.")]
AllowPrivate = Annotated[
    Flag, Field(description="Admit plain http, another port or a private address, for exactly this host and port.")
]
Span = Literal["hour", "day"]


class ProviderKey(Output):
    """What is known of a key. The key itself is never readable."""

    is_set: bool
    ends: str | None = Field(description="Its last characters; null of a short key, or one that was set long ago.")


class CapUse(Output):
    """What is spent at provider cost in a UTC day or month, against its cap."""

    cap: Amount | None
    spent: Amount
    held: Amount = Field(description="What running requests may still cost.")
    resets_at: Moment
    reached: bool = Field(description="Nothing is left of the cap.")


class CallCounts(Output):
    """Calls as all gateways saw them, failed ones before a fallback too. Milliseconds."""

    calls: int = Field(description="Answered and failed ones.")
    failed: int
    refused: int = Field(description="Requests that were no fault of the provider, or never sent.")
    error_rate: float | None = Field(description="Failed of calls, 0 to 1; null without a call.")
    first_p50: int | None = Field(description="Until the first output of a stream.")
    first_p95: int | None
    total_p50: int | None
    total_p95: int | None


class ProviderRow(Output):
    """A provider."""

    name: str
    kind: str
    base_url: str
    allow_private: bool
    key: ProviderKey
    enabled: bool
    stopped: bool = Field(description="An emergency stop of this provider is in force.")
    max_in_flight: int | None = Field(description="Calls each process may have open there; null is its general bound.")
    day: CapUse
    month: CapUse
    models: int = Field(description="Models that use it.")
    last_hour: CallCounts
    breakers_open: int = Field(description="Upstream models that some gateway does not ask for a while.")


class FallbackStep(Output):
    """One route of a model, in the order it is tried."""

    provider: str
    upstream_model: str
    priority: int
    weight: int
    enabled: bool = Field(description="Route and provider are on.")


class ProviderRoute(Output):
    """A model that uses this provider."""

    id: str
    model: str
    model_name: str
    model_enabled: bool
    answers_chat: bool = Field(description="A test call can be made with it.")
    upstream_model: str
    priority: int
    weight: int
    enabled: bool
    order: list[FallbackStep]


class Reporting(Output):
    """How the provider's own report of cost is read."""

    format: str
    key: ProviderKey
    usable: bool = Field(description="False: the key belongs to another address.")
    set_at: Moment


class ProviderDetail(ProviderRow):
    """A provider with its routes."""

    routes: list[ProviderRoute]
    reporting: Reporting | None
    report_format: str | None = Field(description="The format its host reports in.")


class ProviderActed(ProviderDetail, Acted):
    """A provider after an act."""


class CallPoint(CallCounts):
    """Calls of a piece of the span that begins here."""

    at: Moment


class ModelCalls(CallCounts):
    """Calls of one model."""

    upstream_model: str


class FailureRow(Output):
    """A way in which calls failed."""

    upstream_model: str
    failure: str = Field(description="Its class, never the provider's own words.")
    status: int | None
    times: int
    last_at: Moment


class BreakerRow(Output):
    """A model that gateways do not ask for a while, because it failed."""

    upstream_model: str
    state: Literal["open", "probing"]
    processes: int
    open_until: Moment


class ProviderHealth(Output):
    """How a provider did in the last hour or day."""

    span: Span
    step_seconds: int
    whole: CallCounts
    points: list[CallPoint]
    models: list[ModelCalls]
    failures: list[FailureRow]
    breakers: list[BreakerRow]


class ProviderNew(Input):
    """A provider that is to be."""

    name: Name
    kind: Literal["openai", "anthropic", "gemini"]
    base_url: Url
    allow_private: AllowPrivate = False
    api_key: Secret | None = None
    max_in_flight: Whole | None = None
    reason: Reason


class AddressChange(Input):
    """Where a provider is. Another scheme, host or port clears its key."""

    base_url: Url
    allow_private: AllowPrivate = False
    reason: Reason


class KeyChange(Input):
    """Another key."""

    api_key: Secret
    reason: Reason


class BoundChange(Input):
    """How many calls each process may have open there."""

    max_in_flight: Whole | None
    reason: Reason


class CapsChange(Input):
    """What may be spent at provider cost; null is no cap."""

    daily: AmountIn | None
    monthly: AmountIn | None
    reason: Reason


class RouteChange(Input):
    """What changes of a route; what is absent stays."""

    priority: Whole | None = None
    weight: Whole | None = None
    enabled: Flag | None = None
    reason: Reason


class TestCall(Input):
    """A small call that tries the provider; it costs what the route costs."""

    model: Annotated[Text, Field(max_length=128)] | None = Field(None, description="Without one: the cheapest.")
    reason: Reason


class TestResult(Acted):
    """How the test call ended."""

    model: str
    upstream_model: str
    answered: bool
    failure: str | None = Field(description="The class of the failure.")
    status: int | None
    duration_ms: int
    prompt_tokens: int
    completion_tokens: int
    cost: Amount


class ReconciledDay(Output):
    """What a UTC day cost there, as we recorded it and as the provider reports it, in Credits."""

    day: date
    recorded: Amount
    reported: Amount | None
    difference: Amount | None = Field(description="What they report above what we recorded.")
    state: State
    problem: str | None = Field(description="Why there is no report that can be read: a class.")
    partial: bool = Field(description="The day was not over when it was compared.")
    checked_at: Moment


class Reconciled(Acted):
    """The days that were compared just now, newest first."""

    days: list[ReconciledDay]


class ReportingKey(Input):
    """A key of its own that reads the provider's report of cost."""

    format: Literal["openrouter", "openai"]
    api_key: Secret
    reason: Reason


class Why(Input):
    """Why."""

    reason: Reason
