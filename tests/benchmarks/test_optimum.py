"""The optimum is an optimum: no search over all ways finds a better one, and it knows nobody."""

from __future__ import annotations

import ast
import itertools
import random
from pathlib import Path

import pytest

from tests.benchmarks import optimum as opt

KINDS = ["rolling", "fixed", "bucket"]


def account(kind: str, amount: int, span: float = 10.0, **more) -> opt.Account:
    """Return an account with one limit of requests."""
    limit = {"amount": amount, "span": span, "metric": "requests", "kind": kind, **more}
    return opt.Account([(0.0, [limit])])


def most_by_search(accounts, requests) -> int:
    """Try every account, or nobody, for every request, each as early as it can go."""
    best = 0
    for ways in itertools.product([None, *range(len(accounts))], repeat=len(requests)):
        places = [opt.WINDOWS[a.limits[0][1][0]["kind"]](a.limits[0][1][0], a) for a in accounts]
        served = 0
        for (at, patience, _, _), way in zip(requests, ways, strict=True):
            if way is not None:
                moment = places[way].earliest(at)
                if moment > at + patience:
                    break
                places[way].take(moment)
                served += 1
        else:
            best = max(best, served)
    return best


@pytest.mark.parametrize("kind", KINDS)
def test_the_rule_finds_what_a_search_over_all_ways_finds(kind) -> None:
    """On a hundred small cases of two accounts."""
    dice = random.Random(kind)
    for _ in range(100):
        amounts = [dice.randint(1, 3) for _ in range(2)]
        if kind == "bucket":  # the rule is for those that are alike
            amounts[1] = amounts[0]
        accounts = [account(kind, n, phase=dice.uniform(0, 10)) for n in amounts]
        moments = sorted(dice.uniform(0, 18) for _ in range(6))
        requests = [(at, 3.0, 1, 1) for at in moments]
        assert opt.rule_holds(accounts, requests)
        assert len(opt.by_rule(accounts, requests)) == most_by_search(accounts, requests)


@pytest.mark.parametrize("kind", KINDS)
def test_the_programme_is_never_below_the_rule_and_hardly_above(kind) -> None:
    """It is a bound; under a steady overload it is within two in a hundred."""
    dice = random.Random(f"{kind} programme")
    accounts = [account(kind, 10, 60.0, phase=n) for n in (0, 7, 31)]
    requests, at = [], 0.0
    while (at := at + dice.expovariate(0.9)) < 600:
        requests.append((at, 30.0, 1, 1))
    rule = opt.optimum(accounts, requests, 600.0)
    bound = opt.by_programme(accounts, requests, 600.0)
    assert rule.by == "rule"
    for until in (600.0, float("inf")):
        assert rule.served(until=until) <= bound.served(until=until) + 1e-6
    assert bound.served() <= rule.served() * 1.02


def test_tokens_days_troubles_and_changes_bind_the_programme() -> None:
    """Each of them alone, on an account that could otherwise serve everybody."""
    requests = [(float(at), 5.0, 30, 70) for at in range(600)]

    def served(*limits, away=()) -> float:
        held = [
            (since, [{"span": 60.0, "kind": "rolling", **one} for one in some])
            for since, some in limits
        ]
        return opt.by_programme([opt.Account(held, away)], requests, 600.0).served(until=600.0)

    plenty = {"amount": 1000, "metric": "requests"}
    assert served((0.0, [plenty])) == pytest.approx(600, rel=0.01)
    tokens = {"amount": 1000, "metric": "total_tokens"}
    assert served((0.0, [plenty, tokens])) == pytest.approx(100, rel=0.01)
    day = {"amount": 77, "metric": "requests", "span": 86_400.0, "kind": "calendar", "per": "day"}
    assert served((0.0, [plenty, day])) == pytest.approx(77)
    assert served((0.0, [plenty]), away=[(100.0, 400.0)]) == pytest.approx(305, rel=0.02)
    assert served((0.0, [plenty]), (300.0, [tokens])) == pytest.approx(350, rel=0.02)


def test_it_knows_nothing_of_freetier() -> None:
    """Not one import; its windows are written once more."""
    tree = ast.parse(Path(opt.__file__).read_text(encoding="utf-8"))
    names = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in names if "freetier" in name or "tests" in name]
