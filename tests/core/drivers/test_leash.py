"""Threads of a race that nobody waits for any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from freetier import RouteEvent, Router
from freetier.drivers.leash import Leash
from freetier.drivers.race import HedgedRun
from freetier.routing import effects as fx
from freetier.testing import FakeProvider, Fleet, Limit, faults
from freetier.values.quota import NEVER_SENT, Reservation

LIMIT = Limit(9, "day", "requests", "rolling")


def test_it_is_felt_once_and_not_by_what_ends_a_flow() -> None:
    """The next wish is refused; what follows is the flow's way out, and is granted."""
    leash = Leash({fx.Ring: lambda wish: wish, fx.Survey: lambda wish: wish})
    wish = fx.Survey((), ())
    assert leash[fx.Survey](wish) is wish
    leash.cut()
    assert leash[fx.Ring](wish) is wish
    with pytest.raises(fx.Abandoned):
        _ = leash[fx.Survey]
    assert leash[fx.Survey](wish) is wish


def test_a_wait_ends_when_it_is_cut() -> None:
    """The driver is given something to wait for; what the caller gave is kept."""
    waits: list[fx.Wait] = []

    def wait(wish: fx.Wait) -> None:
        waits.append(wish)
        if wish.cancel is not None and wish.cancel.is_set():
            raise fx.Abandoned

    leash = Leash({fx.Wait: wait, fx.Settle: lambda _: None})
    leash[fx.Wait](fx.Wait(60.0))
    leash.cut()
    assert waits[0].cancel is not None
    assert waits[0].cancel.is_set()
    leash[fx.Settle](fx.Settle(Reservation(id="r", charges=()), NEVER_SENT))


class _Race:
    """Two providers on loopback, and what was told."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet, self.told = fleet, list[RouteEvent]()
        config = fleet.config(limits=True) | {"strategy": "declared"}
        models = [{"provider": name, "model": "m"} for name in ("alpha", "beta")]
        config["aliases"] = [{"alias": "any", "models": models}]
        self.router = Router(config, listeners=[self.told.append])

    def calls(self, account: str) -> int:
        """Return how often somebody was asked."""
        return sum(entry.account == account for entry in self.fleet.books.entries)

    def until(self, true: Callable[[], Any]) -> None:
        """Wait a while until something is so."""
        for _ in range(100):
            if true():
                return
            time.sleep(0.05)
        raise AssertionError(self.told)


@contextmanager
def _race() -> Iterator[_Race]:
    fakes = [FakeProvider(name, "generic", limits=[LIMIT]) for name in ("alpha", "beta")]
    with Fleet(*fakes) as fleet:
        race = _Race(fleet)
        with race.router:
            race.router.complete("Hi", model="any")  # everything is loaded
            yield race


@pytest.mark.real_sleep
def test_who_waits_for_quota_when_the_other_one_answers_sends_nothing_any_more() -> None:
    """The first one booked a start a second later; its thread leaves that at once."""
    with _race() as race:
        limited = faults.Status(429, after=0.3, headers={"retry-after": "2"})
        race.fleet.script("alpha-1", [limited])
        race.fleet.script("beta-1", [faults.Stall(0.8)])
        report = race.router.complete("Hi", model="any", hedge=0.05).report
        assert report.account == "beta-1"
        assert [(a.account, a.fault is None) for a in report.attempts] == [
            ("alpha-1", False),
            ("beta-1", True),
        ]
        race.until(lambda: race.router._engine.world.waiting == [0])
        time.sleep(1.8)
        assert race.calls("alpha-1") == len(["warm", "limited"])
        assert [e.kind for e in race.told if e.report is not None] == ["answer", "answer"]


@pytest.mark.real_sleep
def test_a_caller_who_is_interrupted_has_nobody_asked_any_more() -> None:
    """What was under way ends, without a fail-over and without a wait, and is told so."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    with _race() as race:
        race.fleet.script("alpha-1", [faults.Status(503, after=0.4)])
        asked = race.router._asked("Hi", None, {"model": "any", "hedge": 9.0})
        hedged, _ = race.router._run(*asked, stream=False)
        assert isinstance(hedged, HedgedRun)
        with pytest.raises(KeyboardInterrupt):
            HedgedRun(hedged.run, 0.05, interrupted, lambda *_: True).step()
        race.until(lambda: len([e for e in race.told if e.report is not None]) > 1)
        assert [e.kind for e in race.told if e.report is not None] == ["answer", "cancelled"]
        assert race.calls("beta-1") == 0
        assert not any(row.reserved for row in race.router.quota_status())
