"""A short version of `make harvest`, so that the long one cannot rot."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from freetier.testing.simulation import Supply, read_scenario
from tests.benchmarks import harvest
from tests.benchmarks.over_sockets import over_sockets

GOALS = json.loads(harvest.GOALS.read_text(encoding="utf-8"))
BRIEF = 180.0
SHORT = ["sliding.yaml", "fixed.yaml", "bucket.yaml", "newest-first.yaml", "light.yaml"]


@pytest.mark.parametrize("name", SHORT)
def test_three_minutes_reach_what_is_expected(name, capsys) -> None:
    """The same files and the same goals as the long run, with another seed."""
    scenario = replace(read_scenario(harvest.SCENARIOS / name), seconds=BRIEF)
    figures, _ = harvest.measured(scenario, seed=17)
    with capsys.disabled():
        print(f"\n{name}: {harvest.row(figures)}", end="")
    assert not harvest.missed(figures, GOALS[name])


def test_a_router_that_is_told_too_much_misses_the_goals() -> None:
    """The control: with twice the true limits it is refused, and the table says so."""
    scenario = replace(read_scenario(harvest.SCENARIOS / "sliding.yaml"), seconds=60.0)
    wrong = tuple(_told_double(supply) for supply in scenario.supplies)
    figures, _ = harvest.measured(replace(scenario, supplies=wrong), seed=1)
    assert any("refused_share" in text for text in harvest.missed(figures, GOALS["sliding.yaml"]))


def _told_double(supply: Supply) -> Supply:
    amount = supply.limits[0].amount * 2
    return replace(supply, told=({"metric": "requests", "amount": amount, "per": "minute"},))


def test_it_runs_over_sockets_too(capsys) -> None:
    """Six seconds of real time: nothing is refused, everybody is answered or told no."""
    scenario = replace(read_scenario(harvest.SCENARIOS / "sockets.yaml"), seconds=6.0)
    found = over_sockets(scenario, seed=2)
    with capsys.disabled():
        print(f"\nover sockets: {found['wall_seconds']:.1f} s of wall time", end="")
    assert found["refused"] == found["failed"] == 0
    assert found["served"] + found["told_no"] == found["offered"]
    assert 0 < found["served"] <= found["optimum_in_all"]


def test_what_a_long_day_costs_can_be_told(capsys) -> None:
    """Its first quarter of an hour: all are served, and it is told what that took."""
    scenario = replace(read_scenario(harvest.SCENARIOS / "long-day.yaml"), seconds=900.0)
    found = harvest.cost(scenario, seed=3)
    with capsys.disabled():
        print(f"\nsimulating: {found['cpu_us_a_request']} us of CPU a request", end="")
    assert found["accounts"] == 12
    assert found["served"] == found["requests"] > 0
    assert found["cpu_seconds"] > 0
    assert found["peak_mb"] > 0


def test_every_shipped_scenario_can_be_read_and_has_goals() -> None:
    """And every goal has its scenario."""
    names = {path.name for path in harvest.SCENARIOS.glob("*.yaml")}
    for name in names:
        assert read_scenario(harvest.SCENARIOS / name).seconds > 0
    assert set(GOALS) <= names
    assert names - set(GOALS) <= {"day.yaml", "long-day.yaml", "sockets.yaml"}


def test_anybodys_scenario_runs_from_the_command_line(tmp_path) -> None:
    """With a seed, as JSON: served, the optimum, and how that was found."""
    tree = {
        "seconds": 60,
        "providers": [{"name": "alpha", "limits": [{"amount": 5}]}],
        "traffic": {"load": 3},
    }
    (tmp_path / "mine.json").write_text(json.dumps(tree))
    words = [sys.executable, harvest.__file__, "--scenario", tmp_path / "mine.json"]
    done = subprocess.run([*words, "--seed", "4", "--json"], capture_output=True, check=True)
    told = json.loads(done.stdout)
    assert (told["seed"], told["optimum_by"], told["optimum"]) == (4, "rule", 5)
    assert told["served_in_time"] == 5
