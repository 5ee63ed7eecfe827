"""What becomes of the two attempts of a hedged request: reports, events, budgets, blame."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from freetier import Router, RouteReport
from freetier.errors import DeadlineExceeded, RouteError, StoreUnavailable
from freetier.stores import MemoryStore
from freetier.testing import FakeProvider, Fleet, Limit, faults
from freetier.values.chat import Restarted, TextDelta
from freetier.values.faults import Fault
from tests.core.routing.stage import Stage

SLOW = faults.Stall(4.0)


def test_the_report_and_the_events_tell_of_the_loser() -> None:
    """Both attempts are in the winner's report and have an event; one end is told."""
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [SLOW])
    answer = stage.clock.run(stage.router.acomplete("Hello", model="any", hedge=1.0))
    report = answer.report
    assert [(a.account, a.fault) for a in report.attempts] == [
        ("alpha-1", Fault.CANCELLED),
        ("beta-1", None),
    ]
    assert [a.started_at for a in report.attempts] == pytest.approx([0.0, 1.0], abs=0.01)
    assert report.duration == pytest.approx(1.5, abs=0.01)
    assert report.attempts[0].detail == "late: another one answered first"
    told = [(e.kind, e.candidate) for e in stage.told if e.kind != "skip"]
    assert sorted(told, key=str) == [
        ("answer", None),
        ("attempt", "alpha-1/m"),
        ("attempt", "beta-1/m"),
    ]
    assert {e.request_id for e in stage.told} == {report.request_id}


def test_the_loser_of_a_race_that_the_first_one_wins_is_told_of_as_well() -> None:
    """The one who answered comes last in the report, as in every other."""
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Stall(1.0)])
    stage.fleet.script("beta-1", [SLOW])
    report = stage.clock.run(stage.router.acomplete("Hi", model="any", hedge=1.0)).report
    assert [(a.account, a.fault) for a in report.attempts] == [
        ("beta-1", Fault.CANCELLED),
        ("alpha-1", None),
    ]


def test_both_failing_is_one_end_with_both_attempts() -> None:
    """The error is the first one's, and tells of the other one, whoever ended last."""
    for first, second in ((2.0, 0.5), (1.5, 2.5)):
        stage = Stage(fake={"latency": 0.0})
        stage.fleet.script("alpha-1", [faults.Status(400, after=first)] * 9)
        stage.fleet.script("beta-1", [faults.Status(503, after=second)] * 9)
        with pytest.raises(RouteError) as caught:
            stage.clock.run(stage.router.acomplete("Hello", model="any", hedge=1.0))
        met = {(a.account, a.fault) for a in caught.value.report.attempts}
        assert met >= {("alpha-1", Fault.BAD_REQUEST), ("beta-1", Fault.OVERLOADED)}
        ends = [e for e in stage.told if e.kind in {"give_up", "answer", "cancelled"}]
        assert [e.kind for e in ends] == ["give_up"]
        assert ends[0].report is not None
        assert {(a.account, a.fault) for a in ends[0].report.attempts} == met


def test_time_that_is_over_for_either_is_over_for_the_request() -> None:
    """The first one leaves half of it to another, who is asked already, and hangs as well."""
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Stall(60.0)] * 9)
    stage.fleet.script("beta-1", [faults.Stall(60.0)] * 9)
    with pytest.raises(DeadlineExceeded) as caught:
        stage.clock.run(stage.router.acomplete("Hi", model="any", hedge=0.3, deadline=1.0))
    met = {(a.account, a.fault) for a in caught.value.report.attempts}
    assert met == {("alpha-1", Fault.TIMED_OUT), ("beta-1", Fault.TIMED_OUT)}


