"""Amounts by the instant at which they leave a window, in two rows of numbers.

A window may hold thousands of them, and a store that writes down reads and writes them all
in one operation. As plain numbers side by side that is a matter of microseconds; as objects
it would be one of milliseconds. What is only looked at is not even unpacked.
"""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Self

SLACK = 512
"""Forgotten entries that may stay in front before the rows are moved up."""

NEVER = 1 << 62


class Unreadable(ValueError):
    """A text is not one that `Entries.packed` returned."""


class Entries:
    """Pairs of an instant in ms and an amount, ascending; amounts of one instant are one.

    Attributes:
        total: The sum of all amounts.
        first: The earliest instant; beyond all instants if there is none.
        last: The latest instant; 0 if there is none.
    """

    __slots__ = ("_amounts", "_at", "_begin", "_text", "first", "last", "total")

    def __init__(self) -> None:
        self._at = array("q")
        self._amounts = array("q")
        self._begin = 0  # what lies before is forgotten
        self._text: str | None = ""  # everything as text, if that is known
        self.total = 0
        self.first = NEVER
        self.last = 0

    def __iter__(self) -> Iterator[tuple[int, int]]:
        self._unpack()
        for place in range(self._begin, len(self._at)):
            yield self._at[place], self._amounts[place]

    def __reversed__(self) -> Iterator[tuple[int, int]]:
        self._unpack()
        for place in range(len(self._at) - 1, self._begin - 1, -1):
            yield self._at[place], self._amounts[place]

    def add(self, at: int, amount: int) -> None:
        """Add an amount that leaves at an instant; mostly it is the latest one."""
        if self._text:
            self._unpack()
        self._text = None
        self.total += amount
        if at > self.last:
            self._at.append(at)
            self._amounts.append(amount)
            self.last = at
        else:
            self._insert(at, amount)
        if at < self.first:  # noqa: PLR1730 - a call costs more than all the rest here
            self.first = at

    def _insert(self, at: int, amount: int) -> None:
        place = bisect_left(self._at, at, self._begin)
        if self._at[place] == at:
            self._amounts[place] += amount
        else:
            self._at.insert(place, at)
            self._amounts.insert(place, amount)

    def after(self, t: int) -> int:
        """Return the sum of what leaves after an instant."""
        self._unpack()
        return sum(self._amounts[bisect_right(self._at, t, self._begin) :])

    def forget(self, t: int) -> None:
        """Forget what has left by an instant."""
        if self.first > t:
            return
        self._unpack()
        self._text = None
        end = bisect_right(self._at, t, self._begin)
        self.total -= sum(self._amounts[self._begin : end])
        self._begin = end
        if end == len(self._at) or (end > SLACK and end * 2 > len(self._at)):
            del self._at[:end], self._amounts[:end]
            self._begin = 0
        if self._at:
            self.first = self._at[self._begin]
        else:
            self.first, self.last = NEVER, 0

    def pairs(self) -> list[list[int]]:
        """Return everything as plain pairs."""
        return [list(entry) for entry in self]

    def packed(self) -> tuple[list[int], str]:
        """Return everything as [total, first and last instant] and a text.

        The text is base64 of little-endian 64-bit numbers: all instants, then all amounts.
        """
        if self._text is None:
            rows = self._at[self._begin :] + self._amounts[self._begin :]
            if sys.byteorder == "big":
                rows.byteswap()
            self._text = b64encode(rows.tobytes()).decode()
        return [self.total, self.first, self.last], self._text

    def _unpack(self) -> None:
        if not self._text or self._at:
            return
        try:
            rows = array("q", b64decode(self._text, validate=True))
        except ValueError as error:
            raise Unreadable("not our text") from error
        if sys.byteorder == "big":
            rows.byteswap()
        half = len(rows) // 2
        self._at, self._amounts = rows[:half], rows[half:]
        if len(self._at) != len(self._amounts):
            raise Unreadable("an instant without an amount")

    @classmethod
    def of_pairs(cls, pairs: Sequence[Sequence[int]]) -> Self:
        """Return the entries of plain pairs in order."""
        self = cls()
        for at, amount in pairs:
            self.add(at, amount)
        return self

    @classmethod
    def unpacked(cls, head: Sequence[int], text: str) -> Self:
        """Return the entries of a packed state; `Unreadable` comes when they are looked at."""
        self = cls()
        self.total, self.first, self.last = head
        self._text = text
        return self
