"""Loops that were closed without their generators, and threads that find them at the same time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

MOST = 0.3
"""Seconds one thread waits for the other, which need not come: it may be kept out by a lock."""


class RoughLoop(asyncio.SelectorEventLoop):
    """Once it is over, whoever looks whether it is closed waits for a second one who does."""

    meeting: threading.Barrier | None = None

    def is_closed(self) -> bool:
        """Tell whether the loop is closed, to two at once."""
        if self.meeting is not None:
            with suppress(threading.BrokenBarrierError):
                self.meeting.wait(MOST)
        return super().is_closed()


def after_a_rough_end(use: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Use something in a loop that ends roughly, then in two new ones at once.

    Returns:
        What each use gave.
    """

    async def used() -> Any:
        return await use()

    rough = RoughLoop()
    first = rough.run_until_complete(used())
    rough.close()
    rough.meeting = threading.Barrier(2)
    try:
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(asyncio.run, used()) for _ in range(2)]
            return [first, *(future.result() for future in futures)]
    finally:
        rough.meeting = None
