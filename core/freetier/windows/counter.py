"""A weighted counter: the last window's count fades while the current one fills.

`floor(previous x (1 - elapsed share)) + current + n <= limit`, checked for the earliest
and the latest stamp. Starts never go backwards, because an earlier one would weigh on
those that are already booked in the next window.
"""

from __future__ import annotations

from freetier.values.quota import Charge, Reservation
from freetier.windows.base import Mirror, late_bound
from freetier.windows.counts import Counts, window_of


class Counter(Counts):
    """Counts whose neighbour to the left still weighs."""

    __slots__ = ()

    has_room = Mirror.has_room  # one window is not all that counts here

    def earliest(self, t: int, charge: Charge, held: Reservation) -> int | None:
        """Return the first instant from `t` on at which the charge fits, or None for never."""
        room = charge.ceiling - charge.amount
        if room < 0 < charge.amount:
            return None
        if not charge.amount:
            return t
        t = max(t, max((sent for sent, _, _ in self._live.values()), default=t))
        while True:
            found = self._fit(t + held.near_ms, charge, room) - held.near_ms
            late = late_bound(found, charge, held)
            again = self._fit(late, charge, room)
            if again <= late:
                return max(found, t)
            t = max(found + 1, again - (late - found))

    def _fit(self, stamp: int, charge: Charge, room: int) -> int:
        """Return the first stamp from `stamp` on that the provider would take."""
        while True:
            start, end = window_of(stamp, charge)
            left = room - self._counts.get(start, 0)
            if left < 0:
                stamp = end
                continue
            before = self._counts.get(window_of(start - 1, charge)[0], 0)
            if self._faded(before, stamp - start, charge) <= left:
                return stamp
            stamp = start + int(charge.span_ms * (1 - (left + 1) / before)) + 1
            while self._faded(before, stamp - start, charge) > left:
                stamp += 1
            if stamp < end:
                return stamp
            stamp = end

    @staticmethod
    def _faded(before: int, elapsed: int, charge: Charge) -> int:
        return before * (charge.span_ms - elapsed) // charge.span_ms

    def tally(self, t: int, charge: Charge) -> tuple[int, int, int | None]:
        """Return (used, reserved, milliseconds until all is free again or None)."""
        used, reserved, _ = super().tally(t, charge)
        start, end = window_of(t, charge)
        before = self._counts.get(window_of(start - 1, charge)[0], 0)
        used += self._faded(before, t - start, charge)
        newest = end + charge.span_ms if used + reserved else None
        return used, reserved, (newest - t if newest else None)
