"""Rate headers into observations, by the catalog's map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.limits import hints, read
from freetier.values.providers import HeaderRule
from freetier.values.quota import Metric, Observation

DATE = ("date", "Sat, 21 Nov 2026 00:00:00 GMT")
AT = 1_795_219_200

RULES = (
    HeaderRule(name="X-Limit-Day", role="limit", metric=Metric.REQUESTS, span=86_400.0),
    HeaderRule(name="x-left-day", role="remaining", metric=Metric.REQUESTS, span=86_400.0),
    HeaderRule(
        name="x-reset-day",
        role="reset",
        format="go_duration",
        metric=Metric.REQUESTS,
        span=86_400.0,
        until_full=True,
    ),
    HeaderRule(name="x-left-tokens", role="remaining", metric=Metric.TOTAL, span=60.0),
    HeaderRule(
        name="x-reset-tokens", role="reset", format="seconds", metric=Metric.TOTAL, span=60.0
    ),
    HeaderRule(name="x-reset", role="reset", format="epoch_milliseconds"),
)


def test_each_window_that_is_spoken_of_gives_one_observation():
    """Limit, remaining and reset of one window stand together; others are not invented."""
    found = hints(
        RULES, 200, [("x-limit-day", "1000"), ("X-Left-Day", "996"), ("x-left-tokens", "12")]
    )
    assert found.observations == (
        Observation(metric=Metric.REQUESTS, span=86_400.0, limit=1000, remaining=996),
        Observation(metric=Metric.TOTAL, span=60.0, remaining=12),
    )
    assert found.retry_in is None


def test_a_reset_that_means_until_full_is_no_moment():
    """Groq's reset tells when the window is full again, which is never waited for."""
    found = hints(RULES, 200, [("x-left-day", "1"), ("x-reset-day", "5m45.6s")])
    assert found.observations[0].reset_in is None


def test_other_resets_are_seconds_from_now():
    """A reset in seconds is kept as it is."""
    found = hints(RULES, 200, [("x-left-tokens", "0"), ("x-reset-tokens", "11.4")])
    assert found.observations[0].reset_in == 11.4


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("retry-after", "15")], 15.0),
        ([("retry-after", "1.5")], 1.5),
        ([("retry-after", "1m30s")], 90.0),
        ([("retry-after", "1"), ("retry-after-ms", "600")], 0.6),
        ([("retry-after-ms", "soon"), ("retry-after", "1")], 1.0),
        ([("retry-after", "Sat, 21 Nov 2026 00:01:00 GMT"), DATE], 60.0),
        ([("retry-after", "Sat, 21 Nov 2026 00:01:00 GMT")], None),
        ([("retry-after", "Fri, 20 Nov 2026 00:01:00 GMT"), DATE], 0.0),
        ([("retry-after", "soon")], None),
        ([], None),
    ],
)
def test_a_told_wait_is_read_in_every_form(headers, expected):
    """Seconds, fractions, durations, milliseconds and dates by the provider's own clock."""
    assert hints(RULES, 429, headers).retry_in == expected


def test_a_rule_may_name_another_header_for_the_wait():
    """A provider's own header of the role `retry_after` is read in its own form."""
    rule = HeaderRule(name="x-come-back", role="retry_after", format="milliseconds")
    assert hints((rule,), 429, [("x-come-back", "250")]).retry_in == 0.25


def test_waiting_is_useless_for_what_is_too_large():
    """The wait that comes with a 413 is ignored."""
    assert hints(RULES, 413, [("retry-after", "4")]).retry_in is None


def test_a_reset_of_an_unnamed_window_is_told_apart():
    """An instant in milliseconds becomes seconds by the answer's own date."""
    told = read(RULES, 429, [DATE, ("x-reset", str((AT + 30) * 1000))])
    assert told.reset_in == 30.0
    assert told.observations == ()


def test_of_several_empty_windows_the_longest_counts():
    """Who waits for the short window would be refused by the long one."""
    told = read(RULES, 429, [("x-left-day", "0"), ("x-left-tokens", "0")])
    assert told.exhausted is not None
    assert told.exhausted.span == 86_400.0


def test_a_limit_of_zero_is_never_granted():
    """Mistral tells so that a model is not for this account."""
    assert read(RULES, 429, [("x-limit-day", "0")]).is_never_granted
    assert not read(RULES, 429, [("x-limit-day", "5"), ("x-left-day", "0")]).is_never_granted


@given(st.lists(st.tuples(st.sampled_from([rule.name for rule in RULES]), st.text(max_size=30))))
def test_garbage_in_headers_is_ignored(headers):
    """Whatever a header says, reading it raises nothing and counts stay sane."""
    for seen in hints(RULES, 200, [*headers, DATE]).observations:
        assert seen.limit is None or seen.limit >= 0
        assert seen.remaining is None or seen.remaining >= 0