@pytest.mark.real_sleep
def test_threads_tell_of_their_time_as_well() -> None:
    """Over real connections, with one provider that hangs and one that hangs later."""
    with Fleet(FakeProvider("alpha", "generic"), FakeProvider("beta", "generic")) as fleet:
        fleet.script("alpha-1", [faults.Stall(2.0)] * 3)
        fleet.script("beta-1", [faults.Stall(2.0)] * 3)
        models = [{"provider": name, "model": "m"} for name in ("alpha", "beta")]
        aliases = [{"alias": "any", "models": models}]
        config = fleet.config() | {"aliases": aliases, "strategy": "declared"}
        with Router(config) as router, pytest.raises(DeadlineExceeded) as caught:
            router.complete("Hi", model="any", hedge=0.1, deadline=0.8)
        assert {a.account for a in caught.value.report.attempts} == {"alpha-1", "beta-1"}


def test_walking_away_from_two_attempts_is_one_end() -> None:
    """Listeners count requests, not attempts."""
    stage = Stage(fake={"latency": 3.0})
    stage.leaves(2, hedge=1.0)
    assert [e.kind for e in stage.told if e.report is not None] == ["cancelled"]


def test_the_attempts_of_a_request_bound_both() -> None:
    """With one attempt allowed nothing is sent a second time; with two the first is not a third."""
    stage = Stage(providers={"alpha": 1, "beta": 1, "gamma": 1}, fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Stall(2.0), faults.Status(503, after=2.0)])
    stage.fleet.script("beta-1", [SLOW])
    assert stage.timed(hedge=1.0, attempts=1) == ("alpha-1", pytest.approx(2.5, abs=0.01))
    assert stage.calls("beta-1") == []
    assert stage.timed(hedge=1.0, attempts=2)[0] == "beta-1"
    assert stage.calls("gamma-1") == []


def test_a_fail_over_goes_to_nobody_who_is_asked_already() -> None:
    """The first one fails while the second is at beta: it goes on to gamma, and wins."""
    stage = Stage(providers={"alpha": 1, "beta": 1, "gamma": 1}, fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Status(503, after=2.0)])
    stage.fleet.script("beta-1", [SLOW])
    assert stage.timed(hedge=1.0)[0] == "gamma-1"
    assert len(stage.calls("beta-1")) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_no_second_key_of_a_dead_provider_is_asked_while_another_is_about_to_answer(
    status: int,
) -> None:
    """Nobody else is left for the first one, so it waits for what the second one comes to."""
    stage = Stage(providers={"alpha": 5, "beta": 1}, fake={"latency": 2.0})
    stage.fleet.always("alpha", faults.Status(status, after=1.5))
    assert stage.timed(hedge=1.0) == ("beta-1", pytest.approx(3.0, abs=0.01))
    assert sum(len(stage.calls(f"alpha-{n}")) for n in range(1, 6)) == 1


def test_if_the_other_one_fails_as_well_a_second_key_is_asked() -> None:
    """As without a second attempt: nothing else is left then."""
    stage = Stage(providers={"alpha": 5, "beta": 1}, fake={"latency": 2.0})
    stage.fleet.script("alpha-1", [faults.Status(500, after=1.5)] * 9)
    stage.fleet.script("beta-1", [faults.Status(500, after=2.0)] * 9)
    assert stage.timed(hedge=1.0)[0] == "alpha-2"


@pytest.mark.parametrize("how", ["restart", "continue"])
def test_a_winner_whose_stream_breaks_goes_on_as_the_caller_wished(how: str) -> None:
    """The second attempt is a single one only until its first content."""
    stage = Stage(providers={"alpha": 1, "beta": 1, "gamma": 1}, fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [SLOW])
    stage.fleet.script("beta-1", [faults.Cut(pieces=2)])

    async def story() -> tuple[str, RouteReport]:
        said = ""
        options = {"hedge": 1.0, "on_stream_break": how}
        async with stage.router.astream("Hello", model="any", **options) as stream:
            async for event in stream:
                if isinstance(event, Restarted):
                    said = ""
                elif isinstance(event, TextDelta):
                    said += event.text
        return said, stream.report

    said, report = stage.clock.run(story())
    assert said
    assert report.provider in {"alpha", "gamma"}
    assert report.continued is (how == "continue")
    assert [a.account for a in report.attempts][:2] == ["alpha-1", "beta-1"]
    assert [e.kind for e in stage.told if e.report is not None] == ["answer"]


