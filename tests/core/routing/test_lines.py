"""The limits of a candidate as lines."""

from __future__ import annotations

from dataclasses import fields

import pytest

from freetier.routing.lines import lines_of
from freetier.values.quota import Charge, Kind, Scope
from tests.core.routing.setups import candidate, limit


def charges(*limits, spread_ms: int = 0, **more) -> list[Charge]:
    """Return the shapes of a candidate's charges."""
    return [line.charge for line in lines_of(candidate(*limits, **more), spread_ms)]


@pytest.mark.parametrize(
    ("made", "more", "key"),
    [
        (limit("requests", 30), {}, "{acc}|prov/mod|requests|rolling:60"),
        (limit("requests", 30), {"pool": "org"}, "{org}|prov/mod|requests|rolling:60"),
        (
            limit("requests", 30, "day", zone="UTC", scope=Scope.ACCOUNT),
            {},
            "{acc}|prov|requests|day@UTC",
        ),
        (
            limit("total_tokens", 9, "month", kind="fixed", scope=Scope.ACCOUNT),
            {"pool": "org"},
            "{org}|prov|total_tokens|fixed:2.592e+06",
        ),
        (
            limit("requests", 30, scope=Scope.POOL, pool="frontier"),
            {},
            "{acc}|prov+frontier|requests|rolling:60",
        ),
        (
            limit("requests", 30, scope=Scope.MACHINE),
            {},
            "{acc}|prov@machine|requests|rolling:60",
        ),
    ],
)
def test_keys_say_what_is_counted_over(made, more, key):
    """All keys of one account, or of its pool, share the tag that puts them into one slot."""
    assert [charge.key for charge in charges(made, **more)] == [key]


def test_account_limits_of_one_account_share_a_key_over_models():
    """And limits of models do not."""
    both = [limit("requests", 30, scope=Scope.ACCOUNT), limit("requests", 9, "day")]
    one, other = charges(*both), charges(*both, model_id="other")
    assert one[0].key == other[0].key
    assert one[1].key != other[1].key


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (limit("requests", 30, kind="fixed"), [(Kind.FIXED, 0.0)]),
        (limit("requests", 30, kind="first"), [(Kind.FIRST, 0.0)]),
        (limit("requests", 30, kind="counter"), [(Kind.COUNTER, 0.0)]),
        (limit("total_tokens", 30, kind="bucket"), [(Kind.BUCKET, 0.0)]),
        (limit("total_tokens", 30, kind="bucket", burst=7), [(Kind.BUCKET, 7)]),
        (limit("requests", 30, kind="pace"), [(Kind.PACE, 1.0)]),
        (limit("requests", 30, kind="pace", burst=3), [(Kind.PACE, 3)]),
        (limit("total_tokens", 30, kind="pace"), [(Kind.PACE, 30.0)]),
        (limit("concurrent", 2, kind="concurrent"), [(Kind.CONCURRENT, 0.0)]),
        (limit("concurrent", 2, kind="unknown"), [(Kind.CONCURRENT, 0.0)]),
        (limit("requests", 30, kind="unknown"), [(Kind.ROLLING, 0.0), (Kind.PACE, 1.0)]),
        (limit("requests", 30, "hour", kind="unknown"), [(Kind.ROLLING, 0.0), (Kind.PACE, 1.0)]),
        (limit("requests", 30, "day", kind="unknown"), [(Kind.ROLLING, 0.0)]),
        (limit("total_tokens", 30, kind="unknown"), [(Kind.ROLLING, 0.0)]),
        (limit("requests", 30, "day", zone="UTC"), [(Kind.CALENDAR, 0.0)]),
    ],
)
def test_each_kind_becomes_what_mirrors_it(made, expected):
    """A number without a clock is safe under both readings: it rolls, and it is paced."""
    assert [(charge.kind, charge.burst) for charge in charges(made)] == expected


def test_the_guessed_pace_allows_for_the_way_there():
    """Burst is one and what the way's jitter is worth: a second of 30 a minute is a half."""
    _, pace = charges(limit("requests", 30, kind="unknown"), spread_ms=1000)
    assert pace.burst == 1.5


@pytest.mark.parametrize(
    ("metric", "counted_at", "late"),
    [
        ("requests", "sent", False),
        ("requests", "answered", True),
        ("requests", "unknown", False),
        ("total_tokens", "sent", False),
        ("total_tokens", "answered", True),
        ("total_tokens", "unknown", True),
    ],
)
def test_tokens_of_an_unknown_moment_are_held_from_the_answer(metric, counted_at, late):
    """Requests are counted on the way there, tokens perhaps when they are known."""
    (charge,) = charges(limit(metric, 30, counted_at=counted_at))
    assert charge.at_answer is late


def test_of_two_limits_with_one_key_the_lower_holds():
    """A store counts a key once."""
    both = limit("requests", 30, kind="unknown"), limit("requests", 20)
    for limits in (both, both[::-1]):
        found = {charge.kind: charge.ceiling for charge in charges(*limits)}
        assert found == {Kind.ROLLING: 20, Kind.PACE: 30}


def test_a_ceiling_is_never_negative():
    """Zero is never; less than never is not."""
    assert charges(limit("requests", -5))[0].ceiling == 0


def test_an_account_may_bound_what_is_under_way_and_spent():
    """Over the account itself, also within a pool; money only where money is spent."""
    own = {"max_concurrency": 2, "max_daily_spend": 0.5, "pool": "org"}
    places, money = charges(**own, free=False)
    assert places.key == "{org}|prov:acc|concurrent|concurrent:0"
    assert (places.kind, places.ceiling) == (Kind.CONCURRENT, 2)
    assert money.key == "{org}|prov:acc|money|day@UTC"
    assert (money.kind, money.ceiling) == (Kind.CALENDAR, 500_000_000)
    assert charges(**own) == [places]


def test_a_quick_charge_is_a_charge_like_any_other():
    """Every field is filled; values, hash and repr are those of the constructor's."""
    (line,) = lines_of(candidate(limit("total_tokens", 9, kind="bucket", burst=4)), 0)
    made = line.charge_of(7, (1, 2, 3, 4))
    values = {each.name: getattr(line.charge, each.name) for each in fields(Charge)}
    slow = Charge(**values | {"amount": 7, "edges": (1, 2, 3, 4)})
    assert made == slow
    assert hash(made) == hash(slow)
    assert repr(made) == repr(slow)
