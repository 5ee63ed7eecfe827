"""A bucket that refills continuously; a pace is a bucket with a small burst (GCRA)."""

from __future__ import annotations

from freetier.testing.limits import Limit


class Bucket:
    """One number: the moment at which the bucket is full again, times the rate.

    Args:
        amount: units that flow back in one span.
        span: ticks.
        capacity: units that fit at once.
    """

    __slots__ = ("_amount", "_capacity", "_full", "_span")

    def __init__(self, amount: int, span: int, capacity: int) -> None:
        self._amount = amount
        self._span = span
        self._capacity = capacity
        self._full = 0

    def wait(self, at: int, units: int) -> int | None:
        """Return how many ticks until `units` fit: 0 = now, None = never."""
        if units > self._capacity or not self._amount:
            return None
        excess = self._debt(at) + (units - self._capacity) * self._span
        return max(0, -(-excess // self._amount))

    def take(self, at: int, units: int) -> object:
        """Take `units` out, whether they are there or not."""
        self._full = at * self._amount + self._debt(at) + units * self._span
        return None

    def amend(self, ticket: object, units: int, at: int) -> None:  # noqa: ARG002
        """Take `units` more out, or put them back."""
        self.take(at, units)

    def resize(self, limit: Limit, at: int) -> None:
        """Refill at another rate and hold another amount; what is missing stays missing."""
        missing = self._debt(at)
        self._amount, self._capacity = limit.amount, limit.capacity
        self._full = at * self._amount + missing

    def used(self, at: int) -> int:
        """Return the units that are missing, a started one as a whole."""
        return -(-self._debt(at) // self._span)

    def full_in(self, at: int) -> int:
        """Return how many ticks until the bucket is full."""
        return -(-self._debt(at) // self._amount) if self._amount else 0

    def _debt(self, at: int) -> int:
        return max(0, self._full - at * self._amount)
