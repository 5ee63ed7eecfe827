"""Waiting in line within one router: priorities, and the newest first."""

from __future__ import annotations

import asyncio
import threading

import pytest

from freetier import QuotaExhausted
from freetier.routing.queue import Queue
from freetier.testing import Limit
from tests.core.routing.stage import Stage

SLOW = {"limits": [Limit(2, "minute", "requests", "rolling")]}


def _order(stage: Stage, asked: list[tuple[float, int, float | None]]) -> list[int | str]:
    """Return who was answered in which order; asked is when, priority and patience."""
    done: list[int | str] = []

    async def one(n: int, at: float, priority: int, patience: float | None) -> None:
        await asyncio.sleep(at)
        try:
            await stage.router.acomplete("Hi", model="any", priority=priority, max_wait=patience)
            done.append(n)
        except QuotaExhausted:
            done.append(f"{n} refused")

    async def everybody() -> None:
        await asyncio.gather(*(one(n, *how) for n, how in enumerate(asked)))

    stage.clock.run(everybody())
    return done


def test_larger_priorities_go_first_and_equals_in_the_order_they_came() -> None:
    """Two a minute; the urgent ones overtake who came before them."""
    stage = Stage(providers={"alpha": 1}, fake=SLOW)
    asked = [(0, 0, None), (0.1, 0, None), (1, 1, None), (2, 0, None), (3, 1, None), (4, 9, None)]
    assert _order(stage, asked) == [0, 1, 5, 2, 4, 3]


def test_the_newest_go_first_where_the_router_is_told_so() -> None:
    """Answers stay fresh under overload; who came early is refused when his patience ends."""
    stage = Stage(providers={"alpha": 1}, fake=SLOW, fields={"queue": "newest-first"})
    asked = [(float(n), 0, 70.0) for n in range(8)]
    done = _order(stage, asked)
    assert done[:4] == [0, 1, 7, 6]
    assert set(done[4:]) == {"2 refused", "3 refused", "4 refused", "5 refused"}


def test_priorities_hold_for_places_of_a_concurrency_limit() -> None:
    """The next place goes to the most urgent."""
    fields = {"accounts": None}
    stage = Stage(providers={"alpha": 1}, fake={"latency": 1.0})
    fields["accounts"] = [
        entry | {"max_concurrency": 1} for entry in stage.fleet.config()["accounts"]
    ]
    stage.router = stage.another(**fields)
    asked = [(0, 0, None), (0.1, 1, None), (0.2, 2, None), (0.3, 3, None)]
    assert _order(stage, asked) == [0, 3, 2, 1]


def test_who_leaves_the_line_calls_the_next_one() -> None:
    """Only if he was first; leaving twice calls nobody."""
    queue = Queue(threading.Lock)
    first, second, third = (queue.turn("any", 0) for _ in range(3))
    for turn in (second, third, first):
        queue.enter(turn)
    assert queue.is_first(first)
    assert queue.leave(second) is None
    assert queue.leave(first) == third.bell
    assert queue.leave(first) is None
    assert queue.is_first(third)
    assert queue.leave(third) is None


def test_a_thousand_wait_in_line_and_are_served_in_it() -> None:
    """Each is woken when it is his turn, and nobody twice."""
    stage = Stage(
        providers={"alpha": 1}, fake={"limits": [Limit(100, "minute", "requests", "rolling")]}
    )
    asked = [(0.0, 1, None)] * 1000
    assert _order(stage, asked) == list(range(1000))
    waits = [e for e in stage.told if e.kind == "wait"]
    assert len(waits) < 2 * 1000


@pytest.mark.parametrize("queue", ["booked", "newest-first"])
def test_the_number_of_waiters_is_bounded(queue: str) -> None:
    """Who comes later is refused at once, and told why."""
    stage = Stage(providers={"alpha": 1}, fake=SLOW, fields={"queue": queue, "max_waiters": 3})
    done = _order(stage, [(n / 10, 0, None) for n in range(7)])
    assert [d for d in done if isinstance(d, str)] == ["5 refused", "6 refused"]
