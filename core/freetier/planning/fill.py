"""Filling a job into supplies: who answers how many, and when the last one begins.

Event by event: whoever is ready takes what fits, then rests until more does. A job of a
million requests is a few thousand events, because a window is filled at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heapreplace
from math import inf
from typing import NamedTuple

from freetier.planning.supply import EPSILON, Supply

AT_ONCE = 8
"""Into how many portions a refilling capacity is cut, so that the events stay few."""

HORIZON = 35 * 86_400.0
"""Seconds that are looked ahead: the rest of this month and a whole one."""

EVENTS = 400_000
"""A job that takes more of them has no end that anybody would wait for."""


@dataclass(slots=True)
class Source:
    """One candidate and everything that limits it.

    Attributes:
        key: Of the candidate.
        supplies: Its limits; several sources may share one.
        opens: Seconds from now until it may be asked: until a block ends.
        served: Requests it has taken.
        last: When it took the last one.
    """

    key: str
    supplies: tuple[Supply, ...]
    opens: float = 0.0
    served: int = 0
    last: float = 0.0

    def room(self, t: float) -> int:
        """Return how many requests fit at an instant."""
        fitting = (s.room(t) / s.charge.amount for s in self.supplies if s.charge.amount)
        most = min(fitting, default=inf)
        return EVENTS if most > EVENTS else int(most + EPSILON)

    def take(self, t: float, n: int) -> None:
        """Answer so many requests."""
        for each in self.supplies:
            each.take(t, n * each.charge.amount)
        self.served += n
        self.last = t

    def ready(self, t: float, n: int) -> tuple[float, Supply | None]:
        """Return when so many requests fit together, and the limit that decides it."""
        found, why = t, None
        for at, each in self._hindrances(t, n):
            found, why = at, each
        return found, why

    def _hindrances(self, t: float, n: int) -> Iterator[tuple[float, Supply]]:
        """Yield ever later instants, each with the limit that asks for it, until all agree."""
        settled = False
        while not settled and t < inf:
            settled = True
            for each in self.supplies:
                at = each.ready(t, n * each.charge.amount) if each.charge.amount else t
                if at > t:
                    t, settled = at, False
                    yield at, each
                    break

    def portion(self) -> int:
        """Return how many requests are worth waking up for."""
        most = min((s.charge.ceiling // s.charge.amount for s in self.supplies if s.charge.amount),
                   default=1)  # fmt: skip
        return max(1, most // AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What came of it.

    Attributes:
        served: Requests that found room.
        last: When the last of them begins, in seconds from now.
        complete: Whether that were all.
    """

    served: int = 0
    last: float = 0.0
    complete: bool = False


@dataclass(order=True, slots=True)
class _Turn:
    at: float
    place: int
    source: Source = field(compare=False)


def fill(sources: Sequence[Source], n: int, until: float) -> Filled:
    """Let sources answer `n` requests as early as they can.

    Args:
        sources: In the order of preference; their supplies are used up.
        n: Requests.
        until: Seconds from now; nothing begins later.
    """
    turns = [_Turn(source.opens, place, source) for place, source in enumerate(sources)]
    rests: list[_Rest] = []
    heapify(turns)
    left, last, events = n, 0.0, 0
    while left and turns and turns[0].at <= until and events < EVENTS:
        turn, events = turns[0], events + 1
        t, source = turn.at, turn.source
        taken = min(left, source.room(t))
        if taken:
            source.take(t, taken)
            left, last = left - taken, t
        rest = _rest(source, t, max(1, left))
        rests.append(rest)
        heapreplace(turns, _Turn(rest.until, turn.place, source))
    ended = until if left else last
    for rest in rests:
        if rest.why is not None:
            rest.why.waited += max(0.0, min(rest.until, ended) - rest.since)
    return Filled(served=n - left, last=last, complete=not left)


class _Rest(NamedTuple):
    since: float
    until: float
    why: Supply | None


def _rest(source: Source, t: float, left: int) -> _Rest:
    """Return when a source is worth asking again, and what it waits for."""
    wanted = min(left, source.portion())
    at, why = source.ready(t, wanted)
    if at == inf and wanted > 1:
        at, why = source.ready(t, 1)
    return _Rest(t, at, why)
