"""`plan` and `forecast` over real setups; nothing is sent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from freetier import ConfigError, QuotaExhausted, Router, UnknownModel, catalog
from freetier.stores import MemoryStore
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock
from freetier.testing.styles import STYLES
from freetier.testing.styles.form import RateForm, Style


def _made(*fakes: FakeProvider, **more: Any) -> tuple[Router, Fleet, VirtualClock]:
    fleet, clock = Fleet(*fakes), VirtualClock()
    router = Router(fleet.config(limits=True) | more, transport=fleet.transport(clock), clock=clock)
    return router, fleet, clock


def _own(name: str = "own", *limits: Limit, **more: Any) -> FakeProvider:
    limits = limits or (Limit(30, "minute"), Limit(500, "day"))
    return FakeProvider(name, "generic", limits=limits, **more)


async def _all(router: Router, n: int, **given: Any) -> int:
    answered = 0
    async for result in router.amap((f"Question {i}" for i in range(n)), **given):
        assert result.ok, result.error
        answered += 1
    return answered


MIXES = [
    [_own("a", Limit(30, "minute"))],
    [_own("a", Limit(30, "minute", kind="fixed")), _own("b", Limit(10, "minute"))],
    [_own("a", Limit(30, "minute"), Limit(200, "day")), _own("b", Limit(20, "minute"))],
    [_own("a", Limit(20_000, "minute", "total_tokens"), answer="word " * 100)],
    [_own("a", Limit(60, "minute", kind="bucket")), _own("b", Limit(30, "minute"), accounts=2)],
]


@pytest.mark.parametrize("fakes", MIXES, ids=lambda fakes: "+".join(f.name for f in fakes))
def test_what_is_planned_is_what_happens(fakes: list[FakeProvider]) -> None:
    """The job is then really run on the virtual clock: its end is within three per cent."""
    router, fleet, clock = _made(*fakes, aliases=[
        {"alias": "any", "models": [{"provider": f.name, "model": "m"} for f in fakes]}
    ])  # fmt: skip
    first = clock.run(router.acomplete("Question 0", model="any", max_tokens=200))
    tokens = first.usage
    assert tokens is not None
    plan = router.plan(600, tokens.input_tokens, tokens.output_tokens, model="any")
    began = clock.now()
    assert clock.run(_all(router, 600, model="any", max_tokens=tokens.output_tokens)) == 600
    assert plan.takes == pytest.approx(clock.now() - began, rel=0.03, abs=5)
    assert sum(share.requests for share in plan.shares) == 600
    assert not fleet.books.refused()


def test_a_plan_that_fits_says_when_and_by_whom() -> None:
    """Verdict, shares and bottleneck, as values and as text."""
    router, _, clock = _made(_own())
    plan = router.plan(100, 200, 100, model="own/m", by=timedelta(minutes=5))
    assert plan.fits
    assert plan.served == 100
    assert plan.ends_at is not None
    assert 180 <= plan.ends_at - clock.now() <= 190
    assert [(s.account, s.requests) for s in plan.shares] == [("own-1", 100)]
    assert plan.bottleneck is not None
    assert (plan.bottleneck.metric, plan.bottleneck.limit) == ("requests", 30)
    shown = str(plan)
    assert "100 requests to own/m of 200 + 100 tokens each: fits" in shown
    assert "waits most for 30 requests a minute at own" in shown


def test_a_plan_that_does_not_fit_says_how_far_it_goes() -> None:
    """And when it would be done."""
    router, _, _ = _made(_own())
    plan = router.plan(800, 200, 100, model="own/m", by=datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert (plan.fits, plan.served) == (False, 500)
    assert plan.ends_at is not None, "tomorrow"
    assert "does not fit" in str(plan)
    assert "in 12 h 500 are answered" in str(plan)


def test_one_more_account_is_tried_and_told() -> None:
    """At the same provider where its terms allow it, and at those of the catalog."""
    router, _, _ = _made(_own())
    plan = router.plan(400, 200, 100, model="own/m")
    assert plan.takes == pytest.approx(13 * 60, abs=5)
    own = {gain.provider: gain for gain in plan.gains}["own"]
    assert not own.new
    assert own.saves == pytest.approx(7 * 60, abs=5)


def test_no_second_account_is_proposed_where_the_terms_forbid_it() -> None:
    """Groq's do; a first one at another provider is fine."""
    router, _, _ = _made(FakeProvider("groq", limits=[Limit(30, "minute")]))
    plan = router.plan(3000, 200, 100, model="gpt-oss-120b")
    assert plan.gains
    assert "groq" not in {gain.provider for gain in plan.gains}
    assert all(gain.new for gain in plan.gains)


def test_a_key_is_proposed_once() -> None:
    """Google's two languages are one account, so one of them stands there."""
    router, _, _ = _made(FakeProvider("groq", limits=[Limit(30, "minute")]))
    gains = router.plan(10_000, 500, 300, model="fast").gains
    variables = [catalog.provider(gain.provider).key_env[0] for gain in gains]
    assert "GEMINI_API_KEY" in variables
    assert len(variables) == len(set(variables))


def test_what_is_used_already_is_not_planned_with() -> None:
    """Twenty of thirty are gone, for a minute."""
    router, _, _ = _made(_own())
    for _ in range(20):
        router.complete("Hello", model="own/m")
    plan = router.plan(11, 20, 20, model="own/m")
    assert plan.takes is not None
    assert 55 <= plan.takes <= 70


