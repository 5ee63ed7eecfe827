"""OpenTelemetry, read by its own SDK."""

from __future__ import annotations

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as conventions
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics

from freetier.observe import otel
from freetier.testing import VirtualClock
from tests.core.observe.stage import CANARY, played, staged


class Watched:
    """A router, its spans and its metrics."""

    def __init__(self):
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.clock = VirtualClock()
        self.router = staged(clock=self.clock)
        self.end = otel.watch(
            self.router,
            tracer_provider=self.tracers,
            meter_provider=MeterProvider(metric_readers=[self.reader]),
        )

    @property
    def spans(self):
        """What was exported so far."""
        return self.exporter.get_finished_spans()

    @property
    def requests(self):
        """The spans of whole requests."""
        return [span for span in self.spans if span.kind is trace.SpanKind.INTERNAL]

    def below(self, request):
        """The spans of a request's attempts."""
        return [
            span
            for span in self.spans
            if span.parent is not None and span.parent.span_id == request.context.span_id
        ]

    def metrics(self):
        """The data points by the metric's name."""
        data = self.reader.get_metrics_data()
        found = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics]
        return {metric.name: list(metric.data.data_points) for metric in found}


@pytest.fixture
def watched():
    """A router that is watched."""
    made = Watched()
    yield made
    made.end()


def test_a_request_is_a_span_and_each_attempt_one_below_it(watched):
    """With the times they had, also when the provider refused."""
    played(watched.router)
    first, second, third, last = watched.requests
    assert [len(watched.below(span)) for span in (first, second, third, last)] == [1, 2, 1, 0]
    assert first.name == "chat gpt-oss-120b"
    assert first.end_time - first.start_time == pytest.approx(0.25e9, abs=1e3)
    (attempt,) = watched.below(first)
    assert attempt.kind is trace.SpanKind.CLIENT
    assert (attempt.start_time, attempt.end_time) == (first.start_time, first.end_time)
    refused, answered = watched.below(second)
    assert refused.status.status_code is trace.StatusCode.ERROR
    assert refused.attributes["error.type"] == "quota_gone"
    assert refused.attributes["http.response.status_code"] == 429
    assert answered.status.status_code is trace.StatusCode.UNSET
    assert last.status.status_code is trace.StatusCode.ERROR
    assert last.attributes["error.type"] == "give_up"


def test_names_are_those_of_the_conventions(watched):
    """Every `gen_ai.` attribute is one that the semantic conventions know."""
    played(watched.router)
    known = {getattr(conventions, name) for name in dir(conventions) if name.startswith("GEN_AI")}
    used = {name for span in watched.spans for name in span.attributes if "gen_ai" in name}
    assert used <= known
    whole = watched.requests[1].attributes
    assert whole[conventions.GEN_AI_OPERATION_NAME] == "chat"
    assert whole[conventions.GEN_AI_PROVIDER_NAME] == "groq"
    assert whole[conventions.GEN_AI_REQUEST_MODEL] == "gpt-oss-120b"
    assert whole[conventions.GEN_AI_RESPONSE_MODEL] == "openai/gpt-oss-120b"
    assert whole[conventions.GEN_AI_RESPONSE_FINISH_REASONS] == ("stop",)
    assert whole[conventions.GEN_AI_USAGE_OUTPUT_TOKENS] > 0
    assert whole["freetier.tags"] == ("job-7",)
    assert (whole["freetier.failovers"], whole["freetier.account"]) == (1, "groq-1")
    assert CANARY not in str([dict(span.attributes) for span in watched.spans])


def test_the_callers_span_is_the_parent(watched):
    """So that a request stands where it was made."""
    tracer = watched.tracers.get_tracer("mine")
    with tracer.start_as_current_span("mine") as mine:
        watched.router.complete("Hello", model="gpt-oss-120b")
    (request,) = watched.requests[:1]
    assert request.parent.span_id == mine.get_span_context().span_id


def test_in_a_task_as_well(watched):
    """The context of the task that asked."""
    tracer = watched.tracers.get_tracer("mine")

    async def ask():
        with tracer.start_as_current_span("mine") as mine:
            await watched.router.acomplete("Hello", model="gpt-oss-120b")
        return mine

    mine = watched.clock.run(ask())
    assert watched.requests[0].parent.span_id == mine.get_span_context().span_id


def test_a_stream_that_nobody_reads_on_leaves_a_span_with_its_end(watched):
    """Cancelled, with the attempt that was under way."""
    with watched.router.stream("Hello", model="gpt-oss-120b") as stream:
        next(stream)
    (request,) = watched.requests
    assert request.attributes["error.type"] == "cancelled"
    assert request.attributes["gen_ai.request.stream"] is True
    (attempt,) = watched.below(request)
    assert attempt.attributes["error.type"] == "cancelled"


def test_metrics_tell_durations_tokens_attempts_and_what_is_left(watched):
    """By the conventions' names where they have them."""
    played(watched.router)
    found = watched.metrics()
    durations = found[gen_ai_metrics.GEN_AI_CLIENT_OPERATION_DURATION]
    assert sum(point.count for point in durations) == 4
    assert {p.attributes.get("error.type") for p in durations} == {None, "give_up"}
    kinds = {p.attributes["gen_ai.token.type"] for p in found["gen_ai.client.token.usage"]}
    assert kinds == {"input", "output"}
    attempts = {
        (p.attributes["freetier.account"], p.attributes["freetier.outcome"]): p.value
        for p in found["freetier.attempts"]
    }
    assert attempts == {
        ("cerebras-1", "answered"): 1,
        ("cerebras-1", "quota_gone"): 1,
        ("groq-1", "answered"): 2,
    }
    (left,) = [
        p.value
        for p in found["freetier.quota.left"]
        if p.attributes["freetier.account"] == "groq-1"
        and p.attributes["freetier.metric"] == "requests"
        and "gen_ai.request.model" not in p.attributes
    ]
    assert left == 0.0
    watched.end()
    watched.router.reset_usage()
    assert "freetier.quota.left" not in watched.metrics()
