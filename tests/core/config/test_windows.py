"""Windows in words."""

from __future__ import annotations

import pytest

from freetier.config.places import Place
from freetier.config.windows import check_zone, read_window
from freetier.errors import ConfigError
from freetier.values.quota import Kind, Window

HERE = Place("f", "per")
PACIFIC = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("minute", Window(kind=Kind.ROLLING, span=60)),
        ("hour", Window(kind=Kind.ROLLING, span=3600)),
        ("rolling 24h", Window(kind=Kind.ROLLING, span=86_400)),
        ("fixed 60s", Window(kind=Kind.FIXED, span=60)),
        ("first 5h", Window(kind=Kind.FIRST, span=18_000)),
        ("bucket 1m", Window(kind=Kind.BUCKET, span=60)),
        ("pace 1s", Window(kind=Kind.PACE, span=1)),
        ("counter 1h", Window(kind=Kind.COUNTER, span=3600)),
        ("unknown 1d", Window(kind=Kind.UNKNOWN, span=86_400)),
        ("day", Window(kind=Kind.CALENDAR, span=86_400, unit="day", zone=PACIFIC)),
        ("day@UTC", Window(kind=Kind.CALENDAR, span=86_400, unit="day", zone="UTC")),
        ("month", Window(kind=Kind.CALENDAR, span=2_592_000, unit="month", zone=PACIFIC)),
        (
            "week@Europe/Zurich",
            Window(kind=Kind.CALENDAR, span=604_800, unit="week", zone="Europe/Zurich"),
        ),
    ],
)
def test_words_become_windows(text: str, window: Window):
    """Minutes roll; days, weeks and months are the provider's own unless a zone is named."""
    assert read_window(text, HERE, zone=PACIFIC) == window


def test_a_bucket_may_have_a_burst():
    """In units of the limit."""
    assert read_window("bucket 1m", HERE, zone="UTC", burst=5).burst == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("minutes", "did you mean 'minute'"),
        ("roling 24h", "did you mean 'rolling'"),
        ("dya@UTC", "did you mean 'day'"),
        ("rolling", "is no window"),
        ("", "is no window"),
        ("rolling 0s", "longer than nothing"),
        ("rolling -1h", "must not be negative"),
        ("rolling soon", "must be a length"),
        ("calendar day", "is no window"),
        ("day@America/Los_Angles", "did you mean 'America/Los_Angeles'"),
        ("day@../../etc/passwd", "unknown time zone"),
        ("day@America", "unknown time zone"),
        ("day@", "unknown time zone"),
    ],
)
def test_other_words_are_refused(text: str, told: str):
    """With the nearest right word, or examples."""
    with pytest.raises(ConfigError, match=told):
        read_window(text, HERE, zone="UTC")


def test_only_buckets_have_a_burst():
    """Elsewhere it would be ignored."""
    with pytest.raises(ConfigError, match="only a bucket or a pace"):
        read_window("minute", HERE, zone="UTC", burst=5)


def test_utc_needs_no_data_on_zones():
    """It is known everywhere."""
    assert check_zone("UTC", HERE) == "UTC"
