"""One request from beginning to end: the only place that orders effects.

Resolve and filter came before; here it is: choose, reserve, attempt, take note, next,
wait, or give up. Whole answers and streams share it.
"""

from __future__ import annotations

from freetier.errors import RouteError
from freetier.routing import verdict
from freetier.routing.effects import Flow, Survey, TooLate, ask
from freetier.routing.inlining import inline
from freetier.routing.pause import pause
from freetier.routing.queue import leave
from freetier.routing.seats import Seat
from freetier.routing.steps import try_now
from freetier.routing.telling import tell
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.reports import Completion


def travel(trip: Trip) -> Flow[Completion]:
    """Find an answer to one request, or raise the error that says why there is none.

    Goes through the candidates until one delivers; waits and retries between the rounds.
    """
    try:
        yield from inline(trip)
        while True:
            done = yield from _round(trip)
            if done is None:
                done = yield from pause(trip)
            if done is not None:
                yield from tell(trip, "answer")
                return done
    except RouteError as error:
        yield from tell(trip, "give_up")
        if trip.said:
            raise verdict.not_continued(trip, error) from error
        raise
    except TooLate as error:
        yield from tell(trip, "give_up", detail=str(error))
        late = verdict.too_late(trip, str(error))
        if trip.said:
            raise verdict.not_continued(trip, late) from late
        raise late from None
    except BaseException as error:  # told as well: a listener sees the end of every request
        yield from tell(trip, "give_up" if isinstance(error, Exception) else "cancelled")
        raise
    finally:
        yield from leave(trip)


def _round(trip: Trip) -> Flow[Completion | None]:
    """Try every candidate that can take the request now, best first."""
    trip.tried.clear()
    yield from look(trip)
    while trip.may_attempt:
        seat = _next(trip)
        if seat is None:
            return (yield from _larger(trip))
        trip.tried.add(seat.candidate.key)
        done = yield from try_now(trip, seat)
        if done is not None:
            return done
    return None


def look(trip: Trip) -> Flow[None]:
    """Ask the store about a few candidates that were not looked at lately."""
    seats = trip.lineup.stale(trip.world.now())
    if seats:
        yield from survey(trip, seats)


def survey(trip: Trip, seats: list[Seat]) -> Flow[None]:
    """Ask the store about some candidates in one round trip, and place them anew."""
    world, board = trip.world, trip.world.board
    wall = world.wall()
    charges = {c.key: c for s in seats for c in board.charges(trip.job, s.candidate, wall)}
    charges |= {c.key: c for s in seats for c in board.search.unknown(s.entry)}
    guards = dict.fromkeys(guard for s in seats for guard in s.entry.keys.guards)
    found = yield from ask(Survey(tuple(charges.values()), tuple(guards)))
    board.see(trip.job, seats, found, world.now(), wall)


def _next(trip: Trip) -> Seat | None:
    """Return the best candidate left; those of a provider in trouble come last, one of them."""

    def closed(candidate: Candidate) -> bool:
        return candidate.key in trip.tried or trip.closed(candidate)

    now = trip.world.now()
    trouble = trip.trouble
    if not trouble.behind:
        return trip.lineup.best(now, closed)

    def in_trouble(candidate: Candidate) -> bool:
        return trouble.is_behind(candidate) or closed(candidate)

    def spent(candidate: Candidate) -> bool:
        return trouble.is_spent(candidate) or closed(candidate)

    return trip.lineup.best(now, in_trouble) or trip.lineup.best(now, spent)


def _larger(trip: Trip) -> Flow[Completion | None]:
    """Try those who rest because a larger request than this one did not fit."""

    def amount(seat: Seat) -> int:
        cost = trip.world.board.cost(trip.job, seat.candidate)
        return seat.entry.takes(seat.rest.full, cost)

    for seat in trip.lineup.larger(amount):
        if seat.candidate.key in trip.tried or trip.closed(seat.candidate):
            continue
        trip.tried.add(seat.candidate.key)
        done = yield from try_now(trip, seat)
        if done is not None or not trip.may_attempt:
            return done
    return None
