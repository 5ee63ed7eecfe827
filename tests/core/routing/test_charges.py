"""From limits, a cost and an instant to charges."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.errors import ConfigError
from freetier.routing.charges import (
    REMEMBERED,
    actual_amounts,
    charges,
    observed,
    prepare,
    refused_amounts,
)
from freetier.routing.edges import edges
from freetier.stores.ledger import Ledger
from freetier.testing import Limit as TrueLimit
from freetier.testing.limiters import limiter
from freetier.values.faults import Fault, FaultScope, Refused
from freetier.values.quota import (
    Cost,
    Granted,
    Kind,
    Learned,
    Observation,
    Reservation,
    Scope,
    Settlement,
)
from tests.core.routing.setups import candidate, limit

NOW = 1_795_219_200_000  # 2026-11-21
COST = Cost(input_tokens=100, output_tokens=30)
RPM, TPM = limit("requests", 30), limit("total_tokens", 6000)
RPD = limit("requests", 1000, "day", zone="America/Los_Angeles")


def made(*limits, cost: Cost = COST, now: int = NOW, learned=None, **more):
    """Return the charges of one candidate."""
    return charges(prepare(candidate(*limits, **more)), cost, now, learned)


def told(amount: int) -> Learned:
    """Return a limit that a header told."""
    return Learned(amount=amount, source="header", at_ms=NOW)


def test_each_limit_becomes_a_charge_in_order():
    """With its amount, ceiling and length."""
    found = made(RPM, TPM, RPD)
    assert [(c.metric, c.amount, c.ceiling, c.span_ms) for c in found] == [
        ("requests", 1, 30, 60_000),
        ("total_tokens", 130, 6000, 60_000),
        ("requests", 1, 1000, 86_400_000),
    ]


def test_no_limits_make_no_charges():
    """A provider without limits is asked without a store's leave."""
    assert made() == ()


def test_calendar_windows_carry_their_edges():
    """The others none."""
    minute, day = made(RPM, RPD)
    assert minute.edges == ()
    assert day.edges == edges("day", "America/Los_Angeles", NOW)


def test_edges_move_with_the_calendar():
    """One millisecond before midnight it is still today; going back is no trouble either."""
    prepared = prepare(candidate(RPD))
    end = edges("day", "America/Los_Angeles", NOW)[2]
    for now in (NOW, end - 1, end, end + 86_400_000, NOW - 86_400_000, NOW):
        (found,) = charges(prepared, COST, now)
        assert found.edges == edges("day", "America/Los_Angeles", now)


def test_an_unknown_zone_is_found_when_the_candidate_is_prepared():
    """Not in the middle of a request."""
    with pytest.raises(ConfigError, match="Mars"):
        prepare(candidate(limit("requests", 1, "day", zone="Mars/Olympus")))


def test_equal_costs_share_their_charges():
    """Nothing is made twice."""
    prepared = prepare(candidate(RPM, TPM, RPD))
    first = charges(prepared, COST, NOW)
    assert charges(prepared, Cost(input_tokens=100, output_tokens=30), NOW + 5) is first
    other = charges(prepared, Cost(input_tokens=7, output_tokens=1), NOW)
    assert other[0] is first[0]
    assert other[2] is first[2]
    assert other[1].amount == 8


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 3)), min_size=1))
def test_what_is_remembered_changes_nothing(sequence):
    """Charges of a long-lived candidate are those of a fresh one, at every instant."""
    limits = (RPM, TPM, RPD, limit("total_tokens", 9, "month", zone="UTC"))
    kept = prepare(candidate(*limits))
    for tokens, output, days in sequence:
        cost = Cost(input_tokens=tokens, output_tokens=output)
        now = NOW + days * 86_400_000
        assert charges(kept, cost, now) == charges(prepare(candidate(*limits)), cost, now)


def test_the_memory_of_charges_is_bounded():
    """Every request may have another length."""
    prepared = prepare(candidate(TPM))
    for tokens in range(3 * REMEMBERED):
        charges(prepared, Cost(input_tokens=tokens), NOW)
    assert len(prepared.memory(NOW).charges) <= REMEMBERED + 1


@pytest.mark.parametrize(
    ("source", "amount", "ceiling"),
    [
        ("official", 60, 60),
        ("official", 10, 10),
        ("official", 0, 0),
        ("official", 30, 30),
        ("user", 60, 30),
        ("allowance", 60, 30),
        ("user", 10, 10),
    ],
)
def test_a_told_limit_replaces_the_catalogs(source, amount, ceiling):
    """Up and down; what the user set himself only down."""
    key = "{acc}|prov/mod|requests|rolling:60"
    found = made(limit("requests", 30, source=source), TPM, learned={key: told(amount)})
    assert [charge.ceiling for charge in found] == [ceiling, 6000]


def test_a_told_limit_reaches_both_readings_of_an_unknown_clock():
    """A pace of the old figure would hold back what the provider grants."""
    key = "{acc}|prov/mod|requests|rolling:60"
    unknown = limit("requests", 30, kind="unknown", source="survey")
    found = made(unknown, learned={key: told(120)})
    assert [(c.kind, c.ceiling) for c in found] == [(Kind.ROLLING, 120), (Kind.PACE, 120)]


def test_what_was_told_is_not_remembered_for_others():
    """The next caller may know better."""
    prepared = prepare(candidate(limit("requests", 30, source="survey")))
    key = "{acc}|prov/mod|requests|rolling:60"
    assert charges(prepared, COST, NOW, {key: told(5)})[0].ceiling == 5
    assert charges(prepared, COST, NOW)[0].ceiling == 30


