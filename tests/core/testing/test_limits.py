"""Limits that make no sense are refused; the others say what they are called."""

from __future__ import annotations

import pytest

from freetier.testing import Limit
from freetier.testing.limits import Cost, units, units_at_arrival


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"metric": "words"}, "words"),
        ({"kind": "sliding"}, "sliding"),
        ({"scope": "planet"}, "planet"),
        ({"charge": "later"}, "later"),
        ({"per": "fortnight"}, "fortnight"),
        ({"per": 0}, "longer than nothing"),
        ({"kind": "calendar", "per": "minute"}, "calendar"),
        ({"kind": "calendar", "per": 86_400}, "calendar"),
        ({"kind": "rolling", "burst": 3}, "burst"),
    ],
)
def test_what_cannot_be_enforced_is_refused(arguments: dict[str, object], words: str) -> None:
    """The error says which part is wrong."""
    with pytest.raises(ValueError, match=words):
        Limit(30, **arguments)  # type: ignore[arg-type]


def test_a_negative_amount_is_refused() -> None:
    """Zero means never; less means nothing."""
    with pytest.raises(ValueError, match="amount"):
        Limit(-1)


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        (Limit(1), "minute"),
        (Limit(1, 86_400), "day"),
        (Limit(1, 2.5), "2.5s"),
        (Limit(1, 20, called="day"), "day"),
    ],
)
def test_a_window_has_a_name(limit: Limit, name: str) -> None:
    """By its length, unless the test calls it otherwise."""
    assert limit.window == name


@pytest.mark.parametrize(
    ("limit", "capacity"),
    [
        (Limit(30), 30),
        (Limit(30, kind="bucket"), 30),
        (Limit(30, kind="bucket", burst=50), 50),
        (Limit(30, kind="pace"), 1),
        (Limit(30, kind="pace", burst=3), 3),
    ],
)
def test_what_fits_at_once(limit: Limit, capacity: int) -> None:
    """A pace has a burst of 1 unless told otherwise; a bucket holds its amount."""
    assert limit.capacity == capacity


def test_each_metric_counts_its_own_part() -> None:
    """Requests count one, tokens what they are."""
    cost = Cost(prompt=10, output=4)
    metrics = ("requests", "concurrent", "input_tokens", "output_tokens", "total_tokens")
    assert [units(metric, cost) for metric in metrics] == [1, 1, 10, 4, 14]


@pytest.mark.parametrize(("charge", "charged"), [("reserve", 14), ("prompt", 10), ("end", 0)])
def test_tokens_are_charged_when_the_limit_says(charge: str, charged: int) -> None:
    """All at arrival, the prompt only, or nothing yet."""
    limit = Limit(100, metric="total_tokens", charge=charge)  # type: ignore[arg-type]
    assert units_at_arrival(limit, Cost(prompt=10, output=4)) == charged
