"""What a request takes of a limit."""

from __future__ import annotations

import pytest

from freetier.routing.amounts import amount_of
from freetier.values.quota import Cost, Metric
from tests.core.routing.setups import limit

COST = Cost(
    input_tokens=100, output_tokens=30, cached_tokens=60, requests=1, inputs=7, money=12_345
)
TAKEN = {
    "requests": 1,
    "input_tokens": 100,
    "output_tokens": 30,
    "total_tokens": 130,
    "uncached_tokens": 40,
    "inputs": 7,
    "concurrent": 1,
    "money": 12_345,
    "units": 130,
}


@pytest.mark.parametrize("metric", list(Metric))
def test_each_metric_takes_its_part_of_a_cost(metric):
    """Every metric has a figure."""
    assert amount_of(limit(metric, 1))(COST) == TAKEN[metric]


@pytest.mark.parametrize(
    ("rate", "taken"), [(1.0, 130), (0.5, 65), (0.001, 1), (0.1, 13), (0.0333, 5)]
)
def test_units_are_rounded_up(rate, taken):
    """A started unit counts; the last bits of a float do not."""
    assert amount_of(limit("units", 1, rate=rate))(COST) == taken


def test_more_from_the_cache_than_there_was_is_nothing():
    """A wrong report takes nothing back."""
    assert amount_of(limit("uncached_tokens", 1))(Cost(input_tokens=5, cached_tokens=9)) == 0
