"""From what reports return to the bodies of /api."""

from omna.ids import made_at, show
from omna.usage.report_model import Detail, Totals, outcome_class
from omna.usage.schemas import RequestRow, Tokens, UsageTotals


def totals_body(totals: Totals) -> UsageTotals:
    return UsageTotals(
        spend=totals.charge,
        requests=totals.requests,
        errors=totals.errors,
        tokens=Tokens(
            prompt=totals.prompt_tokens,
            completion=totals.completion_tokens,
            cached=totals.cached_tokens,
            cache_write=totals.cache_write_tokens,
            reasoning=totals.reasoning_tokens,
        ),
        latency_ms=_mean(totals.duration_ms, totals.requests),
        first_token_ms=_mean(totals.first_delta_ms, totals.first_deltas),
    )


def request_row(found: Detail) -> RequestRow:
    return RequestRow(
        id=show("req", found.request_id),
        time=made_at(found.request_id),
        model=found.model_id,
        provider=found.provider_name or "",
        key=None if found.key_id is None else show("key", found.key_id),
        key_name=found.key_name,
        member_name=found.member_name,
        source=found.source,  # type: ignore[arg-type]
        api=found.api or "chat",
        tokens=Tokens(
            prompt=found.prompt_tokens,
            completion=found.completion_tokens,
            cached=found.cached_tokens,
            cache_write=found.cache_write_tokens,
            reasoning=found.reasoning_tokens,
        ),
        cost=found.charge,
        latency_ms=found.duration_ms,
        first_token_ms=found.first_delta_ms,
        outcome="running" if found.outcome == "running" else outcome_class(found.outcome),
        finish_reason=found.finish_reason,
        error_code=found.error_code,
        streamed=found.streamed,
        estimated=found.estimated,
    )


def _mean(total: int, count: int) -> float | None:
    return round(total / count, 1) if count else None
