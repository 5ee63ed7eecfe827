"""A short version of `make chaos`."""

from __future__ import annotations

import os

from tests.chaos import RATE, Found, Held, chaos
from tests.figures import Show

SECONDS = 60.0 if os.environ.get("CI") else 15.0


async def test_chaos_leaves_nothing_behind(show: Show) -> None:
    """Connections, tasks, waiters, reservations and memory; the numbers are printed."""
    found = await chaos(SECONDS)
    show(str(found))
    assert found.leaks() == []
    assert sum(found.outcomes.values()) == SECONDS * RATE
    assert found.outcomes["answered"] > SECONDS * RATE / 4


def test_what_is_left_behind_is_named() -> None:
    """The control: each kind of leak is told."""
    end = Held(resident=20_000_000, objects=50_000)
    found = Found(sockets_after=1, tasks_after=2, reserved_after=3, waiting_after=4, end=end)
    assert len(found.leaks()) == 6
