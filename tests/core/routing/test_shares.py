"""How much is left, and what a request costs in scarce quota."""

from __future__ import annotations

from math import exp, inf, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.routing.charges import charges, prepare
from freetier.routing.shares import harvest_price, rounded_down, share_left
from freetier.values.quota import Charge, Cost, Kind, Metric, Tally
from tests.core.routing.setups import candidate, limit

COST = Cost(input_tokens=100)


def charge(ceiling: int = 100, amount: int = 1, span_s: int = 60, kind="rolling") -> Charge:
    """Return a charge of one window."""
    return Charge(
        key="k",
        metric=Metric.REQUESTS,
        amount=amount,
        ceiling=ceiling,
        kind=Kind(kind),
        span_ms=span_s * 1000,
    )


def tally(used: int = 0, reserved: int = 0, resets_in_s: float | None = None) -> Tally:
    """Return what a store knows of it."""
    resets = None if resets_in_s is None else round(resets_in_s * 1000)
    return Tally(key="k", used=used, reserved=reserved, resets_in_ms=resets)


@pytest.mark.parametrize(
    ("windows", "left"),
    [
        ([], 1.0),
        ([(100, 0, 0)], 1.0),
        ([(100, 25, 0)], 0.75),
        ([(100, 25, 25)], 0.5),
        ([(100, 25, 25), (1000, 900, 0)], 0.1),
        ([(100, 100, 0)], 0.0),
        ([(100, 150, 0)], 0.0),
        ([(0, 0, 0)], 0.0),
        ([(0, 0, 0), (100, 0, 0)], 0.0),
    ],
)
def test_the_tightest_window_counts(windows, left):
    """Reservations count as used; no limits leave all; zero limits nothing, and no NaN."""
    made = [charge(ceiling) for ceiling, _, _ in windows]
    seen = [tally(used, reserved) for _, used, reserved in windows]
    assert share_left(made, seen) == left


@pytest.mark.parametrize(
    ("share", "down"),
    [(1.0, 1.0), (0.999, 0.99), (0.29, 0.29), (0.57, 0.57), (0.009, 0.0), (0.0, 0.0)],
)
def test_shares_are_rounded_down(share, down):
    """To a hundredth, whatever a float makes of a hundredth."""
    assert rounded_down(share) == down


def test_charges_of_a_candidate_are_what_is_looked_at():
    """In the order in which a survey answers."""
    found = charges(prepare(candidate(limit("requests", 30), limit("total_tokens", 1000))), COST, 0)
    assert share_left(found, [tally(15), tally(900)]) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("made", "seen", "price"),
    [
        (charge(100), tally(0), 0.01 * exp(-8)),
        (charge(100), tally(0, 0, 60), 0.01),
        (charge(100), tally(50, 0, 30), 0.01),
        (charge(100), tally(50, 50, 60), 0.01 * exp(8)),
        (charge(100), tally(900, 0, 60), 0.01 * exp(8)),
        (charge(100, 10), tally(50, 0, 30), 0.1),
        (charge(1000, 1, 86_400), tally(500, 0, 43_200), 0.001 * 1440**0.75),
        (charge(0), tally(0), inf),
        (charge(4, kind="concurrent"), tally(0, 4), 0.0),
    ],
)
def test_prices_follow_the_rule(made, seen, price):
    """Amount / limit x (span / 60 s)^0.75 x exp(8 x (used share - elapsed share))."""
    assert harvest_price([made], [seen]) == pytest.approx(price)


def test_an_account_costs_what_its_dearest_window_costs():
    """And one without limits nothing."""
    both = [charge(100), charge(1000, 1, 86_400)]
    seen = [tally(0, 0, 60), tally(999, 0, 86_400)]
    assert harvest_price(both, seen) == harvest_price(both[1:], seen[1:])
    assert harvest_price([], []) == 0.0


@given(
    st.integers(1, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10**12),
    st.integers(1, 10**8),
    st.floats(0, 10**9),
)
def test_prices_and_shares_are_numbers(ceiling, amount, used, span_s, resets_in_s):
    """Whatever debt, clock or limit."""
    made, seen = [charge(ceiling, amount, span_s)], [tally(used, 0, resets_in_s)]
    assert isfinite(harvest_price(made, seen))
    assert 0 <= share_left(made, seen) <= 1
