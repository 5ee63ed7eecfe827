"""The tests keep their own rule: each says its claim and stands beside its source."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.claim_rule import untold_tests

ROOT = Path(__file__).parents[2]


def test_every_test_says_what_it_claims() -> None:
    """Each test module and each test has a docstring, and mirrors what it tests."""
    assert untold_tests(ROOT) == []


def test_a_test_without_a_claim_is_found(tmp_path: Path) -> None:
    """A module without a docstring and a method without one are both said."""
    _write(tmp_path, "tests/wire/test_a.py", "class TestA:\n    def test_b(self): ...\n")

    assert untold_tests(tmp_path) == [
        "tests/wire/test_a.py: no docstring",
        "tests/wire/test_a.py:2: test_b has no docstring",
    ]


def test_a_test_of_a_module_that_is_not_there_is_found(tmp_path: Path) -> None:
    """A renamed module takes its tests along."""
    _write(tmp_path, "core/freetier/routing/flow.py", "")
    _write(tmp_path, "tests/core/routing/test_flow.py", '"""Told."""\n')
    _write(tmp_path, "tests/core/routing/test_flow_failover.py", '"""Told."""\n')
    _write(tmp_path, "tests/core/test_routing.py", '"""Told."""\n')
    _write(tmp_path, "tests/core/routing/test_river.py", '"""Told."""\n')

    (finding,) = untold_tests(tmp_path)

    assert finding.startswith("tests/core/routing/test_river.py: ")


def _write(root: Path, place: str, text: str) -> None:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
