"""Budgets: the smaller of what is left holds, on the monotonic clock."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from freetier import DeadlineExceeded
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.values.wire import Timeouts
from tests.core.routing.stage import Stage

HANG = faults.Stall()


@pytest.mark.parametrize(
    ("asked", "fault", "stream", "seconds"),
    [
        ({"timeout": 7}, HANG, False, 7),
        ({}, HANG, False, 60),
        ({"timeout": 7}, HANG, True, 7),
        ({}, HANG, True, 20),
        ({"first_content": 3}, HANG, True, 3),
        ({"first_content": 3}, faults.StallMidStream(pieces=0), True, 3),
        ({"first_content": 3}, faults.Drip(every=2.0, size=8), True, 3),
        ({"timeout": 4}, faults.Drip(every=1.0, size=8), False, 4),
        ({"deadline": 8}, HANG, False, 4),
        ({"deadline": 60}, HANG, False, 50),
        ({"deadline": 8, "timeout": 2}, HANG, False, 2),
    ],
)
def test_a_hung_provider_costs_its_budget_and_no_more(
    asked: dict[str, Any], fault: faults.Fault, stream: bool, seconds: float
) -> None:
    """Then the next one answers: of a deadline enough is left for it."""
    stage = Stage()
    stage.fleet.always("alpha-1", fault)
    if stream:
        with stage.router.stream("Hello", model="any", **asked) as events:
            list(events)
        report = events.report
    else:
        report = stage.router.complete("Hello", model="any", **asked).report
    assert report.account == "beta-1"
    assert stage.clock.monotonic() == pytest.approx(seconds, abs=0.01)


@pytest.mark.parametrize("deadline", [1.5, 4, 8, 19, 60])
@pytest.mark.parametrize("latency", [0.3, 0.6])
def test_a_hasty_caller_asks_a_hung_provider_once_not_with_each_key(
    deadline: float, latency: float
) -> None:
    """Five accounts hang, one elsewhere is well: it is asked next, while there is time."""
    stage = Stage(providers={"alpha": 5, "beta": 1}, fake={"latency": latency})
    stage.fleet.always("alpha", HANG)

    report = stage.router.complete("Hello", model="any", deadline=deadline).report

    assert [attempt.account for attempt in report.attempts] == ["alpha-1", "beta-1"]


@pytest.mark.parametrize("deadline", [4, 8, 19])
def test_two_hung_providers_leave_time_for_a_third(deadline: float) -> None:
    """What hung is none of those for whom time is left."""
    stage = Stage(providers={"alpha": 5, "gamma": 3, "beta": 1}, fake={"latency": 0.3})
    stage.fleet.always("alpha", HANG)
    stage.fleet.always("gamma", HANG)

    report = stage.router.complete("Hello", model="any", deadline=deadline).report

    assert [attempt.account for attempt in report.attempts] == ["alpha-1", "gamma-1", "beta-1"]


def test_silence_within_a_stream_is_bounded_by_idle_alone() -> None:
    """Once content flows, the attempt's budget no longer counts: a long answer is no fault."""
    stage = Stage(fake={"token_rate": 3.0, "answer": "word " * 40})
    with stage.router.stream("Hello", model="any", timeout=5, idle=2) as events:
        list(events)
    assert stage.clock.monotonic() > 10


def test_the_deadline_ends_everything() -> None:
    """Attempts, retries, waits for quota; no listener hears of more after it."""
    stage = Stage()
    stage.fleet.always("alpha", HANG)
    stage.fleet.always("beta", HANG)
    with pytest.raises(DeadlineExceeded) as caught:
        stage.router.complete("Hello", model="any", deadline=8)
    assert stage.clock.monotonic() == pytest.approx(8, abs=0.01)
    assert len(caught.value.report.attempts) == 2


def test_haste_is_no_fault_of_the_provider() -> None:
    """Callers with a short deadline do not shut a provider that is only slower than that."""
    stage = Stage(providers={"alpha": 1}, fake={"latency": 2.0})
    for _ in range(5):
        assert stage.ask(deadline=1) == "DeadlineExceeded"
    assert stage.kinds("block") == []
    assert stage.ask() == "alpha-1"


def test_a_provider_that_hangs_long_is_blamed_also_under_a_deadline() -> None:
    """Else every caller with a deadline would find out anew."""
    stage = Stage(providers={"alpha": 1})
    stage.fleet.always("alpha-1", HANG)
    for _ in range(3):
        assert stage.ask(deadline=6) == "DeadlineExceeded"
    assert stage.ask(deadline=6) == "AllFailed"


