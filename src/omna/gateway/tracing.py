"""Spans of requests for OpenTelemetry, in the words of its GenAI conventions. Off unless an endpoint is set.

    request               SERVER: from its arrival to its booking
      admission           the wait for a verdict
      chat small          CLIENT: one attempt at one provider, `gen_ai.*` on it
      settlement          the wait for the booking

Ids, names, counts and times, never what people say to a model or what it says: neither as attribute nor as event.
The library is imported only when tracing is on: it is an extra, and most installations have none of it.
"""

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from omna.clock import monotonic
from omna.config import ConfigError
from omna.config import Tracing as TracingSettings
from omna.errors import OmnaError
from omna.gateway.model import Call, Receipt, Ticket
from omna.ids import show
from omna.money import format_credits

if TYPE_CHECKING:
    import asyncio

    from omna.catalog.model import Route
    from omna.gateway.bill import Bill
    from omna.providers.base import Failure

_MISSING = "OMNA_TRACING_ENDPOINT needs OpenTelemetry: install omna[tracing]"

#: What the client sent as `traceparent`, where it is believed.
_incoming: ContextVar[str | None] = ContextVar("traceparent", default=None)

#: gen_ai.operation.name by endpoint; what is not here is called by its own name.
_OPERATIONS = {"chat": "chat", "completions": "text_completion", "embeddings": "embeddings"}
#: gen_ai.system by kind of a provider.
_SYSTEMS = {"gemini": "gcp.gemini"}


def check(settings: TracingSettings) -> None:
    """Errors: ConfigError when tracing is wanted and cannot be had."""
    if not settings.endpoint:
        return
    if not settings.endpoint.startswith(("http://", "https://")):
        raise ConfigError("OMNA_TRACING_ENDPOINT is an address such as http://collector:4318/v1/traces")
    if not 0 <= settings.sample <= 1:
        raise ConfigError("OMNA_TRACING_SAMPLE is a part of all requests: between 0 and 1")
    _headers(settings)
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.sdk.trace  # noqa: F401  whether they are there
    except ImportError:
        raise ConfigError(_MISSING) from None


def tracing(settings: TracingSettings) -> "Tracing | None":
    """Return what makes spans, None where nobody wants any. Errors: ConfigError."""
    check(settings)
    if not settings.endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=settings.endpoint, headers=_headers(settings))
    return Tracing(settings, BatchSpanProcessor(exporter))


