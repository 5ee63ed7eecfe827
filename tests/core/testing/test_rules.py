"""Faults come by call, by time or by chance, where they were meant."""

from __future__ import annotations

from freetier.testing import faults
from freetier.testing.rules import OK, Chance, Outage, Rules, Scene, Script, by_call

DOWN = faults.Status(503)
SLOW = faults.Stall(5)


def played(rules: Rules, count: int, account: str = "a", at: float = 0.0) -> list[object]:
    """Return the faults of so many calls."""
    return [rules.fault("p", account, "m", at) for _ in range(count)]


def test_a_script_is_played_once() -> None:
    """One fault after the other, then none; `Ok` fills a place."""
    rules = Rules()
    rules.add(Script(Scene(), by_call([DOWN, faults.Ok(), SLOW])))
    assert played(rules, 5) == [DOWN, OK, SLOW, OK, OK]


def test_a_script_may_name_calls_by_number() -> None:
    """The first call is number 1."""
    rules = Rules()
    rules.add(Script(Scene(), by_call({2: DOWN})))
    assert played(rules, 3) == [OK, DOWN, OK]


def test_an_outage_ends_before_its_last_moment() -> None:
    """From `since` until before `until`."""
    rules = Rules()
    rules.add(Outage(Scene(), 10, 20, DOWN))
    assert [rules.fault("p", "a", "m", at) for at in (9.9, 10, 19.9, 20)] == [OK, DOWN, DOWN, OK]


def test_chance_is_the_same_for_the_same_seed() -> None:
    """A seed is a story; another seed is another one."""

    def story(seed: int) -> list[object]:
        rules = Rules()
        rules.add(Chance(Scene(), 0.3, DOWN, seed))
        return played(rules, 200)

    assert story(1) == story(1) != story(2)
    assert 30 < story(1).count(DOWN) < 90


def test_a_scene_narrows_a_rule() -> None:
    """By provider, account and model, each left empty for all."""
    rules = Rules()
    rules.add(Chance(Scene(account="a", model="m"), 1.0, DOWN))
    assert rules.fault("p", "a", "m", 0) == DOWN
    assert rules.fault("p", "b", "m", 0) == OK
    assert rules.fault("p", "a", "n", 0) == OK


def test_the_first_rule_with_a_fault_wins_and_all_take_their_turn() -> None:
    """A later script goes on counting behind an earlier one."""
    rules = Rules()
    rules.add(Script(Scene(), by_call([DOWN])))
    rules.add(Script(Scene(), by_call([SLOW, SLOW])))
    assert played(rules, 3) == [DOWN, SLOW, OK]


def test_a_list_of_models_is_no_call() -> None:
    """Only outages hit it, and no script counts it."""
    rules = Rules()
    rules.add(Script(Scene(), by_call([DOWN])))
    assert rules.fault("p", "a", "", 0, listing=True) == OK
    assert played(rules, 1) == [DOWN]
    rules.add(Outage(Scene(), 0, 10, SLOW))
    assert rules.fault("p", "a", "", 0, listing=True) == SLOW


def test_rules_can_be_taken_back() -> None:
    """One of them, or all."""
    rules = Rules()
    always = Chance(Scene(), 1.0, DOWN)
    rules.add(always)
    rules.add(Chance(Scene(), 1.0, SLOW))
    rules.remove(always)
    assert played(rules, 1) == [SLOW]
    rules.clear()
    assert played(rules, 1) == [OK]
