"""An import brings along what it needs, and nothing of the other framework."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture import installed

ROOT = Path(__file__).parents[2]
BUNDLES = {"demo", "all", "notebooks"}
FOR_DEVELOPERS = {"bench", "lint", "peers", "test"}


@pytest.mark.parametrize("module", sorted(installed.NEVER))
def test_an_import_loads_nothing_it_must_not(module: str) -> None:
    """With both frameworks installed, each package stays on its side."""
    assert installed.unwanted(sys.executable, module) == []


def test_what_an_import_loads_is_seen() -> None:
    """The check sees a module that comes along."""
    assert "json" in installed.loaded(sys.executable, "json.decoder")
    assert "llama_index" not in installed.loaded(sys.executable, "json")


def test_an_import_that_fails_is_an_error() -> None:
    """A module that cannot be imported does not pass as one that loads nothing."""
    with pytest.raises(RuntimeError, match="No module named"):
        installed.loaded(sys.executable, "freetier_nowhere")


def test_a_statement_that_does_not_name_its_extra_is_found() -> None:
    """An ImportError of another kind is no help to a user, and success none at all."""
    helpful = {"raise ImportError('pip install freetier[langchain]')": "langchain"}
    unhelpful = {"import nowhere_at_all": "langchain", "import json": "cli"}

    assert installed.unhelpful(sys.executable, helpful) == []
    first, second = installed.unhelpful(sys.executable, unhelpful)

    assert "does not name freetier[langchain]" in first
    assert "does not name freetier[cli]" in second


def test_every_extra_is_checked_when_the_wheel_is() -> None:
    """A new extra cannot be forgotten."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    extras = set(project["optional-dependencies"]) - BUNDLES - FOR_DEVELOPERS

    assert extras == set(installed.WITH_EXTRA)


def test_the_bundles_hold_what_they_are_said_to_hold() -> None:
    """`demo` is what `freetier demo` needs; `all` is everything but `local`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (demo,) = project["optional-dependencies"]["demo"]
    (everything,) = project["optional-dependencies"]["all"]

    assert _inside(demo) == {"langchain", "llamaindex", "cli", "local", "testing"}
    assert _inside(everything) == set(installed.WITH_EXTRA) - {"local"}


def _inside(requirement: str) -> set[str]:
    return set(requirement.removeprefix("freetier[").removesuffix("]").split(","))
