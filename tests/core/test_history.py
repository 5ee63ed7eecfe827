"""What a router remembers of its attempts."""

from __future__ import annotations

import pytest

from freetier.history import History
from freetier.testing import VirtualClock
from tests.core.observe.stage import CANARY, played, staged


def test_each_attempt_is_a_point():
    """In order, with its time, its fault and what is left."""
    router = staged()
    played(router)
    points = router.history.points
    told = [(p.account, p.fault, p.seconds) for p in points]
    assert [(a, str(f) if f else None) for a, f, _ in told] == [
        ("cerebras-1", None),
        ("cerebras-1", "quota_gone"),
        ("groq-1", None),
        ("groq-1", None),
    ]
    assert points[0].seconds == pytest.approx(0.25)
    assert points[-1].left == 0.0
    assert [p.at for p in points] == sorted(p.at for p in points)
    assert "cerebras-1" in str(router.history)
    assert "1 quota gone" in router.history._repr_html_()
    assert CANARY not in repr(points)


def test_it_is_bounded_and_can_be_forgotten():
    """The oldest go first."""
    router, history = staged(), History(kept=2)
    router.listen(history)
    played(router)
    assert [p.account for p in history.points] == ["groq-1", "groq-1"]
    history.clear()
    assert len(history) == 0
    assert "Nothing was sent yet" in str(history)


def test_a_caller_who_leaves_is_remembered():
    """A stream that is given up is an attempt that was cancelled."""
    clock = VirtualClock()
    router = staged(clock=clock)

    async def leave():
        async with router.astream("Hello", model="gpt-oss-120b") as stream:
            await anext(stream)

    clock.run(leave())
    (point,) = router.history.points
    assert point.fault == "cancelled"
