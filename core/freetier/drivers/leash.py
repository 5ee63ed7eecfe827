"""A run in a thread of its own, which ends by itself once nobody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from freetier.drivers.granting import Grants
from freetier.routing import effects as fx

ENDINGS = frozenset({fx.Close, fx.Settle, fx.Release, fx.Ring, fx.Tell})
"""What is granted all the same: whoever ends leaves nothing behind, and says so."""


class Leash(dict[type[fx.Effect[Any]], Callable[[Any], Any]]):
    """Grants until it is cut; then the flow is abandoned once, at its next wish or in its wait.

    A thread that reads cannot be interrupted, so that it ends when its read does.

    Args:
        grants: What grants the wishes until then.
    """

    __slots__ = ("_cut", "_is_felt")

    def __init__(self, grants: Grants) -> None:
        super().__init__(grants)
        self._cut = threading.Event()
        self._is_felt = False

    def __getitem__(self, kind: type[fx.Effect[Any]]) -> Callable[[Any], Any]:
        """Return what grants a wish."""
        if self._cut.is_set() and not self._is_felt and kind not in ENDINGS:
            self._is_felt = True
            raise fx.Abandoned
        return self._wait if kind is fx.Wait else super().__getitem__(kind)

    def cut(self) -> None:
        """Let the flow end."""
        self._cut.set()

    def let_off(self) -> None:
        """Grant everything from now on: the flow is ended by somebody else."""
        self._is_felt = True

    def _wait(self, wish: fx.Wait) -> None:
        try:
            super().__getitem__(fx.Wait)(replace(wish, cancel=wish.cancel or self._cut))
        except fx.Abandoned:
            self._is_felt = True
            raise
