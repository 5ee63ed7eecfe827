"""A clock that jumps instead of waiting: for threads, for tasks, and for both at once.

RULE: time moves only when everybody who could still do something at this instant rests.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from freetier.testing.loop import VirtualLoop
from freetier.testing.rest import Deadlock, Rest
from freetier.testing.threads import VirtualPool

T = TypeVar("T")

MIDNIGHT = 1_795_219_200.0
"""2026-11-21 00:00:00 UTC, where a virtual clock starts unless told otherwise."""


class VirtualClock:
    """Implements the clock protocol without ever waiting.

    - One thread: `sleep` moves the clock and returns.
    - Tasks: `clock.run(main())` runs a coroutine on a loop of its own whose time *is* this
      clock, so that `asyncio.sleep`, `wait_for` and `timeout` cost nothing.
    - Threads: `with clock.threads(8) as pool:`; time stands still while one of the pool's
      running jobs is not asleep in the clock.

    Args:
        start: the first instant, seconds since 1970 UTC.
    """

    def __init__(self, start: float = MIDNIGHT) -> None:
        self._start = start
        self._shift = 0.0
        self._elapsed = 0.0
        self.lock = threading.Condition()
        self._busy = 0
        self._members: set[int] = set()
        self._resting: list[Rest] = []

    def now(self) -> float:
        """Return the instant on the wall, in seconds since 1970 UTC."""
        return self._start + self._elapsed + self._shift

    def monotonic(self) -> float:
        """Return the seconds that have passed since this clock began."""
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Rest for `seconds`; returns when the clock has got there.

        Raises:
            Deadlock: the rest is endless and everybody else rests for ever too.
        """
        if seconds <= 0:
            return
        with self.lock:
            member = threading.get_ident() in self._members
            rest = Rest(wake_at=self._elapsed + seconds, wake=self.lock.notify_all)
            self._busy += 0 if member else 1
            self.lie_down(rest)
            while not rest.over:
                self.lock.wait()
            if not member:
                self._step_out()
        if rest.hopeless:
            raise Deadlock("an endless sleep, and nobody else on this clock will move")

    async def asleep(self, seconds: float) -> None:
        """Let this task rest for `seconds`.

        Raises:
            RuntimeError: the running loop is not one of `clock.run`.
        """
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop) or loop.clock is not self:
            raise RuntimeError("this task is not on the virtual clock: use clock.run(main())")
        await asyncio.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds` and wake whoever is due by then."""
        with self.lock:
            self._elapsed += seconds
            self._wake_due()

    def shift(self, seconds: float) -> None:
        """Let the wall time jump, as a corrected system clock does; `monotonic` stays."""
        self._shift += seconds

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end on a loop that lives on this clock.

        Work given to the loop's default executor holds the time still until it ends or
        sleeps in this clock. Real sockets do not hold it.

        Raises:
            Deadlock: no task is ready, no timer is set and no thread is at work.
        """
        with self.hold(), asyncio.Runner(loop_factory=lambda: VirtualLoop(self)) as runner:
            return runner.run(main)

    @contextmanager
    def threads(self, count: int) -> Iterator[VirtualPool]:
        """Lend a pool of `count` threads; its jobs may sleep in this clock."""
        with VirtualPool(self, count) as pool:
            yield pool

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep the time still for a while unless this thread sleeps in the clock itself."""
        ident = threading.get_ident()
        if ident in self._members:
            yield
            return
        self.step_in()
        self._members.add(ident)
        try:
            yield
        finally:
            self._members.discard(ident)
            self.step_out()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let time pass although this thread waits for something outside the clock."""
        ident = threading.get_ident()
        if ident not in self._members:
            yield
            return
        self._members.discard(ident)
        self.step_out()
        try:
            yield
        finally:
            self.step_in()
            self._members.add(ident)

    def step_in(self) -> None:
        """Count one more who may act at this instant; `step_out` is its end."""
        with self.lock:
            self._busy += 1

    def step_out(self) -> None:
        """Count one less, and let time jump if nobody is left awake."""
        with self.lock:
            self._step_out()

    def _step_out(self) -> None:
        self._busy -= 1
        self._jump()

    def enlist(self) -> None:
        """Make this thread a member; whoever submitted its work has stepped in for it."""
        self._members.add(threading.get_ident())

    def discharge(self) -> None:
        """End this thread's membership without stepping out."""
        self._members.discard(threading.get_ident())

    def lie_down(self, rest: Rest) -> None:
        """Begin a rest and let time jump if nobody is left awake."""
        with self.lock:
            self._resting.append(rest)
            self._step_out()

    def get_up(self, rest: Rest) -> None:
        """End a rest early: something else has woken its owner."""
        with self.lock:
            if not rest.over:
                rest.over = True
                self._resting.remove(rest)
                self._busy += 1

    def _jump(self) -> None:
        if self._busy or not self._resting:
            return
        first = min(rest.wake_at for rest in self._resting)
        if not math.isinf(first):
            self._elapsed = max(self._elapsed, first)
        elif not any(rest.patient for rest in self._resting):
            for rest in self._resting:
                rest.hopeless = True
        self._wake_due()

    def _wake_due(self) -> None:
        due = [r for r in self._resting if r.hopeless or r.wake_at <= self._elapsed]
        for rest in due:
            self._resting.remove(rest)
            self._busy += 1
            rest.over = True
        for rest in due:
            rest.wake()
