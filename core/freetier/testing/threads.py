"""Threads that live on a virtual clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from freetier.testing.clock import VirtualClock

T = TypeVar("T")
P = ParamSpec("P")


class VirtualPool(ThreadPoolExecutor):
    """An executor whose running jobs hold a virtual clock still unless they sleep in it.

    A job counts from its submission while a thread is free for it, so that time cannot
    jump between `submit` and its first line. A job may wait only in the clock, or for
    another running job.
    """

    def __init__(self, clock: VirtualClock, count: int) -> None:
        super().__init__(max_workers=count, thread_name_prefix="virtual")
        self._clock = clock
        self._count = count
        self._open = 0
        self._guard = threading.Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule one call."""
        result: Future[T] = Future()

        def job() -> None:
            self._clock.enlist()
            try:
                settle(result, lambda: fn(*args, **kwargs))
            finally:
                self._clock.discharge()
                self._finish()

        self._begin()
        try:
            super().submit(job)
        except RuntimeError:  # the pool is shut
            self._finish()
            raise
        return result

    def map(
        self,
        fn: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
    ) -> Iterator[T]:
        """Call `fn` for each item; time does not move before all are submitted."""
        with self._clock.hold():
            return super().map(fn, *iterables, timeout=timeout, chunksize=chunksize)

    def _begin(self) -> None:
        with self._guard:
            self._open += 1
            starts = self._open <= self._count
        if starts:
            self._clock.step_in()

    def _finish(self) -> None:
        # A queued job takes over this thread, and with it this thread's place in the clock.
        with self._guard:
            self._open -= 1
            ends = self._open < self._count
        if ends:
            self._clock.step_out()


def settle(result: Future[T], call: Callable[[], T]) -> None:
    """Run a call into a future, whose callbacks are done when this returns."""
    if not result.set_running_or_notify_cancel():
        return
    try:
        value = call()
    except BaseException as error:  # noqa: BLE001 - belongs to whoever asks for the result
        result.set_exception(error)
    else:
        result.set_result(value)
