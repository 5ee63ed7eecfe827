"""In which order candidates are tried: tables of cases worked out by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.errors import ConfigError
from freetier.routing.strategies import KEYS, STRATEGIES, order, sort_key, strategy
from freetier.values.models import Prices
from freetier.values.standings import Standing, Turn
from tests.core.routing.setups import candidate

NAMES = (
    "free-first", "priority", "declared", "least-used", "round-robin",
    "weighted", "least-busy", "fastest", "cost-first", "harvest",
)  # fmt: skip


def standing(name: str, place: int, **more) -> Standing:
    """Return a standing named by a letter; keywords go to whatever has the field."""
    seen = {k: more.pop(k) for k in list(more) if k in Standing.__dataclass_fields__}
    if "blended" in more:
        price = more.pop("blended")
        more["prices"] = Prices(input=price, output=price)
    one = candidate(id=name, order=more.pop("order", place), **more)
    return Standing(candidate=one, **seen)


def table(**rows: dict) -> list[Standing]:
    """Return standings, in declared order."""
    return [standing(name, place, **row) for place, (name, row) in enumerate(rows.items())]


def ordered(wanted, rows, **turn) -> str:
    """Return the letters of the candidates in order."""
    return "".join(c.account.id for c in order(wanted, rows, Turn(**turn)))


def test_all_ten_are_there():
    """By the names of the decisions, each also as a sort key."""
    assert tuple(STRATEGIES) == NAMES
    assert tuple(KEYS) == NAMES


CASES = [
    # free-first: free, tier, priority number, share or price, step, under way, declared
    ("free-first", {"a": {"free": False}, "b": {}}, "ba"),
    ("free-first", {"a": {"free": False}, "b": {"share_left": 0.0, "priority": 9}}, "ba"),
    ("free-first", {"a": {"tier_rank": -3}, "b": {"tier_rank": -4, "share_left": 0.1}}, "ba"),
    ("free-first", {"a": {"priority": 2}, "b": {"priority": 1, "share_left": 0.1}}, "ba"),
    ("free-first", {"a": {"tier_rank": -3, "priority": -9}, "b": {"tier_rank": -4}}, "ba"),
    ("free-first", {"a": {"share_left": 0.5}, "b": {"share_left": 0.6}}, "ba"),
    ("free-first", {"a": {"share_left": 0.501}, "b": {"share_left": 0.509}}, "ab"),
    ("free-first", {"a": {"share_left": 0.999}, "b": {}}, "ba"),
    ("free-first", {"a": {"share_left": 0.0}, "b": {"share_left": 0.0}, "c": {}}, "cab"),
    ("free-first", {"a": {"step": 1}, "b": {"step": 0}}, "ba"),
    ("free-first", {"a": {"step": 1, "share_left": 0.9}, "b": {"share_left": 0.8}}, "ab"),
    ("free-first", {"a": {"in_flight": 1}, "b": {}}, "ba"),
    ("free-first", {"a": {"in_flight": 1}, "b": {"step": 1}}, "ab"),
    ("free-first", {"a": {}, "b": {}, "c": {}}, "abc"),
    ("free-first", {"a": {"order": 5}, "b": {"order": 2}}, "ba"),
    (
        "free-first",
        {
            "a": {"free": False, "share_left": 1.0},
            "b": {"free": False, "blended": 2e-6, "share_left": 0.1},
            "c": {"free": False, "blended": 1e-6, "share_left": 0.1},
            "d": {"free": False, "blended": 1e-6, "priority": -1},
        },
        "dcba",
    ),
    # priority: tier, number, under way, declared
    ("priority", {"a": {"priority": 1}, "b": {"priority": 0}}, "ba"),
    ("priority", {"a": {"priority": 1, "tier_rank": -4}, "b": {"tier_rank": -3}}, "ab"),
    ("priority", {"a": {"share_left": 0.0}, "b": {"share_left": 1.0}}, "ab"),
    ("priority", {"a": {"free": False}, "b": {}}, "ab"),
    ("priority", {"a": {"in_flight": 1}, "b": {}}, "ba"),
    ("priority", {"a": {"in_flight": 9}, "b": {"priority": 1}}, "ab"),
    ("priority", {"a": {"step": 1}, "b": {"step": 0, "order": 9}}, "ba"),
    # declared: the ladder's steps, then the accounts, whatever else
    ("declared", {"a": {"share_left": 0.0, "in_flight": 9, "priority": 9}, "b": {}}, "ab"),
    ("declared", {"a": {"step": 2}, "b": {"step": 1}, "c": {"step": 0, "free": False}}, "cba"),
    ("declared", {"a": {"order": 2}, "b": {"order": 1}}, "ba"),
    ("declared", {"a": {"tier_rank": -1}, "b": {"tier_rank": -5}}, "ab"),
    # least-used: share left, under way, number, declared
    ("least-used", {"a": {"share_left": 0.505}, "b": {"share_left": 0.506}}, "ba"),
    ("least-used", {"a": {"share_left": 0.0}, "b": {"share_left": 0.01}, "c": {}}, "cba"),
    ("least-used", {"a": {"tier_rank": -5, "share_left": 0.5}, "b": {}}, "ba"),
    ("least-used", {"a": {"in_flight": 2}, "b": {"in_flight": 1}}, "ba"),
    ("least-used", {"a": {"priority": 2}, "b": {"priority": 1}}, "ba"),
    ("least-used", {"a": {}, "b": {}}, "ab"),
    # least-busy: free, under way, share or price, declared
    ("least-busy", {"a": {"in_flight": 2}, "b": {"in_flight": 1, "share_left": 0.1}}, "ba"),
    ("least-busy", {"a": {"free": False}, "b": {"in_flight": 5}}, "ba"),
    ("least-busy", {"a": {"share_left": 0.4}, "b": {"share_left": 0.5}}, "ba"),
    ("least-busy", {"a": {"free": False}, "b": {"free": False, "blended": 9.0}}, "ba"),
    ("least-busy", {"a": {}, "b": {}}, "ab"),
    # fastest: latency by who is under way; the unknown is tried
    ("fastest", {"a": {"latency": 0.9}, "b": {"latency": 0.3}, "c": {"latency": 0.5}}, "bca"),
    ("fastest", {"a": {"latency": 0.1}, "b": {}}, "ba"),
    ("fastest", {"a": {"in_flight": 1}, "b": {}}, "ba"),
    ("fastest", {"a": {"latency": 0.3, "in_flight": 3}, "b": {"latency": 1.0}}, "ba"),
    ("fastest", {"a": {"latency": 0.3, "in_flight": 2}, "b": {"latency": 1.0}}, "ab"),
    ("fastest", {"a": {"latency": 0.5}, "b": {"latency": 0.5}}, "ab"),
    # cost-first: price with free as 0 and unknown last, share, under way, declared
    ("cost-first", {"a": {"free": False, "blended": 1e-6}, "b": {}}, "ba"),
    (
        "cost-first",
        {
            "a": {"free": False},
            "b": {"free": False, "blended": 3e-6},
            "c": {"free": False, "blended": 1e-6},
        },
        "cba",
    ),
    ("cost-first", {"a": {"share_left": 0.2}, "b": {"share_left": 0.3}}, "ba"),
    ("cost-first", {"a": {"free": False, "blended": 0.0}, "b": {"share_left": 0.5}}, "ab"),
    ("cost-first", {"a": {"in_flight": 1}, "b": {}}, "ba"),
    ("cost-first", {"a": {}, "b": {}}, "ab"),
    # harvest: the price of the dearest window, most left, under way, declared
    ("harvest", {"a": {"price": 2.0}, "b": {"price": 1.0, "share_left": 0.1}}, "ba"),
    ("harvest", {"a": {"price": float("inf")}, "b": {"price": 1e9}, "c": {}}, "cba"),
    ("harvest", {"a": {"share_left": 0.4}, "b": {"share_left": 0.5}}, "ba"),
    ("harvest", {"a": {"in_flight": 1}, "b": {}}, "ba"),
    ("harvest", {"a": {}, "b": {}}, "ab"),
]


@pytest.mark.parametrize(("name", "rows", "expected"), CASES)
def test_the_order_is_as_decided(name, rows, expected):
    """Each case differs in what it is about; the same in whichever order they are given."""
    made = table(**rows)
    assert ordered(name, made) == expected
    assert ordered(name, made[::-1]) == expected
    by_key = sorted(made, key=sort_key(name))
    assert "".join(s.candidate.account.id for s in by_key) == expected


@pytest.mark.parametrize(
    ("counter", "expected"), [(0, "abc"), (1, "bca"), (2, "cab"), (3, "abc"), (3_000_001, "bca")]
)
def test_round_robin_begins_one_later_each_time(counter, expected):
    """Whatever they have left."""
    rows = table(a={"share_left": 0.1}, b={"in_flight": 3}, c={"free": False})
    assert ordered("round-robin", rows, counter=counter) == expected


def test_round_robin_as_a_key_takes_whoever_had_fewest_turns():
    """An index has no counter; it counts wins."""
    rows = table(a={"wins": 2}, b={"wins": 1}, c={"wins": 1, "in_flight": 1})
    by_key = sorted(rows, key=sort_key("round-robin"))
    assert "".join(s.candidate.account.id for s in by_key) == "bca"


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (0.0, "abc"),
        (0.49, "acb"),  # the rest of the draw is near its end
        (0.5, "bac"),
        (0.74, "bca"),
        (0.75, "cab"),
        (0.99, "cba"),
    ],
)
def test_weights_share_out_chance(chance, expected):
    """Of 2, 1 and 1 the first has half; who is left is drawn in the same way."""
    rows = table(a={"weight": 2.0}, b={}, c={})
    assert ordered("weighted", rows, chance=chance) == expected


def test_a_weight_of_zero_comes_last():
    """It is a reserve."""
    assert ordered("weighted", table(a={"weight": 0.0}, b={}), chance=0.99) == "ba"
    assert ordered("weighted", table(a={"weight": 0.0}, b={"weight": 0.0})) == "ab"


@given(st.floats(0, 1, exclude_max=True), st.lists(st.floats(0.5, 4), min_size=1, max_size=5))
def test_over_many_requests_weights_are_kept(chance, weights):
    """Within two of a hundred requests, from whatever chance one starts."""
    rows = [standing(str(n), n, weight=w) for n, w in enumerate(weights)]
    first = Counter(ordered("weighted", rows, counter=n, chance=chance)[0] for n in range(100))
    for place, weight in enumerate(weights):
        assert first[str(place)] == pytest.approx(100 * weight / sum(weights), abs=2.5)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "declared"])
def test_ten_at_once_on_two_equal_accounts_split_evenly(name):
    """Requests under way count everywhere; only `declared` is an order and nothing else."""
    rows = table(a={"latency": 0.5}, b={"latency": 0.5})
    for n in range(10):
        chosen = order(name, rows, Turn(counter=n, chance=0.3))[0]
        rows = [
            replace(s, in_flight=s.in_flight + 1, wins=s.wins + 1) if s.candidate is chosen else s
            for s in rows
        ]
    assert all(4 <= s.in_flight <= 6 for s in rows)


def test_ten_at_once_follow_the_declared_order():
    """Until a window is full."""
    assert ordered("declared", table(a={"in_flight": 10}, b={})) == "ab"


@pytest.mark.parametrize("name", NAMES)
def test_withdrawn_models_come_after_all_others(name):
    """Under every strategy; a person who named one gets it when nothing else answers."""
    rows = table(a={"gone": True}, b={"share_left": 0.0, "in_flight": 9, "step": 3})
    assert ordered(name, rows) == "ba"
    assert min(rows, key=sort_key(name)) is rows[1]


@pytest.mark.parametrize("name", NAMES)
def test_nobody_left_is_an_empty_order(name):
    """Not an error: the flow says why."""
    assert order(name, []) == ()


@given(st.sampled_from(NAMES), st.permutations("abcde"), st.integers(0, 99))
def test_an_order_is_a_permutation(name, letters, counter):
    """Everyone once."""
    rows = [standing(letter, place) for place, letter in enumerate(letters)]
    assert sorted(ordered(name, rows, counter=counter)) == list("abcde")


def test_a_callable_is_a_strategy():
    """It gets all standings and the turn; it may return standings, and leave some out."""
    seen = []

    def last_first(standings, turn):
        seen.append(turn.counter)
        return [s.candidate for s in standings][::-1]

    rows = table(a={}, b={}, c={})
    assert ordered(last_first, rows, counter=4) == "cba"
    assert ordered(lambda standings, turn: [standings[1], standings[1]], rows) == "b"
    assert ordered(lambda standings, turn: [], rows) == ""
    assert seen == [4]


def test_what_is_no_strategy_is_told():
    """A thing that cannot be called when it is given, a useless answer when it comes."""
    with pytest.raises(ConfigError, match=r"strategy: give a name, or a function .*not an int"):
        strategy(3)
    with pytest.raises(ConfigError, match="strategy: the strategy returned None"):
        ordered(lambda standings, turn: None, table(a={}))


def test_a_callable_may_bring_nobody_in():
    """What was left out was left out for a reason."""
    stranger = candidate(id="x")
    with pytest.raises(ConfigError, match="none of its candidates"):
        order(lambda standings, turn: [stranger], table(a={}))


@pytest.mark.parametrize("name", ["free_first", "FREE-FIRST", "Round_Robin"])
def test_names_are_taken_as_people_write_them(name):
    """Underscores and capitals do not matter."""
    assert strategy(name) is STRATEGIES[name.lower().replace("_", "-")]


@pytest.mark.parametrize(("wrong", "told"), [("free-frist", "'free-first'"), ("xyz", "harvest")])
def test_an_unknown_strategy_is_a_readable_error(wrong, told):
    """The nearest name, or all of them."""
    with pytest.raises(ConfigError, match=told):
        strategy(wrong)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"free": True, "prices": Prices(input=1.0)}, 0.0),
        ({"free": False, "prices": Prices()}, float("inf")),
        ({"free": False, "prices": Prices(input=3.0, output=6.0)}, 5.0),
        ({"free": False, "prices": Prices(input=3.0)}, 1.0),
    ],
)
def test_a_blended_price_weighs_output_twice(more, expected):
    """(input + 2 x output) / 3; free is nothing; unknown is last."""
    assert Standing(candidate=candidate(**more)).blended == expected
