"""Mirrors of a provider's windows: pure arithmetic over instants in milliseconds.

RULE: no clock, no store, no provider. A question never changes what a mirror would
answer to a later one.

A request sent at `s` and answered at `r` was stamped by the provider somewhere in
`[s + near, min(r, s + far)]`. What is charged uses the late end, what is asked the early
end, so that a request a mirror lets go is one the provider takes (research on quota, 1).
"""

from __future__ import annotations

from freetier.values.quota import Kind
from freetier.windows.base import Mirror
from freetier.windows.concurrent import Concurrent
from freetier.windows.counter import Counter
from freetier.windows.counts import Counts
from freetier.windows.first import First
from freetier.windows.level import Level
from freetier.windows.log import Log

MIRRORS: dict[Kind, type[Mirror]] = {
    Kind.ROLLING: Log,
    Kind.FIXED: Counts,
    Kind.CALENDAR: Counts,
    Kind.FIRST: First,
    Kind.COUNTER: Counter,
    Kind.BUCKET: Level,
    Kind.PACE: Level,
    Kind.CONCURRENT: Concurrent,
}
"""Which mirror follows which kind of window."""

__all__ = ["MIRRORS", "Mirror"]
