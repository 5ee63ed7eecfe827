"""What a refusal means: for this request, and for those that come later."""

from __future__ import annotations

from freetier.routing import health, verdict
from freetier.routing.effects import Block, Flow, Strike, Tell, ask
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.faults import (
    KEY_FAULTS,
    PROVIDER_WIDE_FAULTS,
    QUOTA_FAULTS,
    Fault,
    FaultScope,
    Refused,
)
from freetier.values.reports import RouteEvent

PROVIDER_TRIES = 2
"""Attempts at a provider after a fault its other accounts would share (decisions 8)."""

RETRIES = 3
"""Attempts at one candidate that fails for reasons that may pass."""


def react(trip: Trip, candidate: Candidate, refused: Refused) -> Flow[None]:
    """Leave alone what should be left alone, drop what this request need not try again.

    Raises:
        RequestRejected: The request itself is at fault.
    """
    yield from _later(trip, candidate, refused)
    fault = refused.fault
    if fault in QUOTA_FAULTS:
        return  # its block says when it is back
    if fault in KEY_FAULTS:
        _drop_account(trip, candidate, refused)
    elif fault is Fault.CONTEXT_TOO_LONG:
        _drop_smaller(trip, candidate)
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
    if refused.fault in PROVIDER_WIDE_FAULTS:
        trip.providers.setdefault(candidate.provider.name, []).append(candidate.account.id)


def _drop_account(trip: Trip, candidate: Candidate, refused: Refused) -> None:
    whole = refused.scope is FaultScope.ACCOUNT
    trip.gone.add(candidate.account.id if whole else candidate.key)


def _drop_smaller(trip: Trip, candidate: Candidate) -> None:
    """Only a larger context can help."""
    trip.max_context = max(trip.max_context, candidate.model.context or 0)
    trip.gone.add(candidate.key)


def _agree(trip: Trip, candidate: Candidate, refused: Refused) -> None:
    """Go on once after a bad request: it may be a quirk of that provider alone."""
    trip.agreed.add(candidate.provider.name)
    others = any(not trip.closed(seat.candidate) for seat in trip.lineup.seats)
    if len(trip.agreed) > 1 or not others:
        raise verdict.rejected(trip, refused)


def _later(trip: Trip, candidate: Candidate, refused: Refused) -> Flow[None]:
    """Block what later requests should leave alone."""
    board = trip.world.board
    keys = board.keys(candidate)
    left = health.leave(refused, keys, board.resets_in(candidate, refused, trip.world.wall()))
    if left is not None:
        yield from _block(trip, candidate, refused, left)
    if not health.counts_against(refused) or refused.scope is FaultScope.REQUEST:
        return
    strikes = yield from ask(Strike(keys.candidate, health.BREAKER_SPAN))
    if strikes >= health.BREAKER_FAULT_COUNT:
        seconds = health.open_for(strikes - health.BREAKER_FAULT_COUNT)
        yield from _block(trip, candidate, refused, health.Leave(keys.candidate, seconds))


def _rests(trip: Trip, candidate: Candidate, refused: Refused, left: health.Leave) -> None:
    """Let a candidate, or its whole account, rest in the lineups as well."""
    now, board = trip.world.now(), trip.world.board
    why = health.resting(refused.fault)
    account = board.keys(candidate).account
    for seat in trip.lineup.seats:
        other = seat.candidate
        if other.key != candidate.key and not (
            left.key == account and other.account.id == candidate.account.id
        ):
            continue
        board.rests(other, now + left.seconds, why)
        if why.waitable:
            trip.returns[other] = max(now + left.seconds, trip.returns.get(other, 0.0))


def _block(trip: Trip, candidate: Candidate, refused: Refused, left: health.Leave) -> Flow[None]:
    if left.seconds <= 0:
        return
    yield from ask(Block(left.key, left.seconds, refused.fault))
    _rests(trip, candidate, refused, left)
    event = RouteEvent(
        kind="block",
        request_id=trip.record.request_id,
        alias=trip.record.alias,
        candidate=candidate.key,
        fault=refused.fault,
        seconds=left.seconds,
        detail=refused.detail,
        tags=trip.record.tags,
    )
    yield from ask(Tell(event, trip.job.options.listener))
