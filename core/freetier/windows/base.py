"""What every mirror can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from freetier.values.quota import Charge, Reservation

State = list[Any]
"""A mirror's state as plain JSON-able values, for stores that write it down."""


class Mirror(ABC):
    """The state of one window of one limit.

    All instants are milliseconds since 1970 UTC on the store's clock. `t` is when the
    request would be sent; a mirror may hold starts that lie in the future (bookings).
    """

    __slots__ = ()

    @abstractmethod
    def age(self, now: int, charge: Charge) -> None:
        """Forget what is over by `now`; the only method but settling that forgets."""

    def has_room(self, now: int, charge: Charge, held: Reservation) -> bool:
        """Tell whether a new reservation surely fits now; False only says to look closer.

        The short way for most requests: it may count what is over already, and it is no
        answer for a reservation that is held. `now` is the store's instant, not a later one.
        """
        self.age(now, charge)
        return self.start_of(held) is None and self.earliest(now, charge, held) == now

    @abstractmethod
    def earliest(self, t: int, charge: Charge, held: Reservation) -> int | None:
        """Return the first instant from `t` on at which the charge fits, or None for never."""

    @abstractmethod
    def take(self, t: int, charge: Charge, held: Reservation) -> None:
        """Hold the charge for a request that is sent at `t`."""

    @abstractmethod
    def start_of(self, held: Reservation) -> int | None:
        """Return the start that a reservation was given, or None if it is not held."""

    @abstractmethod
    def settle(self, charge: Charge, held: Reservation, amount: int, late: int | None) -> bool:
        """Make a held charge true; False if it is not held (any more).

        Args:
            charge: As it was taken.
            held: The reservation it belongs to; its `far_ms` may have grown meanwhile, when
                the request went out later than was thought.
            amount: What it really takes.
            late: The latest instant at which the provider can have counted it, or None
                if no answer came.
        """

    @abstractmethod
    def drop(self, charge: Charge, held: Reservation, now: int) -> bool:
        """Give a held charge back; False if it is not held (any more)."""

    @abstractmethod
    def tally(self, t: int, charge: Charge) -> tuple[int, int, int | None]:
        """Return (used, reserved, milliseconds until all is free again or None)."""

    @abstractmethod
    def foreign(self, t: int, charge: Charge, used: int, sent: int) -> None:
        """Adopt that the provider counts `used` for requests answered by `t`, asked at `sent`."""

    @abstractmethod
    def dump(self) -> State:
        """Return the state as plain values."""

    def packed(self) -> tuple[State, str]:
        """Return the state, and what of it is long as one text of letters and digits."""
        return self.dump(), ""

    @classmethod
    @abstractmethod
    def load(cls, state: State) -> Self:
        """Return the mirror of a dumped state."""

    @classmethod
    def unpacked(cls, state: State, text: str) -> Self:
        """Return the mirror of a packed state."""
        del text
        return cls.load(state)

    @abstractmethod
    def over_at(self, charge: Charge) -> int:
        """Return the instant from which the state says no more than an empty one."""

    @abstractmethod
    def idle(self, t: int) -> bool:
        """Tell whether nothing is held any more, so that the mirror may be forgotten."""


def late_bound(t: int, charge: Charge, held: Reservation) -> int:
    """Return the latest instant a request sent at `t` can be counted, before its answer."""
    return t + (held.lease_ms if charge.at_answer else held.far_ms)


def settled_late(start: int, charge: Charge, held: Reservation, late: int | None) -> int:
    """Return the latest instant a request sent at `start` was counted, after its end."""
    bound = start + (held.lease_ms if charge.at_answer else held.far_ms)
    if late is None or late >= bound:
        return bound
    early = start + held.near_ms
    return max(early, late)
