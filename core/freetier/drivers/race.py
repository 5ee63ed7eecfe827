"""Two runs of one request: the first content wins, the other one is stopped and settled."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

from freetier.drivers.aio import AsyncRun
from freetier.drivers.granting import Grants
from freetier.drivers.leash import Leash
from freetier.drivers.sync import Run
from freetier.errors import DeadlineExceeded
from freetier.routing.effects import Abandoned
from freetier.values.chat import Event

T = TypeVar("T")
Steps: TypeAlias = dict[asyncio.Future[Event | None], AsyncRun[T]]
Decide: TypeAlias = Callable[[Any, BaseException | None], bool]


async def arace(
    first: AsyncRun[T],
    late: float,
    second: Callable[[], AsyncRun[T] | float | None],
    decide: Decide,
) -> tuple[AsyncRun[T], Event | None]:
    """Step two runs to the first event of either.

    Args:
        first: The request as it is.
        late: Seconds after which the second one begins.
        second: Makes it, or says when to ask again, in seconds, or that there should be none.
        decide: Tells whether a run that has an event has won; is told of the error that is
            raised if neither has.

    Returns:
        The run that was first, and its first event.
    """
    steps: Steps[T] = {asyncio.ensure_future(first.step()): first}
    try:
        again: AsyncRun[T] | float | None = late
        while isinstance(again, float):
            done, _ = await asyncio.wait(steps, timeout=again)
            again = None if done else second()
        if again is not None:
            steps[asyncio.ensure_future(again.step())] = again
        winner = await _first(steps, decide)
        await _stop(steps, winner)
    except BaseException:
        await _stop(steps, None)
        raise
    return steps[winner], winner.result()


async def _first(steps: Steps[T], decide: Decide) -> asyncio.Future[Event | None]:
    open_, order = set(steps), list(steps)
    while open_:
        done, open_ = await asyncio.wait(open_, return_when=asyncio.FIRST_COMPLETED)
        for step in sorted(done, key=order.index):
            if step.exception() is None and decide(steps[step], None):
                return step
    step = min(order, key=lambda step: _rank(step.exception()))
    decide(steps[step], step.exception())
    return step


async def _stop(steps: Steps[T], winner: asyncio.Future[Event | None] | None) -> None:
    """Stop all but one, also those that have an event of their own just now."""
    others = [step for step in steps if step is not winner]
    for step in others:
        step.cancel()
    if others:
        await asyncio.wait(others)  # unlike `await step` it tells whose cancellation it is
    for step in others:
        _ = step.cancelled() or step.exception()  # seen, or the loop complains
        await steps[step].stop()


def race(
    first: Run[T], late: float, second: Callable[[], Run[T] | float | None], decide: Decide
) -> tuple[Run[T], Event | None]:
    """Step two runs to the first event of either, each in a thread; see `arace`.

    A thread that reads cannot be interrupted: whoever is not the first stops by himself
    once he has read, and waits for nothing and sends nothing any more.
    """
    lane = _Lane()
    winner = None
    try:
        lane.start(first)
        found: Arrival | None = None
        again: Run[T] | float | None = late
        while found is None and isinstance(again, float):
            found = lane.take(again)
            again = second() if found is None else None
        if isinstance(again, Run):
            lane.start(again)
        found = found or lane.take(None)
        if lane.others() and not (found[2] is None and decide(found[0], None)):
            found = _better(first, found, lane.take(None))
        run, event, error = found
        if error is not None:
            decide(run, error)
            raise error
        winner = run
    finally:
        lane.close(winner)
    return run, event


Arrival = tuple[Run[Any], Event | None, BaseException | None]


def _better(first: Run[Any], early: Arrival, late: Arrival) -> Arrival:
    """Return who goes on: who has no error, the later one if both have none.

    The earlier one was not the first with content, or it would have gone on alone.
    """
    if late[2] is None:
        return late
    ends = (early, late) if early[0] is first else (late, early)
    return min(ends, key=lambda end: _rank(end[2]))


def _rank(error: BaseException | None) -> int:
    """Return the rank of an end; of two of one rank the first run's counts.

    A deadline is that of both: whoever met it was the last to hope for an answer.
    """
    if error is None:
        return 0
    return 1 if isinstance(error, DeadlineExceeded) else 2


class _Lane:
    """Where runs arrive; all but one are stopped when it is closed, or when they arrive."""

    def __init__(self) -> None:
        self._line: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._closed = False
        self._leashes: dict[Run[Any], Leash] = {}
        self._arrived: list[Run[Any]] = []
        self._taken = 0

    def start(self, run: Run[Any]) -> None:
        """Let a run make its first step."""
        self._leashes[run] = run.leashed()
        threading.Thread(target=self._step, args=(run,), daemon=True).start()

    def _step(self, run: Run[Any]) -> None:
        event, error = None, None
        try:
            event = run.step()
        except BaseException as caught:  # noqa: BLE001 - belongs to whoever waits for it
            error = caught
        with self._guard:
            late = self._closed
            if not late:
                self._arrived.append(run)
                self._line.put((run, event, error))
        if late:
            self._stop(run)

    def others(self) -> bool:
        """Tell whether anybody is still to arrive."""
        return self._taken < len(self._leashes)

    def take(self, seconds: float | None) -> Any:
        """Return the next arrival, or None if there is none in time."""
        try:
            found = self._line.get(timeout=seconds)
        except queue.Empty:
            return None
        self._taken += 1
        return found

    def close(self, winner: Run[Any] | None) -> None:
        """Stop all others: those that have arrived now, those that have not when they do."""
        with self._guard:
            self._closed = True
        for run, leash in self._leashes.items():
            if run is winner:
                continue
            if run in self._arrived:
                self._stop(run)
            else:
                leash.cut()

    def _stop(self, run: Run[Any]) -> None:
        self._leashes[run].let_off()
        with contextlib.suppress(Exception, Abandoned):
            run.stop()


class HedgedRun(Generic[T]):
    """A run that becomes a race at its first step; see `Run`."""

    def __init__(
        self,
        first: Run[T],
        late: float,
        second: Callable[[], Run[T] | float | None],
        decide: Decide,
    ) -> None:
        self.run = first
        self._late = late
        self._second = second
        self._decide = decide
        self._raced = False

    @property
    def result(self) -> T:
        """Return what the winner came to."""
        return self.run.result

    def step(self) -> Event | None:
        """Go on to the next event; the first step decides who goes on."""
        if self._raced:
            return self.run.step()
        self._raced = True
        self.run, event = race(self.run, self._late, self._second, self._decide)
        return event

    def stop(self) -> None:
        """Tell the winner that nobody reads on."""
        self.run.stop()


class AsyncHedgedRun(Generic[T]):
    """A run that becomes a race at its first step; see `AsyncRun`."""

    def __init__(
        self,
        first: AsyncRun[T],
        late: float,
        second: Callable[[], AsyncRun[T] | float | None],
        decide: Decide,
    ) -> None:
        self.run = first
        self._late = late
        self._second = second
        self._decide = decide
        self._raced = False

    @property
    def result(self) -> T:
        """Return what the winner came to."""
        return self.run.result

    @property
    def ready(self) -> deque[Event]:
        """Return what may be taken without going on."""
        return self.run.ready

    async def step(self) -> Event | None:
        """Go on to the next event; the first step decides who goes on."""
        if self._raced:
            return await self.run.step()
        self._raced = True
        self.run, event = await arace(self.run, self._late, self._second, self._decide)
        return event

    async def stop(self) -> None:
        """Tell the winner that nobody reads on."""
        await self.run.stop()

    def abandon(self, grants: Grants) -> None:
        """Settle the winner whose loop is gone."""
        self.run.abandon(grants)
