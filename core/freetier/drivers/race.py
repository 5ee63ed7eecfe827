"""Two runs of one request: the first content wins, the other one is stopped and settled."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

from freetier.drivers.aio import AsyncRun
from freetier.drivers.granting import Grants
from freetier.drivers.sync import Run
from freetier.routing.effects import Abandoned
from freetier.values.chat import Event

T = TypeVar("T")
Steps: TypeAlias = dict[asyncio.Future[Event | None], AsyncRun[T]]
Decide: TypeAlias = Callable[[Any, BaseException | None], bool]


async def arace(
    first: AsyncRun[T], late: float, second: Callable[[], AsyncRun[T] | None], decide: Decide
) -> tuple[AsyncRun[T], Event | None]:
    """Step two runs to the first event of either.

    Args:
        first: The request as it is.
        late: Seconds after which the second one begins.
        second: Makes it, or says that there should be none.
        decide: Tells whether a run that has an event has won; is told of the error that is
            raised if neither has.

    Returns:
        The run that was first, and its first event.
    """
    steps: Steps[T] = {asyncio.ensure_future(first.step()): first}
    try:
        await asyncio.wait(steps, timeout=late)
        other = second() if not any(step.done() for step in steps) else None
        if other is not None:
            steps[asyncio.ensure_future(other.step())] = other
        return await _first(steps, decide)
    finally:
        for step in steps:
            if not step.done():
                step.cancel()
        await asyncio.gather(*steps, return_exceptions=True)


async def _first(steps: Steps[T], decide: Decide) -> tuple[AsyncRun[T], Event | None]:
    open_, order = set(steps), list(steps)
    while open_:
        done, open_ = await asyncio.wait(open_, return_when=asyncio.FIRST_COMPLETED)
        for step in sorted(done, key=order.index):
            if step.exception() is None and decide(steps[step], None):
                await _stop_others(steps, step)
                return steps[step], step.result()
    step = next((step for step in order if step.exception() is None), order[0])
    decide(steps[step], step.exception())
    return steps[step], step.result()


async def _stop_others(steps: Steps[T], winner: asyncio.Future[Event | None]) -> None:
    """Stop who was second, also where it has an event of its own just now."""
    for step, run in steps.items():
        if step is winner:
            continue
        if not step.done():
            step.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await step
        await run.stop()


def race(
    first: Run[T], late: float, second: Callable[[], Run[T] | None], decide: Decide
) -> tuple[Run[T], Event | None]:
    """Step two runs to the first event of either, each in a thread; see `arace`.

    A thread that reads cannot be interrupted: the second one to arrive stops by itself at
    its next event or at the end of its budget, whichever is first.
    """
    lane = _Lane()
    try:
        lane.start(first)
        found = lane.take(late)
        if found is None:
            other = second()
            if other is not None:
                lane.start(other)
            found = lane.take(None)
        if lane.others() and not (found[2] is None and decide(found[0], None)):
            found = _better(first, found, lane.take(None))
    finally:
        lane.close()
    run, event, error = found
    if error is not None:
        decide(run, error)
        raise error
    return run, event


Arrival = tuple[Run[Any], Event | None, BaseException | None]


def _better(first: Run[Any], early: Arrival, late: Arrival) -> Arrival:
    """Return who goes on: who has no error, the later one if both have none; stop the other.

    The earlier one was not the first with content, or it would have gone on alone.
    """
    if late[2] is None:
        _stop(early[0])
        return late
    return early if early[2] is None or early[0] is first else late


class _Lane:
    """Where runs arrive; whoever arrives after it was closed is stopped."""

    def __init__(self) -> None:
        self._line: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._closed = False
        self._running = 0

    def start(self, run: Run[Any]) -> None:
        """Let a run make its first step."""
        self._running += 1
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
                self._line.put((run, event, error))
        if late:
            _stop(run)

    def others(self) -> bool:
        """Tell whether anybody is still to arrive."""
        return self._running > 0

    def take(self, seconds: float | None) -> Any:
        """Return the next arrival, or None if there is none in time."""
        try:
            found = self._line.get(timeout=seconds)
        except queue.Empty:
            return None
        self._running -= 1
        return found

    def close(self) -> None:
        """Stop those that have arrived too late, and those that will."""
        with self._guard:
            self._closed = True
        while not self._line.empty():
            _stop(self._line.get()[0])


def _stop(run: Run[Any]) -> None:
    with contextlib.suppress(Exception, Abandoned):
        run.stop()


class HedgedRun(Generic[T]):
    """A run that becomes a race at its first step; see `Run`."""

    def __init__(
        self, first: Run[T], late: float, second: Callable[[], Run[T] | None], decide: Decide
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
        second: Callable[[], AsyncRun[T] | None],
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
