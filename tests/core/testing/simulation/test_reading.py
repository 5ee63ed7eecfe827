"""Scenario files say what they mean, or what is wrong with them and where."""

from __future__ import annotations

import json

import pytest

from freetier import ConfigError
from freetier.testing import Limit, read_scenario
from freetier.testing.simulation import Burst, Size, Trouble
from tests.core.testing.simulation.scenes import provider, scene

WRONG = [
    ({"providrs": []}, "providrs.*providers"),
    ({"seconds": "soon"}, "seconds.*length of time"),
    ({"seconds": 0}, "longer than nothing"),
    ({"providers": []}, "providers"),
    ({"providers": [provider(limits=[{"amount": 1, "kind": "roling"}])]}, "kind.*rolling"),
    ({"providers": [provider(limits=[{"amount": 1, "burst": 3}])]}, "burst"),
    ({"providers": [provider(latency=[1, 2, 3])]}, "latency.*two"),
    ({"traffic": {"load": 1, "rate": 1}}, "either"),
    ({"traffic": {"load": 1, "bursts": [{"size": 99, "every": 1}]}}, "less than the bursts"),
    ({"traffic": {"rate": 1, "sizes": [{"prompt": 0}]}}, "prompt.*above 0"),
    ({"providers": [provider(limits=[])]}, "without limits"),
]


def test_a_file_in_either_language_says_the_same(tmp_path) -> None:
    """YAML, or JSON where the name says so."""
    tree = {
        "seconds": "2m",
        "providers": [provider(troubles=[{"since": 1, "until": "1m", "account": "alpha-1"}])],
        "traffic": {
            "rate": 2,
            "patience": [10, "1m"],
            "bursts": [{"size": 3, "every": "30s"}],
            "sizes": [{"prompt": [10, 20], "output": 5, "max_tokens": 9}],
        },
    }
    (tmp_path / "it.json").write_text(json.dumps(tree))
    (tmp_path / "it.yaml").write_text(json.dumps(tree))  # JSON is YAML
    found = read_scenario(tmp_path / "it.json")
    assert found == read_scenario(tmp_path / "it.yaml") == read_scenario(tree)
    assert found.seconds == 120
    assert found.supplies[0].limits == (Limit(10),)
    assert found.supplies[0].troubles == (Trouble(since=1, until=60, account="alpha-1"),)
    assert found.traffic.patience == (10, 60)
    assert found.traffic.bursts == (Burst(size=3, every=30),)
    assert found.traffic.sizes == (Size(prompt=(10, 20), output=(5, 5), max_tokens=9),)


@pytest.mark.parametrize(("wrong", "told"), WRONG)
def test_what_is_wrong_is_told_with_its_place(wrong, told) -> None:
    """A key that does not exist, a length that is none, a load that nobody can have."""
    with pytest.raises(ConfigError, match=f"(?s){told}"):
        scene(**wrong)


def test_a_load_counts_what_the_accounts_can_carry_for_ever() -> None:
    """The tightest limit of each account at the average size, bursts included."""
    tokens = {"amount": 300, "metric": "total_tokens"}  # at 60 tokens a request five a minute
    found = scene(
        provider(accounts=2, limits=[{"amount": 10}, tokens]),
        traffic={
            "load": 1.5,
            "sizes": [{"prompt": 20, "output": 40}],
            "bursts": [{"size": 3, "every": 60}],
        },
    )
    assert found.traffic.rate == pytest.approx(1.5 * 2 * 5 / 60 - 3 / 60)
