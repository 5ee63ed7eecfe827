"""A lineup in the order of a user's own function: all standings, at each decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from freetier.routing.lineup import Closed, Lineup
from freetier.routing.seats import Seat
from freetier.routing.strategies import order
from freetier.values.accounts import Candidate
from freetier.values.standings import Ordering, Standing, Turn


class Custom(Lineup):
    """Asks a callable; costs as much as there are candidates."""

    _ordering: Ordering
    _turns: int

    @classmethod
    def by(cls, ordering: Ordering, *given: Any) -> Custom:
        """Return a lineup ordered by a callable; the rest is as for `Lineup`."""
        candidates, closed, lock = given
        self = cls(candidates, lambda seat: (seat.candidate.order,), closed, lock)
        self._ordering = ordering
        self._turns = 0
        return self

    def best(self, now: float, closed: Closed) -> Seat | None:
        """Return the first open place in the order of the callable, or None."""
        with self._lock:
            self._wake_due(now)
            open_ = {s.candidate.key: s for s in self.seats if not s.until}
            turn = Turn(counter=self._turns)
        first = _first(order(self._ordering, [_standing(s) for s in open_.values()], turn), closed)
        if first is None:
            return None
        self._turns += 1
        return open_[first.key]


def _first(found: Sequence[Candidate], closed: Callable[[Candidate], bool]) -> Candidate | None:
    return next((candidate for candidate in found if not closed(candidate)), None)


def _standing(seat: Seat) -> Standing:
    return Standing(
        candidate=seat.candidate,
        share_left=seat.share_left,
        in_flight=seat.in_flight,
        latency=seat.latency,
        price=seat.price,
        wins=seat.wins,
        tier_rank=seat.tier_rank,
    )
