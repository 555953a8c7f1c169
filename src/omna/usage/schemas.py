"""The bodies of usage under /api."""

from typing import Literal

from pydantic import Field

from omna.http.values import Amount, Moment, Output

OutcomeName = Literal["completed", "failed", "stopped", "cut"]
SourceName = Literal["api", "chat", "background"]


class Tokens(Output):
    """Token counts: cached and cache_write are parts of prompt, reasoning of completion."""

    prompt: int
    completion: int
    cached: int
    cache_write: int
    reasoning: int


class UsageTotals(Output):
    """Sums over a period."""

    spend: Amount
    requests: int
    errors: int
    tokens: Tokens
    latency_ms: float | None = Field(description="Mean time of a whole request.")
    first_token_ms: float | None = Field(description="Mean time to the first output, of those that had one.")


class UsageSummary(Output):
    """A period and the one of the same length before it."""

    current: UsageTotals
    previous: UsageTotals
    details_from: Moment | None = Field(description="Single requests before this are no longer kept.")


class UsagePoint(Output):
    """One bucket of one part."""

    start: Moment
    spend: Amount
    requests: int
    tokens: int
    errors: int


class UsageSeries(Output):
    """One part of a chart."""

    key: str = Field(description='Model id, `key_…`, source, `usr_…`; "" for none of them, or "other".')
    label: str
    spend: Amount
    requests: int
    tokens: int
    points: list[UsagePoint] = Field(description="One for each bucket, zeros included.")


class UsageChart(Output):
    """A chart as stacked parts; their sum is the total of the period."""

    bucket: Literal["hour", "day"]
    zone: str = Field(description="Whose days the buckets are: of ranges above 35 days, those of UTC.")
    starts: list[Moment]
    partial_last: bool = Field(description="The last bucket is still running.")
    series: list[UsageSeries] = Field(description='At most six and "other", by spend.')


class RequestRow(Output):
    """One request."""

    id: str
    time: Moment = Field(description="When it was admitted.")
    model: str
    provider: str
    key: str | None
    key_name: str | None
    member_name: str | None
    source: SourceName
    api: str
    tokens: Tokens
    cost: Amount
    latency_ms: int
    first_token_ms: int | None
    outcome: Literal["completed", "failed", "stopped", "cut", "running"]
    finish_reason: str | None
    error_code: str | None
    streamed: bool
    estimated: bool


class ReceiptLine(Output):
    """One class of what was used. The costs of all lines are `unrounded`, which is rounded up once."""

    name: str = Field(description="prompt, cached, cache_write, completion, reasoning, audio_…, image_…, request, …")
    count: int
    unit: str = Field(description="token, request, image, second, character")
    price: Amount = Field(description="Credits for `per` units.")
    per: int
    cost: str = Field(description="Exact decimal string of Credits.")


class Attempt(Output):
    """One call of a provider."""

    provider: str
    status: int | None
    latency_ms: int | None
    answered: bool


class Receipt(RequestRow):
    """How a request was billed."""

    wanted_model: str = Field(
        description="What the client asked for: an alias, or a model that another one stood in for."
    )
    price_version: str
    price_since: Moment
    lines: list[ReceiptLine]
    unrounded: str
    held: Amount
    released: Amount
    attempts: list[Attempt]
    ledger: list[str] = Field(description="`tr_…` of hold, extensions and resolution.")
    running: bool
