"""Prometheus: gauges for what is left of every window, and counters of what was done.

    from prometheus_client import start_http_server
    from freetier.observe import prometheus

    prometheus.watch(router)
    start_http_server(9464)

Gauges are read from the router's quota at each scrape, so they are as fresh as the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

try:
    from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
    from prometheus_client.core import GaugeMetricFamily, Metric
    from prometheus_client.registry import Collector
except ModuleNotFoundError as missing:
    raise ImportError('Prometheus is missing: pip install "freetier[prometheus]"') from missing

from freetier.values.listing import QuotaRow
from freetier.values.reports import RouteEvent

if TYPE_CHECKING:
    from freetier.overview import Overview

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120)
WINDOW = ("account", "provider", "model", "metric", "window")

GAUGES: dict[str, tuple[str, Callable[[QuotaRow], float]]] = {
    "freetier_quota_limit": ("The limit of a window.", lambda row: row.limit),
    "freetier_quota_used": ("What is used of a window.", lambda row: row.used),
    "freetier_quota_reserved": ("What requests under way hold.", lambda row: row.reserved),
    "freetier_quota_left": ("What is left of a window.", lambda row: row.left),
}


def watch(router: Overview, registry: CollectorRegistry = REGISTRY) -> Callable[[], None]:
    """Count a router's requests and show its quota.

    Args:
        router: Whose requests and quota; one router to a registry.
        registry: Where the metrics are registered.

    Returns:
        What ends it and takes the metrics out of the registry.
    """
    counting = _Counting()
    kept: list[Collector] = [_Quota(router), *counting.collectors]
    for collector in kept:
        registry.register(collector)
    end = router.listen(counting)

    def both() -> None:
        end()
        for collector in kept:
            registry.unregister(collector)

    return both


class _Quota(Collector):
    """Reads the quota at each scrape."""

    def __init__(self, router: Overview) -> None:
        self._router = router

    def describe(self) -> Iterable[Metric]:
        """Say the names without asking the store, so that registering costs nothing."""
        names = {**{name: told for name, (told, _) in GAUGES.items()}, **TIMES}
        return [GaugeMetricFamily(name, told, labels=WINDOW) for name, told in names.items()]

    def collect(self) -> Iterable[Metric]:
        """Return one sample per window and gauge."""
        rows = self._router.quota_status()
        for name, (told, value) in GAUGES.items():
            family = GaugeMetricFamily(name, told, labels=WINDOW)
            for row in rows:
                family.add_metric(_labels(row), value(row))
            yield family
        for name, told in TIMES.items():
            family = GaugeMetricFamily(name, told, labels=WINDOW)
            for row in rows:
                until = row.resets_at if name == RESETS else row.blocked_until
                if until is not None:
                    family.add_metric(_labels(row), max(0.0, until - rows.at))
            yield family


RESETS = "freetier_quota_resets_seconds"
TIMES = {
    RESETS: "Seconds until something of a window comes back.",
    "freetier_blocked_seconds": "Seconds for which nothing is sent after a fault.",
}


def _labels(row: QuotaRow) -> tuple[str, ...]:
    return (row.account, row.provider, row.model or "", str(row.metric), row.window)


class _Counting:
    """A listener that counts requests, attempts, tokens and seconds."""

    def __init__(self) -> None:
        self._requests = Counter(
            "freetier_requests", "Requests by how they ended.", ("alias", "outcome"), registry=None
        )
        self._attempts = Counter(
            "freetier_attempts",
            "Attempts by account and how they ended.",
            ("account", "provider", "model", "outcome"),
            registry=None,
        )
        self._tokens = Counter(
            "freetier_tokens", "Tokens of answers.", ("account", "direction"), registry=None
        )
        self._cost = Counter("freetier_cost_dollars", "Money spent.", ("account",), registry=None)
        self._seconds = Histogram(
            "freetier_request_seconds",
            "Time of requests, waiting included.",
            ("alias",),
            buckets=SECONDS,
            registry=None,
        )
        self._waited = Counter(
            "freetier_waited_seconds", "Time spent waiting for quota.", ("alias",), registry=None
        )

    @property
    def collectors(self) -> list[Collector]:
        """What is to be registered."""
        counted: list[Collector] = [self._requests, self._attempts, self._tokens]
        return [*counted, self._cost, self._seconds, self._waited]

    def __call__(self, event: RouteEvent) -> None:
        """Take the end of a request."""
        report = event.report
        if report is None:
            return
        alias = report.alias
        self._requests.labels(alias, event.kind).inc()
        self._seconds.labels(alias).observe(report.duration)
        self._waited.labels(alias).inc(report.waited)
        for attempt in report.attempts:
            outcome = str(attempt.fault) if attempt.fault else "answered"
            told = (attempt.account, attempt.provider, attempt.model, outcome)
            self._attempts.labels(*told).inc()
        if report.account and report.usage:
            self._tokens.labels(report.account, "input").inc(report.usage.input_tokens)
            self._tokens.labels(report.account, "output").inc(report.usage.output_tokens)
        if report.account and report.cost:
            self._cost.labels(report.account).inc(report.cost)
