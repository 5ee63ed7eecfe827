"""What it costs to choose whom to ask, in µs of CPU, over few and many accounts.

From the request, read and resolved, to the candidate: the index for such a request, the look at
what was not looked at lately, the best place, and that it won. Weighing the prompt, writing
the request and reserving its quota come before and after; `stores.py` measures all of it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from freetier import Router
from freetier.drivers.granting import Granting
from freetier.routing import flow
from freetier.routing.world import Trip
from freetier.testing import FakeProvider, Fleet, Limit

ACCOUNTS = (8, 2048)
LIMITS = [
    Limit(10**6, "minute", "requests", "rolling"),
    Limit(10**9, "day", "total_tokens", "calendar"),
]


def decider(accounts: int) -> Callable[[int], float]:
    """Return a function that decides so many times and returns µs of CPU of each."""
    fleet = Fleet(FakeProvider("own", "generic", accounts=accounts, limits=LIMITS))
    router = Router(fleet.config(limits=True), seed=1)
    engine, options = router._engine, router.options(max_wait=0)
    request = router._asked("Hello", None, {"model": "own/m"})[0]
    store = engine.store.sync
    assert store is not None
    grants = Granting(store, engine.shared).grants()
    trip = Trip(engine.job(request, options, stream=False), engine.world)
    engine.board.needs(trip.job)

    def decide() -> None:
        trip.lineup = engine.board.lineup(trip.job)
        looking = flow.look(trip)
        try:
            wish = next(looking)
            while True:
                wish = looking.send(grants[type(wish)](wish))
        except StopIteration:
            pass
        seat = flow._next(trip)
        assert seat is not None
        seat.won()

    def times(count: int) -> float:
        began = time.process_time()
        for _ in range(count):
            decide()
        return (time.process_time() - began) / count * 1e6

    return times


def decisions(rounds: int, count: int) -> dict[int, float]:
    """Return µs of CPU by accounts: the medians of rounds in which both take turns, warm."""
    made = {accounts: decider(accounts) for accounts in ACCOUNTS}
    for accounts, times in made.items():
        times(accounts + 50)
    taken: dict[int, list[float]] = {accounts: [] for accounts in ACCOUNTS}
    for _ in range(rounds):
        for accounts, times in made.items():
            taken[accounts].append(times(count))
    return {accounts: statistics.median(found) for accounts, found in taken.items()}
