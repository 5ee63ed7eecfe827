"""How candidates are doing now: what a strategy may look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from freetier.values.accounts import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A candidate that may take the request, and how it is doing.

    Attributes:
        candidate: Which one.
        share_left: Of its tightest window, 0 to 1, reservations counted as used; 1 if it
            has no limits.
        in_flight: Requests under way at it, counted from the moment it was chosen.
        latency: Recent seconds to the first content; `None` if it never answered.
        price: Of the dearest window this request would use (research on quota, 4).
        wins: How often it was chosen before the others.
        tier_rank: Smaller comes first where the alias orders by tier; 0 everywhere else.
    """

    candidate: Candidate
    share_left: float = 1.0
    in_flight: int = 0
    latency: float | None = None
    price: float = 0.0
    wins: int = 0
    tier_rank: int = 0

    @property
    def blended(self) -> float:
        """Return dollars per token, 0 if it is free, infinity if the price is not known."""
        if self.candidate.free:
            return 0.0
        known = self.candidate.prices.blended
        return float("inf") if known is None else known


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Rotation and chance, handed in.

    Attributes:
        counter: How many requests of this alias came before.
        chance: A number from 0 up to, not including, 1.
    """

    counter: int = 0
    chance: float = 0.0


Ordering = Callable[[Sequence[Standing], Turn], Sequence[Candidate]]
"""A strategy: the candidates of the standings in the order they are to be tried."""

SortKey = Callable[[Standing], tuple[float, ...]]
"""A strategy that looks at one standing at a time, for an index: smaller comes first."""
