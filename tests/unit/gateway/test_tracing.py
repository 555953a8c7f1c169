"""Spans of a request: what is on them, whose trace they continue, and that nothing anybody said is."""

import threading
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from omna.clock import monotonic
from omna.config import ConfigError, Database, Gateway
from omna.config import Tracing as TracingSettings
from omna.db.link import Link
from omna.errors import InsufficientCredits, OmnaError, ProviderOverloaded
from omna.gateway import reporting
from omna.gateway.health import Health
from omna.gateway.model import Call, Caller, Ticket
from omna.gateway.pipeline import Pipeline
from omna.gateway.settlement import Settlements
from omna.gateway.tracing import Tracing, check, tracing
from omna.gateway.upstream import Upstream
from omna.ids import new_id
from omna.observability.metrics import Metrics
from omna.providers.base import Chunk, Delta, Failure, FailureKind, Usage
from tests.unit.gateway import made

SECRET = "the quick brown fox"
CLIENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Adapter:
    """Fails as often as it is told, with words that quote the prompt; then answers."""

    def __init__(self, failures: int = 0, status: int | None = None) -> None:
        self.failures = failures
        self._failure = FailureKind.CONNECT if status is None else FailureKind.STATUS, status
        self.traceparents: list[str | None] = []

    async def stream(self, call: Any) -> AsyncIterator[Chunk]:
        self.traceparents.append(call.traceparent)
        if self.failures:
            self.failures -= 1
            kind, status = self._failure
            raise Failure(kind, f"cannot answer {SECRET}", status=status)
        yield Chunk([Delta(content=f"I heard: {SECRET}")])
        yield Chunk([Delta(finish_reason="stop")], usage=Usage(prompt=10, completion=6))


class Stage:
    """A pipeline whose admission and provider are ours, and whose database is away."""

    def __init__(self, place: Path, settings: TracingSettings | None, adapter: Adapter) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracing = None if settings is None else Tracing(settings, SimpleSpanProcessor(self.exporter))
        self.refusal: OmnaError | None = None
        metrics, options = Metrics(), Gateway()
        catalogue: Any = self
        self._adapter = adapter
        nowhere = Link(f"postgresql:///omna?host={place}", Database(acquire_timeout=0.2))
        self.settlements = Settlements(nowhere, options, place, new_id(), metrics)
        upstream = Upstream(catalogue, Health(monotonic, 5, 30.0, 10), reporting.tally(), options, metrics, None)
        admission: Any = self
        self.pipeline = Pipeline(admission, upstream, self.settlements, 2048, self.tracing)

    def adapter(self, provider: Any) -> Adapter:
        return self._adapter

    async def admit(self, call: Call, caller: Caller) -> Ticket:
        if self.refusal is not None:
            raise self.refusal
        return made.ticket(received_at=call.received_at, body=call.body)

    async def run(self) -> None:
        call = made.call(received_at=monotonic() - 0.5, body={"messages": [{"role": "user", "content": SECRET}]})
        caller = Caller("api", digest=b"x")
        ticket = await self.pipeline.admit(call, caller)
        async for _ in self.pipeline.run(ticket, caller):
            pass
        await self.settlements.drained()
        await self.settlements.close()

    def spans(self) -> dict[str, list[ReadableSpan]]:
        found: dict[str, list[ReadableSpan]] = {}
        for span in self.exporter.get_finished_spans():
            kind = "request" if span.kind.name == "SERVER" else "attempt" if span.kind.name == "CLIENT" else span.name
            found.setdefault(kind, []).append(span)
        return found


async def test_spans_follow_a_request_from_arrival_to_booking(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TracingSettings(), Adapter(failures=1))
    await stage.run()
    spans = stage.spans()
    [root], [admission], [settlement] = spans["request"], spans["admission"], spans["settlement"]
    first, second = spans["attempt"]
    assert root.name == "chat small"
    assert root.end_time is not None
    assert root.start_time is not None
    assert root.end_time - root.start_time >= 0.5e9
    for child in (admission, first, second, settlement):
        assert child.parent is not None
        assert child.parent.span_id == root.context.span_id
    assert first.attributes is not None
    assert first.attributes["error.type"] == "connect"
    attributes = dict(second.attributes or {})
    assert attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "provider1",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "small",
        "gen_ai.response.model": "small",
        "gen_ai.request.max_tokens": 1000,
        "gen_ai.request.choice.count": 1,
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 6,
        "gen_ai.response.finish_reasons": ("stop",),
    }
    assert root.attributes is not None
    assert root.attributes["omna.outcome"] == "completed"
    assert root.attributes["omna.charge"] == "0.000000022"
    # The database is away: the journal has it.
    assert settlement.attributes is not None
    assert settlement.attributes["error.type"] == "journalled"


