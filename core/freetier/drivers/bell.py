"""Waking those who wait for a place of a concurrency limit, in this process.

Places come back when a request ends, which no window foretells. A ring wakes one waiter,
the one that has waited longest; waiters of other processes look again by themselves.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable


class Bell:
    """Waiters by key, threads and tasks in one line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: dict[str, deque[Callable[[], bool]]] = {}
        self._kept: set[str] = set()

    def ring(self, key: str, *, keep: bool = False) -> None:
        """Wake the longest waiter of a key; if there is none, `keep` wakes the next one."""
        while True:
            with self._lock:
                line = self._waiters.get(key)
                if not line:
                    if keep:
                        self._kept.add(key)
                    return
                wake = line.popleft()
                if not line:
                    del self._waiters[key]
            if wake():
                return

    def wait(self, key: str, seconds: float) -> None:
        """Block this thread until the bell rings, at most so long."""
        event = threading.Event()

        def wake() -> bool:
            event.set()
            return True

        if not self._enter(key, wake):
            return
        if not event.wait(seconds):
            self._leave(key, wake)

    async def await_(self, key: str, seconds: float) -> None:
        """Let this task rest until the bell rings, at most so long."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def done() -> None:
            if not future.done():
                future.set_result(None)

        def wake() -> bool:
            if future.done() or loop.is_closed():
                return False
            loop.call_soon_threadsafe(done)
            return True

        if not self._enter(key, wake):
            return
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            pass
        finally:
            self._leave(key, wake)

    def _enter(self, key: str, wake: Callable[[], bool]) -> bool:
        """Stand in line; False if the bell was rung before."""
        with self._lock:
            if key in self._kept:
                self._kept.discard(key)
                return False
            self._waiters.setdefault(key, deque()).append(wake)
            return True

    def _leave(self, key: str, wake: Callable[[], bool]) -> None:
        with self._lock:
            line = self._waiters.get(key)
            if line is not None and wake in line:
                line.remove(wake)
                if not line:
                    del self._waiters[key]
