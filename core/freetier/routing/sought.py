"""The window that a limit is looked for in: which one it is, and how it is counted meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from freetier.routing.charges import Prepared
from freetier.routing.limits import OWN
from freetier.routing.lines import PACED, Line, lines_of
from freetier.values.quota import (
    UNTOLD,
    Charge,
    Kind,
    Limit,
    Metric,
    Observation,
    Window,
)

if TYPE_CHECKING:
    from freetier.routing.seats import Entry

FOUND: Final = "found"
"""Source of a limit that we found out by being refused."""

MINUTE = 60.0
"""Seconds of a window that nobody told: what nearly every provider limits."""

Told = tuple[tuple[Charge, Observation], ...]


def short_line(prepared: Prepared) -> Line | None:
    """Return the line of requests with the shortest window, if one is an hour or less."""
    fitting = [
        line
        for line in prepared.lines
        if line.limit.metric is Metric.REQUESTS
        and 0 < line.limit.window.span <= PACED
        and line.told_key == line.charge.key
        and line.charge.ceiling < UNTOLD
    ]
    return min(fitting, key=lambda line: line.limit.window.span, default=None)


def look_for(entry: Entry, amount: int, spread_ms: int) -> None:
    """Count a candidate's short window as one of an unknown kind from now on."""
    entry.prepared = with_unknown(entry.prepared, amount, spread_ms)


def with_unknown(prepared: Prepared, amount: int, spread_ms: int) -> Prepared:
    """Return charges with the short window as one of an unknown kind, its two at the end."""
    candidate, line = prepared.candidate, short_line(prepared)
    if line is None:
        limit = Limit(
            metric=Metric.REQUESTS,
            amount=amount,
            window=Window(kind=Kind.UNKNOWN, span=MINUTE),
            counts_refused=False,
            source=FOUND,
        )
    else:
        limit = replace(line.limit, window=replace(line.limit.window, kind=Kind.UNKNOWN))
    others = (other for other in candidate.limits if line is None or other is not line.limit)
    if limit.source not in OWN:  # the user's own number stays, and what was found holds below it
        limit = replace(limit, amount=amount, source=FOUND)
    changed = replace(candidate, limits=(*others, limit))
    return Prepared(changed, lines_of(changed, spread_ms))


def told_of(prepared: Prepared, amount: int) -> Told:
    """Return what the store is told of a number that was found."""
    line = short_line(prepared)
    return () if line is None else ((line.charge, said_of(line.limit, amount)),)


def said_of(limit: Limit, amount: int) -> Observation:
    """Return a number that was found as what a store can be told."""
    return Observation(metric=limit.metric, span=limit.window.span, limit=amount, source=FOUND)


def one_more(charge: Charge) -> Charge:
    """Return a charge that lets one request more through, if its window is being found."""
    if charge.metric is not Metric.REQUESTS or charge.span_ms > PACED * 1000:
        return charge
    if charge.kind is Kind.PACE:
        return replace(charge, burst=charge.burst + 1)
    return replace(charge, ceiling=charge.ceiling + 1) if charge.kind is Kind.ROLLING else charge
