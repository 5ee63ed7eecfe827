"""Virtual time as a heap of what is to happen: no loop, no threads, no waiting."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

Act = Callable[[], None]


class Stage:
    """A clock, and what happens when; implements the router's clock protocol.

    Args:
        start: The first instant, in seconds since 1970 UTC.
    """

    def __init__(self, start: float) -> None:
        self._start = start
        self.elapsed = 0.0
        self._due: list[tuple[float, int, Act]] = []
        self._numbers = count()

    def now(self) -> float:
        """Return the instant, in seconds since 1970 UTC."""
        return self._start + self.elapsed

    def monotonic(self) -> float:
        """Return the seconds that have passed since the beginning."""
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        """Refuse: nobody blocks here, flows are resumed."""
        raise RuntimeError(f"a sleep of {seconds} s in a simulation")

    async def asleep(self, seconds: float) -> None:
        """Refuse: nobody blocks here, flows are resumed."""
        raise RuntimeError(f"a sleep of {seconds} s in a simulation")

    def at(self, elapsed: float, act: Act) -> None:
        """Let something happen at an instant, not before what is due earlier."""
        heappush(self._due, (max(elapsed, self.elapsed), next(self._numbers), act))

    def after(self, seconds: float, act: Act) -> None:
        """Let something happen in so many seconds."""
        self.at(self.elapsed + seconds, act)

    def run(self) -> None:
        """Go on until nothing is due any more."""
        due = self._due
        while due:
            self.elapsed, _, act = heappop(due)
            act()
