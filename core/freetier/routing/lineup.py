"""The candidates of one choice, kept in order: a heap of who is ready, a heap of who is later.

Keys are checked when they come to the top: whoever is worth less than when he was placed
sinks, and a few per decision are looked at again in rotation, because windows age. So a
decision costs the logarithm of the number of candidates (research on quota, 5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count
from typing import Any

from freetier.routing.health import READY, Rest
from freetier.routing.seats import Placing, Seat
from freetier.values.accounts import Candidate
from freetier.values.reports import Skipped

REFRESHED = 4
"""Candidates that one decision looks at again, in rotation, where there are few."""

MANY = 64
"""Candidates from which one is looked at: so many are never fresh all at once, and each
decision would pay for every look (research on quota, 5)."""

ALIKE = 16
"""Resting places, of those that refused the most, after which none is worth a look: what a
request takes differs little from candidate to candidate."""

FRESH = 0.25
"""Seconds for which what the store said holds (decisions 3)."""

PAUSE = FRESH / MANY
"""Seconds between two looks where there are many: else, under load, every decision would look."""

Lock = Callable[[], AbstractContextManager[Any]]
Closed = Callable[[Candidate], bool]
Placed = tuple[tuple[Any, ...], int, Seat]


class Lineup:
    """Candidates that can serve one kind of request, in the order of one strategy.

    Args:
        candidates: With what is remembered of them, in declared order.
        key: Of the strategy; smaller comes first.
        closed: Those that cannot, and why.
        lock: Makes a lock; several threads decide at once.
    """

    def __init__(
        self,
        candidates: Sequence[Placing],
        key: Callable[[Any], tuple[Any, ...]],
        closed: tuple[Skipped, ...],
        lock: Lock,
    ) -> None:
        self._key = key
        self._lock = lock()
        self._numbers = count()
        self._turn = 0
        self._looked_at = float("-inf")
        self.closed = closed
        self.shut = frozenset(closed)
        self.reasons = Counter(skip.reason for skip in closed)
        self.resting = 0
        self._rests = Counter[str]()  # by their reasons
        self._by_key: dict[str, Seat] = {}
        self.seats = tuple(Seat(placed, self) for placed in candidates)
        self._ready: list[Placed] = [(key(s), next(self._numbers), s) for s in self.seats]
        heapify(self._ready)
        self._later: list[tuple[float, int, Seat]] = []
        self._sized: list[tuple[int, int, Seat]] = []  # resting: minus the amount refused
        for seat in self.seats:  # last: from here on another thread may send one to rest
            seat.entry.seats.append(seat)

    def stale(self, now: float) -> list[Seat]:
        """Return a few places whose windows were not looked at lately, in rotation."""
        seats, size = self.seats, len(self.seats)
        few = min(REFRESHED, size) if size < MANY else 1
        if size >= MANY:
            if now - self._looked_at < PAUSE:
                return []
            self._looked_at = now
        turn, self._turn = self._turn, (self._turn + few) % max(1, size)
        looked = (seats[(turn + step) % size] for step in range(few))
        return [seat for seat in looked if now - seat.entry.seen_at > FRESH]

    def moved(self, seats: Sequence[Seat]) -> None:
        """Place some again that may be worth more than when they were placed."""
        with self._lock:
            for seat in seats:
                if not seat.until:
                    heappush(self._ready, (self._key(seat), next(self._numbers), seat))
            if len(self._ready) > 4 * len(self.seats) + 64:
                self._tidy()

    def _tidy(self) -> None:
        """Forget the places that were left behind when somebody was placed again."""
        ready = {id(seat): seat for _, _, seat in self._ready if not seat.until}
        self._ready = [(self._key(s), next(self._numbers), s) for s in ready.values()]
        heapify(self._ready)

    def best(self, now: float, closed: Closed) -> Seat | None:
        """Return the best place that is ready and open to this request, or None.

        Args:
            now: Monotonic seconds.
            closed: Tells whom this request cannot use (any more).
        """
        with self._lock:
            self._wake_due(now)
            passed: list[Placed] = []
            found = self._best(closed, passed)
            for placed in passed:
                heappush(self._ready, placed)
            return found

    def _best(self, closed: Closed, passed: list[Placed]) -> Seat | None:
        ready = self._ready
        while ready:
            key, number, seat = ready[0]
            if seat.until:
                heappop(ready)
                continue
            worth = self._key(seat)
            if worth > key:  # it is worth less than when it was placed
                heapreplace(ready, (worth, number, seat))
            elif closed(seat.candidate):
                passed.append(heappop(ready))
            else:
                return seat
        return None

    def _wake_due(self, now: float) -> None:
        later = self._later
        while later and (later[0][0] <= now or later[0][2].until != later[0][0]):
            until, number, seat = heappop(later)
            if seat.until == until:  # else it was woken or sent to rest again meanwhile
                self._ready_again(seat, number)

    def _ready_again(self, seat: Seat, number: int) -> None:
        self.resting -= 1
        self._rests[seat.rest.reason] -= 1
        seat.until, seat.rest = 0.0, READY
        heappush(self._ready, (self._key(seat), number, seat))

    def rest(self, seat: Seat, until: float, why: Rest) -> None:
        """Leave a place alone until an instant."""
        with self._lock:
            if seat.until:
                self._rests[seat.rest.reason] -= 1
            else:
                self.resting += 1
            self._rests[why.reason] += 1
            seat.until, seat.rest = until, why
            heappush(self._later, (until, next(self._numbers), seat))
            if why.amount > 1:
                heappush(self._sized, (-why.amount, next(self._numbers), seat))
            if len(self._later) + len(self._sized) > 8 * len(self.seats) + 64:
                self._tidy_resting()

    def _tidy_resting(self) -> None:
        """Forget what was noted of places that rest for another reason now, or not at all."""
        resting = [seat for seat in self.seats if seat.until]
        self._later = [(seat.until, next(self._numbers), seat) for seat in resting]
        sized = [seat for seat in resting if seat.rest.amount > 1]
        self._sized = [(-seat.rest.amount, next(self._numbers), seat) for seat in sized]
        heapify(self._later)
        heapify(self._sized)

    def resting_besides(self, known: Collection[str]) -> dict[str, int]:
        """Count by reason those who rest, but for candidates that are told of by their keys."""
        if not self.resting:
            return {}
        with self._lock:
            found = Counter(self._rests)
            self._by_key = self._by_key or {seat.candidate.key: seat for seat in self.seats}
            told = (self._by_key.get(key) for key in known)
            found.subtract(seat.rest.reason for seat in told if seat is not None and seat.until)
        return dict(+found)

    def wake(self, seat: Seat) -> None:
        """Ask a resting place again: something was given back, or told."""
        with self._lock:
            if seat.until:
                self._ready_again(seat, next(self._numbers))

    def soonest(self, most: int, wanted: Callable[[Seat], bool]) -> list[Seat]:
        """Return some resting places, the soonest first."""
        with self._lock:
            passed: list[tuple[float, int, Seat]] = []
            found: list[Seat] = []
            later = self._later
            while later and len(found) < most:
                placed = heappop(later)
                seat = placed[2]
                if seat.until == placed[0]:
                    passed.append(placed)
                    if wanted(seat):
                        found.append(seat)
            for placed in passed:
                heappush(later, placed)
            return found

    def larger(self, amounts: Callable[[Seat], int]) -> list[Seat]:
        """Return resting places that refused a larger request than this one, largest first.

        Args:
            amounts: Tells what this request takes of the window that was full there.
        """
        with self._lock:
            passed: list[tuple[int, int, Seat]] = []
            found: list[Seat] = []
            while self._sized and len(passed) - len(found) < ALIKE:
                placed = heappop(self._sized)
                seat = placed[2]
                if seat.until and seat.rest.amount == -placed[0]:
                    passed.append(placed)
                    if seat.rest.amount > amounts(seat):
                        found.append(seat)
            for placed in passed:
                heappush(self._sized, placed)
            return found

    def leave(self) -> None:
        """Be forgotten by the entries, because nobody uses this choice any more."""
        for seat in self.seats:
            seat.entry.seats.remove(seat)
