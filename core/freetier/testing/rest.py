"""Resting on a virtual clock, as a value that both threads and loops use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Deadlock(RuntimeError):
    """Everybody on the virtual clock waits for something that no timer will bring."""


@dataclass(slots=True, eq=False, kw_only=True)
class Rest:
    """One who rests in the clock.

    Attributes:
        wake_at: seconds of the monotonic clock; infinite = until somebody else wakes him.
        wake: called when he is due.
        patient: whether something outside the clock may still wake him, such as a socket.
        over: whether he is up again.
        hopeless: whether that is because nobody would ever have woken him.
    """

    wake_at: float
    wake: Callable[[], object]
    patient: bool = False
    over: bool = False
    hopeless: bool = False
