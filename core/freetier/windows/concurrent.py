"""How many are under way at once; a place that is never given back returns with its lease."""

from __future__ import annotations

from typing import Self

from freetier.values.quota import Charge, Reservation
from freetier.windows.base import Mirror, State


class Concurrent(Mirror):
    """Places by reservation: taken from an instant on, until an instant."""

    __slots__ = ("_live",)

    def __init__(self) -> None:
        self._live: dict[str, tuple[int, int]] = {}  # id: from, until

    def has_room(self, now: int, charge: Charge, held: Reservation) -> bool:
        """Tell whether a new reservation surely fits now; False only says to look closer."""
        del now
        live = self._live
        return len(live) + charge.amount <= charge.ceiling and held.id not in live

    def earliest(self, t: int, charge: Charge, held: Reservation) -> int | None:
        """Return the first instant from `t` on with a free place; leases bound the wait."""
        del held
        if charge.ceiling < charge.amount:
            return None
        ends = sorted(until for _, until in self._live.values() if until > t)
        if len(ends) + charge.amount <= charge.ceiling:
            return t
        return max(t, ends[len(ends) + charge.amount - charge.ceiling - 1])

    def take(self, t: int, charge: Charge, held: Reservation) -> None:
        """Take a place from `t` on."""
        del charge
        self._live[held.id] = (t, t + held.lease_ms)

    def start_of(self, held: Reservation) -> int | None:
        """Return when the reservation's place was taken, or None if it has none."""
        place = self._live.get(held.id)
        return place[0] if place else None

    def settle(self, charge: Charge, held: Reservation, amount: int, late: int | None) -> bool:
        """Give the place back: the request is over."""
        del charge, amount, late
        return self._live.pop(held.id, None) is not None

    def drop(self, charge: Charge, held: Reservation, now: int) -> bool:
        """Give the place back: the request was never sent."""
        del charge, now
        return self._live.pop(held.id, None) is not None

    def tally(self, t: int, charge: Charge) -> tuple[int, int, int | None]:
        """Return (0, places taken, milliseconds until the last lease ends or None)."""
        del charge
        last = max((until for _, until in self._live.values()), default=0)
        return 0, len(self._live), (last - t if last > t else None)

    def foreign(self, t: int, charge: Charge, used: int, sent: int) -> None:
        """Nothing: no provider tells how many are under way elsewhere."""

    def age(self, now: int, charge: Charge) -> None:
        """Forget places whose lease has ended."""
        del charge
        if any(until <= now for _, until in self._live.values()):
            self._live = {k: v for k, v in self._live.items() if v[1] > now}

    def dump(self) -> State:
        """Return the state as plain values."""
        return [[key, start, until] for key, (start, until) in self._live.items()]

    @classmethod
    def load(cls, state: State) -> Self:
        """Return the mirror of a dumped state."""
        self = cls()
        self._live = {key: (start, until) for key, start, until in state}
        return self

    def over_at(self, charge: Charge) -> int:
        """Return the instant at which the last lease ends."""
        del charge
        return max((until for _, until in self._live.values()), default=0)

    def idle(self, t: int) -> bool:
        """Tell whether nobody is under way."""
        return all(until <= t for _, until in self._live.values())
