"""Pictures of what a router did, from its own bounded history; needs the extra `plots`.

    from freetier import plots

    plots.usage(router)         # who answered when, and what was left
    plots.latency(router)       # how long each account takes
    plots.day(outcome)          # a simulated day

Each returns a `Picture`: a notebook shows it, and `picture.savefig("usage.png")` keeps it.
"""

from __future__ import annotations

from freetier.plots.days import day as day
from freetier.plots.latency import latency as latency
from freetier.plots.style import Picture as Picture
from freetier.plots.usage import usage as usage

__all__ = ["Picture", "day", "latency", "usage"]
