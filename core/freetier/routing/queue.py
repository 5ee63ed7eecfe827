"""Waiting in line within one router: by priority, or the newest first.

Booked starts are first come first served over all processes and cannot be overtaken. Where
somebody may overtake, nobody books: the first in line rests until quota is due and tries;
the others sleep until the one before them has gone. So nobody polls here either.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from heapq import heappop, heappush
from itertools import count
from typing import Any

from freetier.routing import verdict
from freetier.routing.effects import PLACES, Flow, Ring, Wait, ask
from freetier.routing.telling import tell
from freetier.routing.world import Trip

DUE = 0.001
"""Seconds after which what is due is tried: the store works in milliseconds."""


PLACE_WAIT = 1.0
"""Seconds after which a place of a concurrency limit is looked for again, because it may
have been given back in another process."""

LONGEST = 366 * 86_400.0
"""Seconds that stand for "as long as it takes"."""


class Turn:
    """One request's place in line; smaller ranks go first."""

    __slots__ = ("alias", "bell", "inside", "rank")

    def __init__(self, alias: str, rank: tuple[int, int]) -> None:
        self.alias = alias
        self.rank = rank
        self.bell = f"turn:{alias}:{rank[1]}"
        self.inside = False


class Queue:
    """The lines of one router, one for each alias.

    Args:
        lock: Makes a lock; threads and tasks stand in one line.
        newest_first: Whether who came last goes first, among those of equal priority.
    """

    def __init__(
        self, lock: Callable[[], AbstractContextManager[Any]], *, newest_first: bool = False
    ) -> None:
        self._lock = lock()
        self._newest_first = newest_first
        self._numbers = count()
        self._lines: dict[str, list[tuple[tuple[int, int], Turn]]] = {}
        self.is_used = newest_first

    def turn(self, alias: str, priority: int) -> Turn:
        """Return a new place; larger priorities go first."""
        number = next(self._numbers)
        return Turn(alias, (-priority, -number if self._newest_first else number))

    def enter(self, turn: Turn) -> None:
        """Stand in line, where one's rank says."""
        with self._lock:
            if not turn.inside:
                turn.inside = True
                heappush(self._lines.setdefault(turn.alias, []), (turn.rank, turn))

    def is_first(self, turn: Turn) -> bool:
        """Tell whether it is this one's turn."""
        with self._lock:
            return self._first(turn.alias) is turn

    def leave(self, turn: Turn) -> str | None:
        """Step out; returns the bell of who is first now, if that is somebody else than before."""
        with self._lock:
            if not turn.inside:
                return None
            was_first = self._first(turn.alias) is turn
            turn.inside = False
            first = self._first(turn.alias)
            return first.bell if was_first and first is not None else None

    def _first(self, alias: str) -> Turn | None:
        line = self._lines.get(alias)
        while line:
            turn = line[0][1]
            if turn.inside:
                return turn
            heappop(line)
        self._lines.pop(alias, None)
        return None


def rest(trip: Trip, seconds: float, bell: str | None, *, counted: bool) -> Flow[None]:
    """Rest, as one of those who wait; `counted` adds it to the time waited for quota."""
    began = trip.world.now()
    trip.world.waiting[0] += 1
    try:
        yield from ask(Wait(seconds, bell, trip.job.options.cancel))
    finally:
        trip.world.waiting[0] -= 1
        if counted:
            trip.record.waited += trip.world.now() - began


def take_turn(trip: Trip) -> Flow[None]:
    """Wait in line until it is this request's turn and something is due.

    Raises:
        RouteError: It is not so within the caller's patience.
    """
    queue, job = trip.world.queue, trip.job
    soonest = min(trip.returns.values(), default=float("inf")) - trip.world.now()
    if soonest > trip.wait_left and not trip.places:
        raise verdict.give_up(trip)
    if trip.turn is None:
        trip.turn = queue.turn(job.resolved.name, job.options.priority)
    queue.enter(trip.turn)
    yield from tell(trip, "wait", seconds=min(soonest, trip.wait_left))
    if queue.is_first(trip.turn):
        bell = PLACES if trip.places else None
        due = min(max(0.0, soonest) + DUE, PLACE_WAIT if trip.places else LONGEST, trip.wait_left)
        yield from rest(trip, due, bell, counted=True)
    while not queue.is_first(trip.turn):
        if trip.wait_left <= 0:
            raise verdict.give_up(trip)
        seconds = min(trip.wait_left, LONGEST)
        yield from rest(trip, seconds, trip.turn.bell, counted=True)


def leave(trip: Trip) -> Flow[None]:
    """Step out of the line and call the next one."""
    if trip.turn is None:
        return
    bell = trip.world.queue.leave(trip.turn)
    if bell is not None:
        yield from ask(Ring(bell))
