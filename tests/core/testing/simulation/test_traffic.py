"""Callers come by chance, along a curve, in bursts; the same seed brings the same ones."""

from __future__ import annotations

import pytest

from freetier.testing.simulation import Burst, Size, Traffic
from freetier.testing.simulation.traffic import callers

DAY = 86_400.0


def test_the_rate_is_the_average_and_follows_the_curve() -> None:
    """Twice as many in the second half of the day as in the first."""
    found = list(callers(Traffic(rate=0.1, curve=(1, 2)), DAY, seed=4))
    first = sum(caller.at < DAY / 2 for caller in found)
    assert len(found) == pytest.approx(8640, rel=0.05)
    assert len(found) - first == pytest.approx(2 * first, rel=0.1)
    assert [caller.at for caller in found] == sorted(caller.at for caller in found)


def test_bursts_come_at_once_and_on_top() -> None:
    """The first after one pause, none at the end."""
    found = list(callers(Traffic(rate=0, bursts=(Burst(size=3, every=10),)), 30, seed=0))
    assert [caller.at for caller in found] == [10.0] * 3 + [20.0] * 3


def test_sizes_come_by_their_shares_and_within_their_bounds() -> None:
    """Nine small ones for each large one."""
    small, large = Size(share=9, prompt=(10, 20)), Size(share=1, prompt=(500, 600), max_tokens=7)
    found = list(callers(Traffic(rate=1, sizes=(small, large)), 5000, seed=1))
    big = [caller for caller in found if caller.max_tokens == 7]
    assert len(big) == pytest.approx(len(found) / 10, rel=0.2)
    assert all(500 <= caller.prompt <= 600 for caller in big)


def test_a_seed_decides_everything() -> None:
    """And another one everything else."""
    traffic = Traffic(rate=1, patience=(1.0, 2.0), sizes=(Size(prompt=(1, 99)),))
    one, same, other = (tuple(callers(traffic, 100, seed)) for seed in (1, 1, 2))
    assert one == same != other
