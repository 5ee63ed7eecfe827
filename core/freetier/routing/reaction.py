"""What a refusal means: for this request, and for those that come later."""

from __future__ import annotations

from freetier.routing import health, verdict
from freetier.routing.breaker import block
from freetier.routing.effects import Flow
from freetier.routing.searching import looked_into
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.faults import (
    KEY_FAULTS,
    QUOTA_FAULTS,
    Fault,
    FaultScope,
    Refused,
)

RETRIES = 3
"""Attempts at one candidate that fails for reasons that may pass."""


def react(trip: Trip, candidate: Candidate, refused: Refused) -> Flow[None]:
    """Leave alone what should be left alone, drop what this request need not try again.

    Raises:
        RequestRejected: The request itself is at fault.
    """
    yield from _later(trip, candidate, refused)
    trip.world.board.search.let_go(trip.world.board.entry(candidate), trip.job.id)
    fault = refused.fault
    if fault in QUOTA_FAULTS:
        return  # its block says when it is back
    if fault in KEY_FAULTS:
        _drop_account(trip, candidate, refused)
    elif fault is Fault.CONTEXT_TOO_LONG:
        _drop_smaller(trip, candidate, refused)
    elif fault is Fault.BAD_REQUEST:
        _agree(trip, candidate, refused)
    elif fault is Fault.CONTENT_REFUSED and trip.job.resolved.on_content_refused == "stop":
        raise verdict.rejected(trip, refused)
    elif fault in {Fault.MODEL_GONE, Fault.TOO_LARGE, Fault.CONTENT_REFUSED, Fault.CANCELLED}:
        trip.gone.add(candidate.key)
    else:
        _count(trip, candidate, refused)


def _count(trip: Trip, candidate: Candidate, refused: Refused) -> None:
    """Note a fault that may pass; a provider in trouble is not asked with every key."""
    trip.failures[candidate] = trip.failures.get(candidate, 0) + 1
    if refused.scope is FaultScope.REQUEST:  # an answer that was not accepted
        trip.gone.add(candidate.key)
    trip.trouble.meet(candidate, refused)


def _drop_account(trip: Trip, candidate: Candidate, refused: Refused) -> None:
    whole = refused.scope is FaultScope.ACCOUNT
    trip.gone.add(candidate.account.id if whole else candidate.key)


def _drop_smaller(trip: Trip, candidate: Candidate, refused: Refused) -> None:
    """Only a larger context can help; its size is remembered if it was told."""
    taught = trip.world.board.taught
    if refused.amount:
        taught.limit(candidate, refused.amount)
    trip.max_context = max(trip.max_context, taught.context(candidate) or 0)
    trip.gone.add(candidate.key)


def _agree(trip: Trip, candidate: Candidate, refused: Refused) -> None:
    """Go on once after a bad request: it may be a quirk of that provider alone."""
    if _quirk(trip, candidate, refused):
        return
    trip.agreed |= {candidate.provider.name}
    others = any(not trip.closed(seat.candidate) for seat in trip.lineup.seats)
    if len(trip.agreed) > 1 or not others:
        raise verdict.rejected(trip, refused)


def _quirk(trip: Trip, candidate: Candidate, refused: Refused) -> bool:
    """Tell whether to ask once more without a parameter that is not taken there."""
    taught, job = trip.world.board.taught, trip.job
    parameter = refused.parameter
    if parameter is None or candidate in trip.bent:
        return False
    if not taught.helps(candidate, job.request, parameter, stream=job.stream):
        return False
    taught.refuse(candidate, parameter)
    trip.bent |= {candidate}
    trip.again |= {candidate}
    return True


def _later(trip: Trip, candidate: Candidate, refused: Refused) -> Flow[None]:
    """Block what later requests should leave alone until a moment."""
    board = trip.world.board
    keys = board.keys(candidate)
    left = health.leave(refused, keys, board.resets_in(candidate, refused, trip.world.wall()))
    if left is not None:
        left = yield from looked_into(trip, candidate, refused, left)
    if left is not None:
        yield from block(trip, candidate, refused, left)
