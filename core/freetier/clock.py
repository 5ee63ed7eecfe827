"""Time, handed in: the only module of the core that reads the machine's clocks."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the drivers and the local stores know of time."""

    def now(self) -> float:
        """Return the instant, in seconds since 1970 UTC."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back; only differences mean something."""

    def sleep(self, seconds: float) -> None:
        """Block this thread for `seconds`."""

    async def asleep(self, seconds: float) -> None:
        """Let this task rest for `seconds`."""


class SystemClock:
    """The machine's own clocks."""

    __slots__ = ()

    def now(self) -> float:
        """Return the instant, in seconds since 1970 UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread for `seconds`."""
        time.sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Let this task rest for `seconds`."""
        import asyncio  # noqa: PLC0415 - synchronous users never pay for it

        await asyncio.sleep(seconds)
