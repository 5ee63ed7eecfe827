"""What listeners are told: one event for each thing that happens."""

from __future__ import annotations

import asyncio

import pytest

from freetier.testing import Limit, faults
from tests.core.routing.stage import Stage


def _told(stage: Stage) -> list[str]:
    """Return kinds with the account, and forget them."""
    told = [f"{e.kind} {(e.candidate or '').partition('/')[0]}".strip() for e in stage.told]
    stage.told.clear()
    return told


def test_each_thing_that_happens_is_told_once() -> None:
    """Skips, attempts, fail-overs, blocks, waits, recoveries, answers and giving up."""
    stage = Stage(fake={"limits": [Limit(4, "minute", "requests", "rolling")]})
    stage.fleet.script("alpha-1", [faults.Status(503)] * 3)
    over = ["attempt alpha-1", "failover alpha-1", "attempt beta-1", "answer"]
    for _ in range(2):
        stage.ask()
        assert _told(stage) == over
    stage.ask()
    assert _told(stage) == ["attempt alpha-1", "block alpha-1", *over[1:]]
    stage.ask()
    assert _told(stage) == ["attempt beta-1", "answer"]
    assert stage.ask(max_wait=0) == "QuotaExhausted"
    assert _told(stage) == ["skip beta-1", "give_up"]
    stage.clock.advance(31)
    assert stage.ask() == "alpha-1"
    assert _told(stage) == ["attempt alpha-1", "recovery alpha-1", "answer"]
    for _ in range(3):
        stage.ask()
    assert stage.ask(exclude=["alpha"]) == "beta-1"
    assert _told(stage)[-4:] == ["skip beta-1", "wait beta-1", "attempt beta-1", "answer"]


def test_a_pause_before_the_next_try_is_told_as_a_wait() -> None:
    """With its length; the only candidate is asked again."""
    stage = Stage(providers={"alpha": 1})
    stage.fleet.script("alpha-1", [faults.Status(500)])
    stage.ask()
    waits = [event for event in stage.told if event.kind == "wait"]
    assert _told(stage) == [
        "attempt alpha-1", "failover alpha-1", "wait alpha-1", "attempt alpha-1", "answer",
    ]  # fmt: skip
    assert 0 < waits[0].seconds <= 1


def test_waiting_for_a_place_is_told_once() -> None:
    """However often it is looked for."""
    fields = {"max_concurrency": 1}
    stage = Stage(providers={"alpha": 1}, fake={"latency": 5.0})
    config = stage.fleet.config()["accounts"]
    config[0] |= fields
    router = stage.another(accounts=config)

    async def both() -> None:
        first = asyncio.ensure_future(router.acomplete("Hello", model="any"))
        await asyncio.sleep(0.1)
        await router.acomplete("Hello", model="any")
        await first

    stage.clock.run(both())
    waits = [event for event in stage.told if event.kind == "wait"]
    assert [event.detail for event in waits] == ["until a place is free"]


def test_a_request_that_cannot_fit_is_told_as_a_skip() -> None:
    """With the reason."""
    stage = Stage(fake={"limits": [Limit(100, "minute", "total_tokens", "rolling")]})
    assert stage.ask(max_tokens=5000) == "NoCandidate"
    assert [e.kind for e in stage.told] == ["skip", "skip", "give_up"]
    assert "100 is the limit" in stage.told[0].detail


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
def test_whatever_a_listener_raises_harms_nobody(error: type[BaseException]) -> None:
    """Nor is it taken for a cancellation: a task is cancelled where it awaits, never in a call."""

    def listen(_: object) -> None:
        raise error

    stage = Stage()
    answer = stage.clock.run(stage.router.acomplete("Hi", model="any", listener=listen))
    assert answer.report.account == "alpha-1"


def test_whoever_begins_to_listen_hears_of_every_step() -> None:
    """As long as he does; where nobody does the history still hears of each request's end."""
    stage, told = Stage(), list[str]()
    stage.router._engine.shared.listeners.remove(stage.told.append)
    stage.fleet.script("alpha-1", [faults.Status(503)] * 2)
    stage.ask()
    assert not stage.told
    end = stage.router.listen(lambda event: told.append(event.kind))
    stage.ask()
    end()
    stage.ask()
    assert told == ["attempt", "failover", "attempt", "answer"]
    assert [point.fault is None for point in stage.router.history.points] == [
        False, True, False, True, True,
    ]  # fmt: skip


def test_a_request_of_ones_own_is_told_to_its_own_listener() -> None:
    """Also where nobody listens to the router."""
    stage, told = Stage(), list[str]()
    stage.router._engine.shared.listeners.remove(stage.told.append)
    stage.ask(listener=lambda event: told.append(event.kind))
    assert told == ["attempt", "answer"]