def test_true_amounts_are_in_the_order_of_the_charges():
    """For settling."""
    unknown = limit("requests", 30, kind="unknown")
    prepared = prepare(candidate(unknown, TPM, RPD, max_concurrency=1))
    cost = Cost(input_tokens=10, output_tokens=5)
    assert actual_amounts(prepared, cost) == (1, 1, 15, 1, 1)
    assert actual_amounts(prepared, cost) == tuple(c.amount for c in charges(prepared, cost, NOW))


def test_refused_calls_count_as_requests_where_the_catalog_says_so():
    """They never take tokens."""
    quiet = limit("requests", 5, "hour", counts_refused=False)
    assert refused_amounts(prepare(candidate(RPM, quiet, TPM))) == (1, 0, 0)


def test_a_refused_call_is_not_counted_by_a_window_that_told_when_it_takes_the_next() -> None:
    """It says what it has counted; other windows count the call, and so does a bare refusal."""
    prepared = prepare(candidate(RPM, RPD))
    said: dict[str, Any] = {"fault": Fault.RATE_LIMITED, "scope": FaultScope.CANDIDATE}
    named = Refused(**said, span=60.0, metric="requests", retry_in=8.0)
    assert refused_amounts(prepared, None, named) == (0, 1)
    assert refused_amounts(prepared, None, replace(named, retry_in=None)) == (1, 1)
    assert refused_amounts(prepared, None, replace(named, metric=None)) == (1, 1)


def test_what_was_told_fits_charges_made_before_a_limit_was_found() -> None:
    """A request under way holds what was known when it was sent."""
    before = prepare(candidate(TPM))
    held = charges(before, COST, NOW)
    after = prepare(candidate(limit("requests", 9, kind="unknown"), TPM))
    said = [seen("requests", 60, 30), seen("total_tokens", 60, 4000)]
    found = observed(after, held, said)
    assert [(charge.key, charge.ceiling) for charge, _ in found] == [(held[0].key, 4000)]


def seen(metric: str, span: float, amount: int | None = None) -> Observation:
    """Return what a provider said of one window."""
    return Observation(metric=limit(metric, 1).metric, span=span, limit=amount, remaining=1)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (seen("requests", 60), "{acc}|prov/mod|requests|rolling:60"),
        (seen("requests", 86_400), "{acc}|prov/mod|requests|day@America/Los_Angeles"),
        (seen("total_tokens", 60), "{acc}|prov/mod|total_tokens|rolling:60"),
        (seen("total_tokens", 30 * 86_400), "{acc}|prov/mod|total_tokens|month@UTC"),
        (seen("total_tokens", 31 * 86_400), "{acc}|prov/mod|total_tokens|month@UTC"),
        (seen("requests", 3600), None),
        (seen("input_tokens", 60), None),
    ],
)
def test_what_a_provider_says_is_matched_by_metric_and_length(said, key):
    """What fits no window is ignored."""
    prepared = prepare(candidate(RPM, TPM, RPD, limit("total_tokens", 9, "month", zone="UTC")))
    found = observed(prepared, charges(prepared, COST, NOW), [said])
    assert [(charge.key, what) for charge, what in found] == ([(key, said)] if key else [])


@pytest.mark.parametrize(("amount", "place"), [(50, 1), (20, 0), (None, 0), (77, 0)])
def test_of_two_windows_of_one_length_the_told_limit_decides(amount, place):
    """An account's day beside a model's."""
    both = (
        limit("requests", 20, "day", zone="UTC"),
        limit("requests", 50, "day", zone="UTC", scope=Scope.ACCOUNT),
    )
    prepared = prepare(candidate(*both))
    found = charges(prepared, COST, NOW)
    assert observed(prepared, found, [seen("requests", 86_400, amount)])[0][0] is found[place]


def test_an_unknown_clock_is_observed_once():
    """The pace beside it follows the same told limit."""
    prepared = prepare(candidate(limit("requests", 30, kind="unknown")))
    found = observed(prepared, charges(prepared, COST, NOW), [seen("requests", 60, 30)])
    assert [charge.kind for charge, _ in found] == [Kind.ROLLING]


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("America/Los_Angeles", "2026-03-08T12:00-07:00"),  # a day of 23 hours
        ("America/Los_Angeles", "2026-11-01T12:00-08:00"),  # of 25
        ("Europe/Berlin", "2026-03-29T12:00+02:00"),
        ("Europe/Berlin", "2026-10-25T12:00+01:00"),
        ("Australia/Lord_Howe", "2026-04-05T12:00+10:30"),  # of 24 and a half
        ("Asia/Beirut", "2026-03-29T12:00+03:00"),  # without its midnight
        ("America/Havana", "2026-11-01T12:00-05:00"),  # with two of them
    ],
)
def test_each_day_has_its_quota_where_the_clocks_change(zone, changes):
    """Every request is let go or denied as the provider would, and told its very midnight."""
    each_day, step = 5, 20 * 60_000
    prepared = prepare(candidate(limit("requests", each_day, "day", zone=zone)))
    there = limiter(TrueLimit(each_day, "day", kind="calendar", zone=zone))
    noon = round(datetime.fromisoformat(changes).timestamp() * 1000)
    ledger, days = Ledger(), Counter()
    for n, now in enumerate(range(noon - 48 * 3_600_000, noon + 48 * 3_600_000, step)):
        asked = Reservation(id=str(n), charges=charges(prepared, Cost(), now))
        said, wait = ledger.reserve(now, asked, None), there.wait(now * 1000, 1)
        if isinstance(said, Granted):
            assert wait == 0
            there.take(now * 1000, 1)
            ledger.settle(now, asked, Settlement(answered_ago_ms=0))
            days[datetime.fromtimestamp(now / 1000, ZoneInfo(zone)).date()] += 1
        else:
            assert said.retry_in_ms * 1000 == wait > 0
    assert set(days.values()) == {each_day}
    assert len(days) == 5
