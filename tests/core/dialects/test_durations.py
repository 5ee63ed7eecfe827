"""Times are read in every spelling seen, and garbage is nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.durations import count, duration, http_date, number, seconds

NOW = 1_795_219_200.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1h2m3.4s", 3723.4),
        ("9m38.016s", 578.016),
        ("7.66s", 7.66),
        ("120ms", 0.12),
        ("1ms", 0.001),
        ("24h0m0s", 86_400.0),
        ("4h17m", 15_420.0),
        ("2d", 172_800.0),
        ("15", 15.0),
        ("0.5", 0.5),
        ("20 seconds", 20.0),
        ("1 minute, 5 seconds", 65.0),
        ("2 hours", 7200.0),
        ("10 min", 600.0),
        (" 3 ", 3.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("5 parsecs", None),
        ("5s later", None),
        ("9" * 400, None),
        ("1e400", None),
        ("99999d", None),
    ],
)
def test_durations_are_read_in_all_spellings(text, expected):
    """Go durations, words and bare seconds are read; the rest is nothing."""
    assert duration(text) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("33011.382867", "seconds", 33011.382867),
        ("600", "milliseconds", 0.6),
        (str(int((NOW + 60) * 1000)), "epoch_milliseconds", 60.0),
        (str(int(NOW + 60)), "epoch_seconds", 60.0),
        (str(int(NOW + 60)), "seconds", 60.0),
        (str(int((NOW + 60) * 1000)), "seconds", 60.0),
        ("59", "epoch_seconds", 59.0),
        ("59000", "epoch_milliseconds", 59.0),
        ("4h17m", "seconds", 15_420.0),
        (str(int(NOW - 60)), "epoch_seconds", 0.0),
        ("garbage", "epoch_seconds", None),
    ],
)
def test_a_reset_is_read_as_what_it_looks_like(text, form, expected):
    """An instant among durations and a duration among instants are told apart."""
    assert seconds(text, form, NOW) == (None if expected is None else pytest.approx(expected))


def test_an_instant_without_the_providers_clock_means_nothing():
    """Our own clock is never used to measure a provider's instant."""
    assert seconds(str(int(NOW)), "epoch_seconds", None) is None
    assert seconds("5", "seconds", None) == 5.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sat, 21 Nov 2026 00:00:00 GMT", 1_795_219_200.0),
        ("Saturday, 21-Nov-2026 00:00:00 GMT", 1_795_219_200.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Sat, 31 Feb 2026 00:00:00 GMT", None),
        ("Sat, 21 Nov 0000 00:00:00 GMT", None),
        ("Sat, 21 Abc 2026 00:00:00 GMT", None),
        ("2026-11-21T00:00:00Z", None),
        ("", None),
    ],
)
def test_http_dates_are_read(text, expected):
    """The date of RFC 9110 is read; a day that never was is nothing."""
    assert http_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10", 10), ("10.0", 10), ("-1", 0), ("", None), ("x", None), ("9" * 300, None)],
)
def test_counts_are_read(text, expected):
    """Decimal counts are cut, negative ones mean none, garbage is nothing."""
    assert count(text) == expected


@given(st.text(max_size=60))
def test_no_text_breaks_a_reader(text):
    """Whatever stands in a header, reading it raises nothing and gives no absurd time."""
    number(text)
    count(text)
    http_date(text)
    for form in ("int", "go_duration", "seconds", "epoch_milliseconds"):
        told = seconds(text, form, NOW)
        assert told is None or 0.0 <= told <= 366 * 86_400.0