@pytest.mark.parametrize(("is_stream", "in_vain"), [(True, 3), (False, 5)])
def test_many_hasty_callers_find_out_what_one_cannot(is_stream: bool, in_vain: int) -> None:
    """It answered within half a second before: who pays for its silence are a few, not all."""
    stage = Stage(fake={"latency": 0.5})
    assert stage.ask() == "alpha-1"
    stage.fleet.always("alpha-1", HANG)

    def ask() -> str | None:
        if not is_stream:
            return stage.router.complete("Hello", model="any", deadline=4).report.account
        with stage.router.stream("Hello", model="any", deadline=4) as events:
            list(events)
        return events.report.account

    for _ in range(8):
        assert ask() == "beta-1"
    assert len(stage.calls("alpha-1")) == 1 + in_vain
    assert stage.kinds("block") == [("block", 30.0)]


def test_a_provider_that_never_answered_is_found_out_as_well() -> None:
    """Nobody knows what is usual there: twenty seconds of callers' silence are no haste."""
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.always("alpha-1", HANG)
    for _ in range(20):
        assert stage.ask(deadline=4) == "beta-1"
    assert len(stage.calls("alpha-1")) == 12


def test_long_answers_among_short_ones_are_no_silence() -> None:
    """One in two is too long for its caller's deadline; nobody is shut for that."""
    stage = Stage(providers={"alpha": 1}, fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Ok(), faults.Stall(4.0)] * 10)
    told = [stage.ask(deadline=3) for _ in range(20)]
    assert told == ["alpha-1", "DeadlineExceeded"] * 10
    assert stage.kinds("block") == []


def test_a_hundred_hasty_callers_at_once_are_one_silence() -> None:
    """What they wait at the same time is counted once."""
    stage = Stage(fake={"latency": 1.5})
    stage.fleet.always("alpha-1", faults.Stall(2.5))

    async def story() -> None:
        calls = [stage.router.acomplete("Hello", model="any", deadline=4) for _ in range(100)]
        assert {(await call).report.account for call in asyncio.as_completed(calls)} == {"beta-1"}

    stage.clock.run(story())
    assert stage.kinds("block") == []


def test_the_number_of_attempts_is_bounded() -> None:
    """Ten if not said otherwise; 0 is no bound."""
    providers = {f"p{n}": 1 for n in range(14)}
    for asked, count in (({}, 10), ({"attempts": 3}, 3), ({"attempts": 0}, 28)):
        stage = Stage(providers=providers)
        stage.fleet.always(None, faults.Status(503))
        assert stage.ask(**asked) == "AllFailed"
        assert len(stage.fleet.books) == count


def test_a_clock_that_is_set_back_or_forward_changes_no_budget() -> None:
    """Budgets run on the monotonic clock."""
    stage = Stage()
    stage.fleet.always("alpha-1", faults.Stall(3.0))

    async def story() -> None:
        call = asyncio.create_task(stage.router.acomplete("Hello", model="any", timeout=4))
        await asyncio.sleep(1)
        stage.clock.shift(-86_400)
        await asyncio.sleep(1)
        stage.clock.shift(2 * 86_400)
        assert (await call).report.account == "alpha-1"

    stage.clock.run(story())
    assert stage.clock.monotonic() == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize(
    ("asked", "connect", "head"),
    [
        ({}, 5.0, 60.0),
        ({"connect": 1}, 1.0, 60.0),
        ({"timeout": 3}, 3.0, 3.0),
        ({"connect": 0, "timeout": 0}, None, None),
        ({"deadline": 2}, 2.0, 2.0),
    ],
)
def test_connections_get_the_smaller_of_what_is_left(
    asked: dict[str, Any], connect: float | None, head: float | None
) -> None:
    """The transport is told both bounds."""
    seen: list[Timeouts] = []
    fleet, clock = Fleet(FakeProvider("own", "generic")), VirtualClock()
    transport = fleet.transport(clock)
    send = transport.send

    def watched(request: Any, timeouts: Timeouts) -> Any:
        seen.append(timeouts)
        return send(request, timeouts)

    transport.send = watched  # type: ignore[method-assign]
    from freetier import Router

    Router(fleet.config(), transport=transport, clock=clock).complete("Hi", model="own/m", **asked)
    assert seen == [Timeouts(connect=connect, head=head)]


def test_a_store_that_takes_too_long_is_nobody_s_fault() -> None:
    """Nothing is sent after the deadline, and what was granted is given back."""
    limit = Limit(9, "minute", "requests", "rolling")
    stage = Stage(providers={"alpha": 1}, fake={"limits": [limit]})
    reserve = stage.store.reserve

    def slow(*args: Any) -> Any:
        stage.clock.advance(3)
        return reserve(*args)

    stage.store.reserve = slow  # type: ignore[method-assign]
    assert stage.ask(deadline=2) == "DeadlineExceeded"
    assert stage.calls("alpha-1") == []
    row = stage.router.quota_status()[0]
    assert (row.used, row.reserved) == (0, 0)
