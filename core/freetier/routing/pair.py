"""Two attempts of one request, under way at once: what each has to know of the other."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from freetier.routing.record import Beside, Record, failed
from freetier.values.accounts import Candidate
from freetier.values.faults import Fault, FaultScope, Refused

if TYPE_CHECKING:
    from freetier.routing.world import Trip

UNDER_WAY = Refused(
    fault=Fault.CANCELLED, scope=FaultScope.REQUEST, detail="under way at the same time"
)
"""What a report says of the other attempt while nobody has answered."""

OVERTAKEN = Refused(
    fault=Fault.CANCELLED, scope=FaultScope.REQUEST, detail="late: another one answered first"
)
"""What an attempt came to that was overtaken."""


JOINED = "joined"
"""What stands among the ends once there are two."""


class Pair:
    """A request that may be sent a second time elsewhere; both may run in threads of their own.

    Whoever has the first content wins: from then on he alone goes on, fails over and waits
    as the caller wishes, and of the two ends only his is the end of the request.

    Args:
        first: The request as it is.
    """

    __slots__ = ("_claims", "_is_awaited", "_over", "bell", "elsewhere", "first", "second")

    def __init__(self, first: Trip) -> None:
        self.first = first
        self.bell = f"pair:{first.job.id}"
        self._is_awaited = False
        self.second: Trip | None = None
        self.elsewhere: set[str] = set()
        self._claims: list[Trip] = []  # to append is one step, also for threads
        self._over: list[Trip | str] = []

    def joins(self, second: Trip, elsewhere: set[str]) -> bool:
        """Let a second attempt begin, unless the first one is over.

        Args:
            second: The second attempt.
            elsewhere: Keys of candidates that it leaves alone.
        """
        self.elsewhere, self.second = elsewhere, second
        second.pair = self
        for one in (self.first, second):
            one.record.beside = partial(self.beside, one)
        self._over.append(JOINED)
        return self._over[0] == JOINED

    def other(self, trip: Trip) -> Trip | None:
        """Return the other one, if there are two."""
        return self.second if trip is self.first else self.first

    def begun(self, trip: Trip) -> int:
        """Return how many attempts the other one began."""
        other = self.other(trip)
        return 0 if other is None else other.begun

    def claim(self, trip: Trip) -> None:
        """Note that one has content; the first to say so has won."""
        self._claims.append(trip)

    def has_won(self, trip: Trip) -> bool:
        """Tell whether one was the first with content."""
        return bool(self._claims) and self._claims[0] is trip

    def has_lost(self, trip: Trip) -> bool:
        """Tell whether the other one was the first with content."""
        return bool(self._claims) and self._claims[0] is not trip

    def bars(self, trip: Trip, candidate: Candidate) -> bool:
        """Tell whether a candidate is left to the other one, or to nobody any more.

        Until it has won the second attempt is a single one, at another provider, for free.
        """
        if self._claims:
            return self._claims[0] is not trip
        other = self.other(trip)
        at = None if other is None else other.at
        if at is not None and (
            at.candidate.key == candidate.key or trip.trouble.is_behind(candidate)
        ):
            return True  # who is in trouble is asked again if nothing else is left
        return trip is self.second and (candidate.key in self.elsewhere or trip.begun > 0)

    def awaits(self, trip: Trip) -> bool:
        """Tell whether one has to know first what the other one's attempt comes to."""
        self._is_awaited = True  # before looking: whoever ends looks here afterwards
        other = self.other(trip)
        self._is_awaited = not self._claims and other is not None and other.at is not None
        return self._is_awaited

    @property
    def wakes(self) -> bool:
        """Tell whether whoever ends without content has to wake the other one."""
        return self._is_awaited and not self._claims

    def sends(self, trip: Trip) -> None:
        """Note in both reports that a request is sent a second time."""
        at = self.first.at
        if trip is self.second and not trip.begun and at is not None:
            note = f"sent a second time elsewhere, because {at.candidate.key} was late"
            for one in (self.first, trip):
                one.record.note(note)

    def goes_on(self, trip: Trip) -> None:
        """Let the winner do all that the caller allowed, once its own answer broke."""
        trip.job = replace(trip.job, options=self.first.job.options)

    def ends(self, trip: Trip, *, answered: bool) -> bool:
        """Note that one is over; tell whether that is the end of the request."""
        if answered:
            self.claim(trip)
        self._over.append(trip)
        if self._claims:
            return self._claims[0] is trip
        is_alone = self._over[0] is trip
        return is_alone or self._over.index(trip) == len((JOINED, "one"))

    def whole(self, trip: Trip) -> Record:
        """Return the record of the request: the winner's, or the first one's if nobody won."""
        return trip.record if self._claims else self.first.record

    def beside(self, trip: Trip) -> Beside:
        """Return what the report of one says of the other."""
        other = self.other(trip)
        if other is None:
            return Beside((), {})
        attempts, at = [*other.record.attempts], other.at
        if at is not None and other.begun > len(attempts):
            why = OVERTAKEN if self.has_won(trip) else UNDER_WAY
            attempts.append(failed(at.candidate, why, at.started, other.elapsed))
        return Beside(tuple(attempts), dict(other.record.skipped))
