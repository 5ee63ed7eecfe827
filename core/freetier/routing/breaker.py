"""Shutting what fails, letting one probe through, and opening it again.

A thing that fails is blocked for a while and suspected for longer: its probe key is blocked
as well, so that the store refuses every reservation until somebody holds the lease of that
key. The lease is given once over all tasks and processes. Whoever shuts a thing holds its
lease for as long as it is shut, so that a crowd of failures shuts it once.
"""

from __future__ import annotations

from dataclasses import replace

from freetier.routing import health
from freetier.routing.effects import Block, Flow, Lease, Release, Reserve, Settle, Strike, ask
from freetier.routing.effects import Survey as Look
from freetier.routing.telling import tell
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.faults import KEY_FAULTS, Fault, Refused
from freetier.values.quota import NEVER_SENT, BlockState, Denied, Granted, Reservation

PROBE_LOOK = 1.0
"""Seconds after which a candidate is looked at again that somebody else is probing."""

SHUT = "shut"
"""Who holds the lease of a thing that is shut."""


def reserve(trip: Trip, held: Reservation, wait: float | None) -> Flow[Granted | Denied]:
    """Ask the store; whoever is interrupted in doing so gives back what may have been taken.

    The start that is granted counts from when the store judged, which was after the asking.
    """
    asked = trip.elapsed
    try:
        answer = yield from ask(Reserve(held, wait))
    except BaseException:
        yield from ask(Settle(held, NEVER_SENT))
        raise
    if isinstance(answer, Granted):
        trip.due = asked + answer.start_in_ms / 1000
    return answer


def admitted(
    trip: Trip, candidate: Candidate, held: Reservation, wait: float | None
) -> Flow[Granted | Denied]:
    """Ask the store; of what is suspected, become the one who probes it, or be denied."""
    answer = yield from reserve(trip, held, wait)
    if isinstance(answer, Granted) or answer.block is None:
        return answer
    if answer.block.key not in trip.world.board.keys(candidate).probes:
        return answer
    try:
        answer = yield from _probing(trip, candidate, held, wait)
    except BaseException:
        yield from let_go(trip, held.id)
        raise
    if isinstance(answer, Denied):
        yield from let_go(trip, held.id)
    return answer


def _probing(
    trip: Trip, candidate: Candidate, held: Reservation, wait: float | None
) -> Flow[Granted | Denied]:
    keys = trip.world.board.keys(candidate)
    found = (yield from ask(Look((), keys.guards))).blocks
    suspects = {key: found[key][1] for key in keys.probes if key in found}
    trip.world.board.suspects.update(suspects)
    shut = [found[key] for key in keys.blocks if key in found]
    if shut:
        left, fault = max(shut)
        return _suspected(keys.probes[0], left, fault)
    for key, fault in suspects.items():
        ttl = held.lease_ms / 1000 + (wait or 0.0)
        trip.probing[key] = fault  # before asking: a lost answer is let go as well
        if not (yield from ask(Lease(key, held.id, ttl))):
            return _suspected(key, PROBE_LOOK, fault)
    return (yield from reserve(trip, replace(held, guards=keys.blocks), wait))


def _suspected(key: str, left: float, fault: Fault) -> Denied:
    ms = max(1, int(left * 1000))
    return Denied(retry_in_ms=ms, block=BlockState(key=key, until_ms=0, fault=fault, left_ms=ms))


def let_go(trip: Trip, owner: str) -> Flow[None]:
    """Let the next one probe: this request found nothing out."""
    while trip.probing:
        key, _ = trip.probing.popitem()
        yield from ask(Release(key, owner))


def after(trip: Trip, candidate: Candidate, refused: Refused | None, owner: str) -> Flow[None]:
    """Draw the conclusions of one attempt for all that come later.

    Args:
        trip: The request.
        candidate: Who was asked.
        refused: What it met; `None` if it was answered.
        owner: Name of the attempt, under which it holds its leases.
    """
    keys = trip.world.board.keys(candidate)
    shut = []
    for n, key in enumerate(keys.probes):
        if key not in trip.probing:
            continue
        fault = trip.probing.pop(key)
        found = health.verdict(fault, refused, provider=n == health.PROVIDER)
        if found is health.Verdict.CLEAR:
            yield from _recover(trip, candidate, n, owner)
        elif found is health.Verdict.SHUT:
            shut.append(n)
        else:
            yield from ask(Release(key, owner))
    if refused is not None:
        yield from _count(trip, candidate, refused, owner, shut)
    elif trip.world.board.suspects:
        yield from _answered(trip, candidate)


def _answered(trip: Trip, candidate: Candidate) -> Flow[None]:
    """Let a provider recover that was shut while this request was on its way to it."""
    key = trip.world.board.keys(candidate).probes[health.PROVIDER]
    if key in trip.world.board.suspects:
        yield from _recover(trip, candidate, health.PROVIDER, SHUT)


