"""A simulation runs the real router against limits that are not its own, and counts both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from freetier import ConfigError
from freetier.testing import read_scenario, simulate
from tests.core.testing.simulation.scenes import provider, scene

KINDS = ["rolling", "fixed", "first", "bucket", "counter"]


@pytest.mark.parametrize("kind", KINDS)
def test_known_limits_are_used_up_and_never_hit(kind) -> None:
    """Under overload every window of whatever kind gives what it holds, and no 429 comes."""
    limit = {"amount": 10, "kind": kind}
    outcome = simulate(scene(provider(accounts=2, limits=[limit])), seed=5)
    totals = outcome.totals()
    assert totals.refused == 0
    assert totals.served >= 2 * 10 * 3 - 4
    assert totals.served + totals.told_no + totals.failed == totals.offered
    assert totals.calls == totals.served


def test_the_same_seed_gives_the_same_figures_and_another_one_others() -> None:
    """All that chance decides hangs on the seed; only the machine's own time differs."""
    asked = scene(provider(accounts=2), provider("beta", latency=[0.1, 3]))
    first, again, other = (replace(simulate(asked, seed=n), wall=0.0) for n in (1, 1, 2))
    assert first == again
    assert first != other


def test_who_cannot_be_served_is_told_at_once() -> None:
    """With no more patience than a minute's window is long, in no time at all."""
    outcome = simulate(scene(traffic={"load": 3, "patience": 20}))
    assert outcome.errors.keys() == {"QuotaExhausted"}
    assert max(outcome.told_after) == 0
    assert max(outcome.waits) <= 20.001


def test_what_is_left_falls_to_nothing_and_comes_back() -> None:
    """By the provider's own count, once per slice."""
    outcome = simulate(
        scene(traffic={"rate": 1 / 6, "bursts": [{"size": 9, "every": 50}]}, step=10)
    )
    left = outcome.accounts[0].left
    assert min(left) == 0
    assert max(left) >= 0.5


def test_a_provider_that_is_down_is_left_for_another_one() -> None:
    """Its calls fail, the callers notice nothing."""
    ill = provider(troubles=[{"since": 0, "until": 180, "status": 500}])
    down = provider("gamma", troubles=[{"since": 0, "until": 180, "status": 0}])
    outcome = simulate(scene(ill, down, provider("beta"), traffic={"rate": 0.1}))
    by_label = {one.account: one for one in outcome.accounts}
    assert outcome.totals().served == outcome.totals().offered > 0
    assert sum(by_label["alpha-1"].served) == sum(by_label["gamma-1"].served) == 0
    assert sum(by_label["alpha-1"].failed) > 0


def test_somebody_else_on_the_account_and_a_limit_that_falls_cause_refusals() -> None:
    """The control of all that is never refused: what a router cannot know is counted as 429."""
    stranger = simulate(scene(provider(others=5), traffic={"load": 1}))
    assert stranger.totals().refused > 0
    fallen = provider(changes=[{"at": 60, "limits": [{"amount": 2}]}])
    outcome = simulate(scene(fallen))
    assert outcome.totals(since=0).refused > 0
    assert sum(outcome.accounts[0].served[1:]) < 20


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_several_processes_share_one_store(store) -> None:
    """Together they take what one may take, and not one more."""
    outcome = simulate(scene(processes=3, store=store), seed=2)
    assert outcome.totals().refused == 0
    assert 29 <= outcome.totals().served <= 40


def test_streams_are_simulated_too() -> None:
    """Through the events of the dialect, with the usage at their end."""
    outcome = simulate(scene(traffic={"rate": 0.1, "stream": True}))
    assert outcome.totals().served == outcome.totals().offered > 0
    assert sum(outcome.accounts[0].tokens) == 40 * outcome.totals().served


def test_a_clock_that_is_ahead_or_slow_does_no_harm_to_rolling_windows() -> None:
    """They need no phase; a clock that loses a second a day is within the spread."""
    ahead = provider(skew=7.5)
    slow = provider("beta", drift=-1e-5)
    outcome = simulate(scene(ahead, slow, seconds=600))
    assert outcome.totals().refused == 0


def test_a_strategy_that_does_not_exist_is_refused() -> None:
    """The router's fields are read as they are everywhere."""
    with pytest.raises(ConfigError, match="harvest"):
        simulate(scene(router={"strategy": "harvst"}))


def test_it_prints_itself() -> None:
    """A line for each account, under what came of all."""
    text = str(simulate(scene(provider(accounts=2))))
    assert "alpha-1" in text
    assert "refused with 429: 0" in text
    assert read_scenario is not None
