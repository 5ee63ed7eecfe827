"""A rolling window as an exact log: an entry is held until it surely left the provider's.

Windows longer than an hour keep sub-buckets of 1/288 of their span instead of single
entries, to the provider's advantage: at most 0.35 % is lost (research on quota, 5).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Self

from freetier.values.quota import Charge, Reservation
from freetier.windows.base import Mirror, State

EXACT_SPAN_MS = 3_600_000
SUB_BUCKETS = 288


class Log(Mirror):
    """Settled entries by release, live ones (under way or booked) by reservation."""

    __slots__ = ("_holes", "_last", "_live", "_live_sum", "_settled", "_sum", "_told")

    def __init__(self) -> None:
        self._settled: deque[list[int]] = deque()  # [release, amount], ascending
        self._sum = 0
        self._live: dict[str, tuple[int, int, int]] = {}  # id: start, amount, release
        self._live_sum = 0
        self._last = 0  # the latest start that was ever taken
        self._holes: list[int] = []  # starts of bookings that were given back
        self._told = 0  # sending instant of the last adopted remark of the provider

    def has_room(self, now: int, charge: Charge, held: Reservation) -> bool:
        """Tell whether a new reservation surely fits now; False only says to look closer."""
        if self._settled and self._settled[0][0] <= now:
            self.age(now, charge)
        return (
            self._sum + self._live_sum + charge.amount <= charge.ceiling
            and self._last <= now
            and held.id not in self._live
        )

    def earliest(self, t: int, charge: Charge, held: Reservation) -> int | None:
        """Return the first instant from `t` on at which the charge fits, or None for never."""
        room = charge.ceiling - charge.amount
        if room < 0 < charge.amount:
            return None
        if self._last <= t:
            if self._sum + self._live_sum <= room:
                return t
            return self._tail(t, room)
        length = held.far_ms + charge.span_ms - held.near_ms
        for start in (t, *self._holes):
            if start >= t and self._fits(start, length, room):
                return start
        return max(self._last, self._tail(t, room))

    def _tail(self, t: int, room: int) -> int:
        """Return when enough of everything held will have left."""
        room = max(room, 0)  # only a charge of nothing comes here
        kept = 0
        for release, amount in self._newest_first():
            kept += amount
            if kept > room:
                return max(t, release)
        return t

    def _newest_first(self) -> Iterator[tuple[int, int]]:
        live = sorted(((release, amount) for _, amount, release in self._live.values()))
        settled = [(release, amount) for release, amount in self._settled]
        if not live or not settled or live[0][0] >= settled[-1][0]:
            yield from reversed(live)
            yield from reversed(settled)
        else:
            yield from sorted(live + settled, reverse=True)

    def _held_at(self, t: int) -> int:
        kept = sum(amount for release, amount in self._settled if release > t)
        return kept + sum(a for start, a, release in self._live.values() if start <= t < release)

    def _fits(self, start: int, length: int, room: int) -> bool:
        if self._held_at(start) > room:
            return False
        later = (s for s, _, _ in self._live.values() if start < s < start + length)
        return all(self._held_at(s) <= room for s in later)

    def take(self, t: int, charge: Charge, held: Reservation) -> None:
        """Hold the charge for a request that is sent at `t`."""
        bound = held.lease_ms if charge.at_answer else held.far_ms
        amount = charge.amount
        self._live[held.id] = (t, amount, t + bound + charge.span_ms - held.near_ms)
        self._live_sum += amount
        if t > self._last:
            self._last = t
        elif self._holes and t in self._holes:
            self._holes.remove(t)

    def start_of(self, held: Reservation) -> int | None:
        """Return the start that a reservation was given, or None if it is not held."""
        entry = self._live.get(held.id)
        return entry[0] if entry else None

    def settle(self, charge: Charge, held: Reservation, amount: int, late: int | None) -> bool:
        """Make a held charge true; False if it is not held (any more)."""
        entry = self._live.pop(held.id, None)
        if entry is None:
            return False
        start, taken, release = entry
        self._live_sum -= taken
        if late is not None:
            release = min(max(start, late - held.near_ms) + charge.span_ms, release)
        self._keep(release, amount, charge.span_ms)
        return True

    def _keep(self, release: int, amount: int, span: int) -> None:
        if amount <= 0:
            return
        if span > EXACT_SPAN_MS:
            grain = span // SUB_BUCKETS
            release = -(-release // grain) * grain
        settled = self._settled
        self._sum += amount
        if not settled or settled[-1][0] < release:
            settled.append([release, amount])
            return
        later = []
        while settled and settled[-1][0] > release:
            later.append(settled.pop())
        if settled and settled[-1][0] == release:
            settled[-1][1] += amount
        else:
            settled.append([release, amount])
        settled.extend(reversed(later))

    def drop(self, charge: Charge, held: Reservation, now: int) -> bool:
        """Give a held charge back; a booked start becomes a hole for the next newcomer."""
        del charge
        entry = self._live.pop(held.id, None)
        if entry is None:
            return False
        self._live_sum -= entry[1]
        if entry[0] > now:
            self._holes.append(entry[0])
            self._holes.sort()
        return True

    def tally(self, t: int, charge: Charge) -> tuple[int, int, int | None]:
        """Return (used, reserved, milliseconds until all is free again or None)."""
        del charge
        last = max(
            (self._settled[-1][0] if self._settled else 0),
            max((release for _, _, release in self._live.values()), default=0),
        )
        return self._sum, self._live_sum, (last - t if last > t else None)

    def foreign(self, t: int, charge: Charge, used: int, sent: int) -> None:
        """Adopt that the provider counts more than we do."""
        if sent <= self._told:
            return
        self._told = sent
        ours = self._sum + sum(a for start, a, _ in self._live.values() if start <= t)
        if used > ours:
            self._keep(t + charge.span_ms, used - ours, charge.span_ms)

    def age(self, now: int, charge: Charge) -> None:
        """Forget what is over by `now`."""
        del charge
        settled = self._settled
        while settled and settled[0][0] <= now:
            self._sum -= settled.popleft()[1]
        live = self._live
        while live:
            key = next(iter(live))
            if live[key][2] > now:
                break
            self._live_sum -= live.pop(key)[1]
        if self._holes and self._holes[0] < now:
            self._holes = [hole for hole in self._holes if hole >= now]

    def dump(self) -> State:
        """Return the state as plain values."""
        live: list[list[Any]] = [[key, *entry] for key, entry in self._live.items()]
        return [[list(e) for e in self._settled], live, self._last, self._holes, self._told]

    @classmethod
    def load(cls, state: State) -> Self:
        """Return the mirror of a dumped state."""
        self = cls()
        settled, live, self._last, holes, self._told = state
        self._settled = deque([release, amount] for release, amount in settled)
        self._sum = sum(amount for _, amount in settled)
        self._live = {key: (start, amount, release) for key, start, amount, release in live}
        self._live_sum = sum(amount for _, _, amount, _ in live)
        self._holes = list(holes)
        return self

    def over_at(self, charge: Charge) -> int:
        """Return the instant at which the last entry has left the window."""
        del charge
        last = self._settled[-1][0] if self._settled else 0
        return max(last, max((release for _, _, release in self._live.values()), default=0))

    def idle(self, t: int) -> bool:
        """Tell whether nothing is held any more."""
        over = not self._settled or self._settled[-1][0] <= t
        return over and all(release <= t for _, _, release in self._live.values())
