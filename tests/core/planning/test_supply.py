"""One limit as a supply."""

from __future__ import annotations

from math import inf

import pytest

from freetier.planning.supply import supply
from freetier.values.quota import Charge, Kind, Metric, Tally

NOON = 1_795_262_400.0
"""2026-11-21 12:00 UTC: on a boundary of every minute and hour."""


def _charge(kind: Kind, ceiling: int = 30, span: float = 60, *, amount: int = 1, burst: float = 0):
    return Charge(
        key="k", metric=Metric.REQUESTS, amount=amount, ceiling=ceiling, kind=kind,
        span_ms=int(span * 1000), burst=burst,
    )  # fmt: skip


def _supply(charge: Charge, used: int = 0, resets: float | None = None, **more):
    resets_in = None if resets is None else int(resets * 1000)
    tally = Tally("k", used=used, resets_in_ms=resets_in)
    given = {"wall": NOON + 20, "following": None, "each": 2.0, **more}
    return supply(charge, tally, **given)


CASES = [
    # kind, used, resets in, taken at 0, -> room at 0, when 30 fit again
    (Kind.ROLLING, 0, None, 30, 30, 60.0),
    (Kind.ROLLING, 10, 45.0, 20, 20, 45.0),
    (Kind.FIRST, 10, 45.0, 20, 20, 45.0),
    (Kind.FIXED, 10, 40.0, 20, 20, 40.0),
    (Kind.FIXED, 0, None, 30, 30, 40.0),
    (Kind.BUCKET, 10, 20.0, 20, 20, 60.0),
    (Kind.COUNTER, 10, 20.0, 20, 20, 60.0),
]


@pytest.mark.parametrize(("kind", "used", "resets", "taken", "room", "again"), CASES)
def test_what_is_left_now_and_when_all_is_back(
    kind: Kind, used: int, resets: float | None, taken: int, room: int, again: float
) -> None:
    """Each kind in its own way."""
    found = _supply(_charge(kind), used, resets)
    assert found.room(0) == room
    found.take(0, taken)
    assert found.room(0) == 0
    assert found.ready(0, 30) == pytest.approx(again)
    assert found.room(again) == pytest.approx(30)


def test_looking_ahead_changes_nothing() -> None:
    """Another candidate may look at tomorrow while this one still uses up today."""
    found = _supply(_charge(Kind.ROLLING))
    found.take(0, 10)
    assert found.ready(0, 30) == 60
    assert found.room(70) == 30
    assert found.room(0) == 20


def test_a_calendar_goes_from_edge_to_edge() -> None:
    """The ends come from outside, because zones do."""
    found = _supply(
        _charge(Kind.CALENDAR, span=86_400), used=29, following=lambda t: (t // 100 + 1) * 100
    )
    found.take(0, 1)
    assert found.ready(0, 1) == 100
    found.take(100, 30)
    assert found.ready(100, 1) == 200


def test_a_pace_gives_its_burst_and_then_one_after_another() -> None:
    """30 a minute is one every two seconds."""
    found = _supply(_charge(Kind.PACE, burst=2))
    assert found.room(0) == 2
    found.take(0, 2)
    assert found.ready(0, 1) == pytest.approx(2)
    assert found.ready(0, 3) == inf, "never more than the burst at once"


def test_places_are_as_fast_as_answers() -> None:
    """Four places and two seconds each are two a second."""
    found = _supply(_charge(Kind.CONCURRENT, ceiling=4, span=0), used=1)
    assert found.room(0) == 3
    found.take(0, 3)
    assert found.ready(0, 2) == pytest.approx(1)


def test_a_limit_of_zero_never_lets_anything_through() -> None:
    """However long one waits."""
    for kind in (Kind.ROLLING, Kind.FIXED, Kind.BUCKET, Kind.PACE):
        assert _supply(_charge(kind, ceiling=0)).ready(0, 1) == inf