def _recover(trip: Trip, candidate: Candidate, which: int, owner: str) -> Flow[None]:
    board = trip.world.board
    keys = board.keys(candidate)
    yield from ask(Release(keys.probes[which], owner, clear=True))
    board.suspects.discard(keys.probes[which])
    if which == health.CANDIDATE:
        yield from ask(Release(keys.strikes, owner, clear=True))
    elif which == health.PROVIDER:  # nothing else is kept there, so it may end early
        yield from ask(Release(keys.blocks[which], owner, clear=True))
    board.recovered(keys.probes[which])
    yield from tell(trip, "recovery", candidate, detail=_what(candidate, which))


def _what(candidate: Candidate, which: int) -> str:
    names = (candidate.key, f"account {candidate.account.id}", candidate.provider.name)
    return f"{names[which]} works again"


def _count(
    trip: Trip, candidate: Candidate, refused: Refused, owner: str, shut: list[int]
) -> Flow[None]:
    """Count a fault against the candidate and its provider; shut what has had enough."""
    keys = trip.world.board.keys(candidate)
    if refused.fault in KEY_FAULTS:
        yield from _shut(trip, candidate, refused, health.key_level(refused, keys), owner)
        return
    if not health.counts_against(refused):
        return
    strikes = yield from ask(Strike(keys.strikes, health.BREAKER_SPAN))
    if strikes >= health.BREAKER_FAULT_COUNT or health.CANDIDATE in shut:
        level = health.level(keys, health.CANDIDATE, health.BREAKER_PACE)
        yield from _shut(trip, candidate, refused, level, owner)
    if health.provider_wide(refused):
        made = trip.record.attempts[-1]  # two that hang a minute each are a minute apart
        span = health.PROVIDER_SPAN + made.ended_at - made.started_at
        alone = yield from ask(Lease(keys.first, candidate.account.id, span))
        if not alone or health.PROVIDER in shut:
            level = health.level(keys, health.PROVIDER, health.BREAKER_PACE)
            yield from _shut(trip, candidate, refused, level, owner)
    elif health.is_shared(refused):
        alone = yield from ask(Lease(keys.model_first, candidate.account.id, health.PROVIDER_SPAN))
        if not alone:
            yield from _shut_model(trip, candidate, refused, owner)


def _shut_model(trip: Trip, candidate: Candidate, refused: Refused, owner: str) -> Flow[None]:
    """Shut a model at every account: two of them met what the others would meet as well."""
    board = trip.world.board
    shared = board.keys(candidate).model_first
    for other in trip.job.resolved.candidates:
        keys = board.keys(other)
        if keys.model_first == shared:
            level = health.level(keys, health.CANDIDATE, health.BREAKER_PACE)
            yield from _shut(trip, other, refused, level, owner)


def _shut(
    trip: Trip, candidate: Candidate, refused: Refused, level: health.Level, owner: str
) -> Flow[None]:
    """Shut one thing, once, however many fail at it; whoever probed it in vain shuts it longer."""
    pace, fault = level.pace, refused.fault
    if not (yield from ask(Lease(level.probe, owner, pace.first))):
        return
    time = yield from ask(Strike(level.probe, pace.memory))
    seconds = pace.seconds(time)
    yield from ask(Block(level.probe, seconds + pace.memory, fault))
    yield from ask(Release(level.probe, owner))
    yield from ask(Lease(level.probe, SHUT, seconds))  # nobody's own: whoever recovers ends it
    trip.world.board.suspects.add(level.probe)
    yield from block(trip, candidate, refused, health.Leave(level.block, seconds), time)


def block(
    trip: Trip, candidate: Candidate, refused: Refused, left: health.Leave, time: int = 0
) -> Flow[None]:
    """Leave a key alone, and let all whom that shuts rest in the lineup.

    Args:
        trip: The request.
        candidate: Who refused it.
        refused: Why.
        left: What is left alone, for how long.
        time: Which time in a row it is shut, 0 if it is not to be probed.
    """
    if left.seconds <= 0:
        return
    yield from ask(Block(left.key, left.seconds, refused.fault))
    _rests(trip, refused, left, suspected=time > 0)
    yield from tell(
        trip,
        "block",
        candidate,
        fault=refused.fault,
        seconds=left.seconds,
        detail=refused.detail,
        first=time == 1,
    )


def _rests(trip: Trip, refused: Refused, left: health.Leave, *, suspected: bool) -> None:
    now, board = trip.world.now(), trip.world.board
    why = health.resting(refused.fault, suspected=suspected)
    for seat in trip.lineup.seats:
        other = seat.candidate
        if left.key not in seat.entry.keys.blocks:
            continue
        board.rests(other, now + left.seconds, why)
        if why.waitable:
            trip.returns[other] = max(now + left.seconds, trip.returns.get(other, 0.0))
