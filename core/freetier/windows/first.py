"""Windows that open with a request and close a span later.

A request may join a window while it surely lies inside, or open the next one when it
surely lies outside; between the two it waits.
"""

from __future__ import annotations

from typing import Any, Self

from freetier.values.quota import CUT, Charge, Reservation
from freetier.windows.base import Mirror, State, late_bound, settled_late

EARLY, LATE, COUNT, OPENER = range(4)


class First(Mirror):
    """A list of windows: opened at the earliest, at the latest, count, who opened it."""

    __slots__ = ("_live", "_told", "_windows")

    def __init__(self) -> None:
        self._windows: list[list[Any]] = []
        self._live: dict[str, tuple[int, int, int]] = {}  # id: sent at, amount, window's early
        self._told = 0

    def earliest(self, t: int, charge: Charge, held: Reservation) -> int | None:
        """Return the first instant from `t` on at which the charge fits, or None for never."""
        room = charge.ceiling - charge.amount
        if room < 0 < charge.amount:
            return None
        if not charge.amount:
            return t
        for at, window in enumerate(self._windows):
            if t + held.near_ms < window[EARLY]:
                if late_bound(t, charge, held) + CUT + charge.span_ms <= window[EARLY]:
                    return t  # a whole window of its own fits before the next booked one
                t = window[EARLY] - held.near_ms
            inside = late_bound(t, charge, held) < window[EARLY] + charge.span_ms
            if inside and window[COUNT] <= room:
                return t
            if at + 1 == len(self._windows) or not inside or window[COUNT] > room:
                t = max(t, window[LATE] + charge.span_ms - held.near_ms)
        return t

    def take(self, t: int, charge: Charge, held: Reservation) -> None:
        """Join the window that surely holds the request, or open one."""
        early, late = t + held.near_ms, late_bound(t, charge, held)
        for window in self._windows:
            if window[EARLY] <= early and late < window[EARLY] + charge.span_ms:
                window[COUNT] += charge.amount
                self._live[held.id] = (t, charge.amount, window[EARLY])
                return
        self._windows.append([early, late + CUT, charge.amount, held.id])
        self._windows.sort(key=lambda window: int(window[EARLY]))
        self._live[held.id] = (t, charge.amount, early)

    def start_of(self, held: Reservation) -> int | None:
        """Return the start that a reservation was given, or None if it is not held."""
        entry = self._live.get(held.id)
        return entry[0] if entry else None

    def settle(self, charge: Charge, held: Reservation, amount: int, late: int | None) -> bool:
        """Make a held charge true; an opener's answer bounds when its window opened."""
        entry = self._live.pop(held.id, None)
        if entry is None:
            return False
        sent, taken, early = entry
        window = self._window(early)
        if window is not None:
            window[COUNT] += amount - taken
            last = settled_late(sent, charge, held, late)
            if window[OPENER] == held.id:
                window[LATE] = last + CUT
            elif last >= window[EARLY] + charge.span_ms:
                self._spill(window, amount, last, charge.span_ms)
        return True

    def _spill(self, window: list[Any], amount: int, last: int, span: int) -> None:
        """Count a request that went out late in the next window too: it may have opened that."""
        closed = window[EARLY] + span
        following = next((w for w in self._windows if w[EARLY] > window[EARLY]), None)
        if following is None:
            self._windows.append([closed, last + CUT, amount, ""])
            return
        before = following[EARLY]
        following[EARLY], following[LATE] = min(before, closed), max(following[LATE], last + CUT)
        following[COUNT] += amount
        for key, (sent, taken, early) in self._live.items():
            if early == before:
                self._live[key] = (sent, taken, following[EARLY])

    def drop(self, charge: Charge, held: Reservation, now: int) -> bool:
        """Give a held charge back; a window that nobody is in is forgotten."""
        del charge, now
        entry = self._live.pop(held.id, None)
        if entry is None:
            return False
        window = self._window(entry[2])
        if window is not None:
            window[COUNT] -= entry[1]
            if window[COUNT] <= 0 and window[OPENER] == held.id:
                self._windows.remove(window)
        return True

    def _window(self, early: int) -> list[Any] | None:
        return next((w for w in self._windows if w[EARLY] == early), None)

    def tally(self, t: int, charge: Charge) -> tuple[int, int, int | None]:
        """Return (used, reserved, milliseconds until the window closes or None)."""
        now = [w for w in self._windows if w[EARLY] <= t < w[LATE] + charge.span_ms]
        if not now:
            return 0, sum(a for _, a, _ in self._live.values()), None
        window = now[0]
        reserved = sum(a for _, a, early in self._live.values() if early == window[EARLY])
        return (
            max(0, int(window[COUNT]) - reserved),
            reserved,
            int(window[LATE]) + charge.span_ms - t,
        )

    def foreign(self, t: int, charge: Charge, used: int, sent: int) -> None:
        """Adopt that the provider counts more than we do."""
        if sent <= self._told:
            return
        self._told = sent
        now = [w for w in self._windows if w[EARLY] <= t < w[LATE] + charge.span_ms]
        if not now:
            if used > 0:
                self._windows.insert(0, [sent, t + CUT, used, ""])
                self._windows.sort(key=lambda window: int(window[EARLY]))
        elif now[0][EARLY] <= sent and used > now[0][COUNT]:
            now[0][COUNT] = used

    def age(self, now: int, charge: Charge) -> None:
        """Forget windows that have surely closed."""
        gone = [w for w in self._windows if w[LATE] + charge.span_ms <= now]
        if not gone:
            return
        self._windows = [w for w in self._windows if w[LATE] + charge.span_ms > now]
        ends = {int(w[EARLY]) for w in gone}
        self._live = {k: v for k, v in self._live.items() if v[2] not in ends}

    def dump(self) -> State:
        """Return the state as plain values."""
        live: list[list[Any]] = [[key, *entry] for key, entry in self._live.items()]
        return [[list(w) for w in self._windows], live, self._told]

    @classmethod
    def load(cls, state: State) -> Self:
        """Return the mirror of a dumped state."""
        self = cls()
        windows, live, self._told = state
        self._windows = [list(w) for w in windows]
        self._live = {key: (sent, amount, early) for key, sent, amount, early in live}
        return self

    def over_at(self, charge: Charge) -> int:
        """Return the instant at which the last window has surely closed."""
        return max((int(w[LATE]) for w in self._windows), default=0) + charge.span_ms

    def idle(self, t: int) -> bool:
        """Tell whether the last window opened over two months ago."""
        newest = max((w[LATE] for w in self._windows), default=0)
        return not self._live and newest < t - 63 * 86_400_000
