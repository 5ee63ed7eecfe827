"""What providers tell of their limits, in headers and in the words of a refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from freetier.routing.charges import charges, prepare
from freetier.routing.hearing import adopted, opened, told_by
from freetier.values.faults import Fault, FaultScope, Refused
from freetier.values.quota import UNTOLD, Cost, Kind, Learned, Metric, Observation
from tests.core.routing.setups import candidate, limit

NOW = 1_795_219_200.0  # 2026-11-21
DAY = 86_400.0
COST = Cost(input_tokens=100, output_tokens=30)


def refused(**more: Any) -> Refused:
    """Return a refusal that names a limit of 4,000 tokens a minute."""
    said: dict[str, Any] = {
        "fault": Fault.RATE_LIMITED,
        "scope": FaultScope.CANDIDATE,
        "span": 60.0,
        "metric": "total_tokens",
        "amount": 4000,
    }
    return Refused(**said | more)


def said(metric: str, span: float, amount: int) -> Observation:
    """Return what a body told."""
    return Observation(metric=Metric(metric), span=span, limit=amount, source="body")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (said("total_tokens", 60, 4000),)),
        ({"fault": Fault.QUOTA_GONE, "span": DAY}, (said("total_tokens", DAY, 4000),)),
        ({"metric": None}, ()),
        ({"span": None}, ()),
        ({"amount": None}, ()),
        ({"amount": 0}, ()),  # never granted: no window says when
        ({"amount": UNTOLD}, ()),
        ({"fault": Fault.CONTEXT_TOO_LONG}, ()),
        ({"fault": Fault.OVERLOADED}, ()),
    ],
)
def test_a_refusal_tells_a_limit_if_it_names_all_of_it(more, expected) -> None:
    """What is counted, over which time, and how much; of any other fault a number is none."""
    assert told_by(refused(**more)) == expected


def test_a_window_that_nobody_knew_of_is_counted_from_then_on() -> None:
    """Of an unknown kind; where one is known already, nothing changes."""
    before = prepare(candidate(limit("requests", 30)))
    one = said("total_tokens", 60, 4000)
    after, known = opened(before, [one], refused(), 0)
    assert [line.limit.metric for line in after.lines] == ["requests", "total_tokens"]
    assert after.lines[1].charge.kind is Kind.ROLLING
    assert [each.remaining for each in known] == [0]  # it has just refused
    assert opened(after, [one], refused(), 0) == (after, [one])
    assert opened(before, (), refused(), 0) == (before, ())


def test_a_day_that_ends_at_midnight_is_one_of_the_providers_calendar() -> None:
    """If the refusal says so and the zone is known; else it rolls."""
    one = said("requests", DAY, 50)
    one_of = candidate()
    there = replace(one_of.provider, day_zone="America/Los_Angeles")
    nothing = prepare(replace(one_of, provider=there))
    day = {"metric": "requests", "span": DAY, "fault": Fault.QUOTA_GONE}
    told = refused(**day, retry_is_calendar=True)
    known = opened(nothing, [one], told, 0)[0].lines[0].limit.window
    assert (known.kind, known.unit, known.zone) == (Kind.CALENDAR, "day", "America/Los_Angeles")
    rolling = opened(nothing, [one], refused(**day), 0)[0].lines[0].charge
    assert rolling.kind is Kind.ROLLING


@pytest.mark.parametrize("amount", [2000, 9000])
def test_a_told_limit_is_learned_up_and_down_with_source_and_date(amount: int) -> None:
    """Of the catalogue's figure; the user's own falls, and never rises."""
    for source, expected in (("official", amount), ("user", min(amount, 6000))):
        known: dict[str, Learned] = {}
        prepared = prepare(candidate(limit("total_tokens", 6000, source=source)))
        held = charges(prepared, COST, int(NOW * 1000))
        pairs = adopted(prepared, held, [said("total_tokens", 60, amount)], known, NOW)
        assert [charge.ceiling for charge, _ in pairs] == [expected]
        told = Learned(amount=amount, source="body", at_ms=int(NOW * 1000))
        assert known == {held[0].key: told}
        assert charges(prepared, COST, int(NOW * 1000), known)[0].ceiling == expected
