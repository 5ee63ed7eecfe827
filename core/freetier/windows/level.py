"""A bucket that refills continuously, as one number: the moment it is full again.

Sending `n` makes it `max(F, s + far) + n x span / limit`; `n` units may go when
`s + near >= F + (n - burst) x span / limit`. A pace is a bucket with a small burst.
Requests under way stay in a short queue, so that a correction replays them exactly, and so
that nobody waits for the way there of another: who comes at an instant meets what the others
took by then, and that is most if all of them took it just then. From there on a bucket only
fills, or is left alone.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from math import ceil, inf
from typing import Any, Self

from freetier.values.quota import CUT, Charge, Reservation
from freetier.windows.base import Mirror, State, late_bound, settled_late

START, LATE, AMOUNT, ID, UNTIL = range(5)


class Level(Mirror):
    """A settled level, and the queue of requests by start: just settled, under way or booked."""

    __slots__ = ("_full_at", "_holes", "_queue", "_told")

    def __init__(self) -> None:
        self._full_at = 0.0
        self._queue: list[list[Any]] = []  # [start, late, amount, id or "", settled from]
        self._holes: list[int] = []
        self._told = 0

    def has_room(self, now: int, charge: Charge, held: Reservation) -> bool:
        """Tell whether a new reservation surely fits now; False only says to look closer."""
        ceiling, amount, queue = charge.ceiling, charge.amount, self._queue
        capacity = charge.burst or ceiling
        if ceiling <= 0 or not 0 < amount <= capacity:
            return False
        unit = charge.span_ms / ceiling
        if not queue:
            return self._full_at + (amount - capacity) * unit - held.near_ms <= now
        if queue[0][UNTIL] <= now:
            self.age(now, charge)
        if self.start_of(held) is not None or (queue and queue[-1][START] > now):
            return False
        early = now + held.near_ms
        return self._replay(unit, early) + (amount - capacity) * unit <= early

    def earliest(self, t: int, charge: Charge, held: Reservation) -> int | None:
        """Return the first instant from `t` on at which the charge fits, or None for never."""
        if not charge.amount:
            return t
        capacity = charge.burst or charge.ceiling
        if charge.ceiling <= 0 or charge.amount > capacity:
            return None
        unit = charge.span_ms / charge.ceiling
        last = self._queue[-1][START] if self._queue else 0
        if last > t:
            holes = [hole for hole in self._holes if hole >= t]
            for start in (t, *holes):
                if self._fits(start, charge, held, unit):
                    return start
        free = (charge.amount - capacity) * unit
        return self._free_from(max(t, last) + held.near_ms, free, unit) - held.near_ms

    def _free_from(self, at: int, free: float, unit: float) -> int:
        """Return the first instant from `at` on at which the bucket holds what is asked."""
        ends = sorted(entry[LATE] for entry in self._queue if entry[LATE] > at)
        if not self._lacks(at, free, unit):
            return at
        # Between two ends it only fills, or stands still until the next one.
        filled = bisect_left(ends, x=True, key=lambda end: not self._lacks(end, free, unit))
        if filled:
            at = ends[filled - 1]
        return max(at, ceil(self._replay(unit, at) + free))

    def _lacks(self, at: int, free: float, unit: float) -> bool:
        return self._replay(unit, at) + free > at

    def _replay(self, unit: float, at: float = inf) -> float:
        """Return when it is full, if all that is under way had been counted by an instant."""
        full_at = self._full_at
        for _, late, amount, _, _ in self._queue:
            full_at = max(full_at, min(late, at)) + amount * unit
        return full_at

    def _fits(self, t: int, charge: Charge, held: Reservation, unit: float) -> bool:
        """Tell whether a start in front of booked ones would move none of them."""
        capacity = charge.burst or charge.ceiling
        mine = [t, late_bound(t, charge, held) + CUT, charge.amount, "", 0]
        full_at, placed = self._full_at, False
        for entry in sorted([*self._queue, mine], key=lambda e: int(e[START])):
            placed = placed or entry is mine
            wanted = full_at + (entry[AMOUNT] - capacity) * unit
            if placed and entry[START] + held.near_ms < wanted:
                return False
            full_at = max(full_at, entry[LATE]) + entry[AMOUNT] * unit
        return True

    def take(self, t: int, charge: Charge, held: Reservation) -> None:
        """Hold the charge for a request that is sent at `t`."""
        until = t + held.lease_ms
        entry = [t, late_bound(t, charge, held) + CUT, charge.amount, held.id, until]
        if not self._queue or self._queue[-1][START] <= t:
            self._queue.append(entry)
        else:
            insort(self._queue, entry, key=lambda e: int(e[START]))
        if self._holes and t in self._holes:
            self._holes.remove(t)

    def start_of(self, held: Reservation) -> int | None:
        """Return the start that a reservation was given, or None if it is not held."""
        wanted = held.id
        for entry in self._queue:
            if entry[ID] == wanted:
                return int(entry[START])
        return None

    def settle(self, charge: Charge, held: Reservation, amount: int, late: int | None) -> bool:
        """Make a held charge true; False if it is not held (any more)."""
        wanted, queue = held.id, self._queue
        for at, entry in enumerate(queue):
            if entry[ID] == wanted:
                end = settled_late(entry[START], charge, held, late) + CUT
                before = queue[at - 1] if at else entry
                if before[LATE] == end and not before[ID]:  # as one, or a busy queue grows long
                    before[AMOUNT] += amount
                    del queue[at]
                else:
                    entry[LATE] = entry[UNTIL] = end
                    entry[AMOUNT], entry[ID] = amount, ""
                return True
        return False

    def drop(self, charge: Charge, held: Reservation, now: int) -> bool:
        """Give a held charge back; a booked start becomes a hole for the next newcomer."""
        del charge
        for at, entry in enumerate(self._queue):
            if entry[ID] == held.id:
                del self._queue[at]
                if entry[START] > now:
                    insort(self._holes, entry[START])
                return True
        return False

    def age(self, now: int, charge: Charge) -> None:
        """Move what will not change any more from the queue into the level."""
        if not self._queue and not self._holes:
            return
        unit = charge.span_ms / charge.ceiling if charge.ceiling > 0 else 0.0
        done = 0
        for _, late, amount, _, until in self._queue:
            if until > now:
                break
            self._full_at = max(self._full_at, late) + amount * unit
            done += 1
        if done:
            del self._queue[:done]
        if self._holes and self._holes[0] < now:
            self._holes = [hole for hole in self._holes if hole >= now]

    def tally(self, t: int, charge: Charge) -> tuple[int, int, int | None]:
        """Return (used, reserved, milliseconds until it is full again or None)."""
        if charge.ceiling <= 0:
            return 0, 0, None
        unit = charge.span_ms / charge.ceiling
        full_at = self._replay(unit)
        if full_at <= t:
            return 0, 0, None
        reserved = sum(int(e[AMOUNT]) for e in self._queue if e[ID])
        level = max(0, ceil((self._replay(unit, t) - t) / unit - 1e-6))
        # As a float, like its twin: a level may be a number that has no exact predecessor there.
        used = max(0, int(float(level) - reserved))
        return used, min(reserved, level), ceil(full_at - t)

    def foreign(self, t: int, charge: Charge, used: int, sent: int) -> None:
        """Adopt that the provider's bucket is emptier than ours."""
        if sent <= self._told or charge.ceiling <= 0:
            return
        self._told = sent
        unit = charge.span_ms / charge.ceiling
        ours, wanted = max(self._full_at, float(sent)), sent + used * unit
        for start, late, amount, _, _ in self._queue:
            if start <= t:
                ours = max(ours, late) + amount * unit
        if wanted > ours + unit:
            self._full_at = max(self._full_at, sent) + (wanted - ours)

    def dump(self) -> State:
        """Return the state as plain values."""
        return [self._full_at, [list(e) for e in self._queue], self._holes, self._told]

    @classmethod
    def load(cls, state: State) -> Self:
        """Return the mirror of a dumped state."""
        self = cls()
        self._full_at, queue, holes, self._told = state
        self._queue = [list(e) for e in queue]
        self._holes = list(holes)
        return self

    def over_at(self, charge: Charge) -> int:
        """Return the instant at which the bucket is full and nobody is under way."""
        last = max((int(e[UNTIL]) for e in self._queue), default=0)
        if charge.ceiling <= 0:
            return last
        return max(last, ceil(self._replay(charge.span_ms / charge.ceiling)))

    def idle(self, t: int) -> bool:
        """Tell whether the bucket is full and nothing is under way."""
        return not self._queue and self._full_at <= t
