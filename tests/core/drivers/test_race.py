"""Hedging: a second attempt elsewhere when the first content is late."""

from __future__ import annotations

import asyncio
import time

import pytest

from freetier import Router
from freetier.testing import FakeProvider, Fleet, Limit, faults
from tests.core.routing.stage import Stage

SLOW = faults.Stall(4.0)
DAY = {"limits": [Limit(10, "day", "requests", "rolling")]}


def _used(router: Router) -> dict[str, tuple[int, int]]:
    return {row.account: (row.used, row.reserved) for row in router.quota_status()}


def test_a_late_answer_is_overtaken_and_both_attempts_pay() -> None:
    """The loser is stopped and settled; nothing stays reserved."""
    stage = Stage(fake=DAY | {"latency": 0.5})
    stage.fleet.script("alpha-1", [SLOW])
    assert stage.timed(hedge=1.0) == ("beta-1", pytest.approx(1.5, abs=0.01))
    assert _used(stage.router) == {"alpha-1": (1, 0), "beta-1": (1, 0)}
    assert stage.kinds("block") == []


def test_without_hedging_or_without_delay_there_is_one_attempt() -> None:
    """It is off by default, and an answer in time is not overtaken."""
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [SLOW])
    assert stage.timed() == ("alpha-1", pytest.approx(4.5, abs=0.01))
    assert stage.timed(hedge=1.0) == ("alpha-1", pytest.approx(0.5, abs=0.01))
    assert stage.calls("beta-1") == []


def test_a_router_may_hedge_every_request_and_says_so() -> None:
    """As a setting; a request may decline; the winner's report tells of both."""
    stage = Stage(fake={"latency": 0.5}, fields={"hedge": "1s"})
    stage.fleet.script("alpha-1", [SLOW, SLOW, faults.Stall(1.0)])
    stage.fleet.script("beta-1", [faults.Ok(), SLOW])
    assert stage.timed() == ("beta-1", pytest.approx(1.5, abs=0.01))
    assert stage.timed(hedge=False) == ("alpha-1", pytest.approx(4.5, abs=0.01))
    answer = stage.clock.run(stage.router.acomplete("Hello", model="any"))
    assert answer.report.account == "alpha-1"
    note = "sent a second time elsewhere, because alpha-1/m was late"
    assert note in answer.report.notes
    assert len(stage.calls("beta-1")) == 2


def test_no_money_is_spent_on_haste() -> None:
    """Somebody who costs money is not asked a second time."""
    stage = Stage(fake={"latency": 0.5})
    config = stage.fleet.config()["accounts"]
    config[1] |= {"free": False, "paid_enabled": True, "prices": {"input": 1e-6, "output": 1e-6}}
    stage.router = stage.another(accounts=config, allow_paid=True)
    stage.fleet.script("alpha-1", [SLOW])
    assert stage.timed(hedge=1.0) == ("alpha-1", pytest.approx(4.5, abs=0.01))


def test_what_is_late_is_learned_from_earlier_answers() -> None:
    """Nothing is late before anything is known; then three times the usual."""
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [SLOW, faults.Ok(), SLOW])
    assert stage.timed(hedge=True)[0] == "alpha-1"
    stage.router = stage.another()
    assert stage.timed(hedge=True) == ("alpha-1", pytest.approx(0.5, abs=0.01))
    assert stage.timed(hedge=True) == ("beta-1", pytest.approx(2.0, abs=0.01))


def test_nobody_with_little_left_of_the_day_is_asked_a_second_time() -> None:
    """Under a fifth of a day or month window is kept for first attempts."""
    stage = Stage(fake=DAY | {"latency": 0.5})
    for _ in range(9):
        stage.ask(only=["beta"])
    stage.fleet.script("alpha-1", [SLOW])
    assert stage.timed(hedge=1.0) == ("alpha-1", pytest.approx(4.5, abs=0.01))


