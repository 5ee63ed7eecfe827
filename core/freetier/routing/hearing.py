"""What providers tell of their limits, in headers and in the words of a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from freetier.routing.charges import Prepared, observed
from freetier.routing.limits import class_of, key_of
from freetier.routing.lines import lines_of
from freetier.values.faults import QUOTA_FAULTS, FaultScope, Refused
from freetier.values.quota import (
    UNTOLD,
    Charge,
    Kind,
    Learned,
    Limit,
    Metric,
    Observation,
    Scope,
    Window,
)

DAY = 86_400.0
Pairs = tuple[tuple[Charge, Observation], ...]

SHORT = 300.0
"""Seconds of a window that is waited for as a whole."""


def told_by(refused: Refused) -> tuple[Observation, ...]:
    """Return the limit that a refusal names, if it says what it counts, and over which time."""
    amount, span, metric = refused.amount, refused.span, refused.metric
    if refused.fault not in QUOTA_FAULTS or metric is None or not span:
        return ()
    if amount is None or not 0 < amount < UNTOLD:
        return ()
    return (Observation(metric=Metric(metric), span=span, limit=amount, source="body"),)


def opened(
    prepared: Prepared, told: Sequence[Observation], refused: Refused, spread_ms: int
) -> tuple[Prepared, Sequence[Observation]]:
    """Return what a candidate charges with the window that was named, if it had none such.

    Nobody said how the new window runs, but for one that ends with the provider's day. With
    it comes what is known of it.
    """
    if not told:
        return prepared, told
    candidate, said = prepared.candidate, told[0]
    if any(key_of(line.limit) == (said.metric, class_of(said.span)) for line in prepared.lines):
        return prepared, told
    zone = candidate.provider.day_zone
    window = Window(kind=Kind.UNKNOWN, span=said.span)
    if said.span == DAY and refused.retry_is_calendar and zone is not None:
        window = Window(kind=Kind.CALENDAR, span=DAY, unit="day", zone=zone)
    limit = Limit(
        metric=said.metric,
        amount=said.limit or 0,
        window=window,
        scope=Scope.ACCOUNT if refused.scope is FaultScope.ACCOUNT else Scope.MODEL,
        counts_refused=False,
        source=said.source,
    )
    larger = replace(candidate, limits=(*candidate.limits, limit))
    known = said if refused.retry_in is not None else at_first(said)
    return Prepared(larger, lines_of(larger, spread_ms)), (known,)


def at_first(said: Observation) -> Observation:
    """Return what is known of a short window that has just refused, and was not counted before.

    Whatever fills it, nothing is left; a told wait says more than that, and so does what a
    longer one is waited for.
    """
    return replace(said, remaining=0) if said.span <= SHORT else said


def adopted(
    prepared: Prepared,
    held: Sequence[Charge],
    said: Sequence[Observation],
    learned: dict[str, Learned],
    wall: float,
) -> Pairs:
    """Return the charges that a provider's remarks are about; told limits are learned.

    Args:
        prepared: Of the candidate.
        held: Charges of it.
        said: What the provider told.
        learned: Limits that were told, by key; these join them.
        wall: Now, in seconds since 1970 UTC.
    """
    pairs = observed(prepared, held, said)
    for charge, told in pairs:
        if told.limit is not None and told.limit >= 0:
            at_ms = int(wall * 1000)
            learned[charge.key] = Learned(amount=told.limit, source=told.source, at_ms=at_ms)
    return pairs
