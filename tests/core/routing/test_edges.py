"""Where days, weeks and months begin, also where the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.errors import ConfigError
from freetier.routing.edges import edges, zone_of

ZONES = [
    "UTC",
    "America/Los_Angeles",  # changes at two in the morning
    "Europe/Berlin",
    "Asia/Kolkata",  # half an hour
    "Asia/Kathmandu",  # three quarters
    "Australia/Lord_Howe",  # changes by half an hour
    "America/Havana",  # repeats the hour from midnight
    "Asia/Beirut",  # skips midnight
    "America/Asuncion",  # skipped and repeated midnight
    "Pacific/Apia",  # skipped a whole day in 2011
    "America/St_Johns",  # changed at one minute past midnight
    "Africa/Casablanca",  # twice around Ramadan
]
UNITS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=28)}
HOUR = 3_600_000
zones, units = st.sampled_from(ZONES), st.sampled_from(sorted(UNITS))
instants = st.integers(min_value=0, max_value=4_102_444_800_000)  # 1970 to 2100


def ms(text: str) -> int:
    """Return an instant in milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@given(units, zones, instants)
def test_edges_ascend_around_the_instant(unit, zone, now):
    """The second period holds it."""
    last, this, coming, after = edges(unit, zone, now)
    assert last < this <= now < coming < after


@given(units, zones, instants)
def test_every_instant_of_a_period_has_its_edges(unit, zone, now):
    """Also its first and its last millisecond; the next period goes on from there."""
    found = edges(unit, zone, now)
    assert edges(unit, zone, found[1]) == edges(unit, zone, found[2] - 1) == found
    assert edges(unit, zone, found[2])[:3] == found[1:]


@given(zones, instants)
def test_a_day_begins_when_its_date_does(zone, now):
    """Just before, the local calendar shows an earlier date."""
    start = edges("day", zone, now)[1]
    local = datetime.fromtimestamp(start / 1000, ZoneInfo(zone))
    before = datetime.fromtimestamp((start - 1) / 1000, ZoneInfo(zone))
    assert before.date() < local.date()


@given(units, zones, instants)
def test_weeks_begin_on_mondays_and_months_on_the_first(unit, zone, now):
    """By the local date."""
    for edge in edges(unit, zone, now):
        local = datetime.fromtimestamp(edge / 1000, ZoneInfo(zone))
        assert unit != "week" or local.weekday() == 0 or zone == "Pacific/Apia"
        assert unit != "month" or local.day == 1


@given(units, instants)
def test_in_utc_every_period_has_its_plain_length(unit, now):
    """No clock changes there."""
    starts = [datetime.fromtimestamp(edge / 1000, UTC) for edge in edges(unit, "UTC", now)]
    for one, following in pairwise(starts):
        if unit == "month":
            assert following == (one + timedelta(days=31)).replace(day=1)
        else:
            assert following - one == UNITS[unit]


@pytest.mark.parametrize(
    ("zone", "within", "hours"),
    [
        ("America/Los_Angeles", "2026-03-08T12:00-07:00", 23),
        ("America/Los_Angeles", "2026-11-01T12:00-08:00", 25),
        ("America/Los_Angeles", "2026-07-01T12:00-07:00", 24),
        ("Europe/Berlin", "2026-03-29T12:00+02:00", 23),
        ("Europe/Berlin", "2026-10-25T12:00+01:00", 25),
        ("Australia/Lord_Howe", "2026-04-05T12:00+10:30", 24.5),
        ("Asia/Beirut", "2026-03-29T12:00+03:00", 23),
        ("America/Havana", "2026-11-01T12:00-05:00", 25),
    ],
)
def test_days_are_as_long_as_their_clocks_make_them(zone, within, hours):
    """A day limit of a provider ends at its midnight, not a day later."""
    _, this, coming, _ = edges("day", zone, ms(within))
    assert coming - this == hours * HOUR


@pytest.mark.parametrize(
    ("unit", "zone", "now", "start", "end"),
    [
        ("day", "UTC", "2026-11-21T00:00+00:00", "2026-11-21T00:00+00:00",
         "2026-11-22T00:00+00:00"),
        ("day", "America/Los_Angeles", "2026-11-21T07:59+00:00", "2026-11-20T08:00+00:00",
         "2026-11-21T08:00+00:00"),
        ("week", "UTC", "2026-11-21T05:00+00:00", "2026-11-16T00:00+00:00",
         "2026-11-23T00:00+00:00"),
        ("month", "UTC", "2024-02-29T23:59+00:00", "2024-02-01T00:00+00:00",
         "2024-03-01T00:00+00:00"),
        ("month", "Europe/Berlin", "2026-12-31T23:30+00:00", "2026-12-31T23:00+00:00",
         "2027-01-31T23:00+00:00"),
        # midnight is skipped: the day begins with the change
        ("day", "Asia/Beirut", "2026-03-29T09:00+00:00", "2026-03-28T22:00+00:00",
         "2026-03-29T21:00+00:00"),
        # midnight comes twice: the first begins the day
        ("day", "America/Havana", "2026-11-01T05:30+00:00", "2026-11-01T04:00+00:00",
         "2026-11-02T05:00+00:00"),
        # the clocks fall back into yesterday: the day that has begun goes on
        ("day", "America/St_Johns", "2010-11-07T02:45+00:00", "2010-11-07T02:30+00:00",
         "2010-11-08T03:30+00:00"),
    ],
)  # fmt: skip
def test_known_periods(unit, zone, now, start, end):
    """Worked out by hand."""
    assert edges(unit, zone, ms(now))[1:3] == (ms(start), ms(end))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "a\0b", "Pacific Time"])
def test_an_unknown_zone_is_a_readable_error(zone):
    """It says what a zone looks like, and what may be missing."""
    with pytest.raises(ConfigError, match="tzdata"):
        zone_of(zone)
