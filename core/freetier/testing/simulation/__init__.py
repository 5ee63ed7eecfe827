"""A virtual day or week of traffic in seconds, over the real flow, dialects and stores.

    from freetier.testing import read_scenario, simulate

    outcome = simulate(read_scenario("day.yaml"), seed=1)
    print(outcome)                       # a table: served, refused, waited, left per account
    outcome.totals(since=600).refused_share

    from freetier.testing.simulation.picture import draw
    draw(outcome, "day.png")             # the same over time; needs the extra `plots`

The providers keep their own true limits, by their own clocks; nothing of the router's windows
is theirs. A scenario is a value (`Scenario`) or a file; `freetier simulate FILE` runs one from
the command line.
"""

from __future__ import annotations

from freetier.testing.simulation.outcome import AccountDay, Outcome, Totals
from freetier.testing.simulation.reading import read_scenario
from freetier.testing.simulation.run import simulate
from freetier.testing.simulation.scenario import (
    Burst,
    Change,
    Scenario,
    Size,
    Supply,
    Traffic,
    Trouble,
)

__all__ = [
    "AccountDay",
    "Burst",
    "Change",
    "Outcome",
    "Scenario",
    "Size",
    "Supply",
    "Totals",
    "Traffic",
    "Trouble",
    "read_scenario",
    "simulate",
]
