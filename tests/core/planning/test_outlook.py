"""When a window runs dry at a pace."""

from __future__ import annotations

import pytest

from freetier.planning.outlook import Pace, dry_in, pace
from freetier.values.quota import Charge, Kind, Metric, Tally

DAY = 86_400
NOW = 1_795_262_400_000


def _charge(kind: Kind = Kind.CALENDAR, ceiling: int = 1000) -> Charge:
    start = NOW - 6 * 3_600_000  # six hours into the day
    edges = tuple(start + n * DAY * 1000 for n in (-1, 0, 1, 2)) if kind is Kind.CALENDAR else ()
    return Charge(
        key="k", metric=Metric.REQUESTS, amount=1, ceiling=ceiling, kind=kind,
        span_ms=DAY * 1000, edges=edges,
    )  # fmt: skip


def _tally(used: int, resets_in: float | None = 18 * 3600) -> Tally:
    return Tally("k", used=used, resets_in_ms=None if resets_in is None else int(resets_in * 1000))


DRY = [
    # kind, used, units an hour, -> hours until dry
    (Kind.CALENDAR, 400, 100, 6.0),
    (Kind.CALENDAR, 400, 30, None),  # 20 hours, and the day is over in 18
    (Kind.CALENDAR, 1000, 0, 0.0),
    (Kind.CALENDAR, 400, 0, None),
    (Kind.ROLLING, 480, 72, 10.0),  # 20 an hour come back
    (Kind.ROLLING, 480, 40, None),  # less than 1000 a day
    (Kind.BUCKET, 500, 1000 / 24 + 50, 10.0),
    (Kind.BUCKET, 500, 1000 / 24, None),
]


@pytest.mark.parametrize(("kind", "used", "hourly", "hours"), DRY)
def test_when_it_is_dry(kind: Kind, used: int, hourly: float, hours: float | None) -> None:
    """Each kind gives back in its own way."""
    found = dry_in(_charge(kind), _tally(used), hourly / 3600)
    assert found == (None if hours is None else pytest.approx(hours * 3600))


def test_recent_answers_tell_the_pace() -> None:
    """Better than the window's own use, which may be of this morning."""
    assert pace(_charge(), _tally(400), 0.5, NOW) == Pace(rate=0.5, basis="recent")


def test_else_the_window_does() -> None:
    """Six hours of the day, 400 used."""
    found = pace(_charge(), _tally(400), 0.0, NOW)
    assert (round(found.rate * 3600, 3), found.basis) == (66.667, "window")


def test_nothing_used_is_idle() -> None:
    """No pace."""
    assert pace(_charge(), _tally(0, None), 0.0, NOW).basis == "idle"
