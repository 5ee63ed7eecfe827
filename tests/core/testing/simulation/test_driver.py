"""The driver of the stage grants what the other drivers grant, in virtual time."""

from __future__ import annotations

import pytest

from freetier.drivers.aio import AsyncDriver
from freetier.drivers.common import Shared
from freetier.routing import effects as fx
from freetier.stores import MemoryStore
from freetier.testing.simulation.driver import StageDriver
from freetier.testing.simulation.line import Line
from freetier.testing.simulation.stage import Stage


def driver() -> StageDriver:
    """Return a driver of a world without providers."""
    stage = Stage(1000.0)
    return StageDriver(stage, MemoryStore(stage), Line(stage, {}, {}, 0), Shared())


def test_every_effect_is_granted() -> None:
    """As many as a task's driver grants."""
    made = driver()
    other = AsyncDriver(MemoryStore(), None, None, Shared())  # type: ignore[arg-type]
    later = {fx.Send, fx.Read, fx.Wait}
    assert made.at_once.keys() | later == other.at_once.keys() | other.grants.keys()


def test_a_rest_ends_in_time_or_with_its_bell() -> None:
    """Whichever comes first; a bell that was rung before ends it at once."""
    made, ended = driver(), []

    def rests(seconds: float, bell: str | None):
        yield fx.Wait(seconds, bell)
        ended.append((made.stage.elapsed, bell))

    def rings():
        yield fx.Wait(3.0)
        yield fx.Ring("early")
        yield fx.Ring("before")
        yield fx.Wait(3.0)
        yield from rests(9.0, "before")

    for flow in (rests(5.0, None), rests(8.0, "early"), rests(8.0, "never"), rings()):
        made.start(flow, lambda result: None)
    made.stage.run()
    assert ended == [(3.0, "early"), (5.0, None), (6.0, "before"), (8.0, "never")]


def test_what_no_driver_grants_is_a_fault_of_ours() -> None:
    """It is told by its name."""

    def strange():
        yield fx.Effect()

    with pytest.raises(AssertionError, match="no driver grants"):
        driver().start(strange(), lambda result: None)
