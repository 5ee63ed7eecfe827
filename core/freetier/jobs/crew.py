"""How many requests a job keeps under way, so that the quota and not the job is the limit."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from freetier.values.accounts import Candidate
from freetier.values.quota import Kind, Metric

LONGEST = 30.0
"""Seconds of a long answer: so many seconds of the pool's pace are kept under way."""

FEWEST, MOST = 8, 256
"""Bounds: fewer would starve a small pool at its windows' starts, more only wait."""

MINUTE = 60.0
"""Windows up to this length tell how fast a pool can go, in seconds."""


def crew(candidates: Iterable[Candidate]) -> int:
    """Return how many requests to keep under way.

    The pool's pace is the sum over its accounts of what the tightest limit of requests per
    minute or less lets through; an account without such a limit is taken for a large one.

    Args:
        candidates: Who may answer.
    """
    paces: dict[tuple[str, str], float] = {}
    for candidate in candidates:
        found = [
            limit.amount / limit.window.span
            for limit in candidate.limits
            if limit.metric is Metric.REQUESTS
            and limit.window.kind is not Kind.CONCURRENT
            and 0 < limit.window.span <= MINUTE
        ]
        owner = candidate.account.pool or candidate.account.id
        key = (owner, candidate.model.id)
        paces[key] = min(found, default=MOST / LONGEST)
    return min(MOST, max(FEWEST, ceil(LONGEST * sum(paces.values()))))
