"""One limit as a supply: how much is left now, and when there will be more.

Times are seconds from now. A rolling window that is emptied at once is free again a whole
span later, so it is told as a window that begins with its first request; what was used of it
before is thought to come back when the last of it does. A weighted counter refills as a bucket.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from math import floor, inf, nextafter

from freetier.values.quota import Charge, Kind, Tally

REFILLING = frozenset({Kind.BUCKET, Kind.PACE, Kind.COUNTER})

EPSILON = 1e-6
"""Units by which a float may fall short of what fits."""

Following = Callable[[float], float]
"""From an instant to the end of the window that holds it, both in seconds from now."""


class Supply(ABC):
    """What one limit lets through.

    Attributes:
        charge: The limit, with what one request takes of it.
        waited: Seconds that somebody rested because of it.
    """

    __slots__ = ("charge", "waited")

    def __init__(self, charge: Charge) -> None:
        self.charge = charge
        self.waited = 0.0

    @abstractmethod
    def room(self, t: float) -> float:
        """Return the units that fit at an instant, if nothing more is taken before it."""

    @abstractmethod
    def take(self, t: float, units: float) -> None:
        """Use units at an instant; these instants never go backwards."""

    @abstractmethod
    def ready(self, t: float, units: float) -> float:
        """Return the first instant from `t` on at which so many units fit, or infinity."""


class Windowed(Supply):
    """Full again at the end of each window.

    Args:
        charge: The limit.
        held: Units used and reserved now.
        ends: When the present window ends; `None` if none has begun.
        following: The end of a later window; `None` if a window begins with its first use.
    """

    __slots__ = ("_ends", "_following", "_left")

    def __init__(
        self, charge: Charge, held: float, ends: float | None, following: Following | None = None
    ) -> None:
        super().__init__(charge)
        self._left = max(0.0, charge.ceiling - held)
        self._ends = ends
        self._following = following

    def _over(self, t: float) -> bool:
        return self._ends is not None and t >= self._ends

    def room(self, t: float) -> float:
        """Return the units that fit."""
        return float(self.charge.ceiling) if self._over(t) else self._left

    def take(self, t: float, units: float) -> None:
        """Use units, and begin a window if none has begun."""
        self._left = self.room(t) - units
        if self._ends is None or self._over(t):
            later = t + self.charge.span_ms / 1000
            self._ends = later if self._following is None else self._following(t)

    def ready(self, t: float, units: float) -> float:
        """Return when so many units fit."""
        if units <= self.room(t) + EPSILON:
            return t
        return inf if units > self.charge.ceiling or self._ends is None else self._ends


class Refilling(Supply):
    """Refilled continuously up to a capacity.

    Args:
        charge: The limit.
        left: Units that fit now.
        capacity: Units that fit when it is full.
        rate: Units a second.
    """

    __slots__ = ("_at", "_capacity", "_level", "_rate")

    def __init__(self, charge: Charge, left: float, capacity: float, rate: float) -> None:
        super().__init__(charge)
        self._level = left
        self._capacity = capacity
        self._rate = rate
        self._at = 0.0

    def room(self, t: float) -> float:
        """Return the units that fit."""
        return min(self._capacity, self._level + (t - self._at) * self._rate)

    def take(self, t: float, units: float) -> None:
        """Use units."""
        self._level, self._at = self.room(t) - units, t

    def ready(self, t: float, units: float) -> float:
        """Return when so many units fit."""
        missing = units - self.room(t)
        if missing <= EPSILON:
            return t
        if units > self._capacity + EPSILON or self._rate <= 0:
            return inf
        return max(t + missing / self._rate, nextafter(t, inf))


def supply(
    charge: Charge, tally: Tally, wall: float, *, following: Following | None, each: float
) -> Supply:
    """Return a limit as it stands now.

    Args:
        charge: The limit, with what one request takes.
        tally: What the store says of it.
        wall: Now, in seconds since 1970 UTC.
        following: Ends of later windows, of calendars.
        each: Seconds that one request takes, for limits of what is under way at once.
    """
    held = tally.used + tally.reserved
    length = charge.span_ms / 1000
    if charge.kind is Kind.CONCURRENT:
        places = float(charge.ceiling)
        return Refilling(charge, max(0.0, places - held), places, places / max(each, 0.001))
    if charge.kind in REFILLING:
        capacity = charge.burst or float(charge.ceiling)
        rate = charge.ceiling / length if length else inf
        return Refilling(charge, max(0.0, capacity - held), capacity, rate)
    if charge.kind is Kind.FIXED:
        return Windowed(charge, held, _boundary(wall, length)(0.0), _boundary(wall, length))
    if following is not None:
        return Windowed(charge, held, following(0.0), following)
    resets = None if tally.resets_in_ms is None else tally.resets_in_ms / 1000
    return Windowed(charge, held, resets if held else None)


def _boundary(wall: float, length: float) -> Following:
    """Return what tells the ends of windows that lie on multiples of their length."""
    return lambda t: (floor((wall + t) / length) + 1) * length - wall
