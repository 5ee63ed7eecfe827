"""Nobody can take the request now: retry, wait for quota, or give up.

Waiting is booking: the earliest future start over the candidates is taken in one atomic
step of the store, so nobody polls and nobody overtakes. Who cannot be served in time is
told at once.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from freetier.routing import breaker, verdict
from freetier.routing.effects import PLACES, Flow, Settle, Survey, Wait, ask
from freetier.routing.queue import LONGEST, PLACE_WAIT, rest, take_turn
from freetier.routing.reaction import RETRIES
from freetier.routing.record import SHOWN
from freetier.routing.steps import (
    denied,
    encode,
    note_rest,
    reservation,
    spend,
    try_now,
)
from freetier.routing.telling import tell
from freetier.routing.world import ROUNDING, Trip
from freetier.values.accounts import Candidate
from freetier.values.quota import NEVER_SENT, Denied, Reservation
from freetier.values.reports import Completion

MOMENT = 1e-7
"""Seconds between two who are woken at one instant: ten thousand take a millisecond."""

CLOSE = 0.002
"""Seconds by which two starts count as the same: the store works in milliseconds."""


def pause(trip: Trip) -> Flow[Completion | None]:
    """Do what helps when a round ended without an answer; None asks for another round.

    Raises:
        RouteError: Nothing helps within the caller's budgets.
    """
    if not trip.may_attempt:
        raise verdict.give_up(trip)
    if trip.pair is not None and trip.pair.awaits(trip):
        yield from ask(Wait(min(trip.left, LONGEST), trip.pair.bell, trip.job.options.cancel))
        return None
    take_note(trip)
    tried = yield from _trial(trip)
    if tried is not NOBODY:
        return tried  # type: ignore[return-value]
    candidate = _retryable(trip)
    if candidate is not None:
        return (yield from _retry(trip, candidate))
    if trip.wait_left <= 0 or not (trip.returns or trip.places):
        raise verdict.give_up(trip)
    if trip.world.waiting[0] >= trip.world.max_waiters:
        trip.record.notes.append(f"{trip.world.max_waiters} requests are waiting already")
        raise verdict.give_up(trip)
    trip.encoded = None  # nobody waits with what was written in hand: waiters are many
    soonest = min(trip.returns.values(), default=float("inf")) - trip.world.now()
    if trip.job.options.priority or trip.world.queue.is_used:
        trip.world.queue.is_used = True  # from now on nobody books, or nobody could overtake
        yield from take_turn(trip)
        return None
    if trip.places and soonest > PLACE_WAIT:
        if not trip.record.waited:  # told once, however often it looks again
            yield from tell(trip, "wait", detail="until a place is free")
        yield from rest(trip, min(PLACE_WAIT, trip.wait_left), PLACES, counted=True)
        return None
    return (yield from _book(trip))


OVERSLEPT = 2
"""Starts that one request may sleep through and ask for anew."""

NOBODY = object()


def _trial(trip: Trip) -> Flow[object]:
    """Go to somebody whose limit is being found, as one request more than it is taken for.

    Returns:
        What it came to, or `NOBODY` if there is nobody to try just now.
    """
    search, now = trip.world.board.search, trip.world.now()
    for candidate in list(trip.returns):
        if not search.may_try(candidate, now) or trip.closed(candidate):
            continue
        encoded = encode(trip, candidate)
        if encoded is None:
            continue
        held = search.trial(candidate, trip.job.id, reservation(trip, candidate))
        answer = yield from breaker.admitted(trip, candidate, held, None)
        if isinstance(answer, Denied):
            search.let_go(trip.world.board.entry(candidate), trip.job.id)
            continue
        return (yield from spend(trip, candidate, encoded, held))
    return NOBODY


def take_note(trip: Trip) -> None:
    """Note those who rest: whom this request may wait for, and why not the others."""
    now = trip.world.now()
    for seat in trip.lineup.soonest(SHOWN, lambda seat: not trip.closed(seat.candidate)):
        if seat.candidate.key not in trip.tried:
            note_rest(trip, seat.candidate, seat.rest, max(0.0, seat.until - now))


def _retryable(trip: Trip) -> Candidate | None:
    """Return the candidate that failed least for a reason that may pass."""
    if trip.returns or trip.places:
        return None  # somebody else will take it
    open_ = [
        (count, n, candidate)
        for n, (candidate, count) in enumerate([*trip.failures.items()])
        if count < RETRIES and not trip.closed(candidate) and not trip.trouble.is_over(candidate)
    ]
    return min(open_)[2] if open_ else None


def _retry(trip: Trip, candidate: Candidate) -> Flow[Completion | None]:
    """Ask the only candidate again after a pause with full jitter."""
    initial, maximum, multiplier = trip.job.backoff
    failures = trip.failures[candidate]
    seconds = trip.world.chance() * min(maximum, initial * multiplier ** (failures - 1))
    if seconds >= trip.left:
        raise verdict.give_up(trip)
    if seconds > 0:
        yield from tell(trip, "wait", candidate, seconds=seconds, detail="before the next try")
    yield from rest(trip, seconds, None, counted=False)
    before = len(trip.record.attempts)
    seat = next(seat for seat in trip.lineup.seats if seat.candidate is candidate)
    done = yield from try_now(trip, seat)
    if done is None and len(trip.record.attempts) == before:
        trip.failures[candidate] = RETRIES  # left alone meanwhile: no attempt was made
    return done


def _book(trip: Trip) -> Flow[Completion | None]:
    """Take the earliest future start over all candidates, wait for it, and go."""
    now = trip.world.now()
    line = [(at - now, n, candidate) for n, (candidate, at) in enumerate(trip.returns.items())]
    heapify(line)
    for _ in range(4 * len(line) + 16):  # others book at the same time; each denial is exact
        if not line or line[0][0] > trip.wait_left + ROUNDING:  # its very end is in time
            break
        back_in, n, candidate = heappop(line)
        bound = min(trip.wait_left, max(line[0][0] if line else trip.wait_left, back_in) + CLOSE)
        if encode(trip, candidate) is None:  # written anew when it is time: waiters are many
            trip.returns.pop(candidate)
            continue
        held = reservation(trip, candidate)
        answer = yield from breaker.admitted(trip, candidate, held, bound)
        if isinstance(answer, Denied):
            yield from denied(trip, candidate, answer)
            if candidate in trip.returns:
                heappush(line, (trip.returns[candidate] - trip.world.now(), n, candidate))
            continue
        if not (yield from _wait_for(trip, candidate, held, answer.start_in_ms / 1000)):
            return None
        encoded = encode(trip, candidate)
        if encoded is not None:
            return (yield from spend(trip, candidate, encoded, held))
        yield from ask(Settle(held, NEVER_SENT))
        yield from breaker.let_go(trip, held.id)
        return None
    raise verdict.give_up(trip)


def _in_line(trip: Trip, candidate: Candidate, seconds: float) -> float:
    """Return how long to wait so that nobody overtakes who booked the same instant.

    The store counts in milliseconds, and bookings of one instant are as many as a window
    has room for; whoever booked later is woken a moment later.
    """
    now, woken = trip.world.now(), trip.world.woken
    at, last = now + seconds, woken.get(candidate.key, 0.0)
    if last - CLOSE < at <= last:
        at = last + MOMENT
    if at > last:
        woken[candidate.key] = at
    return at - now


def _slept_through(trip: Trip, held: Reservation) -> bool:
    """Tell whether it is so late that a start has to be asked for anew.

    The windows allow a request to come at most `far` after its start; half of that is left
    for the way there. Those who booked behind it rely on this, so that later it might be
    refused, or make one of them be. On a machine that is never in time it goes all the same.
    """
    if trip.elapsed - trip.due <= held.far_ms / 2000 or trip.overslept >= OVERSLEPT:
        return False
    trip.overslept += 1
    return True


def _wait_for(trip: Trip, candidate: Candidate, held: Reservation, seconds: float) -> Flow[bool]:
    """Wait for a booked start; False if the candidate was blocked or the start slept through.

    Whoever walks away gives the start back, and the hole goes to the next newcomer.
    """
    trip.encoded = None
    began = trip.world.now()
    kept = False
    try:
        if seconds > 0:
            yield from tell(trip, "wait", candidate, seconds=seconds)
            yield from rest(trip, _in_line(trip, candidate, seconds), None, counted=False)
        keys = trip.world.board.keys(candidate)
        found = yield from ask(Survey((), keys.blocks if trip.probing else keys.guards))
        kept = not found.blocks and not _slept_through(trip, held)
    finally:
        trip.record.waited += trip.world.now() - began
        if not kept:
            yield from ask(Settle(held, NEVER_SENT))
            yield from breaker.let_go(trip, held.id)
    if not kept:
        trip.returns.pop(candidate, None)
    return kept
