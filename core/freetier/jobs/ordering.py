"""Results in the order of their items, or as they come."""

from __future__ import annotations

from collections.abc import Iterator

from freetier.values.jobs import JobResult


class Ordering:
    """Holds back what came too early; pure.

    Args:
        ordered: Whether the order of the items is kept.
        room: How many items may be taken beyond the first that has not been given back.
    """

    __slots__ = ("_early", "_given", "_ordered", "_room", "_taken")

    def __init__(self, *, ordered: bool, room: int) -> None:
        self._ordered = ordered
        self._room = room
        self._early: dict[int, JobResult] = {}
        self._given = 0
        self._taken = 0

    @property
    def may_take(self) -> bool:
        """Tell whether one more item may be begun without holding back too much."""
        return not self._ordered or self._taken - self._given < self._room

    def take(self) -> int:
        """Return the index of the next item."""
        self._taken += 1
        return self._taken - 1

    def put(self, result: JobResult) -> Iterator[JobResult]:
        """Take a result in and yield what may be given back now."""
        if not self._ordered:
            self._given += 1
            yield result
            return
        self._early[result.index] = result
        while self._given in self._early:
            ready = self._early.pop(self._given)
            self._given += 1
            yield ready
