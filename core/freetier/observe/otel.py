"""OpenTelemetry: a span per request, one per attempt below it, and metrics.

    from freetier.observe import otel

    otel.watch(router)

Names are those of the GenAI semantic conventions (opentelemetry.io/docs/specs/semconv/gen-ai,
as of semantic-conventions 0.66b2); what they have no name for is below `freetier.`. Spans are
made when a request has ended, with the times it had, below the span that was current for the
caller; so a request that is abandoned leaves no open span behind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

try:
    from opentelemetry import metrics, trace
except ModuleNotFoundError as missing:
    raise ImportError('OpenTelemetry is missing: pip install "freetier[otel]"') from missing

from freetier.values.reports import Attempt, RouteEvent, RouteReport

if TYPE_CHECKING:
    from opentelemetry.util.types import AttributeValue

    from freetier.overview import Overview

NAME = "freetier"
SYSTEMS = {"gemini": "gcp.gemini", "gemini-openai": "gcp.gemini", "mistral": "mistral_ai"} | {
    "xai": "x_ai"
}
"""Providers that the conventions spell in another way than our catalog."""

DURATIONS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
TOKENS = [4.0**power for power in range(14)]
"""Bounds of the buckets that the conventions recommend."""

NANOSECONDS = 1e9


def watch(
    router: Overview,
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
) -> Callable[[], None]:
    """Send spans and metrics of a router's requests.

    Metrics are `gen_ai.client.operation.duration`, `gen_ai.client.token.usage`,
    `gen_ai.client.operation.time_to_first_chunk`, `freetier.attempts`, `freetier.wait.duration`
    and the gauge `freetier.quota.left`.

    Args:
        router: Whose requests.
        tracer_provider: Where spans go; the global one by default.
        meter_provider: Where metrics go; the global one by default.

    Returns:
        What ends it. The gauge stays known to the meter and then reports nothing.
    """
    sending = _Sending(
        trace.get_tracer(NAME, tracer_provider=tracer_provider),
        metrics.get_meter(NAME, meter_provider=meter_provider),
        router,
    )
    end = router.listen(sending)

    def both() -> None:
        sending.ended = True
        end()

    return both


class _Sending:
    """A listener that turns the end of each request into spans and measurements."""

    def __init__(self, tracer: trace.Tracer, meter: metrics.Meter, router: Overview) -> None:
        self.ended = False
        self._tracer = tracer
        self._router = router
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "Time of a request, waiting and fail-overs included.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Tokens of an answer.",
            explicit_bucket_boundaries_advisory=TOKENS,
        )
        self._first = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            "s",
            "Time of a stream until its first content.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        self._waited = meter.create_histogram(
            "freetier.wait.duration",
            "s",
            "Time a request waited for quota.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        self._attempts = meter.create_counter(
            "freetier.attempts", "{attempt}", "Attempts by account and how they ended."
        )
        meter.create_observable_gauge(
            "freetier.quota.left",
            [self._left],
            "1",
            "Share left of each account's window, from 0 to 1.",
        )

    def __call__(self, event: RouteEvent) -> None:
        """Take the end of a request."""
        if event.report is None:
            return
        self._spans(event, event.report)
        self._measure(event, event.report)

    def _spans(self, event: RouteEvent, report: RouteReport) -> None:
        began = event.at - report.duration
        whole = self._tracer.start_span(
            f"{event.operation} {report.alias}".strip(),
            kind=trace.SpanKind.INTERNAL,
            attributes=dict(_of_request(event, report)),
            start_time=_ns(began),
        )
        below = trace.set_span_in_context(whole)
        for attempt in report.attempts:
            span = self._tracer.start_span(
                f"{event.operation} {attempt.model}",
                below,
                kind=trace.SpanKind.CLIENT,
                attributes=dict(_of_attempt(event, attempt)),
                start_time=_ns(began + attempt.started_at),
            )
            if attempt.fault is not None:
                span.set_status(trace.StatusCode.ERROR, attempt.detail or str(attempt.fault))
            span.end(_ns(began + attempt.ended_at))
        if event.kind != "answer":
            span_says = event.detail or event.kind.replace("_", " ")
            whole.set_status(trace.StatusCode.ERROR, span_says)
        whole.end(_ns(event.at))

    def _measure(self, event: RouteEvent, report: RouteReport) -> None:
        about = dict(_common(event.operation, report.alias, report.provider, report.model))
        if event.kind != "answer":
            about["error.type"] = _error(event, report)
        self._duration.record(report.duration, about)
        if report.waited:
            self._waited.record(report.waited, about)
        for attempt in report.attempts:
            outcome = str(attempt.fault) if attempt.fault else "answered"
            named = {"freetier.account": attempt.account, "freetier.outcome": outcome}
            system = SYSTEMS.get(attempt.provider, attempt.provider)
            self._attempts.add(1, {**named, "gen_ai.provider.name": system})
        if report.usage is not None:
            kinds = {"input": report.usage.input_tokens, "output": report.usage.output_tokens}
            for kind, count in kinds.items():
                self._tokens.record(count, {**about, "gen_ai.token.type": kind})
        first = report.attempts[-1].first_content_at if report.attempts else None
        if event.stream and first is not None:
            self._first.record(first, about)

    def _left(self, _: metrics.CallbackOptions) -> Iterable[metrics.Observation]:
        if self.ended:
            return
        for row in self._router.quota_status():
            if row.limit:
                about = {
                    "freetier.account": row.account,
                    "freetier.metric": str(row.metric),
                    "freetier.window": row.window,
                    "gen_ai.provider.name": SYSTEMS.get(row.provider, row.provider),
                    **({"gen_ai.request.model": row.model} if row.model else {}),
                }
                yield metrics.Observation(row.left / (row.at_once or row.limit), about)


Named = Iterator[tuple[str, "AttributeValue"]]


def _common(operation: str, alias: str, provider: str | None, model: str | None) -> Named:
    yield "gen_ai.operation.name", operation
    yield "gen_ai.provider.name", SYSTEMS.get(provider, provider) if provider else NAME
    yield "gen_ai.request.model", alias
    if model:
        yield "gen_ai.response.model", model


def _of_request(event: RouteEvent, report: RouteReport) -> Named:
    yield from _common(event.operation, report.alias, report.provider, report.model)
    yield "gen_ai.request.stream", event.stream
    yield "freetier.request.id", report.request_id
    yield "freetier.failovers", report.failovers
    yield "freetier.waited", report.waited
    yield "freetier.free", report.free
    yield from _present("freetier.account", report.account)
    yield from _present("freetier.cost", report.cost or None)
    yield from _present("freetier.quota_left", report.quota_left)
    if report.tags:
        yield "freetier.tags", report.tags
    if report.finish_reason is not None:
        yield "gen_ai.response.finish_reasons", (str(report.finish_reason),)
    if report.usage is not None:
        yield "gen_ai.usage.input_tokens", report.usage.input_tokens
        yield "gen_ai.usage.output_tokens", report.usage.output_tokens
        cached, thought = report.usage.cached_tokens, report.usage.reasoning_tokens
        yield from _present("gen_ai.usage.cache_read.input_tokens", cached)
        yield from _present("gen_ai.usage.reasoning.output_tokens", thought)
    if event.kind != "answer":
        yield "error.type", _error(event, report)


def _of_attempt(event: RouteEvent, attempt: Attempt) -> Named:
    yield from _common(event.operation, attempt.model, attempt.provider, None)
    yield "freetier.account", attempt.account
    yield "freetier.candidate", attempt.candidate
    yield from _present("http.response.status_code", attempt.status or None)
    yield from _present("freetier.retry_in", attempt.retry_in)
    if attempt.first_content_at is not None:
        first = attempt.first_content_at - attempt.started_at
        yield "gen_ai.response.time_to_first_chunk", first
    if attempt.usage is not None:
        yield "gen_ai.usage.input_tokens", attempt.usage.input_tokens
        yield "gen_ai.usage.output_tokens", attempt.usage.output_tokens
    if attempt.fault is not None:
        yield "error.type", str(attempt.fault)


def _present(name: str, value: Any) -> Named:  # noqa: ANN401 - an attribute's value, or None
    if value is not None and not (isinstance(value, float) and math.isnan(value)):
        yield name, value


def _error(event: RouteEvent, report: RouteReport) -> str:
    """Return why nobody answered: the last attempt's fault, else how the request ended."""
    failed = [attempt.fault for attempt in report.attempts if attempt.fault is not None]
    return str(failed[-1]) if failed else event.kind


def _ns(instant: float) -> int:
    return int(instant * NANOSECONDS)
