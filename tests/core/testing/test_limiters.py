"""Every kind of window against a plain list of what was admitted, in whole ticks.

The list is the truth: each expectation is computed from it anew, without any state.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.testing import Limit
from freetier.testing.buckets import Bucket
from freetier.testing.limiters import (
    TICKS,
    Counter,
    Limiter,
    Log,
    Slots,
    Weighted,
    calendar_bounds,
    clock_bounds,
    limiter,
)

History = list[tuple[int, int]]
Used = Callable[[History, int], Fraction]
"""From what was admitted, (tick, units), to what counts at a tick."""

PHASE = 3


def fixed_used(span: int, phase: int = 0) -> Used:
    """What was admitted in the same window of the clock."""

    def used(history: History, at: int) -> Fraction:
        window = (at - phase) // span
        return Fraction(sum(units for t, units in history if (t - phase) // span == window))

    return used


def first_used(span: int) -> Used:
    """What was admitted since the request that opened the window."""

    def used(history: History, at: int) -> Fraction:
        opened, count = None, 0
        for t, units in history:
            if opened is None or t >= opened + span:
                opened, count = t, 0
            count += units
        return Fraction(count if opened is not None and at < opened + span else 0)

    return used


def rolling_used(span: int) -> Used:
    """What was admitted less than a span ago."""
    return lambda history, at: Fraction(sum(units for t, units in history if at < t + span))


def counter_used(span: int, phase: int) -> Used:
    """The share of the last window that still overlaps, rounded down, and this window."""

    def used(history: History, at: int) -> Fraction:
        window, elapsed = divmod(at - phase, span)
        last = sum(units for t, units in history if (t - phase) // span == window - 1)
        this = sum(units for t, units in history if (t - phase) // span == window)
        return Fraction(Fraction(last * (span - elapsed), span).__floor__() + this)

    return used


def bucket_used(amount: int, span: int) -> Used:
    """What has been taken out and has not flowed back."""

    def used(history: History, at: int) -> Fraction:
        missing, last = Fraction(0), 0
        for t, units in [*history, (at, 0)]:
            missing = max(Fraction(0), missing - Fraction((t - last) * amount, span)) + units
            last = t
        return missing

    return used


def kinds(amount: int, span: int, burst: int) -> dict[str, tuple[Limiter, Used, int]]:
    """Return each kind of limiter with its truth and with what fits at once."""
    return {
        "fixed": (Counter(amount, clock_bounds(span, 0)), fixed_used(span), amount),
        "phase": (Counter(amount, clock_bounds(span, PHASE)), fixed_used(span, PHASE), amount),
        "first": (Counter(amount, lambda at: (at, at + span)), first_used(span), amount),
        "rolling": (Log(amount, span), rolling_used(span), amount),
        "counter": (Weighted(amount, span, PHASE), counter_used(span, PHASE), amount),
        "bucket": (Bucket(amount, span, amount), bucket_used(amount, span), amount),
        "pace": (Bucket(amount, span, burst), bucket_used(amount, span), burst),
    }


KINDS = tuple(kinds(1, 1, 1))
arrivals = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 4)), max_size=40)


@pytest.mark.parametrize("kind", KINDS)
@given(amount=st.integers(1, 9), span=st.integers(1, 60), burst=st.integers(1, 5), steps=arrivals)
def test_a_request_is_admitted_exactly_when_the_list_has_room(
    kind: str, amount: int, span: int, burst: int, steps: History
) -> None:
    """Room now, the wait until there is room, never, and what is used: all as the list says."""
    window, used, most = kinds(amount, span, burst)[kind]
    history: History = []
    at = 1000
    for gap, units in steps:
        at += gap
        now_used = used(history, at)
        assert window.used(at) == now_used.__ceil__()
        wait = window.wait(at, units)
        if units > most:
            assert wait is None
            continue
        assert wait is not None
        assert (wait == 0) == (now_used + units <= most)
        if wait:
            assert used(history, at + wait) + units <= most
            assert used(history, at + wait - 1) + units > most
        else:
            window.take(at, units)
            history.append((at, units))


@pytest.mark.parametrize("kind", KINDS)
@given(amount=st.integers(1, 9), span=st.integers(1, 60), burst=st.integers(1, 5), steps=arrivals)
def test_it_is_empty_exactly_when_it_says_so(
    kind: str, amount: int, span: int, burst: int, steps: History
) -> None:
    """`full_in` is the first tick at which nothing counts, whatever was forced into it."""
    window, used, _ = kinds(amount, span, burst)[kind]
    history: History = []
    at = 1000
    for gap, units in steps:
        at += gap
        window.take(at, units)
        history.append((at, units))
        rest = window.full_in(at)
        assert used(history, at + rest) == 0
        # A counter's last window can round to nothing before it is over.
        assert kind == "counter" or used(history, at + rest - 1) > 0


@pytest.mark.parametrize("kind", KINDS)
@given(amount=st.integers(1, 9), span=st.integers(1, 60), steps=arrivals)
def test_questions_change_nothing(kind: str, amount: int, span: int, steps: History) -> None:
    """A limiter that is asked all the time admits the same as one that is never asked."""
    asked, quiet = kinds(amount, span, 2)[kind][0], kinds(amount, span, 2)[kind][0]
    at = 1000
    for gap, units in steps:
        for tick in range(at, at + gap):
            asked.wait(tick, units)
            asked.used(tick)
            asked.full_in(tick)
        at += gap
        answer = quiet.wait(at, units)
        assert asked.wait(at, units) == answer
        if answer == 0:
            asked.take(at, units)
            quiet.take(at, units)


@pytest.mark.parametrize("kind", ["fixed", "first", "rolling", "counter"])
@given(
    span=st.integers(1, 60), steps=arrivals, later=st.integers(0, 130), change=st.integers(-3, 3)
)
def test_an_amended_request_counts_where_it_was_counted(
    kind: str, span: int, steps: History, later: int, change: int
) -> None:
    """A correction changes the entry of its own moment, and nothing once that is gone."""
    window, used, _ = kinds(1000, span, 1)[kind]
    at, history = 1000, [(1000, 5)]
    ticket = window.take(at, 5)
    for gap, units in steps:
        at += gap
        window.take(at, units)
        history.append((at, units))
    at += later
    window.amend(ticket, change, at)
    history[0] = (1000, 5 + change)
    assert window.used(at) == used(history, at)


@given(amount=st.integers(1, 9), span=st.integers(1, 60), spent=st.integers(1, 20))
def test_a_bucket_takes_a_correction_as_if_it_came_now(amount: int, span: int, spent: int) -> None:
    """What is put back is there at once; what is taken on top is missing at once."""
    bucket = Bucket(amount, span, amount)
    bucket.take(1000, spent)
    bucket.amend(None, -spent, 1000)
    assert bucket.used(1000) == 0
    bucket.amend(None, spent, 1000)
    assert bucket.used(1000) == spent


def test_nothing_flows_into_a_bucket_of_nothing() -> None:
    """A limit of zero is never granted."""
    assert Bucket(0, 60, 0).wait(0, 1) is None
    assert Bucket(0, 60, 0).full_in(5) == 0


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Europe/Oslo", "Asia/Kathmandu"])
@pytest.mark.parametrize("period", ["day", "week", "month"])
@given(hours=st.integers(0, 24 * 800))
def test_calendar_windows_are_those_of_the_zone(zone: str, period: str, hours: int) -> None:
    """Both ends are midnights of the zone that belong together, and the instant lies between."""
    place = ZoneInfo(zone)
    at = (1_735_689_600 + hours * 3600) * TICKS
    start, end = calendar_bounds(period, zone)(at)
    assert start <= at < end
    first, last = (datetime.fromtimestamp(tick // TICKS, place) for tick in (start, end))
    assert (first.hour, first.minute, last.hour, last.minute) == (0, 0, 0, 0)
    if period == "day":
        assert (last.date() - first.date()).days == 1
    elif period == "week":
        assert (first.weekday(), (last.date() - first.date()).days) == (0, 7)
    else:
        assert (first.day, last.day) == (1, 1)
        assert (last.year * 12 + last.month) - (first.year * 12 + first.month) == 1


def test_the_day_of_a_clock_change_is_shorter() -> None:
    """In Los Angeles 2026-03-08 has 23 hours, and 2026-11-01 has 25."""
    bounds = calendar_bounds("day", "America/Los_Angeles")
    lengths = []
    for month, day in ((3, 8), (11, 1)):
        noon = int(datetime(2026, month, day, 20, tzinfo=UTC).timestamp()) * TICKS
        start, end = bounds(noon)
        lengths.append((end - start) / TICKS / 3600)
    assert lengths == [23, 25]


def test_slots_are_free_when_they_are_given_back() -> None:
    """Requests at the same time: full until one ends, whatever the time."""
    slots = Slots(2)
    for _ in range(2):
        assert slots.wait(0, 1) == 0
        slots.take(0, 1)
    assert slots.wait(10**12, 1) == TICKS
    slots.amend(None, -1, 5)
    assert (slots.wait(5, 1), slots.used(5)) == (0, 1)
    assert Slots(0).wait(0, 1) is None


@pytest.mark.parametrize(
    ("limit", "kind"),
    [
        (Limit(1, kind="fixed"), Counter),
        (Limit(1, kind="first"), Counter),
        (Limit(1, "day", kind="calendar"), Counter),
        (Limit(1, kind="rolling"), Log),
        (Limit(1, kind="counter"), Weighted),
        (Limit(1, kind="bucket"), Bucket),
        (Limit(1, kind="pace"), Bucket),
        (Limit(1, metric="concurrent"), Slots),
    ],
)
def test_each_kind_of_limit_has_its_limiter(limit: Limit, kind: type) -> None:
    """A limit is counted as it says."""
    assert isinstance(limiter(limit), kind)
