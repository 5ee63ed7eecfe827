"""Resting on a virtual clock, as a value that both threads and loops use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Deadlock(RuntimeError):
    """Everybody on the virtual clock waits for something that no timer will bring."""


@dataclass(slots=True, eq=False)
class Rest:
    """One who rests until `wake_at` (seconds of the monotonic clock)."""

    wake_at: float
    wake: Callable[[], object]
    over: bool = False
    hopeless: bool = False