def test_nobody_is_asked_a_second_time_while_anybody_is_queued() -> None:
    """Quota that somebody waits for is not spent twice."""
    stage = Stage(fake={"limits": [Limit(1, "minute", "requests", "rolling")], "latency": 0.5})
    stage.fleet.script("alpha-1", [SLOW])

    async def story() -> str | None:
        await stage.router.acomplete("Hello", model="any", only=["beta"])
        waiter = asyncio.create_task(stage.router.acomplete("Hi", model="any", only=["beta"]))
        await asyncio.sleep(0)
        answer = await stage.router.acomplete("Hello", model="any", hedge=1.0)
        await waiter
        return answer.report.account

    assert stage.clock.run(story()) == "alpha-1"
    assert len(stage.calls("beta-1")) == 2


def test_who_waited_for_quota_first_is_overtaken_as_well() -> None:
    """Nobody is asked a second time while it waits; late is what its attempt takes after that."""
    stage = Stage(fake={"limits": [Limit(1, "minute", "requests", "rolling")], "latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Ok(), SLOW])

    async def story() -> tuple[str | None, float]:
        for name in ("alpha", "beta"):
            await stage.router.acomplete("Hello", model="any", only=[name])
        began = stage.clock.monotonic()
        answer = await stage.router.acomplete("Hello", model="any", hedge=1.0, max_wait=100)
        return answer.report.account, stage.clock.monotonic() - began

    account, seconds = stage.clock.run(story())
    assert account == "beta-1"
    assert seconds == pytest.approx(59.0 + 1.0 + 0.5, abs=1.1)
    assert len(stage.calls("alpha-1")) == 2


def test_the_first_one_to_fail_leaves_the_race_to_the_other() -> None:
    """Both failing is the first one's error."""
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Status(503, after=2.0)] * 9)
    stage.fleet.script("beta-1", [SLOW])
    assert stage.timed(hedge=1.0)[0] == "beta-1"


def test_a_stream_is_won_by_the_first_content() -> None:
    """The loser says nothing; the report is the winner's."""
    stage = Stage(fake={"latency": 0.5, "limits": DAY["limits"]})
    stage.fleet.script("alpha-1", [faults.StallMidStream(pieces=0, seconds=5.0)])

    async def story() -> tuple[str | None, int]:
        async with stage.router.astream("Hello", model="any", hedge=1.0) as stream:
            events = [event async for event in stream]
        return stream.report.account, len(events)

    account, events = stage.clock.run(story())
    assert account == "beta-1"
    assert events > 2
    assert _used(stage.router) == {"alpha-1": (1, 0), "beta-1": (1, 0)}


def test_a_caller_who_walks_away_stops_both() -> None:
    """Both are settled at once."""
    stage = Stage(fake=DAY | {"latency": 3.0})
    stage.leaves(2, hedge=1.0)
    assert _used(stage.router) == {"alpha-1": (1, 0), "beta-1": (1, 0)}


@pytest.mark.real_sleep
def test_threads_race_as_well() -> None:
    """Over real connections: the loser's thread settles when its answer comes."""
    fakes = [FakeProvider(name, "generic", limits=DAY["limits"]) for name in ("alpha", "beta")]
    with Fleet(*fakes) as fleet:
        fleet.script("alpha-1", [faults.Stall(1.0), faults.StallMidStream(pieces=0, seconds=1.0)])
        config = fleet.config(limits=True) | {"strategy": "declared"}
        models = [{"provider": name, "model": "m"} for name in ("alpha", "beta")]
        config["aliases"] = [{"alias": "any", "models": models}]
        with Router(config) as router:
            assert router.complete("Hi", model="any", hedge=0.1).report.account == "beta-1"
            with router.stream("Hi", model="any", hedge=0.1) as stream:
                assert list(stream)
                assert stream.report.account == "beta-1"
            for _ in range(100):
                if not any(reserved for _, reserved in _used(router).values()):
                    break
                time.sleep(0.05)
            assert _used(router) == {"alpha-1": (2, 0), "beta-1": (2, 0)}
