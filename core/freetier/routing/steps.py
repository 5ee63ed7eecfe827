"""The steps of a route: encode, reserve, note a denial, spend a reservation."""

from __future__ import annotations

from dataclasses import replace

from freetier.routing import breaker, fitness, verdict
from freetier.routing.attempt import attempt
from freetier.routing.continuing import can_continue, continued
from freetier.routing.effects import Emit, Flow, Ring, Settle, ask
from freetier.routing.embedding import written
from freetier.routing.health import Rest, resting
from freetier.routing.ports import ByAddress, Encoded, RewritingDialect
from freetier.routing.queue import PLACE_WAIT, leave
from freetier.routing.reaction import react
from freetier.routing.searching import found_out
from freetier.routing.seats import Seat
from freetier.routing.shaping import shaped
from freetier.routing.telling import tell
from freetier.routing.trying import Broke
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.chat import Restarted
from freetier.values.faults import Fault, Refused
from freetier.values.quota import NEVER_SENT, Denied, Kind, Reservation
from freetier.values.reports import Completion, Skipped
from freetier.values.vectors import EmbedRequest

FOR_EVER = 366 * 86_400.0
"""Seconds that stand for "never by itself"."""


def try_now(trip: Trip, seat: Seat) -> Flow[Completion | None]:
    """Reserve and attempt if there is room now; note why not otherwise."""
    candidate = seat.candidate
    encoded = encode(trip, candidate) if fits(trip, candidate) else None
    if encoded is None:
        skipped = trip.record.skipped[candidate.key]
        yield from tell(trip, "skip", candidate, detail=skipped.detail)
        return None
    held = reservation(trip, candidate)
    answer = yield from breaker.admitted(trip, candidate, held, None)
    if isinstance(answer, Denied):
        yield from denied(trip, candidate, answer)
        return None
    seat.won()
    done = yield from spend(trip, candidate, encoded, held)
    if done is None and candidate in trip.again:  # a parameter less, and it may do
        trip.again -= {candidate}
        return (yield from try_now(trip, seat)) if trip.may_attempt else None
    return done


def fits(trip: Trip, candidate: Candidate) -> bool:
    """Tell whether this very request can ever fit a candidate; note why not."""
    board, job = trip.world.board, trip.job
    cost = board.cost(job, candidate)
    why = fitness.unfit(board.needs(job), job.options, candidate, cost)
    why = why or fitness.too_long(candidate, cost, board.taught.context(candidate))
    if why is None:
        return True
    trip.gone.add(candidate.key)
    trip.record.skip(why)
    return False


def encode(trip: Trip, candidate: Candidate) -> Encoded | None:
    """Write the request in a candidate's words; what cannot be said is a reason to skip it."""
    try:
        return _written(trip, candidate)
    except ValueError as error:
        trip.gone.add(candidate.key)
        why = trip.unfetched if isinstance(error, ByAddress) else ""
        detail = (why or str(error))[:300]
        skip = Skipped(candidate=candidate.key, reason="unsayable", detail=detail)
        trip.record.skip(skip)
        return None


def _written(trip: Trip, candidate: Candidate) -> Encoded:
    job, board, dialect = trip.job, trip.world.board, trip.world.dialect(candidate)
    request, told = job.request, board.taught.adapted(candidate)
    if isinstance(request, EmbedRequest):
        return written(request, told, dialect)
    bound = board.bound(job, candidate)
    if bound is not None:
        request = replace(request, max_tokens=bound)
        trip.record.note(f"the answer of {candidate.key} is bounded to {bound} tokens")
    if trip.said:
        request = continued(request, candidate, trip.said)
    request = shaped(request, told)
    last, before = trip.encoded or (None, None)
    if before is not None and last is dialect and isinstance(dialect, RewritingDialect):
        made = dialect.encode_again(before, request, told, stream=job.stream)
    else:
        made = dialect.encode(request, told, stream=job.stream)
    trip.encoded = dialect, made
    return made


def reservation(trip: Trip, candidate: Candidate) -> Reservation:
    """Return the quota one attempt needs, under a new name made before asking."""
    world = trip.world
    return world.board.reservation(world.new_id(), trip.job, candidate, world.wall())


def denied(trip: Trip, candidate: Candidate, why: Denied) -> Flow[None]:
    """Note a candidate that is full or blocked, and when it is back."""
    now = trip.world.now()
    back_in = None if why.retry_in_ms is None else why.retry_in_ms / 1000
    rest = _rest(why, trip.world.board.keys(candidate).probes)
    note_rest(trip, candidate, rest, back_in)
    until = now + (FOR_EVER if back_in is None else back_in)
    trip.world.board.rests(candidate, min(until, now + PLACE_WAIT) if rest.place else until, rest)
    yield from tell(trip, "skip", candidate, detail=rest.detail, seconds=back_in)


