"""The floors are read out of pyproject.toml, and what has none is an error."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.floors import ROOT, floors

PROJECT = """
[project]
dependencies = ["httpx>=0.28,<1"]
[project.optional-dependencies]
redis = ["redis[hiredis]>=5.2.1"]
local = ["xllamacpp==2026.4"]
loose = ["aiohttp"]
"""


def test_floors_are_constraints_of_the_groups_that_are_asked_for() -> None:
    """Base dependencies only with `base`; the version that is pinned is its own floor."""
    assert floors(PROJECT, ["base", "redis"]) == ["httpx==0.28", "redis==5.2.1"]
    assert floors(PROJECT, ["local"]) == ["xllamacpp==2026.4"]


def test_a_dependency_without_a_floor_is_an_error() -> None:
    """Nobody knows what it would run with."""
    with pytest.raises(ValueError, match="no floor: aiohttp"):
        floors(PROJECT, ["loose"])


DEVELOPERS = {"bench", "test", "peers", "lint", "notebooks"}  # run on this checkout only
BUNDLES = {"demo", "all"}  # of other extras, and nothing else


def test_every_dependency_of_a_user_is_tried_at_its_floor() -> None:
    """All extras but developers', and those that only bundle others."""
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    run = Path(ROOT / ".ci/floors").read_text("utf-8")
    extras = tomllib.loads(project)["project"]["optional-dependencies"]
    groups = ["base", *sorted(set(extras) - DEVELOPERS - BUNDLES)]
    assert floors(project, groups)
    assert [group for group in groups if not re.search(rf"\b{group}\b", run)] == []
    assert all(line.startswith("freetier[") for name in BUNDLES for line in extras[name])
