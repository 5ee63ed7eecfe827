"""The steps of a route: tell, encode, reserve, note a denial, spend a reservation."""

from __future__ import annotations

from dataclasses import replace

from freetier.routing import verdict
from freetier.routing.attempt import attempt
from freetier.routing.continuing import can_continue, continued
from freetier.routing.effects import Emit, Flow, Reserve, Settle, Tell, ask
from freetier.routing.ports import Encoded
from freetier.routing.reaction import WAITABLE, react
from freetier.routing.trying import Broke
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.chat import Restarted
from freetier.values.quota import NEVER_SENT, Denied, Granted, Kind, Reservation
from freetier.values.reports import Completion, RouteEvent, Skipped


def tell(trip: Trip, kind: str, candidate: Candidate | None = None, **more: object) -> Flow[None]:
    """Tell the listeners of one thing that happened."""
    record = trip.record
    if kind in {"answer", "give_up"}:
        record.duration = trip.elapsed
        more["report"] = record.report()
    event = RouteEvent(
        kind=kind,
        request_id=record.request_id,
        alias=record.alias,
        candidate=candidate.key if candidate else None,
        tags=record.tags,
        **more,  # type: ignore[arg-type]
    )
    yield from ask(Tell(event))


def try_now(trip: Trip, candidate: Candidate) -> Flow[Completion | None]:
    """Reserve and attempt if there is room now; note why not otherwise."""
    encoded = encode(trip, candidate)
    if encoded is None:
        return None
    held = reservation(trip, candidate)
    answer = yield from reserve(held, None)
    if isinstance(answer, Denied):
        yield from denied(trip, candidate, answer)
        return None
    return (yield from spend(trip, candidate, encoded, held))


def encode(trip: Trip, candidate: Candidate) -> Encoded | None:
    """Write the request in a candidate's words; what cannot be said is a reason to skip it."""
    job = trip.job
    request, bound = job.request, trip.world.board.bound(job, candidate)
    if bound is not None:
        request = replace(request, max_tokens=bound)
        trip.record.notes.append(f"a bound of {bound} output tokens was sent to {candidate.key}")
    if trip.said:
        request = continued(request, candidate, trip.said)
    try:
        return trip.world.dialect(candidate).encode(request, candidate, stream=job.stream)
    except ValueError as error:
        trip.gone.add(candidate)
        skip = Skipped(candidate=candidate.key, reason="unsayable", detail=str(error)[:300])
        trip.record.skip(skip)
        return None


def reservation(trip: Trip, candidate: Candidate) -> Reservation:
    """Return the quota one attempt needs, under a new name made before asking."""
    world = trip.world
    return world.board.reservation(world.new_id(), trip.job, candidate, world.wall())


def reserve(held: Reservation, wait: float | None) -> Flow[Granted | Denied]:
    """Ask the store; whoever is interrupted in doing so gives back what may have been taken."""
    try:
        return (yield from ask(Reserve(held, wait)))
    except BaseException:
        yield from ask(Settle(held, NEVER_SENT))
        raise


def denied(trip: Trip, candidate: Candidate, why: Denied) -> Flow[None]:
    """Note a candidate that is full or blocked, and when it is back."""
    back_in = None if why.retry_in_ms is None else why.retry_in_ms / 1000
    waitable = why.block is None or why.block.fault in WAITABLE
    trip.places.discard(candidate)
    if why.charge is not None and why.charge.kind is Kind.CONCURRENT:
        trip.places.add(candidate)
        trip.returns.pop(candidate, None)
    elif back_in is not None and waitable:
        trip.returns[candidate] = trip.world.now() + back_in
    else:
        trip.returns.pop(candidate, None)
    if why.charge is not None:
        reason = "out_of_quota"
        window = f"{why.charge.metric} per {why.charge.span_ms // 1000} s"
        detail = f"out of quota ({window}: {why.charge.ceiling})"
    else:
        reason = why.block.fault.value if why.block else "blocked"
        detail = f"left alone after: {reason}"
    trip.record.skip(
        Skipped(candidate=candidate.key, reason=reason, detail=detail, back_in=back_in)
    )
    yield from tell(trip, "skip", candidate, detail=detail, seconds=back_in)


def spend(
    trip: Trip, candidate: Candidate, encoded: Encoded, held: Reservation
) -> Flow[Completion | None]:
    """Make one attempt and react to what it came to."""
    cost = trip.world.board.cost(trip.job, candidate)
    outcome = yield from attempt(trip, candidate, encoded, held, cost)
    trip.returns.pop(candidate, None)
    made = trip.record.attempts[-1]
    yield from tell(trip, "attempt", candidate, attempt=made, fault=made.fault)
    if isinstance(outcome, Completion):
        return outcome
    refused = outcome.refused if isinstance(outcome, Broke) else outcome
    yield from react(trip, candidate, refused)
    if isinstance(outcome, Broke):
        yield from _after_break(trip, outcome)
    yield from tell(trip, "failover", candidate, attempt=made, fault=refused.fault)
    return None


def _after_break(trip: Trip, broke: Broke) -> Flow[None]:
    """Raise, begin anew or go on, as the caller wishes, after a stream broke in the middle.

    Raises:
        StreamInterrupted: The caller wants it so, or there is no other way.
    """
    how = trip.job.options.on_stream_break
    if how == "restart":
        trip.said, trip.legs = "", []
        yield from ask(Emit(Restarted(broke.said.text)))
    elif how == "continue" and can_continue(trip.job.request, broke.said):
        trip.said += broke.said.text
        trip.record.continued = True
        if broke.said.usage is not None:
            trip.legs.append(broke.said.usage)
    else:
        raise verdict.interrupted(trip, broke)
