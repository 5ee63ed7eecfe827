"""A second attempt elsewhere when the first content is late (decisions 8); off by default."""

from __future__ import annotations

from dataclasses import replace

from freetier.routing.effects import Flow, Survey, ask
from freetier.routing.flow import travel
from freetier.routing.seats import Seat
from freetier.routing.shares import share_left
from freetier.routing.world import Trip
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
    if seat is None or seat.latency is None:
        return None
    return max(LEAST, MARGIN * seat.latency)


def second(first: Trip) -> Trip | None:
    """Return a request for the second attempt, or None if there should be none.

    It goes to another provider than the first one, makes one attempt, waits for nothing and
    spends no money. Never while the first one waits itself, or anybody is queued.
    """
    asked = first.at
    if asked is None or first.world.waiting[0]:
        return None
    options = first.job.options
    budgets = replace(options.budgets, attempts=1, max_wait=0.0, deadline=_left(first))
    options = replace(options, budgets=budgets, hedge=False)
    trip = Trip(replace(first.job, options=options, id=first.world.new_id()), first.world)
    name = asked.provider.name
    trip.gone.update(
        seat.candidate.key
        for seat in trip.lineup.seats
        if seat.candidate.provider.name == name
        or not seat.candidate.free
        or first.closed(seat.candidate)
    )
    for record in (first.record, trip.record):
        record.notes.append(f"sent a second time elsewhere, because {asked.key} was late")
    return trip


def _left(first: Trip) -> float | None:
    return None if first.left == float("inf") else max(0.001, first.left)


def run_second(trip: Trip) -> Flow[Completion]:
    """Find somebody with plenty left and ask him."""
    while (seat := trip.lineup.best(trip.world.now(), trip.closed)) is not None:
        if (yield from _has_plenty(trip, seat)):
            break
        trip.gone.add(seat.candidate.key)
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
