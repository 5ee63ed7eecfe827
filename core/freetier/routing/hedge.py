"""A second attempt elsewhere when the first content is late (decisions 8); off by default."""

from __future__ import annotations

from dataclasses import replace

from freetier.errors import RouteError
from freetier.routing import verdict
from freetier.routing.effects import Flow, Survey, ask
from freetier.routing.flow import travel
from freetier.routing.seats import Seat
from freetier.routing.shares import share_left
from freetier.routing.telling import tell
from freetier.routing.world import ROUNDING, Trip
from freetier.values.reports import Completion

MARGIN = 3.0
"""Times its usual time to the first content that a candidate may take before it is late."""

LEAST = 0.25
"""Seconds that are never called late: a failing connection is told sooner."""

LONG_MS = 86_400_000
ENOUGH = 0.2
"""Share that has to be left in each window of a day or longer (decisions 8)."""


def late_after(trip: Trip) -> float | None:
    """Return the seconds after which a second attempt is worth it; None if it never is.

    Given by the caller, or learned: a margin over the usual time of who is asked first.
    """
    wish = trip.job.options.hedge
    if wish is False:
        return None
    if wish is not True:
        return float(wish)
    seat = trip.lineup.best(trip.world.now(), trip.closed)
    if seat is None or seat.entry.usual is None:
        return None
    return max(LEAST, MARGIN * seat.entry.usual)


def second(first: Trip, late: float) -> Trip | float | None:
    """Return a request for the second attempt, or None if there should be none.

    It goes to another provider than the first one, makes one attempt, waits for nothing and
    spends no money. Never if the caller's attempts are used up, nor while the first one waits
    itself, or anybody is queued: then the answer is the seconds until it is worth a look again.

    Args:
        first: The request as it is.
        late: Seconds after which its content is late.
    """
    at, budgets = first.at, first.job.options.budgets
    if budgets.attempts and first.begun >= budgets.attempts:
        return None
    if at is None or first.world.waiting[0]:
        return late
    if first.record.waited and (left := at.started + late - first.elapsed) > ROUNDING:
        return left
    options = replace(first.job.options, budgets=replace(budgets, max_wait=0.0))
    trip = Trip(replace(first.job, options=options), first.world)
    trip.started, trip.gone = first.started, first.gone
    trip.trouble, trip.failures = first.trouble, first.failures
    trip.record.waited = first.record.waited
    trip.record.notes = [*first.record.notes]
    return trip


def run_second(first: Trip, trip: Trip) -> Flow[Completion]:
    """Find somebody with plenty left and ask him."""
    name = first.at.candidate.provider.name if first.at is not None else ""
    elsewhere = {
        seat.candidate.key
        for seat in trip.lineup.seats
        if seat.candidate.provider.name == name
        or not seat.candidate.free
        or first.closed(seat.candidate)
    }
    if first.pair is None or not first.pair.joins(trip, elsewhere):
        raise verdict.give_up(trip)
    try:
        while (seat := trip.lineup.best(trip.world.now(), trip.closed)) is not None:
            if (yield from _has_plenty(trip, seat)):
                break
            elsewhere.add(seat.candidate.key)
    except BaseException as error:
        yield from tell(trip, "give_up" if isinstance(error, Exception) else "cancelled")
        raise
    return (yield from travel(trip))


def _has_plenty(trip: Trip, seat: Seat) -> Flow[bool]:
    """Tell whether enough is left in the windows that do not come back soon."""
    board = trip.world.board
    charges = board.charges(trip.job, seat.candidate, trip.world.wall())
    long = tuple(charge for charge in charges if charge.span_ms >= LONG_MS)
    if not long:
        return True
    found = yield from ask(Survey(long, ()))
    return share_left(long, found.tallies) >= ENOUGH


def decided(trip: Trip, error: BaseException | None) -> bool:
    """Tell whether one of the two has won; give an error of both the whole route."""
    if isinstance(error, RouteError):
        error.report = trip.record.report()
    return trip.pair is None or trip.pair.has_won(trip)
