"""The check of the wheel finds what must not be in it, and what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.wheel import wrong_content

RIGHT = (
    "freetier/__init__.py",
    "freetier/py.typed",
    "freetier/catalog/providers/groq.yaml",
    "freetier_langchain/py.typed",
    "freetier_llamaindex/py.typed",
    "freetier-0.1.0.dist-info/METADATA",
)


def test_the_right_content_is_let_be(tmp_path: Path) -> None:
    """Three typed packages with a catalog, and the wheel's own folder."""
    assert wrong_content(RIGHT, tmp_path) == []


@pytest.mark.parametrize("name", ["core/freetier/__init__.py", "tests/conftest.py", "a.py"])
def test_anything_else_at_the_top_level_is_found(tmp_path: Path, name: str) -> None:
    """Neither the folder of the core nor the tests may be installed."""
    assert wrong_content([*RIGHT, name], tmp_path) == [f"top level: {name.partition('/')[0]}"]


@pytest.mark.parametrize("name", [name for name in RIGHT if "py.typed" in name or "yaml" in name])
def test_a_missing_mark_or_catalog_is_found(tmp_path: Path, name: str) -> None:
    """A package without `py.typed` is not typed, and a router without a catalog is blind."""
    (finding,) = wrong_content([other for other in RIGHT if other != name], tmp_path)

    assert finding.startswith(("no py.typed: ", "no provider in "))


def test_a_file_that_the_build_left_out_is_found(tmp_path: Path) -> None:
    """Every file of a package travels, data files too."""
    data = tmp_path / "core/freetier/demo/corpus.txt"
    data.parent.mkdir(parents=True)
    data.touch()

    assert wrong_content(RIGHT, tmp_path) == ["missing: freetier/demo/corpus.txt"]
