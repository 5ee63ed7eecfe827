"""Windows on the clock or the calendar: one counter per window, and the ids under way.

A request counts in every window its stamp may lie in; nothing else is lost.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Self

from freetier.values.quota import Charge, Reservation
from freetier.windows.base import Mirror, State, late_bound, settled_late


def window_of(t: int, charge: Charge) -> tuple[int, int]:
    """Return start and end of the window that holds the instant `t`."""
    edges = charge.edges
    if not edges:
        start = t - t % charge.span_ms
        return start, start + charge.span_ms
    at = bisect_right(edges, t)
    if at == 0:
        return edges[0] - charge.span_ms, edges[0]
    if at == len(edges):  # beyond the known edges: the unit's nominal length from the last one
        start = edges[-1] + (t - edges[-1]) // charge.span_ms * charge.span_ms
        return start, start + charge.span_ms
    return edges[at - 1], edges[at]


def touched(early: int, late: int, charge: Charge) -> list[int]:
    """Return the starts of all windows that the instants from `early` to `late` lie in."""
    start, end = window_of(early, charge)
    starts = [start]
    while end <= late:
        start, end = window_of(end, charge)
        starts.append(start)
    return starts


KEPT = 8
"""Entries that are not worth looking through: some windows back, now, and bookings."""


class Counts(Mirror):
    """Counters by the start of their window; live requests know which ones they are in."""

    __slots__ = ("_counts", "_end", "_live", "_start", "_told")

    def __init__(self) -> None:
        self._start = self._end = 0  # the window that was asked about last
        self._counts: dict[int, int] = {}
        self._live: dict[str, tuple[int, int, list[int]]] = {}  # id: sent at, amount, starts
        self._told = 0

    def has_room(self, now: int, charge: Charge, held: Reservation) -> bool:
        """Tell whether a new reservation surely fits now; False only says to look closer."""
        early = now + held.near_ms
        if not self._start <= early < self._end:
            self.age(now, charge)
            self._start, self._end = window_of(early, charge)
        bound = held.lease_ms if charge.at_answer else held.far_ms
        return (
            now + bound < self._end
            and self._counts.get(self._start, 0) + charge.amount <= charge.ceiling
            and held.id not in self._live
        )

    def earliest(self, t: int, charge: Charge, held: Reservation) -> int | None:
        """Return the first instant from `t` on at which the charge fits, or None for never."""
        room = charge.ceiling - charge.amount
        if room < 0 < charge.amount:
            return None
        counts = self._counts
        while True:
            early = t + held.near_ms
            start, end = window_of(early, charge)
            if counts.get(start, 0) > room and charge.amount:
                t = end - held.near_ms
                continue
            late = late_bound(t, charge, held)
            if late < end or not charge.amount:
                return t
            full = [s for s in touched(end, late, charge) if counts.get(s, 0) > room]
            if not full:
                return t
            t = full[-1] - held.near_ms

    def take(self, t: int, charge: Charge, held: Reservation) -> None:
        """Hold the charge in every window its stamp may lie in."""
        early, late = t + held.near_ms, late_bound(t, charge, held)
        if self._start <= early and late < self._end:
            starts = [self._start]
        else:
            starts = touched(early, late, charge)
        counts, amount = self._counts, charge.amount
        for start in starts:
            counts[start] = counts.get(start, 0) + amount
        self._live[held.id] = (t, amount, starts)

    def start_of(self, held: Reservation) -> int | None:
        """Return the start that a reservation was given, or None if it is not held."""
        entry = self._live.get(held.id)
        return entry[0] if entry else None

    def settle(self, charge: Charge, held: Reservation, amount: int, late: int | None) -> bool:
        """Make a held charge true; False if it is not held (any more)."""
        entry = self._live.pop(held.id, None)
        if entry is None:
            return False
        sent, taken, starts = entry
        counts = self._counts
        if len(starts) == 1 and sent + held.far_ms < self._end and not charge.at_answer:
            last = starts[0]  # as nearly always: it surely lies in the window at hand
        else:
            last = settled_late(sent, charge, held, late)
        for start in starts:
            if start in counts:
                counts[start] += (amount if start <= last else 0) - taken
        end = window_of(starts[-1], charge)[1] if last > starts[-1] else last + 1
        for start in touched(end, last, charge) if end <= last else ():  # it went out late
            counts[start] = counts.get(start, 0) + amount
        return True

    def drop(self, charge: Charge, held: Reservation, now: int) -> bool:
        """Give a held charge back; False if it is not held (any more)."""
        del charge, now
        entry = self._live.pop(held.id, None)
        if entry is None:
            return False
        for start in entry[2]:
            if start in self._counts:
                self._counts[start] -= entry[1]
        return True

    def tally(self, t: int, charge: Charge) -> tuple[int, int, int | None]:
        """Return (used, reserved, milliseconds until the window ends or None)."""
        start, end = window_of(t, charge)
        reserved = sum(a for _, a, starts in self._live.values() if start in starts)
        count = self._counts.get(start, 0)
        return max(0, count - reserved), reserved, (end - t if count else None)

    def foreign(self, t: int, charge: Charge, used: int, sent: int) -> None:
        """Adopt that the provider counts more than we do."""
        start = window_of(t, charge)[0]
        if sent <= self._told or window_of(sent, charge)[0] != start:
            return
        self._told = sent
        later = sum(a for at, a, starts in self._live.values() if start in starts and at > t)
        ours = self._counts.get(start, 0) - later
        if used > ours:
            self._counts[start] = used + later

    def age(self, now: int, charge: Charge) -> None:
        """Forget windows that are over, but for the one before, which still fades in counters."""
        if len(self._counts) + len(self._live) <= KEPT:
            return
        oldest = window_of(now, charge)[0] - charge.span_ms
        self._counts = {s: n for s, n in self._counts.items() if s >= oldest}
        gone = [key for key, (_, _, starts) in self._live.items() if starts[-1] < oldest]
        for key in gone:
            del self._live[key]

    def dump(self) -> State:
        """Return the state as plain values."""
        live: list[list[Any]] = [[key, *entry] for key, entry in self._live.items()]
        return [sorted(self._counts.items()), live, self._told]

    @classmethod
    def load(cls, state: State) -> Self:
        """Return the mirror of a dumped state."""
        self = cls()
        counts, live, self._told = state
        self._counts = {int(start): n for start, n in counts}
        self._live = {key: (sent, amount, list(starts)) for key, sent, amount, starts in live}
        return self

    def over_at(self, charge: Charge) -> int:
        """Return the instant at which the last window that holds anything has faded."""
        return max(self._counts, default=0) + 2 * charge.span_ms

    def idle(self, t: int) -> bool:
        """Tell whether the last window that holds anything began over two months ago."""
        newest = max(self._counts, default=0)
        return not self._live and newest < t - 63 * 86_400_000