async def test_request_that_no_provider_answers_says_why(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TracingSettings(), Adapter(failures=1, status=503))
    with pytest.raises(ProviderOverloaded):
        await stage.run()
    await stage.settlements.drained()
    [root], [attempt] = stage.spans()["request"], stage.spans()["attempt"]
    assert root.attributes is not None
    assert attempt.attributes is not None
    assert root.attributes["error.type"] == "provider_overloaded"
    assert attempt.attributes["error.type"] == "status"
    assert attempt.attributes["http.response.status_code"] == 503


@pytest.mark.parametrize("failures", [0, 1])
async def test_nothing_that_anybody_said_is_on_a_span(tmp_path: Path, failures: int) -> None:
    stage = Stage(tmp_path, TracingSettings(), Adapter(failures))
    await stage.run()
    for span in stage.exporter.get_finished_spans():
        assert SECRET not in span.to_json()


@pytest.mark.parametrize("accepted", [True, False])
async def test_trace_of_a_client_is_continued_only_when_that_is_wanted(tmp_path: Path, accepted: bool) -> None:
    adapter = Adapter()
    stage = Stage(tmp_path, TracingSettings(accept_traceparent=accepted, send_traceparent=accepted), adapter)
    assert stage.tracing is not None
    stage.tracing.arrived(CLIENT)
    await stage.run()
    [root], [attempt] = stage.spans()["request"], stage.spans()["attempt"]
    assert (root.parent is not None) == accepted
    if accepted:
        assert f"{root.context.trace_id:032x}" == CLIENT.split("-")[1]
        [sent] = adapter.traceparents
        assert sent == f"00-{CLIENT.split('-')[1]}-{attempt.context.span_id:016x}-01"
    else:
        assert adapter.traceparents == [None]


@pytest.mark.parametrize("nonsense", [None, "", "00-xyz", "é" * 3000])
async def test_nonsense_for_a_trace_begins_a_new_one(tmp_path: Path, nonsense: str | None) -> None:
    stage = Stage(tmp_path, TracingSettings(accept_traceparent=True), Adapter())
    assert stage.tracing is not None
    stage.tracing.arrived(nonsense)
    await stage.run()
    assert stage.spans()["request"][0].parent is None


async def test_refusal_ends_the_trace_with_its_code(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TracingSettings(), Adapter())
    stage.refusal = InsufficientCredits()
    with pytest.raises(InsufficientCredits):
        await stage.run()
    [root], [admission] = stage.spans()["request"], stage.spans()["admission"]
    for span in (root, admission):
        assert span.attributes is not None
        assert span.attributes["error.type"] == "insufficient_credits"


async def test_without_tracing_nothing_is_made(tmp_path: Path) -> None:
    stage = Stage(tmp_path, None, Adapter())
    await stage.run()
    assert stage.exporter.get_finished_spans() == ()
    assert tracing(TracingSettings()) is None


async def test_what_is_not_sampled_is_not_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path, TracingSettings(sample=0.0), Adapter())
    await stage.run()
    assert stage.exporter.get_finished_spans() == ()


def test_collector_receives_spans_with_its_key() -> None:
    got: list[tuple[str, str | None, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.path, self.headers["x-key"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        made_of = TracingSettings(endpoint=f"http://127.0.0.1:{server.server_port}/v1/traces", headers="X-Key=abc")
        on = tracing(made_of)
        assert on is not None
        on.begin(made.call(received_at=monotonic())).refused(InsufficientCredits())
        on.close()
        server.shutdown()
        thread.join()
    [(path, key, body)] = got
    assert (path, key) == ("/v1/traces", "abc")
    assert body


@pytest.mark.parametrize(
    "settings",
    [
        TracingSettings(endpoint="collector:4318"),
        TracingSettings(endpoint="http://localhost:4318/v1/traces", sample=2.0),
        TracingSettings(endpoint="http://localhost:4318/v1/traces", headers="secret"),
    ],
)
def test_settings_that_cannot_be_used_are_named(settings: TracingSettings) -> None:
    with pytest.raises(ConfigError, match="OMNA_TRACING_"):
        check(settings)
