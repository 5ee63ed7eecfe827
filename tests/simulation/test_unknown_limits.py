"""Limits that nobody told, or that are told wrongly, are found from few refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from freetier import QuotaExhausted, Router
from freetier.stores import MemoryStore
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.testing.simulation import Outcome, read_scenario, simulate
from freetier.testing.styles import STYLES
from freetier.testing.styles.form import RateForm, Style

TEN, TWENTY = 600.0, 1200.0


def outcome(provider: dict[str, Any], **more: Any) -> Outcome:
    """Return twenty minutes at 1.5 times what two accounts of twenty a minute can carry."""
    tree = {
        "seconds": TWENTY,
        "providers": [{"name": "alpha", "accounts": 2, **provider}],
        "traffic": {"rate": 1.0},
        **more,
    }
    return simulate(read_scenario(tree), seed=9)


@pytest.mark.parametrize("kind", ["rolling", "fixed", "bucket", "counter"])
def test_an_unknown_limit_is_used_after_ten_minutes(kind) -> None:
    """Of twenty a minute and account at least 0.93, with at most 3 % refused."""
    found = outcome({"told": False, "limits": [{"amount": 20, "kind": kind}]})
    late = found.totals(since=TEN)
    assert found.served(TEN, TWENTY) >= 0.93 * 2 * 20 * 10
    assert late.refused_share <= 0.03


def test_without_learning_a_wrong_kind_would_be_refused_without_end() -> None:
    """A gateway that paces, told as a rolling minute: refused at first, hardly any more later."""
    told = [{"metric": "requests", "amount": 20, "per": "minute"}]
    found = outcome({"told": told, "limits": [{"amount": 20, "kind": "pace", "burst": 3}]})
    early, late = found.totals(), found.totals(since=TEN)
    assert early.refused - late.refused > 0
    assert late.refused_share <= 0.03
    assert found.served(TEN, TWENTY) >= 0.9 * 2 * 20 * 10


def test_a_limit_that_rises_is_found_by_trials() -> None:
    """Within the twenty minutes from 10 to 20 a minute, half the way at least."""
    rises = [{"at": 300, "limits": [{"amount": 20}]}]
    found = outcome({"told": False, "limits": [{"amount": 10}], "changes": rises})
    assert found.served(TWENTY - 240, TWENTY) >= 2 * 15 * 4


def bare() -> Style:
    """Return how somebody speaks who tells nothing of his limits."""
    style = STYLES["generic"]
    refused = replace(style.errors["refused"], message="Slow down")
    return replace(style, rates=RateForm(), errors={**style.errors, "refused": refused})


class Scene:
    """Two accounts of four a minute, of which the router knows nothing."""

    def __init__(self) -> None:
        self.fleet = Fleet(FakeProvider("own", bare(), accounts=2, limits=[Limit(4)]))
        self.clock = VirtualClock()
        self.store = MemoryStore(self.clock)
        self.router = self.opened()

    def opened(self) -> Router:
        """Return one more router over the same accounts and store."""
        transport = self.fleet.transport(self.clock)
        config = {**self.fleet.config(), "aliases": {"any": "own/m"}}
        return Router(config, transport=transport, clock=self.clock, store=self.store, seed=1)

    def ask(self, times: int, router: Router | None = None) -> int:
        """Ask so often, a second apart; return how often we were answered."""
        answered = 0
        for _ in range(times):
            self.clock.advance(1.0)
            try:
                (router or self.router).complete("Hello", model="any", max_wait=0)
            except QuotaExhausted:
                continue
            answered += 1
        return answered


def test_what_was_found_is_shown_with_its_source_and_known_to_others() -> None:
    """In the status, in another account of the provider, and in another process."""
    scene = Scene()
    scene.ask(200)
    rows = [row for row in scene.router.quota_status() if row.metric == "requests"]
    assert {row.source for row in rows} == {"found"}
    assert {row.account for row in rows} == {"own-1", "own-2"}
    assert all(1 <= row.limit <= 6 for row in rows)
    before = len(scene.fleet.books.refused())
    scene.clock.advance(120.0)
    fresh = scene.opened()
    assert scene.ask(50, fresh) >= 4
    assert len(scene.fleet.books.refused()) - before <= 2


def test_one_refusal_is_anybodys_mistake() -> None:
    """Nothing is concluded from a single one; an account without limits stays one."""
    scene = Scene()
    scene.fleet.script("own-1", [faults.RateLimited(wait=5)])
    assert scene.ask(4) == 4
    assert not [row for row in scene.router.quota_status() if row.source == "found"]


@pytest.mark.parametrize("metric", ["requests", "total_tokens"])
def test_a_limit_that_a_refusal_names_is_believed(metric: str) -> None:
    """After one refusal of each account nothing is refused any more, whatever is counted."""
    amount = 20 if metric == "requests" else 4000
    sizes = [{"prompt": [60, 140], "output": [60, 140], "max_tokens": 140}]
    found = outcome(
        {"told": False, "says": "headers", "limits": [{"amount": amount, "metric": metric}]},
        traffic={"rate": 1.0, "sizes": sizes},
    )
    assert found.totals().refused <= 2 * 3
    assert found.totals(since=TEN).refused_share <= 0.005
    assert found.served(TEN, TWENTY) >= 0.8 * 2 * 20 * 10


def test_a_number_of_the_users_own_is_not_exceeded_by_what_is_found() -> None:
    """Not while its kind of window is looked for either, whatever headers and bodies tell."""
    own = [{"metric": "requests", "amount": 12, "per": "minute"}]
    found = outcome({"told": own, "says": "headers", "limits": [{"amount": 24, "kind": "pace"}]})
    minutes = zip(*(account.calls for account in found.accounts), strict=True)
    assert max(sum(calls) for calls in minutes) <= 2 * 12 + 2  # slices are not its minutes
    assert found.totals(since=TEN).refused_share <= 0.03


@pytest.mark.parametrize(
    "told", [False, [{"metric": "total_tokens", "amount": 8000, "per": "minute"}]]
)
def test_a_limit_of_tokens_is_found(told: Any) -> None:
    """Silent, or told twice too high: at least 0.85 of it is used, with at most 3 % refused."""
    sizes = [{"prompt": [60, 140], "output": [60, 140], "max_tokens": 140}]
    found = outcome(
        {"told": told, "limits": [{"amount": 4000, "metric": "total_tokens"}]},
        traffic={"rate": 1.0, "sizes": sizes},
    )
    assert found.served(TEN, TWENTY) >= 0.85 * 2 * 20 * 10
    assert found.totals(since=TEN).refused_share <= 0.03
