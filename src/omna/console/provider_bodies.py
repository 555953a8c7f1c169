"""Providers, as the console shows them."""

from typing import Any

from omna.catalog import service as catalog
from omna.catalog.model import Model, Provider, Route
from omna.console.provider_schemas import (
    BreakerRow,
    CallCounts,
    CallPoint,
    CapUse,
    FailureRow,
    FallbackStep,
    ModelCalls,
    ProviderDetail,
    ProviderHealth,
    ProviderKey,
    ProviderRoute,
    ProviderRow,
    ReconciledDay,
    Reporting,
    Span,
    TestResult,
)
from omna.db.pool import Connection
from omna.gateway import probe, vitals
from omna.gateway.vitals import BreakerLine, Counts
from omna.ids import ProviderId, show
from omna.risk import spending
from omna.risk.reconciliation import service as reconciliation
from omna.risk.reconciliation.model import Line
from omna.risk.spending import Spend, Standing


async def rows(connection: Connection) -> list[ProviderRow]:
    """Return every provider."""
    providers = await catalog.list_providers(connection)
    facts = await _Facts.read(connection, providers)
    return [ProviderRow(**facts.of(provider)) for provider in providers]


async def detail(connection: Connection, name: str) -> ProviderDetail:
    """Return one provider. Errors: NotFound."""
    provider = await catalog.find_provider(connection, name)
    facts = await _Facts.read(connection, [provider])
    routes = [
        _route(model, route)
        for model in facts.models
        for route in model.routes
        if route.provider.provider_id == provider.provider_id
    ]
    report = await reconciliation.reporting(connection, provider)
    return ProviderDetail(
        **facts.of(provider),
        routes=routes,
        reporting=None
        if report is None
        else Reporting(
            format=report.format,
            key=ProviderKey(is_set=True, ends=report.key_ends),
            usable=report.usable,
            set_at=report.set_at,
        ),
        report_format=reconciliation.report_of(provider),
    )


def reconciled(line: Line) -> ReconciledDay:
    """Return one day of a reconciliation."""
    return ReconciledDay(
        day=line.day,
        recorded=line.recorded,
        reported=line.reported,
        difference=line.difference,
        state=line.state,
        problem=line.problem,
        partial=line.partial,
        checked_at=line.checked_at,
    )


def health(span: Span, found: vitals.Vitals) -> ProviderHealth:
    """Return how a provider did."""
    _, step = vitals.SPANS[span]
    return ProviderHealth(
        span=span,
        step_seconds=int(step.total_seconds()),
        whole=CallCounts(**_calls(found.whole)),
        points=[CallPoint(at=at, **_calls(counts)) for at, counts in found.points],
        models=[ModelCalls(upstream_model=name, **_calls(counts)) for name, counts in sorted(found.models.items())],
        failures=[
            FailureRow(
                upstream_model=line.upstream_model,
                failure=line.failure,
                status=line.status or None,
                times=line.times,
                last_at=line.last_at,
            )
            for line in found.failures
        ],
        breakers=[
            BreakerRow(
                upstream_model=line.upstream_model,
                state="probing" if line.state == "probing" else "open",
                processes=line.processes,
                open_until=line.open_until,
            )
            for line in found.breakers
        ],
    )


def test_result(made: probe.Probed) -> TestResult:
    """Return how a test call ended."""
    answered = made.outcome == probe.ANSWERED
    return TestResult(
        model=made.model_id,
        upstream_model=made.upstream_model,
        answered=answered,
        failure=None if answered else made.outcome,
        status=made.status or None,
        duration_ms=made.duration_ms,
        prompt_tokens=made.prompt_tokens,
        completion_tokens=made.completion_tokens,
        cost=made.cost,
        audit_seq=made.audit_seq,
    )


class _Facts:
    """What the rows of several providers are made of, each read once."""

    def __init__(
        self,
        models: list[Model],
        standings: dict[ProviderId, Standing],
        calls: dict[ProviderId, Counts],
        breakers: dict[ProviderId, list[BreakerLine]],
        stops: dict[str, str],
    ) -> None:
        self.models = models
        self._standings = standings
        self._calls = calls
        self._breakers = breakers
        self._stops = stops

    @classmethod
    async def read(cls, connection: Connection, providers: list[Provider]) -> "_Facts":
        return cls(
            await catalog.list_models(connection),
            await spending.standings(connection, providers),
            await vitals.summaries(connection),
            await vitals.breakers(connection),
            await catalog.stopped_scopes(connection),
        )

    def of(self, provider: Provider) -> dict[str, Any]:
        subject = provider.provider_id
        standing = self._standings[subject]
        return {
            "name": provider.name,
            "kind": provider.kind,
            "base_url": provider.base_url,
            "allow_private": provider.allow_private,
            "key": ProviderKey(is_set=provider.secret is not None, ends=provider.key_ends),
            "enabled": provider.enabled,
            "stopped": f"provider:{provider.name}" in self._stops or "all" in self._stops,
            "max_in_flight": provider.max_in_flight,
            "day": _use(standing.day, provider.daily_cap),
            "month": _use(standing.month, provider.monthly_cap),
            "models": len({
                model.model_id
                for model in self.models
                for route in model.routes
                if route.provider.provider_id == subject
            }),
            "last_hour": CallCounts(**_calls(self._calls.get(subject, Counts()))),
            "breakers_open": len(self._breakers.get(subject, ())),
        }  # fmt: skip


def _use(spend: Spend, cap: int | None) -> CapUse:
    return CapUse(
        cap=cap,
        spent=spend.spent,
        held=spend.held,
        resets_at=spend.resets_at,
        reached=cap is not None and spend.spent + spend.held >= cap,
    )


def _calls(counts: Counts) -> dict[str, Any]:
    return {
        "calls": counts.answered + counts.failed,
        "failed": counts.failed,
        "refused": counts.refused,
        "error_rate": counts.error_rate,
        "first_p50": counts.latency("first", 0.5),
        "first_p95": counts.latency("first", 0.95),
        "total_p50": counts.latency("total", 0.5),
        "total_p95": counts.latency("total", 0.95),
    }


def _route(model: Model, route: Route) -> ProviderRoute:
    order = sorted(model.routes, key=lambda one: (one.priority, -one.weight, one.provider.name))
    return ProviderRoute(
        id=show("rt", route.route_id),
        model=model.model_id,
        model_name=model.name,
        model_enabled=model.enabled,
        answers_chat="chat" in model.endpoints,
        upstream_model=route.upstream_model,
        priority=route.priority,
        weight=route.weight,
        enabled=route.enabled,
        order=[
            FallbackStep(
                provider=one.provider.name,
                upstream_model=one.upstream_model,
                priority=one.priority,
                weight=one.weight,
                enabled=one.enabled and one.provider.enabled,
            )
            for one in order
        ],
    )
