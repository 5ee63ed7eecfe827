"""A rolling window as an exact log: an entry is held until it surely left the provider's.

Windows longer than an hour keep sub-buckets of 1/288 of their span instead of single
entries, to the provider's advantage: at most 0.35 % is lost (research on quota, 5).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from heapq import merge
from typing import Any, Self

from freetier.values.quota import CUT, Charge, Reservation
from freetier.windows.base import Mirror, State, settled_late
from freetier.windows.entries import Entries

EXACT_SPAN_MS = 3_600_000
SUB_BUCKETS = 288


class Log(Mirror):
    """Settled entries by release, live ones (under way or booked) by reservation."""

    __slots__ = ("_ends", "_holes", "_last", "_live", "_live_sum", "_settled", "_told")

    def __init__(self) -> None:
        self._settled = Entries()
        self._live: dict[str, tuple[int, int, int]] = {}  # id: start, amount, release
        self._live_sum = 0
        self._ends: list[tuple[int, int]] | None = None  # (release, amount), once looked at
        self._last = 0  # the latest start that was ever taken
        self._holes: list[int] = []  # starts of bookings that were given back
        self._told = 0  # sending instant of the last adopted remark of the provider

    def has_room(self, now: int, charge: Charge, held: Reservation) -> bool:
        """Tell whether a new reservation surely fits now; False only says to look closer."""
        settled = self._settled
        if settled.first <= now:
            self.age(now, charge)
        return (
            settled.total + self._live_sum + charge.amount <= charge.ceiling
            and self._last <= now
            and held.id not in self._live
        )

    def earliest(self, t: int, charge: Charge, held: Reservation) -> int | None:
        """Return the first instant from `t` on at which the charge fits, or None for never."""
        room = charge.ceiling - charge.amount
        if room < 0 < charge.amount:
            return None
        if self._last <= t:
            if self._settled.total + self._live_sum <= room:
                return t
            return self._tail(t, room)
        length = held.far_ms + CUT + charge.span_ms - held.near_ms
        for start in (t, *self._holes):
            if start >= t and self._fits(start, length, room):
                return start
        return max(self._last, self._tail(t, room))

    def _tail(self, t: int, room: int) -> int:
        """Return when enough of everything held will have left."""
        kept = self._settled.total + self._live_sum
        room = max(room, 0)  # only a charge of nothing comes here
        if kept <= room:
            return t
        # From the end, where no more stands than has room: a line of waiters may be long.
        kept, last = 0, self._settled.last
        for release, amount in reversed(self._ordered()):
            if release < last:
                break
            kept += amount
            if kept > room:
                return max(t, release)
        kept = 0
        for release, amount in merge(
            reversed(self._settled), reversed(self._ordered()), reverse=True
        ):
            kept += amount
            if kept > room:
                return max(t, release)
        return t

    def _ordered(self) -> list[tuple[int, int]]:
        """Return what is live by release; kept in order from the first look on."""
        if self._ends is None:
            self._ends = sorted((release, amount) for _, amount, release in self._live.values())
        return self._ends

    def _gone(self, entry: tuple[int, int, int]) -> None:
        """Note that a live entry is none any more."""
        self._live_sum -= entry[1]
        if self._ends is not None:
            del self._ends[bisect_left(self._ends, (entry[2], entry[1]))]

    def _is_over(self, t: int, room: int) -> bool:
        """Tell whether more is held at an instant than has room beside one more."""
        kept = self._settled.after(t)
        if kept <= room:
            for start, amount, release in self._live.values():
                if start <= t < release:
                    kept += amount
                    if kept > room:
                        return True
        return kept > room

    def _fits(self, start: int, length: int, room: int) -> bool:
        if self._is_over(start, room):
            return False
        later = {s for s, _, _ in self._live.values() if start < s < start + length}
        return not any(self._is_over(s, room) for s in later)

    def take(self, t: int, charge: Charge, held: Reservation) -> None:
        """Hold the charge for a request that is sent at `t`."""
        bound = held.lease_ms if charge.at_answer else held.far_ms
        amount = charge.amount
        release = t + bound + CUT + charge.span_ms - held.near_ms
        self._live[held.id] = (t, amount, release)
        self._live_sum += amount
        if self._ends is not None:
            insort(self._ends, (release, amount))
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
        if self._ends is None:
            self._live_sum -= entry[1]
        else:
            self._gone(entry)
        span = charge.span_ms
        release = settled_late(entry[0], charge, held, late) + CUT + span - held.near_ms
        if span > EXACT_SPAN_MS or amount <= 0:
            self._keep(release, amount, span)
        else:
            self._settled.add(release, amount)
        return True

    def _keep(self, release: int, amount: int, span: int) -> None:
        if amount <= 0:
            return
        if span > EXACT_SPAN_MS:
            grain = span // SUB_BUCKETS
            release = -(-release // grain) * grain
        self._settled.add(release, amount)

    def drop(self, charge: Charge, held: Reservation, now: int) -> bool:
        """Give a held charge back; a booked start becomes a hole for the next newcomer."""
        del charge
        entry = self._live.pop(held.id, None)
        if entry is None:
            return False
        self._gone(entry)
        if entry[0] > now:
            self._holes.append(entry[0])
            self._holes.sort()
        return True

    def tally(self, t: int, charge: Charge) -> tuple[int, int, int | None]:
        """Return (used, reserved, milliseconds until all is free again or None)."""
        del charge
        last = max((release for _, _, release in self._live.values()), default=0)
        last = max(last, self._settled.last)
        return self._settled.total, self._live_sum, (last - t if last > t else None)

    def foreign(self, t: int, charge: Charge, used: int, sent: int) -> None:
        """Adopt that the provider counts more than we do."""
        if sent <= self._told:
            return
        self._told = sent
        ours = self._settled.total + sum(a for start, a, _ in self._live.values() if start <= t)
        if used > ours:
            self._keep(t + CUT + charge.span_ms, used - ours, charge.span_ms)

    def age(self, now: int, charge: Charge) -> None:
        """Forget what is over by `now`."""
        del charge
        self._settled.forget(now)
        live = self._live
        while live:
            key = next(iter(live))
            if live[key][2] > now:
                break
            self._gone(live.pop(key))
        if self._holes and self._holes[0] < now:
            self._holes = [hole for hole in self._holes if hole >= now]

    def dump(self) -> State:
        """Return the state as plain values."""
        live: list[list[Any]] = [[key, *entry] for key, entry in self._live.items()]
        return [self._settled.pairs(), live, self._last, self._holes, self._told]

    def packed(self) -> tuple[State, str]:
        """Return the state with the settled entries as text beside it."""
        live: list[list[Any]] = [[key, *entry] for key, entry in self._live.items()]
        settled, text = self._settled.packed()
        return [settled, live, self._last, self._holes, self._told], text

    @classmethod
    def load(cls, state: State) -> Self:
        """Return the mirror of a dumped state."""
        self = cls()
        self._settled = Entries.of_pairs(state[0])
        return self._filled(state)

    @classmethod
    def unpacked(cls, state: State, text: str) -> Self:
        """Return the mirror of a packed state, or of one of the first release: a dumped one."""
        if not state[0] or isinstance(state[0][0], list):
            return cls.load(state)
        self = cls()
        self._settled = Entries.unpacked(state[0], text)
        return self._filled(state)

    def _filled(self, state: State) -> Self:
        _, live, self._last, holes, self._told = state
        self._live = {key: (start, amount, release) for key, start, amount, release in live}
        self._live_sum = sum(amount for _, _, amount, _ in live)
        self._holes = list(holes)
        return self

    def over_at(self, charge: Charge) -> int:
        """Return the instant at which the last entry has left the window."""
        del charge
        return max(
            self._settled.last, max((release for _, _, release in self._live.values()), default=0)
        )

    def idle(self, t: int) -> bool:
        """Tell whether nothing is held any more."""
        return self._settled.last <= t and all(
            release <= t for _, _, release in self._live.values()
        )
