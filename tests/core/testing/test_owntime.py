"""A provider's clock may be ahead, and may run fast or slow."""

from __future__ import annotations

import pytest

from freetier.testing import FakeProvider, Limit, VirtualClock
from freetier.testing.owntime import OwnTime
from tests.core.testing.kit import incoming


def test_skew_is_constant_and_drift_grows() -> None:
    """From the instant on that is given."""
    own = OwnTime(skew=5, drift=0.01, since=100)
    assert [own.at(100), own.at(200)] == [105, pytest.approx(206)]


def test_limits_run_by_the_providers_own_clock() -> None:
    """A minute there is shorter than ours if its clock is fast."""
    start = VirtualClock().now()
    for drift, status in ((0.1, 200), (0.0, 429)):
        there = FakeProvider("generic", limits=[Limit(1)], drift=drift, since=start)
        assert there.reply(incoming(there), start).status == 200
        assert there.reply(incoming(there), start + 55).status == status