def _rest(why: Denied, probes: tuple[str, ...]) -> Rest:
    charge, block = why.charge, why.block
    if charge is None or (block is not None and block.key in probes):
        if block is None:
            return resting(Fault.RATE_LIMITED)
        return resting(block.fault, suspected=block.key in probes)
    detail = f"out of quota ({charge.metric} per {charge.span_ms // 1000} s: {charge.ceiling})"
    place = charge.kind is Kind.CONCURRENT
    if place:
        detail = f"{charge.ceiling} requests are under way"
    return Rest(
        reason="out_of_quota",
        detail=detail,
        waitable=not place,
        place=place,
        amount=charge.amount,
        full=charge.key,
    )


def note_rest(trip: Trip, candidate: Candidate, rest: Rest, back_in: float | None) -> None:
    """Note why a candidate rests, and whether this request may wait for it."""
    trip.places.discard(candidate)
    trip.returns.pop(candidate, None)
    if rest.place:
        trip.places.add(candidate)
    elif rest.waitable and back_in is not None:
        trip.returns[candidate] = trip.world.now() + back_in
    skip = Skipped(candidate=candidate.key, reason=rest.reason, detail=rest.detail, back_in=back_in)
    trip.record.skip(skip)


def spend(
    trip: Trip, candidate: Candidate, encoded: Encoded, held: Reservation
) -> Flow[Completion | None]:
    """Make one attempt and react to what it came to."""
    yield from leave(trip)
    if not trip.may_attempt:  # the store took too long, or another attempt began meanwhile
        yield from ask(Settle(held, NEVER_SENT))
        yield from breaker.let_go(trip, held.id)
        return None
    outcome = yield from _attempted(trip, candidate, encoded, held)
    trip.returns.pop(candidate, None)
    made = trip.record.attempts[-1]
    yield from tell(trip, "attempt", candidate, attempt=made, fault=made.fault)
    if isinstance(outcome, Completion):
        yield from breaker.after(trip, candidate, None, held.id)
        yield from found_out(trip, candidate)
        return outcome
    refused = outcome.refused if isinstance(outcome, Broke) else outcome
    yield from breaker.after(trip, candidate, refused, held.id)
    yield from react(trip, candidate, refused)
    if isinstance(outcome, Broke):
        yield from _after_break(trip, outcome)
    yield from tell(trip, "failover", candidate, attempt=made, fault=refused.fault)
    return None


def _attempted(
    trip: Trip, candidate: Candidate, encoded: Encoded, held: Reservation
) -> Flow[Completion | Refused | Broke]:
    """Make one attempt; whoever is thrown out of it leaves nothing half done."""
    board = trip.world.board
    cost, entry = board.cost(trip.job, candidate), board.entry(candidate)
    board.began(candidate, held)
    board.search.sent(entry, trip.world.now())
    if trip.pair is not None:
        trip.pair.sends(trip)
    try:
        return (yield from attempt(trip, candidate, encoded, held, cost))
    except BaseException:
        board.search.let_go(entry, trip.job.id)
        yield from _ended(trip, candidate)
        yield from breaker.let_go(trip, held.id)
        raise
    finally:
        trip.at = None
        if trip.pair is not None and trip.pair.wakes:
            yield from ask(Ring(trip.pair.bell))


def _ended(trip: Trip, candidate: Candidate) -> Flow[None]:
    """Tell of an attempt that its caller left, or that another one was faster than."""
    this, made = trip.at, trip.record.attempts[-1]
    lost = this.lost if this is not None else None
    if this is not None and lost is not None:
        entry = trip.world.board.entry(candidate)
        if this.first_at is not None:
            entry.answered(this.first_at - this.started)
        else:
            entry.late(made.ended_at - made.started_at)
    yield from tell(trip, "attempt", candidate, attempt=made, fault=made.fault)
    if this is not None and lost is not None:
        yield from breaker.after(trip, candidate, lost, this.held.id)


def _after_break(trip: Trip, broke: Broke) -> Flow[None]:
    """Raise, begin anew or go on, as the caller wishes, after a stream broke in the middle.

    Raises:
        StreamInterrupted: The caller wants it so, or there is no other way.
    """
    if trip.pair is not None:
        trip.pair.goes_on(trip)
    how = trip.job.options.on_stream_break
    if how == "restart":
        trip.said, trip.legs = "", []
        yield from ask(Emit((Restarted(broke.said.text),)))
    elif how == "continue" and can_continue(trip.job.request, broke.said):
        trip.said += broke.said.text
        trip.record.continued = True
        if broke.said.usage is not None:
            trip.legs.append(broke.said.usage)
    else:
        raise verdict.interrupted(trip, broke)
