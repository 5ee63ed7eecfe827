"""Both drivers grant every effect, and give the same report in every situation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from freetier import Router
from freetier.drivers.aio import AsyncDriver
from freetier.drivers.common import Shared
from freetier.drivers.sync import SyncDriver
from freetier.errors import RouteError, StreamInterrupted
from freetier.routing import effects as fx
from freetier.stores import MemoryStore
from freetier.testing import FakeProvider, Fleet, VirtualClock
from freetier.values.reports import RouteReport
from tests.contract.scenarios import SCENARIOS, Scenario


def _router(scenario: Scenario) -> tuple[Router, Fleet, VirtualClock]:
    fakes = [
        FakeProvider(name, "generic", accounts=count, limits=scenario.limits, latency=0.25)
        for name, count in scenario.providers.items()
    ]
    fleet, clock = Fleet(*fakes), VirtualClock()
    for account, script in scenario.script.items():
        fleet.script(account, list(script))
    config = fleet.config(limits=True)
    config["strategy"] = "declared"
    config["aliases"] = [
        {"alias": "any", "models": [{"provider": n, "model": "m"} for n in scenario.providers]}
    ]
    transport = fleet.transport(clock)
    return Router(config, transport=transport, clock=clock, seed=7), fleet, clock


def _sync(scenario: Scenario) -> tuple[str, RouteReport, float]:
    router, _, clock = _router(scenario)

    def ask() -> RouteReport:
        if not scenario.stream:
            return router.complete("Hello", model="any", **scenario.asked).report
        with router.stream("Hello", model="any", **scenario.asked) as stream:
            for _ in stream:
                pass
            return stream.report

    for _ in range(scenario.calls - 1):
        ask()
    began = clock.now()
    try:
        report, outcome = ask(), "answered"
    except (RouteError, StreamInterrupted) as error:
        report, outcome = error.report, type(error).__name__
    return outcome, report, clock.now() - began


def _async(scenario: Scenario) -> tuple[str, RouteReport, float]:
    router, _, clock = _router(scenario)

    async def ask() -> RouteReport:
        if not scenario.stream:
            return (await router.acomplete("Hello", model="any", **scenario.asked)).report
        async with router.astream("Hello", model="any", **scenario.asked) as stream:
            async for _ in stream:
                pass
            return stream.report

    async def run() -> tuple[str, RouteReport, float]:
        for _ in range(scenario.calls - 1):
            await ask()
        began = clock.now()
        try:
            report, outcome = await ask(), "answered"
        except (RouteError, StreamInterrupted) as error:
            report, outcome = error.report, type(error).__name__
        return outcome, report, clock.now() - began

    return clock.run(run())


def _comparable(report: RouteReport) -> dict[str, Any]:
    """Return a report without the names that are new each time; times to the millisecond."""

    def rounded(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 3)
        if isinstance(value, dict):
            return {key: rounded(one) for key, one in value.items()}
        return [rounded(one) for one in value] if isinstance(value, list | tuple) else value

    found: dict[str, Any] = rounded(replace(report, request_id="").as_dict())
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_a_situation_ends_as_written_and_alike_under_both_drivers(scenario: Scenario) -> None:
    """Outcome, attempts and wait are those of the table; both colours report the same."""
    outcome, report, _ = _sync(scenario)
    made = [f"{a.account} {a.fault or 'ok'}" for a in report.attempts]
    assert (outcome, made) == (scenario.outcome, list(scenario.attempts)), str(report)
    assert report.waited == pytest.approx(scenario.waited, abs=1.0)
    other_outcome, other, _ = _async(scenario)
    assert other_outcome == outcome
    assert _comparable(other) == _comparable(report)


def test_every_effect_is_granted_by_both_drivers() -> None:
    """A new effect that a driver does not know is found here, not in the middle of a request."""
    clock, store, shared = VirtualClock(), MemoryStore(VirtualClock()), Shared()
    transport = Fleet(FakeProvider("alpha", "generic")).transport(clock)
    every = {kind.__name__ for kind in fx.Effect.__subclasses__()}  # by name: slots copy classes
    sync = SyncDriver(store, transport, clock, shared)
    assert {kind.__name__ for kind in sync.grants} == every
    aio = AsyncDriver(store, transport, clock, shared)
    assert {kind.__name__ for kind in (*aio.grants, *aio.at_once)} == every
    assert asyncio.iscoroutinefunction(aio.run)
