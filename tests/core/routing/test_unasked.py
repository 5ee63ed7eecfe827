"""An error has one line for each candidate, also for those that were never asked."""

from __future__ import annotations

from collections import Counter

import pytest

from freetier import Router
from freetier.errors import AllFailed, NotAuthorised, QuotaExhausted, RouteError
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from tests.core.routing.stage import Stage

MODELS = ["gpt-oss-120b", "gpt-oss-20b", "qwen3.8-27b"]


def _candidates(error: RouteError) -> Counter[str]:
    return Counter(line.split(": ")[0].strip() for line in str(error).splitlines()[1:])


def _router(fleet: Fleet) -> Router:
    clock = VirtualClock()
    config = fleet.config() | {"aliases": [{"alias": "all", "models": MODELS}]}
    return Router(config, transport=fleet.transport(clock), clock=clock)


def test_each_model_of_a_refused_account_has_its_line() -> None:
    """Asked once or left alone since: the same lines the first time and the second."""
    fleet = Fleet(FakeProvider("groq"))
    fleet.always("groq", faults.VendorError("bad_key"))
    router = _router(fleet)
    for _ in range(2):
        with pytest.raises(NotAuthorised) as caught:
            router.complete("Hi", model="all", max_wait=0)
        assert len(_candidates(caught.value)) == len(MODELS)
        assert set(_candidates(caught.value).values()) == {1}


def test_each_candidate_of_a_provider_in_trouble_has_its_line() -> None:
    """Whoever was not asked because of others is told with those others."""
    fleet = Fleet(FakeProvider("groq", accounts=3))
    fleet.always("groq", faults.Unreachable())
    with pytest.raises(AllFailed) as caught:
        _router(fleet).complete("Hi", model="all", max_wait=0)
    report = caught.value.report
    assert _candidates(caught.value) == Counter(
        {f"groq-{n}/{model}": 1 for n in (1, 2, 3) for model in _ids(report.alias, fleet)}
    )
    assert all(skip.reason == "unreachable" for skip in report.skipped)


def _ids(alias: str, fleet: Fleet) -> list[str]:
    order = _router(fleet).explain("Hi", model=alias).order
    return sorted({one.candidate.partition("/")[2] for one in order})


def test_who_failed_and_is_blocked_has_one_line() -> None:
    """What it met, and when it is back."""
    stage = Stage()
    stage.fleet.always("alpha", faults.Unreachable())
    stage.fleet.always("beta", faults.Empty())
    with pytest.raises(AllFailed) as caught:
        stage.clock.run(stage.router.acomplete("Hi", model="any"))
    assert set(_candidates(caught.value).values()) == {1}
    assert "beta-1/m: empty 200: the answer holds nothing, back in" in str(caught.value)


def test_budgets_that_are_used_up_are_told_as_well() -> None:
    """With one attempt allowed the others were not asked, and the verdict is of the one."""
    stage = Stage(providers={"alpha": 1, "beta": 1})
    stage.fleet.always("alpha", faults.VendorError("bad_key"))
    with pytest.raises(NotAuthorised, match="not asked: no more attempts were allowed"):
        stage.clock.run(stage.router.acomplete("Hi", model="any", attempts=1))


def test_what_a_report_does_not_list_is_counted() -> None:
    """Forty accounts at a dead provider are forty: some are listed, the rest by reason."""
    fleet = Fleet(FakeProvider("groq", accounts=40))
    fleet.always("groq", faults.Unreachable())
    with pytest.raises(AllFailed) as caught:
        _router(fleet).complete("Hi", model="gpt-oss-20b", max_wait=0)
    report = caught.value.report
    told = {a.candidate for a in report.attempts} | {s.candidate for s in report.skipped}
    assert len(told) + sum(report.skipped_more.values()) == 40


def test_an_answer_counts_those_who_rest() -> None:
    """Who was found resting by an earlier request is not looked at, and told by the reason."""
    stage = Stage(providers={"alpha": 2, "beta": 1})
    stage.fleet.always("alpha-1", faults.VendorError("bad_key"))
    stage.fleet.script("alpha-2", [faults.RateLimited(wait=60)])
    told = []
    for _ in range(2):
        report = stage.clock.run(stage.router.acomplete("Hi", model="any")).report
        told.append((len(report.attempts), len(report.skipped), dict(report.skipped_more)))
    assert told == [(3, 0, {}), (1, 0, {"unauthorised": 1, "rate_limited": 1})]
    stage.clock.advance(61.0)
    report = stage.clock.run(stage.router.acomplete("Hi", model="any")).report
    assert (report.account, report.skipped_more) == ("alpha-2", {"unauthorised": 1})


def test_who_is_listed_is_not_counted_as_well() -> None:
    """Twenty full accounts: most by name, the rest by number."""
    limits = [Limit(1, "day", "requests", "rolling")]
    stage = Stage(providers={"alpha": 20}, fake={"limits": limits})
    for _ in range(20):
        stage.ask()
    with pytest.raises(QuotaExhausted) as caught:
        stage.clock.run(stage.router.acomplete("Hi", model="any", max_wait=0))
    report = caught.value.report
    assert len(report.skipped) >= 16
    assert report.skipped_more == {"out_of_quota": 20 - len(report.skipped)}