class Tracing:
    """Makes the spans of a process. processor: where they go."""

    def __init__(self, settings: TracingSettings, processor: Any) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

        self.settings = settings
        resource = Resource.create({"service.name": settings.service_name})
        sampler = ParentBased(TraceIdRatioBased(settings.sample))
        self._provider = TracerProvider(resource=resource, sampler=sampler, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self.tracer: Any = self._provider.get_tracer("omna")

    def arrived(self, traceparent: str | None) -> None:
        """Take a client's word about its own trace, where that is wanted. Each request has a context of its own."""
        if self.settings.accept_traceparent:
            _incoming.set(traceparent)

    def begin(self, call: Call) -> "Trace":
        """Begin the trace of a call."""
        return Trace(self, call)

    def close(self) -> None:
        """Send what is left. It may take seconds: call it in a thread."""
        self._provider.shutdown()


class Trace:
    """The spans of one request. Made at its admission, over when it is booked."""

    def __init__(self, tracing: Tracing, call: Call) -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._api = trace
        self._tracing = tracing
        incoming = _incoming.get()
        self._propagator = TraceContextTextMapPropagator()
        parent = None if incoming is None else self._propagator.extract({"traceparent": incoming})
        self._root: Any = tracing.tracer.start_span(
            f"{_operation(call)} {call.model_id}",
            context=parent,
            kind=trace.SpanKind.SERVER,
            start_time=time.time_ns() - int((monotonic() - call.received_at) * 1e9),
            attributes={
                "omna.request_id": show("req", call.request_id),
                "gen_ai.operation.name": _operation(call),
                "gen_ai.request.model": call.model_id,
                "omna.streamed": call.streamed,
            },
        )
        self._context = trace.set_span_in_context(self._root)
        self._admission: Any = self._child("admission")
        self._attempt: Any = None
        self._operation = _operation(call)

    def admitted(self, ticket: Ticket) -> None:
        """End the admission: Credits are held."""
        self._admission.end()
        self._root.set_attribute("omna.workspace_id", show("ws", ticket.workspace_id))
        self._root.set_attribute("omna.source", ticket.source)

    def refused(self, error: BaseException) -> None:
        """End everything: the request was not admitted."""
        code = error.code if isinstance(error, OmnaError) else type(error).__name__
        for span in (self._admission, self._root):
            self._mark(span, code)
            span.end()

    def attempt(self, ticket: Ticket, route: "Route") -> None:
        """Begin an attempt at a provider."""
        kind = route.provider.kind
        self._attempt = self._child(
            f"{self._operation} {route.upstream_model}",
            kind=self._api.SpanKind.CLIENT,
            attributes={
                "gen_ai.operation.name": self._operation,
                "gen_ai.provider.name": route.provider.name,
                "gen_ai.system": _SYSTEMS.get(kind, kind),
                "gen_ai.request.model": route.upstream_model,
                "gen_ai.request.max_tokens": ticket.upstream_bound,
                "gen_ai.request.choice.count": ticket.call.choices,
            },
        )

    def failed(self, failure: "Failure") -> None:
        """End an attempt that failed, by its kind and status: a provider's own words may quote a prompt."""
        if failure.status is not None:
            self._attempt.set_attribute("http.response.status_code", failure.status)
        self._mark(self._attempt, failure.kind.value)
        self._attempt.end()
        self._attempt = None

    def traceparent(self) -> str | None:
        """Return what to send to the provider of this attempt, None where that is not wanted."""
        if not self._tracing.settings.send_traceparent or self._attempt is None:
            return None
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier, self._api.set_span_in_context(self._attempt))
        return carrier.get("traceparent")

    def closed(self, bill: "Bill", receipt: Receipt, booked: "asyncio.Future[str]") -> None:
        """Say how the request ended, and wait for its booking."""
        tokens, ticket = receipt.tokens, bill.ticket
        outcome = "" if bill.outcome is None else bill.outcome.value
        if self._attempt is not None:
            self._attempt.set_attribute("gen_ai.response.model", ticket.route.upstream_model)
            self._attempt.set_attribute("gen_ai.usage.input_tokens", tokens.prompt)
            self._attempt.set_attribute("gen_ai.usage.output_tokens", tokens.completion)
            reasons = [one.finish_reason for _, one in sorted(bill.finishes.items()) if one.finish_reason]
            if reasons:
                self._attempt.set_attribute("gen_ai.response.finish_reasons", reasons)
            if bill.error_code is not None:
                self._mark(self._attempt, bill.error_code)
            self._attempt.end()
        self._root.set_attribute("gen_ai.response.model", ticket.model.model_id)
        self._root.set_attribute("gen_ai.usage.input_tokens", tokens.prompt)
        self._root.set_attribute("gen_ai.usage.output_tokens", tokens.completion)
        self._root.set_attribute("omna.outcome", outcome)
        self._root.set_attribute("omna.charge", format_credits(receipt.charge.total))
        if bill.first_delta_at is not None:
            first = bill.first_delta_at - ticket.call.received_at
            self._root.set_attribute("gen_ai.server.time_to_first_token", first)
        if bill.error_code is not None:
            self._mark(self._root, bill.error_code)
        settlement = self._child("settlement")

        def end(future: "asyncio.Future[str]") -> None:
            if future.cancelled() or future.exception() is not None:
                self._mark(settlement, "journalled")
            else:
                settlement.set_attribute("omna.settlement", future.result())
            settlement.end()
            self._root.end()

        booked.add_done_callback(end)

    def _child(self, name: str, **options: Any) -> Any:
        return self._tracing.tracer.start_span(name, context=self._context, **options)

    def _mark(self, span: Any, code: str) -> None:
        span.set_attribute("error.type", code)
        span.set_status(self._api.StatusCode.ERROR)


def _operation(call: Call) -> str:
    return _OPERATIONS.get(call.endpoint, call.endpoint)


def _headers(settings: TracingSettings) -> dict[str, str]:
    """Return the headers for the collector. Errors: ConfigError."""
    headers = {}
    for pair in filter(None, (part.strip() for part in settings.headers.split(","))):
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ConfigError("OMNA_TRACING_HEADERS is name=value, with commas between")
        headers[name.strip().lower()] = value.strip()
    return headers
