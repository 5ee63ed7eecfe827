"""What one request takes of a limit, metric by metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import ceil
from operator import attrgetter

from freetier.values.quota import Cost, Limit, Metric

Amount = Callable[[Cost], int]


def amount_of(limit: Limit) -> Amount:
    """Return the function from a cost to what it takes of a limit, in the limit's unit."""
    return _AMOUNTS.get(limit.metric) or partial(_units, limit.rate)


def _uncached(cost: Cost) -> int:
    return max(0, cost.input_tokens - cost.cached_tokens)


def _place(cost: Cost) -> int:
    return min(1, cost.requests)


def _units(rate: float, cost: Cost) -> int:
    """Return a provider's own units, rounded up but for what a float cannot tell apart."""
    return ceil(round(rate * cost.total_tokens, 6))


_AMOUNTS: Mapping[Metric, Amount] = {
    Metric.REQUESTS: attrgetter("requests"),
    Metric.INPUT: attrgetter("input_tokens"),
    Metric.OUTPUT: attrgetter("output_tokens"),
    Metric.TOTAL: attrgetter("total_tokens"),
    Metric.UNCACHED: _uncached,
    Metric.INPUTS: attrgetter("inputs"),
    Metric.MONEY: attrgetter("money"),
    Metric.CONCURRENT: _place,
}
