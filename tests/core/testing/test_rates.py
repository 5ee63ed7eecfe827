"""Rate headers tell the tightest limit of their window, and refusals the one that was hit."""

from __future__ import annotations

from freetier.testing import STYLES, Limit
from freetier.testing.ledger import Gauge, Hit
from freetier.testing.rates import (
    cost_headers,
    rate_headers,
    refusal_facts,
    refusal_kind,
    retry_headers,
)

T0 = 1_795_219_200.0
MINUTE = Gauge(Limit(30), 10, 20, 60.0)
TIGHTER = Gauge(Limit(12, scope="pool"), 10, 2, 30.0)
DAY = Gauge(Limit(1000, "day", kind="bucket"), 4, 996, 345.6)


def test_a_header_tells_the_limit_with_the_least_left() -> None:
    """Two limits of the same window have one header."""
    told = dict(rate_headers(STYLES["generic"], 200, [MINUTE, TIGHTER], T0))
    assert told["x-ratelimit-limit-requests"] == "12"
    assert told["x-ratelimit-remaining-requests"] == "2"
    assert told["x-ratelimit-reset-requests"] == "30s"


def test_a_window_that_is_not_limited_has_no_header() -> None:
    """Groq's requests are of the day; without a day limit they are not told."""
    assert rate_headers(STYLES["groq"], 200, [MINUTE], T0) == []
    told = dict(rate_headers(STYLES["groq"], 200, [MINUTE, DAY], T0))
    assert told["x-ratelimit-reset-requests"] == "5m45.6s"


def test_headers_come_with_the_vendors_statuses_only() -> None:
    """OpenRouter tells nothing on success; nobody does on 401."""
    hit = Hit(MINUTE, 1, 12.0)
    assert rate_headers(STYLES["openrouter"], 200, [MINUTE], T0) == []
    assert rate_headers(STYLES["groq"], 401, [DAY], T0) == []
    told = rate_headers(STYLES["openrouter"], 429, [], T0, hit)
    assert dict(told)["X-RateLimit-Reset"] == "1795219212000"


def test_a_scripted_refusal_tells_its_own_window() -> None:
    """Also when no such limit is configured."""
    told = dict(rate_headers(STYLES["groq"], 429, [], T0, Hit(DAY, 1, 5.0)))
    assert told["x-ratelimit-limit-requests"] == "1000"


def test_the_cost_of_a_request_is_told_where_the_vendor_tells_it() -> None:
    """Mistral does, on answers."""
    assert cost_headers(STYLES["mistral"], 200, 25) == [("x-ratelimit-tokens-query-cost", "25")]
    assert cost_headers(STYLES["mistral"], 400, 25) == []
    assert cost_headers(STYLES["groq"], 200, 25) == []


def test_waits_are_rounded_up() -> None:
    """Whole seconds and milliseconds; who comes back then gets in."""
    hit = Hit(MINUTE, 1, 2.0001)
    assert retry_headers(STYLES["groq"], hit) == [("retry-after", "3")]
    assert retry_headers(STYLES["openai"], hit) == [
        ("retry-after", "3"),
        ("retry-after-ms", "2001"),
    ]
    assert retry_headers(STYLES["nvidia"], hit) == []


def test_facts_name_limit_use_and_wait() -> None:
    """Whatever a body may say."""
    facts = refusal_facts(STYLES["groq"], Hit(MINUTE, 1, 2.5), T0)
    assert (facts["limit"], facts["used"], facts["requested"]) == (30, 10, 1)
    assert facts["again"] == "2.5s"
    assert facts["what"] == "requests per minute (RPM)"
    unknown = Gauge(Limit(9, 20), 9, 0, 5.0)
    assert refusal_facts(STYLES["groq"], Hit(unknown, 1, 5.0), T0)["what"] == "requests per 20s"


def test_never_and_too_large_are_other_errors_where_the_vendor_has_them() -> None:
    """Groq has 413, Gemini a quota of nothing; others just refuse."""
    large = Hit(MINUTE, 99, None)
    never = Hit(Gauge(Limit(0), 0, 0, 0.0), 1, None)
    assert [refusal_kind(STYLES[s], large) for s in ("groq", "openai")] == ["too_large", "refused"]
    assert [refusal_kind(STYLES[s], never) for s in ("gemini", "openai")] == ["never", "refused"]
    assert refusal_kind(STYLES["groq"], Hit(MINUTE, 1, 3.0)) == "refused"
