"""An asyncio loop whose time is a virtual clock."""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Mapping
from contextvars import Context
from typing import TYPE_CHECKING, Any, TypeVarTuple, Unpack

from freetier.testing.rest import Deadlock, Rest
from freetier.testing.threads import VirtualPool

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

    from freetier.testing.clock import VirtualClock

Arguments = TypeVarTuple("Arguments")
Events = list[tuple[selectors.SelectorKey, int]]
DEFAULT_THREADS = 32


class VirtualSelector(selectors.BaseSelector):
    """Looks at real files without waiting and lets the clock jump when none is ready."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._files = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> Events:
        """Return what is ready; else rest in the clock until the next timer."""
        if timeout is not None and timeout <= 0:
            return self._files.select(0)
        return self._rest(math.inf if timeout is None else timeout)

    def _rest(self, seconds: float) -> Events:
        loop, clock = self._loop, self._loop.clock
        with clock.lock:
            # Under the lock, so that no other thread can hand over work unseen.
            events = self._files.select(0)
            if events:
                return events
            # Besides the loop's own pipe: a real socket may speak at any time.
            has_sockets = len(self._files.get_map()) > 1
            rest = Rest(wake_at=clock.monotonic() + seconds, wake=loop.nudge, patient=has_sockets)
            clock.lie_down(rest)
            if not rest.over:
                loop.resting = rest
        if loop.resting is not None:
            events = self._files.select(None)
            with clock.lock:
                loop.resting = None
                clock.get_up(rest)
        if rest.hopeless:
            raise Deadlock(loop.describe())
        return events

    def register(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> Any:  # noqa: ANN401, D102
        return self._files.register(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> Any:  # noqa: ANN401, D102
        return self._files.unregister(fileobj)

    def modify(self, fileobj: FileDescriptorLike, events: int, data: Any = None) -> Any:  # noqa: ANN401, D102
        return self._files.modify(fileobj, events, data)

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:  # noqa: D102
        return self._files.get_map()

    def close(self) -> None:  # noqa: D102
        self._files.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop of `VirtualClock.run`."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.resting: Rest | None = None
        super().__init__(VirtualSelector(self))
        self._pool = VirtualPool(clock, DEFAULT_THREADS)
        self.set_default_executor(self._pool)

    def time(self) -> float:
        """Return the clock's monotonic seconds."""
        return self.clock.monotonic()

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Arguments]], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Set a timer; one at infinity never fires and keeps no loop alive."""
        if math.isinf(when):
            return asyncio.TimerHandle(when, callback, args, self, context)
        return super().call_at(when, callback, *args, context=context)

    def call_soon_threadsafe(
        self,
        callback: Callable[[Unpack[Arguments]], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Hand over work from another thread; the loop counts as awake from this moment on."""
        with self.clock.lock:
            handle = super().call_soon_threadsafe(callback, *args, context=context)
            if self.resting is not None:
                self.clock.get_up(self.resting)
        return handle

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002
        """Wait for the threads; they may still need the clock to move."""
        with self.clock.away():
            self._pool.shutdown(wait=True)

    def nudge(self) -> None:
        """Wake the loop out of its selector; its own jumps need no waking."""
        if self.resting is not None:
            super().call_soon_threadsafe(lambda: None)

    def describe(self) -> str:
        """Say which tasks wait for ever."""
        names = sorted(
            f"{task.get_name()} ({getattr(task.get_coro(), '__qualname__', '?')})"
            for task in asyncio.all_tasks(self)
        )
        return "no task is ready and no timer is set; waiting for ever: " + ", ".join(names)
