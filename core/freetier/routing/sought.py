"""The window that a limit is looked for in: which one it is, and how it is counted meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from freetier.routing.charges import Prepared
from freetier.routing.limits import OWN
from freetier.routing.lines import PACED, Line, lines_of
from freetier.values.quota import (
    UNTOLD,
    Charge,
    Cost,
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


TOKENS = (Metric.TOTAL, Metric.INPUT)
SOUGHT = (Metric.REQUESTS, *TOKENS)
"""What may be looked for: the first where nobody says what is counted."""


def short_line(prepared: Prepared, metric: Metric = Metric.REQUESTS) -> Line | None:
    """Return the line of a metric with the shortest window, if one is an hour or less."""
    if metric not in prepared.short:
        prepared.short[metric] = _short_line(prepared, metric)
    return prepared.short[metric]


def _short_line(prepared: Prepared, metric: Metric) -> Line | None:
    fitting = [
        line
        for line in prepared.lines
        if line.limit.metric is metric
        and 0 < line.limit.window.span <= PACED
        and line.told_key == line.charge.key
        and line.charge.ceiling < UNTOLD
    ]
    return min(fitting, key=lambda line: line.limit.window.span, default=None)


def short_lines(prepared: Prepared) -> tuple[Line, ...]:
    """Return the line of each metric that may be looked for, where there is one."""
    found = (short_line(prepared, metric) for metric in SOUGHT)
    return tuple(line for line in found if line is not None)


def suspected(
    lines: Sequence[Line], ceilings: Sequence[int], held: Sequence[int], named: str | None
) -> Metric:
    """Return what a refusal is most likely about.

    Args:
        lines: The short windows that somebody told of.
        ceilings: What they are taken to hold.
        held: What is counted in them.
        named: The metric that the refusal names, if it does.

    Returns:
        The one that is named, else that of the window which is fullest, else requests.
    """
    if named is not None and named in SOUGHT:
        return Metric(named)
    shares = [units / max(1, most) for units, most in zip(held, ceilings, strict=True)]
    fullest = max(range(len(lines)), key=lambda n: shares[n], default=None)
    return Metric.REQUESTS if fullest is None else lines[fullest].limit.metric


def taken_of(metric: Metric, cost: Cost) -> int:
    """Return what a request takes of what is looked for, one at least."""
    if metric is Metric.REQUESTS:
        return 1
    return max(1, cost.input_tokens if metric is Metric.INPUT else cost.total_tokens)


def look_for(entry: Entry, metric: Metric, amount: int, spread_ms: int) -> None:
    """Count a candidate's short window as one of an unknown kind from now on."""
    entry.prepared = with_unknown(entry.prepared, metric, amount, spread_ms)


def with_unknown(prepared: Prepared, metric: Metric, amount: int, spread_ms: int) -> Prepared:
    """Return charges with the short window of a metric as one of an unknown kind."""
    candidate, line = prepared.candidate, short_line(prepared, metric)
    if line is None:
        limit = Limit(
            metric=metric,
            amount=amount,
            window=Window(kind=Kind.UNKNOWN, span=MINUTE),
            counted_at="sent" if metric is Metric.REQUESTS else "unknown",
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


def told_of(prepared: Prepared, metric: Metric, amount: int) -> Told:
    """Return what the store is told of a number that was found."""
    line = short_line(prepared, metric)
    return () if line is None else ((line.charge, said_of(line.limit, amount)),)


def said_of(limit: Limit, amount: int) -> Observation:
    """Return a number that was found as what a store can be told."""
    return Observation(metric=limit.metric, span=limit.window.span, limit=amount, source=FOUND)


def one_more(charge: Charge, metric: Metric) -> Charge:
    """Return a charge that lets one request more through, if its window is being found."""
    if charge.metric is not metric or charge.span_ms > PACED * 1000:
        return charge
    if charge.kind is Kind.PACE:
        return replace(charge, burst=charge.burst + charge.amount)
    if charge.kind is Kind.ROLLING:
        return replace(charge, ceiling=charge.ceiling + charge.amount)
    return charge
