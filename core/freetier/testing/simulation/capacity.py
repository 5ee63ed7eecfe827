"""What accounts can carry for ever: requests a second under all of their limits."""

from __future__ import annotations

from collections.abc import Sequence

from freetier.testing.limits import Cost, Limit, units
from freetier.testing.simulation.scenario import Size, Supply


def capacity(supplies: Sequence[Supply], sizes: Sequence[Size]) -> float | None:
    """Return requests a second of an average size, or None if an account has no limit.

    Args:
        supplies: The providers, as they are in the beginning.
        sizes: What is asked for.
    """
    total = 0.0
    for supply in supplies:
        rates = [r for limit in supply.limits if (r := _rate(limit, sizes)) is not None]
        if not rates:
            return None
        total += supply.accounts * min(rates)
    return total


def _rate(limit: Limit, sizes: Sequence[Size]) -> float | None:
    if limit.metric == "concurrent":
        return None
    shares = sum(size.share for size in sizes)
    mean = sum(size.share * units(limit.metric, _cost(size)) for size in sizes) / shares
    return limit.amount / limit.span / mean if mean else None


def _cost(size: Size) -> Cost:
    return Cost(prompt=round(sum(size.prompt) / 2), output=round(sum(size.output) / 2))
