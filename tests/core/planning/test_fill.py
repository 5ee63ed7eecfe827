"""Filling a job into supplies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.planning.fill import HORIZON, Source, fill
from freetier.planning.supply import Supply, supply
from freetier.values.quota import Charge, Kind, Metric, Tally


def _limit(
    ceiling: int, span: float = 60, *, amount: int = 1, kind: Kind = Kind.ROLLING, used: int = 0
) -> Supply:
    charge = Charge(
        key=f"{ceiling}/{span}", metric=Metric.REQUESTS, amount=amount, ceiling=ceiling,
        kind=kind, span_ms=int(span * 1000),
    )  # fmt: skip
    resets = int(span * 1000) if used else None
    tally = Tally(charge.key, used=used, resets_in_ms=resets)
    return supply(charge, tally, 0.0, following=None, each=2.0)


def _source(*limits: Supply, key: str = "a", opens: float = 0.0) -> Source:
    return Source(key=key, supplies=limits, opens=opens)


def test_what_fits_now_begins_now() -> None:
    """Thirty of thirty."""
    filled = fill([_source(_limit(30))], 30, HORIZON)
    assert (filled.served, filled.last, filled.complete) == (30, 0.0, True)


def test_the_rest_comes_window_by_window() -> None:
    """100 at 30 a minute: at 0, 60, 120 and 180 seconds."""
    filled = fill([_source(_limit(30))], 100, HORIZON)
    assert (filled.last, filled.complete) == (180.0, True)


def test_two_accounts_carry_twice_as_much() -> None:
    """And each takes half."""
    one, two = _source(_limit(30)), _source(_limit(30), key="b")
    filled = fill([one, two], 100, HORIZON)
    assert (filled.last, one.served, two.served) == (60.0, 60, 40)


def test_models_of_one_account_share_its_limit() -> None:
    """Two models, one account limit: no more than that."""
    shared = _limit(30)
    one, two = _source(shared, _limit(20)), _source(shared, _limit(20), key="b")
    filled = fill([one, two], 60, HORIZON)
    assert (filled.last, one.served + two.served) == (60.0, 60)
    assert {one.served, two.served} == {20 + 20, 10 + 10}


def test_a_day_that_is_used_up_is_waited_out() -> None:
    """The minute limit does not let a closed day's share be made up for."""
    filled = fill([_source(_limit(30), _limit(50, 86_400))], 110, HORIZON)
    assert filled.last == 2 * 86_400, "50 a day, 20 of them a minute after the first 30"


def test_tokens_bind_where_they_are_scarcer() -> None:
    """1,000 tokens a minute at 300 each are three requests."""
    tokens = _limit(1000, amount=300)
    filled = fill([_source(_limit(30), tokens)], 7, HORIZON)
    assert filled.last == 120.0
    assert tokens.waited == 120.0, "and it is said what was waited for"


def test_a_block_is_waited_out() -> None:
    """Nobody is asked before its block ends."""
    assert fill([_source(_limit(30), opens=500.0)], 1, HORIZON).last == 500.0


def test_what_does_not_fit_is_counted_as_far_as_it_goes() -> None:
    """Until the given instant."""
    filled = fill([_source(_limit(30))], 1000, 130.0)
    assert (filled.served, filled.complete) == (90, False)


def test_no_source_no_answer() -> None:
    """Nothing is served, and it ends."""
    assert fill([], 5, HORIZON).served == 0


def test_without_limits_all_begins_at_once() -> None:
    """A source that nothing limits."""
    assert fill([_source()], 1_000_000, HORIZON).complete


def test_a_million_requests_are_few_events() -> None:
    """A bucket is drawn from in portions; 6,000 a minute for a million is 167 minutes."""
    bucket = _limit(6000, kind=Kind.BUCKET)
    filled = fill([_source(bucket)], 1_000_000, HORIZON)
    assert filled.last == pytest.approx((1_000_000 - 6000) / 100, rel=0.01)


@given(
    ceilings=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    n=st.integers(1, 500),
    kind=st.sampled_from([Kind.ROLLING, Kind.FIXED, Kind.BUCKET]),
)
def test_never_more_than_the_limits_hold(ceilings: list[int], n: int, kind: Kind) -> None:
    """In t seconds at most ceiling x (1 + t / span), of windows the whole ones."""
    sources = [_source(_limit(c, kind=kind), key=str(i)) for i, c in enumerate(ceilings)]
    filled = fill(sources, n, HORIZON)
    assert filled.complete
    assert sum(source.served for source in sources) == n
    spans = filled.last / 60 if kind is Kind.BUCKET else filled.last // 60
    for source, ceiling in zip(sources, ceilings, strict=True):
        assert source.served <= ceiling * (spans + 1) + 1e-4
