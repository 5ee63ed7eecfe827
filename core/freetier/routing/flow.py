"""One request from beginning to end: the only place that orders effects.

Resolve and filter came before; here it is: order, reserve, attempt, take note, next,
wait, or give up. Whole answers and streams share it.
"""

from __future__ import annotations

from freetier.errors import RouteError
from freetier.routing.effects import Flow, Survey, ask
from freetier.routing.pause import pause
from freetier.routing.reaction import PROVIDER_TRIES
from freetier.routing.steps import tell, try_now
from freetier.routing.world import Job, Trip, World
from freetier.values.accounts import Candidate
from freetier.values.reports import Completion


def route(job: Job, world: World) -> Flow[Completion]:
    """Find an answer to one request, or raise the error that says why there is none."""
    return (yield from travel(Trip(job, world)))


def travel(trip: Trip) -> Flow[Completion]:
    """Go through the candidates until one delivers; waits and retries between the rounds."""
    try:
        trip.fit, skipped = trip.world.board.fit(trip.job, trip.job.resolved.candidates)
        for skip in skipped:
            trip.record.skip(skip)
        while True:
            done = yield from _round(trip)
            if done is None:
                done = yield from pause(trip)
            if done is not None:
                yield from tell(trip, "answer")
                return done
    except RouteError:
        yield from tell(trip, "give_up")
        raise


def _round(trip: Trip) -> Flow[Completion | None]:
    """Try every candidate that can take the request now, best first."""
    tried: set[Candidate] = set()
    order = yield from _ordered(trip)
    while trip.may_attempt:
        candidate = _next(trip, order, tried)
        if candidate is None:
            return None
        tried.add(candidate)
        done = yield from try_now(trip, candidate)
        if done is not None:
            return done
    return None


def _ordered(trip: Trip) -> Flow[list[Candidate]]:
    board = trip.world.board
    alive = [c for c in trip.fit if c not in trip.gone]
    if len(alive) < 2:  # noqa: PLR2004 - one candidate is in order
        return alive
    wall = trip.world.wall()
    charges, guards = board.lines(trip.job, alive, wall)
    found = yield from ask(Survey(charges, guards))
    return board.order(trip.job, alive, found, wall)


def _next(trip: Trip, order: list[Candidate], tried: set[Candidate]) -> Candidate | None:
    """Return the best candidate left; those of a provider in trouble come last, one of them."""
    left = [c for c in order if c not in tried and c not in trip.gone]
    for candidate in left:
        if candidate.provider.name not in trip.providers:
            return candidate
    for candidate in left:
        met = trip.providers[candidate.provider.name]
        if len(met) < PROVIDER_TRIES and candidate.account.id not in met:
            return candidate
    return None