def test_candidates_that_cannot_are_named() -> None:
    """A prompt larger than every window."""
    router, _, _ = _made(_own("own", Limit(1000, "minute", "total_tokens")))
    plan = router.plan(5, 2000, 100, model="own/m")
    assert (plan.fits, plan.ends_at, plan.served) == (False, None, 0)
    assert [skip.reason for skip in plan.skipped] == ["never_fits"]
    assert "no candidate can take such a request" in str(plan)


def test_nothing_is_sent_and_nothing_is_used() -> None:
    """Looking ahead is free."""
    router, fleet, _ = _made(_own())
    router.plan(1000, 200, 100, model="own/m")
    router.forecast()
    assert not list(fleet.books.entries)
    assert all(row.used == row.reserved == 0 for row in router.quota_status())


def test_a_forecast_says_when_an_account_is_dry() -> None:
    """300 of 500 a day in ten minutes: the rest is gone in less than seven more."""
    router, _, clock = _made(_own())
    assert clock.run(_all(router, 300, model="own/m")) == 300
    forecast = router.forecast()
    row = next(iter(forecast))
    assert (row.account, row.left, row.basis) == ("own-1", 200, "recent")
    assert row.dry_at is not None
    assert 5 * 60 < row.dry_at - clock.now() < 20 * 60
    assert forecast.accounts == {"own-1": row.dry_at}
    assert "200 of 500 requests" in str(forecast)


def test_what_lasts_is_said_to_last() -> None:
    """A pace below what the day gives."""
    router, _, clock = _made(_own("own", Limit(100_000, "day")))
    router.complete("Hello", model="own/m")
    forecast = router.forecast()
    assert forecast.accounts == {"own-1": None}
    assert "every account lasts" in str(forecast)
    clock.advance(3600)
    assert router.forecast()[0].basis == "window", "the last ten minutes are silent"


def test_an_idle_router_forecasts_nothing() -> None:
    """No rows, and a sentence."""
    router, _, _ = _made(_own())
    assert len(router.forecast()) == 0
    assert "nothing was used lately" in str(router.forecast())


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"n_requests": 0}, "n_requests"),
        ({"n_requests": 1.5}, "n_requests"),
        ({"input_tokens": -1}, "input_tokens"),
        ({"output_tokens": -1}, "output_tokens"),
        ({"by": "tomorrow"}, "by"),
        ({"by": -5}, "by"),
        ({"by": datetime(2020, 1, 1, tzinfo=UTC)}, "by"),
        ({"max_cots": 3}, "max_cost"),
    ],
)
def test_bad_numbers_are_named(given: dict[str, Any], where: str) -> None:
    """Before anything is looked up."""
    router, _, _ = _made(_own())
    numbers = {"n_requests": 5, "input_tokens": 10, "output_tokens": 10, **given}
    with pytest.raises(ConfigError, match=where):
        router.plan(**numbers, model="own/m")


def test_an_unknown_model_is_told_with_the_nearest() -> None:
    """As everywhere."""
    router, _, _ = _made(_own())
    with pytest.raises(UnknownModel):
        router.plan(5, 10, 10, model="onw/m")


def _asked(router: Router, clock: VirtualClock, times: int) -> None:
    for _ in range(times):
        clock.advance(1.0)
        with suppress(QuotaExhausted):
            router.complete("Hello", model="own/m", max_wait=0)


def _silent(style: Style, *limits: Limit) -> tuple[Router, VirtualClock, MemoryStore, Fleet]:
    """Return a router that is told nothing of limits, and what another one needs."""
    fleet, clock = Fleet(FakeProvider("own", style, limits=limits)), VirtualClock()
    store = MemoryStore(clock)
    return _over(fleet, clock, store), clock, store, fleet


def _over(fleet: Fleet, clock: VirtualClock, store: MemoryStore) -> Router:
    return Router(fleet.config(), transport=fleet.transport(clock), clock=clock, store=store)


SAYS = STYLES["generic"]
BARE = replace(
    SAYS,
    rates=RateForm(),
    errors={**SAYS.errors, "refused": replace(SAYS.errors["refused"], message="Slow down")},
)


def test_a_plan_counts_on_a_limit_that_was_found() -> None:
    """And says so; a fresh router at the same store plans with it as well."""
    router, clock, store, fleet = _silent(BARE, Limit(4))
    assert router.plan(100, 10, 10, model="own/m").bottleneck is None
    _asked(router, clock, 200)
    for one in (router, _over(fleet, clock, store)):
        tight = one.plan(100, 10, 10, model="own/m").bottleneck
        assert tight is not None
        assert (tight.source, 3 <= tight.limit <= 5) == ("found", True)


def test_a_plan_counts_on_a_limit_that_a_refusal_told() -> None:
    """And says so."""
    router, clock, _, _ = _silent(SAYS, Limit(4))
    _asked(router, clock, 30)
    plan = router.plan(100, 10, 10, model="own/m")
    assert plan.bottleneck is not None
    assert (plan.bottleneck.source, plan.bottleneck.limit) == ("body", 4)
    assert "(body)" in str(plan)


def test_a_forecast_counts_on_what_was_told_and_says_so() -> None:
    """A day's limit that only a refusal told of, with who told it."""
    router, clock, _, _ = _silent(SAYS, Limit(40, "day"))
    _asked(router, clock, 50)
    clock.advance(86_400.0)
    _asked(router, clock, 20)
    row = next(row for row in router.forecast() if row.metric == "requests")
    assert (row.limit, row.left, row.source) == (40, 20, "body")
    assert "body" in str(router.forecast())
