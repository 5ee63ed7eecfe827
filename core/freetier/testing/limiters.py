"""Windows that count, each as a provider would keep it; time is whole microseconds.

RULE: exact integers only; a question never changes an answer. Written apart from the router's
own windows, so that the one can catch the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from freetier.testing.buckets import Bucket
from freetier.testing.limits import Kind, Limit

Ticks = int
TICKS = 1_000_000
"""Ticks in a second."""

Ticket = object


class Limiter(Protocol):
    """One limit, counted for one account, model or pool."""

    def wait(self, at: Ticks, units: int) -> Ticks | None:
        """Return how long until `units` fit: 0 = now, None = never."""

    def take(self, at: Ticks, units: int) -> Ticket:
        """Count `units` at `at`, whether they fit or not."""

    def amend(self, ticket: Ticket, units: int, at: Ticks) -> None:
        """Add `units` (or take them back) where `ticket` was counted."""

    def used(self, at: Ticks) -> int:
        """Return what counts at `at`."""

    def full_in(self, at: Ticks) -> Ticks:
        """Return how long until nothing counts any more."""

    def resize(self, limit: Limit, at: Ticks) -> None:
        """Have another amount from now on; what was counted still counts."""


class Counter:
    """Windows with a beginning and an end: fixed on the clock, or of a calendar.

    Args:
        amount: the ceiling of each window.
        bounds: from an instant to the window it lies in, end excluded.
    """

    __slots__ = ("_amount", "_bounds", "_count", "_end", "_start")

    def __init__(self, amount: int, bounds: Callable[[Ticks], tuple[Ticks, Ticks]]) -> None:
        self._amount = amount
        self._bounds = bounds
        self._start = self._end = -1
        self._count = 0

    def wait(self, at: Ticks, units: int) -> Ticks | None:  # noqa: D102
        if units > self._amount:
            return None
        return 0 if self.used(at) + units <= self._amount else self._end - at

    def resize(self, limit: Limit, at: Ticks) -> None:  # noqa: ARG002, D102
        self._amount = limit.amount

    def take(self, at: Ticks, units: int) -> Ticket:  # noqa: D102
        if at >= self._end:
            self._start, self._end = self._bounds(at)
            self._count = 0
        self._count += units
        return self._start

    def amend(self, ticket: Ticket, units: int, at: Ticks) -> None:  # noqa: D102
        if ticket == self._start and at < self._end:
            self._count += units

    def used(self, at: Ticks) -> int:  # noqa: D102
        return self._count if at < self._end else 0

    def full_in(self, at: Ticks) -> Ticks:  # noqa: D102
        return self._end - at if self.used(at) else 0


class Log:
    """A rolling log: an entry counts while the instant is before its stamp plus the span."""

    __slots__ = ("_amount", "_entries", "_span", "_sum")

    def __init__(self, amount: int, span: Ticks) -> None:
        self._amount = amount
        self._span = span
        self._entries: deque[list[int]] = deque()
        self._sum = 0

    def wait(self, at: Ticks, units: int) -> Ticks | None:  # noqa: D102
        if units > self._amount:
            return None
        excess = self.used(at) + units - self._amount
        leaves = at
        for stamp, held in self._entries:
            if excess <= 0:
                break
            excess -= held
            leaves = stamp + self._span
        return leaves - at

    def resize(self, limit: Limit, at: Ticks) -> None:  # noqa: ARG002, D102
        self._amount = limit.amount

    def take(self, at: Ticks, units: int) -> Ticket:  # noqa: D102
        self.used(at)
        entry = [at, units]
        self._entries.append(entry)
        self._sum += units
        return entry

    def amend(self, ticket: Ticket, units: int, at: Ticks) -> None:  # noqa: D102
        if isinstance(ticket, list) and at < ticket[0] + self._span:
            ticket[1] += units
            self._sum += units

    def used(self, at: Ticks) -> int:  # noqa: D102
        entries = self._entries
        while entries and entries[0][0] + self._span <= at:
            self._sum -= entries.popleft()[1]
        return self._sum

    def full_in(self, at: Ticks) -> Ticks:  # noqa: D102
        self.used(at)
        return self._entries[-1][0] + self._span - at if self._entries else 0


class Weighted:
    """A sliding counter: the share of the last window that still overlaps, and this one."""

    __slots__ = ("_amount", "_count", "_index", "_last", "_phase", "_span")

    def __init__(self, amount: int, span: Ticks, phase: Ticks) -> None:
        self._amount = amount
        self._span = span
        self._phase = phase
        self._index = -2
        self._count = self._last = 0

    def wait(self, at: Ticks, units: int) -> Ticks | None:  # noqa: D102
        if units > self._amount:
            return None
        index, elapsed = divmod(at - self._phase, self._span)
        last, count = self._counts(index)
        moment = self._fits_after(last, self._amount - count - units)
        if moment is None or moment >= self._span:
            later = self._fits_after(count, self._amount - units)
            moment = self._span + (later or 0)
        return max(0, moment - elapsed)

    def resize(self, limit: Limit, at: Ticks) -> None:  # noqa: ARG002, D102
        self._amount = limit.amount

    def take(self, at: Ticks, units: int) -> Ticket:  # noqa: D102
        index = (at - self._phase) // self._span
        self._last, self._count = self._counts(index)
        self._index = index
        self._count += units
        return index

    def amend(self, ticket: Ticket, units: int, at: Ticks) -> None:  # noqa: ARG002, D102
        if ticket == self._index:
            self._count += units
        elif ticket == self._index - 1:
            self._last += units

    def used(self, at: Ticks) -> int:  # noqa: D102
        index, elapsed = divmod(at - self._phase, self._span)
        last, count = self._counts(index)
        return last * (self._span - elapsed) // self._span + count

    def full_in(self, at: Ticks) -> Ticks:  # noqa: D102
        index, elapsed = divmod(at - self._phase, self._span)
        last, count = self._counts(index)
        windows = 2 if count else 1 if last else 0
        return windows * self._span - elapsed if windows else 0

    def _counts(self, index: int) -> tuple[int, int]:
        if index == self._index:
            return self._last, self._count
        return (self._count if index == self._index + 1 else 0), 0

    def _fits_after(self, last: int, room: int) -> Ticks | None:
        # floor(last * (span - e) / span) <= room, for the smallest e.
        if room < 0:
            return None
        return 0 if last <= room else self._span - ((room + 1) * self._span - 1) // last


class Slots:
    """Requests at the same time; a slot is free again when its ticket is taken back."""

    __slots__ = ("_amount", "_open")

    def __init__(self, amount: int) -> None:
        self._amount = amount
        self._open = 0

    def wait(self, at: Ticks, units: int) -> Ticks | None:  # noqa: ARG002, D102
        if units > self._amount:
            return None
        return 0 if self._open + units <= self._amount else TICKS

    def resize(self, limit: Limit, at: Ticks) -> None:  # noqa: ARG002, D102
        self._amount = limit.amount

    def take(self, at: Ticks, units: int) -> Ticket:  # noqa: ARG002, D102
        self._open += units
        return None

    def amend(self, ticket: Ticket, units: int, at: Ticks) -> None:  # noqa: ARG002, D102
        self._open += units

    def used(self, at: Ticks) -> int:  # noqa: ARG002, D102
        return self._open

    def full_in(self, at: Ticks) -> Ticks:  # noqa: ARG002, D102
        return TICKS if self._open else 0


def clock_bounds(span: Ticks, phase: Ticks) -> Callable[[Ticks], tuple[Ticks, Ticks]]:
    """Return the windows that begin at multiples of `span`, moved by `phase`."""

    def bounds(at: Ticks) -> tuple[Ticks, Ticks]:
        start = (at - phase) // span * span + phase
        return start, start + span

    return bounds


def calendar_bounds(period: str, zone: str) -> Callable[[Ticks], tuple[Ticks, Ticks]]:
    """Return the days, weeks (from Monday) or months of a zone, clock changes included."""
    place = ZoneInfo(zone)

    def bounds(at: Ticks) -> tuple[Ticks, Ticks]:
        day = datetime.fromtimestamp(at // TICKS, place).replace(
            hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0
        )
        if period == "day":
            first, last = day, day + timedelta(days=1)
        elif period == "week":
            first = day - timedelta(days=day.weekday())
            last = first + timedelta(days=7)
        else:
            first = day.replace(day=1)
            last = (first + timedelta(days=32)).replace(day=1)
        start, end = (int(d.replace(tzinfo=place).timestamp()) * TICKS for d in (first, last))
        return start, end

    return bounds


def limiter(limit: Limit) -> Limiter:
    """Return a fresh limiter for a limit."""
    if limit.metric == "concurrent":
        return Slots(limit.amount)
    return MAKERS[limit.kind](limit, max(1, round(limit.span * TICKS)), round(limit.phase * TICKS))


MAKERS: Mapping[Kind, Callable[[Limit, Ticks, Ticks], Limiter]] = {
    "fixed": lambda limit, span, phase: Counter(limit.amount, clock_bounds(span, phase)),
    "first": lambda limit, span, _: Counter(limit.amount, lambda at: (at, at + span)),
    "calendar": lambda limit, _, __: Counter(
        limit.amount, calendar_bounds(str(limit.per), limit.zone)
    ),
    "rolling": lambda limit, span, _: Log(limit.amount, span),
    "counter": lambda limit, span, phase: Weighted(limit.amount, span, phase),
    "bucket": lambda limit, span, _: Bucket(limit.amount, span, limit.capacity),
    "pace": lambda limit, span, _: Bucket(limit.amount, span, limit.capacity),
}
"""How each kind is counted, from the limit, its span and its phase in ticks."""
