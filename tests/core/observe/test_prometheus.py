"""Prometheus, read by its own client's text format and parser."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from freetier.observe import prometheus
from tests.core.observe.stage import CANARY, played, staged


def _scraped(registry):
    text = generate_latest(registry).decode()
    assert CANARY not in text
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return {(s.name, *sorted(s.labels.items())): s.value for s in samples}


def _of(samples, name, **labels):
    """Return the values of the samples that have these labels."""
    return [
        value
        for (found, *pairs), value in samples.items()
        if found == name and labels.items() <= dict(pairs).items()
    ]


@pytest.fixture
def registry():
    """One of its own for each test."""
    return CollectorRegistry()


def test_what_is_left_is_a_gauge(registry):
    """Of every window, and when it comes back."""
    router = staged()
    prometheus.watch(router, registry)
    of_groq = {"account": "groq-1", "metric": "requests", "model": ""}
    assert _of(_scraped(registry), "freetier_quota_left", **of_groq) == [2]
    played(router)
    samples = _scraped(registry)
    assert _of(samples, "freetier_quota_left", **of_groq) == [0]
    assert _of(samples, "freetier_quota_used", **of_groq) == [2]
    assert 0 < _of(samples, "freetier_quota_resets_seconds", **of_groq)[0] <= 61
    assert max(_of(samples, "freetier_blocked_seconds", account="cerebras-1")) > 60


def test_requests_attempts_and_tokens_are_counted(registry):
    """By how they ended."""
    router = staged()
    prometheus.watch(router, registry)
    played(router)
    samples = _scraped(registry)
    assert _of(samples, "freetier_requests_total", outcome="answer") == [3]
    assert _of(samples, "freetier_requests_total", outcome="give_up") == [1]
    assert _of(samples, "freetier_attempts_total", outcome="quota_gone") == [1]
    assert _of(samples, "freetier_attempts_total", account="groq-1") == [2]
    assert _of(samples, "freetier_request_seconds_count") == [4]
    assert min(_of(samples, "freetier_tokens_total")) > 0


def test_watching_ends_and_may_begin_again(registry):
    """What was registered is taken out."""
    router = staged()
    end = prometheus.watch(router, registry)
    with pytest.raises(ValueError, match="Duplicated"):
        prometheus.watch(staged(), registry)
    end()
    assert _scraped(registry) == {}
    prometheus.watch(router, registry)
