"""Memory stands in for a store that is out: what it knows, when it stops, what is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from freetier.errors import StoreError, StoreUnavailable
from freetier.stores.fallback import PAUSE, AsyncFallback, Fallback, Outage
from freetier.stores.memory import MemoryStore
from freetier.testing import VirtualClock
from freetier.values.faults import Fault
from freetier.values.quota import (
    CUT,
    NEVER_SENT,
    Charge,
    Denied,
    Granted,
    Kind,
    Metric,
    Observation,
    Reservation,
    Settlement,
)

ASKED = Charge(
    key="{a}:w",
    metric=Metric.REQUESTS,
    amount=1,
    ceiling=3,
    kind=Kind.ROLLING,
    span_ms=60_000,
)
SAID = Observation(metric=Metric.REQUESTS, span=60, limit=9)


class Shaky:
    """A store that is out when it is told to be, and counts how often it is asked."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.error: Exception | None = None
        self.asked = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*asked: Any, **more: Any) -> Any:
            self.asked += 1
            if self.error is not None and name != "close":
                raise self.error
            return getattr(self.store, name)(*asked, **more)

        return ask


class ShakyForTasks:
    """The same for tasks."""

    def __init__(self, store: Shaky) -> None:
        self.store = store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*asked: Any, **more: Any) -> Any:
            return getattr(self.store, name)(*asked, **more)

        return ask


class World:
    """A real store that may be out, and the one in front of it, in one colour."""

    def __init__(self, colour: str) -> None:
        self.clock = VirtualClock()
        self.real = Shaky(MemoryStore(self.clock))
        self.number = 0
        spare, outage = MemoryStore(self.clock), Outage(self.clock)
        self.front: Any = (
            Fallback(self.real, spare, outage)  # type: ignore[arg-type]
            if colour == "sync"
            else AsyncFallback(ShakyForTasks(self.real), spare, outage)  # type: ignore[arg-type]
        )

    def goes_out(self) -> None:
        """Let the real store be unreachable from now on."""
        self.real.error = StoreUnavailable("no way to it")

    def comes_back(self) -> None:
        """Let the real store be there again, and the pause be over."""
        self.real.error = None
        self.clock.advance(PAUSE)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*asked: Any, **more: Any) -> Any:
            answer = getattr(self.front, name)(*asked, **more)
            return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer

        return ask

    def take(self, **more: Any) -> Any:
        """Reserve one."""
        self.number += 1
        self.last = Reservation(id=str(self.number), charges=(ASKED,))
        return self.reserve(self.last, **more)

    def held(self) -> int:
        """Return what the window holds, as the one in front says."""
        tally = self.survey([ASKED]).tallies[0]
        return int(tally.used + tally.reserved)


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> World:
    """A world in each colour."""
    return World(request.param)


def test_while_the_store_is_there_it_decides(world: World) -> None:
    """What others took in it counts."""
    world.real.store.reserve(Reservation(id="theirs", charges=(ASKED,)))

    assert [isinstance(world.take(), Granted) for _ in range(3)] == [True, True, False]
    assert world.held() == 3


def test_memory_goes_on_with_what_this_process_used(world: World) -> None:
    """The limit is not there a second time because the store is out."""
    world.take()
    world.take()
    world.goes_out()

    assert [isinstance(world.take(), Granted) for _ in range(3)] == [True, False, False]
    assert world.held() == 3


def test_each_outage_is_told_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """One warning at its begin, one at its end."""
    with caplog.at_level(logging.WARNING, "freetier"):
        for _ in range(2):
            world.goes_out()
            for _ in range(5):
                world.take()
                world.clock.advance(PAUSE)
            world.comes_back()
            world.take()

    told = [record.getMessage() for record in caplog.records]
    assert [("no way to it" in line, "answers again" in line) for line in told] == [
        (True, False),
        (False, True),
    ] * 2


def test_a_store_that_is_out_is_left_alone_for_a_pause(world: World) -> None:
    """Nobody waits for it with each request; after the pause it is tried again."""
    world.goes_out()
    world.take()
    tried = world.real.asked

    for _ in range(9):
        world.take()
    assert world.real.asked == tried

    world.clock.advance(PAUSE)
    world.take()
    assert world.real.asked == tried + 1


def test_what_was_used_in_an_outage_is_not_forgotten_after_it(world: World) -> None:
    """The real store does not know of it: both must have room until it is over."""
    world.goes_out()
    assert [isinstance(world.take(), Granted) for _ in range(3)] == [True] * 3
    world.comes_back()

    refused = world.take()

    assert isinstance(refused, Denied)
    assert refused.retry_in_ms == 60_000 + CUT - PAUSE * 1000
    assert world.real.store.survey([ASKED]).tallies[0].reserved == 0
    world.clock.advance(60.001)
    assert isinstance(world.take(), Granted)


def test_a_settlement_reaches_whoever_holds_the_reservation(world: World) -> None:
    """Taken before an outage and given back in it, or the other way round."""
    world.take()
    before = world.last
    world.goes_out()
    world.settle(before, NEVER_SENT)
    world.take()
    inside = world.last
    assert world.held() == 1

    world.comes_back()
    world.settle(inside, NEVER_SENT)
    world.settle(before, NEVER_SENT)

    assert [isinstance(world.take(), Granted) for _ in range(4)] == [True] * 3 + [False]


def test_everything_else_goes_on_as_well(world: World) -> None:
    """Blocks, faults, leases and learned limits, with what was known before."""
    world.block("{a}", 600_000, Fault.SERVER)
    world.record_fault("{a}", 600_000)
    world.lease("{a}", "me", 600_000)
    world.observe(ASKED, SAID, 0)
    world.goes_out()

    assert list(world.survey([], ["{a}"]).blocks) == ["{a}"]
    assert world.record_fault("{a}", 600_000) == 2
    assert not world.lease("{a}", "you", 600_000)
    assert world.learned(["{a}:w"])["{a}:w"].amount == 9
    assert world.now() == int(world.clock.now() * 1000)
    world.release("{a}", "me")
    assert world.lease("{a}", "you", 1000)
    world.clear_blocks()
    assert world.survey([], ["{a}"]).blocks == {}
    world.take()
    world.reset_usage()
    assert world.held() == 0
    world.close()


def test_other_errors_are_no_outage(world: World) -> None:
    """A file of a newer version stays an error: memory must not hide it."""
    world.real.error = StoreError("written by a newer release")

    with pytest.raises(StoreError, match="newer"):
        world.take()


def test_an_unsent_settlement_of_a_sent_one_changes_nothing(world: World) -> None:
    """Settling is idempotent in both."""
    world.take()
    world.settle(world.last, Settlement(answered_ago_ms=0))
    world.settle(world.last, NEVER_SENT)

    assert world.held() == 1