def test_an_overtaken_one_is_known_as_slow_and_a_silent_one_as_faulty() -> None:
    """Its latency is at least what it was waited for; who answers nobody is at fault."""
    stage = Stage(fake={"latency": 0.5}, fields={"strategy": "declared"})
    stage.ask()
    stage.fleet.script("alpha-1", [SLOW] * 9)
    for _ in range(4):
        assert stage.timed(hedge=2.0) == ("beta-1", pytest.approx(2.5, abs=0.01))
    assert stage.kinds("block") == [("block", 30.0)]
    assert stage.timed(hedge=2.0) == ("beta-1", pytest.approx(0.5, abs=0.01))


@pytest.mark.parametrize("end", [faults.Status(401, after=1.0), faults.Stall(1.0)])
def test_a_request_that_ends_at_the_moment_it_is_late_is_not_sent_again(end: Any) -> None:
    """One end is told, with all attempts in it, and nothing is sent after it."""
    stage = Stage(fake={"latency": 0.0})
    stage.fleet.script("alpha-1", [end])
    stage.fleet.script("beta-1", [faults.Status(401), SLOW])
    with suppress(RouteError):
        stage.clock.run(stage.router.acomplete("Hello", model="any", hedge=1.0))
    kinds = [e.kind for e in stage.told if e.kind in {"attempt", "answer", "give_up"}]
    calls = len(stage.fleet.books.entries)
    assert kinds in (["attempt"] * calls + ["answer"], ["attempt"] * calls + ["give_up"])


def test_a_second_attempt_that_finds_no_store_leaves_the_end_to_the_first() -> None:
    """It fails before it has asked anybody; the request goes on and its end is told."""
    day = [Limit(10, "day", "requests", "rolling")]
    stage = Stage(fake={"latency": 0.5, "limits": day})
    stage.fleet.script("alpha-1", [faults.Status(400, after=2.0)])
    stage.fleet.script("beta-1", [faults.Status(400)])

    class Once(MemoryStore):
        asked = 0

        def survey(self, *asked: Any) -> Any:
            self.asked += 1
            if self.asked > 1:
                raise StoreUnavailable("gone")
            return super().survey(*asked)

    stage.store = Once(stage.clock)
    stage.router = stage.another()
    with pytest.raises(RouteError):
        stage.clock.run(stage.router.acomplete("Hello", model="any", hedge=1.0))
    assert stage.store.asked > 1
    assert [e.kind for e in stage.told if e.report is not None] == ["give_up"]


def test_what_one_attempt_met_the_other_one_need_not_meet() -> None:
    """An answer that was not accepted, a wrong key, a provider in trouble: once a request."""

    def never(_: object) -> None:
        raise ValueError("not good enough")

    stage = Stage(providers={"alpha": 1, "beta": 2}, fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Status(503, after=4.0)] * 3)
    stage.fleet.script("beta-1", [faults.Status(500)])
    assert stage.timed(hedge=1.0)[0] == "beta-2"
    assert len(stage.calls("beta-1")) == 1
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [SLOW])
    with pytest.raises(RouteError):
        stage.clock.run(stage.router.acomplete("Hi", model="any", hedge=1.0, accept=never))
    assert (len(stage.calls("alpha-1")), len(stage.calls("beta-1"))) == (1, 1)


def test_the_first_one_retries_whom_the_second_one_found_busy() -> None:
    """When nobody else is left, as in a request that was sent once."""
    stage = Stage(fake={"latency": 0.5})
    stage.fleet.script("alpha-1", [faults.Status(503, after=2.0), *[faults.Status(503)] * 8])
    stage.fleet.script("beta-1", [faults.Status(503)])
    assert stage.timed(hedge=1.0)[0] == "beta-1"
