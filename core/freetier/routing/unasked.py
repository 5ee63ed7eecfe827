"""Who was not asked because of what others met: an error accounts for every candidate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from freetier.routing.record import SHOWN
from freetier.routing.seats import Seat
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.reports import Attempt, Skipped

UNASKED = "unasked"
"""The reason of those whom the request's own budgets left no time or attempt for."""


def note_unasked(trip: Trip) -> None:
    """Note everybody who was neither asked nor skipped, once attempts were made and failed.

    Those who rest beyond what a report lists are counted there by themselves.
    """
    record = trip.record
    if not record.attempts:
        return
    met = {attempt.candidate for attempt in record.attempts} | record.skipped.keys()
    more = Counter[str]()
    for seat in trip.lineup.seats:
        if seat.candidate.key in met:
            continue
        skip = _skip(trip, seat)
        if len(record.skipped) < SHOWN:
            record.skip(skip)
        elif not seat.until:
            more[skip.reason] += 1
    record.more |= more  # the larger of two counts, so that it may be noted twice


def _skip(trip: Trip, seat: Seat) -> Skipped:
    candidate = seat.candidate
    if seat.until:
        back = max(0.0, seat.until - trip.world.now())
        rest = seat.rest
        return Skipped(
            candidate=candidate.key, reason=rest.reason, detail=rest.detail, back_in=back
        )
    if not trip.closed(candidate) and not trip.trouble.is_spent(candidate):
        what = "the time was over" if trip.left <= 0 else "no more attempts were allowed"
        return Skipped(candidate=candidate.key, reason=UNASKED, detail=f"not asked: {what}")
    cause = _cause(trip.record.attempts, candidate)
    fault = cause.fault.value if cause.fault else UNASKED
    detail = f"not asked after {cause.candidate}: {fault}"
    return Skipped(candidate=candidate.key, reason=fault, detail=detail)


def _cause(attempts: Sequence[Attempt], candidate: Candidate) -> Attempt:
    """Return the last attempt at the same account, else at the same provider, else at all."""
    own = [a for a in attempts if a.account == candidate.account.id]
    near = own or [a for a in attempts if a.provider == candidate.provider.name]
    return (near or attempts)[-1]
