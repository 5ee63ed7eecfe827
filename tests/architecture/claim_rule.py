"""The rule of the tests: each says in one line what it claims, and stands beside its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CORE, TESTS = Path("core/freetier"), Path("tests/core")


def untold_tests(root: Path) -> list[str]:
    """Find test modules and tests without a docstring, and tests of modules that are not there."""
    paths = sorted((root / "tests").rglob("test_*.py"))
    return [complaint for path in paths for complaint in _complaints(root, path)]


def _complaints(root: Path, path: Path) -> Iterator[str]:
    place = path.relative_to(root)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not ast.get_docstring(tree):
        yield f"{place.as_posix()}: no docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            is_test = node.name.startswith("test_")
            if is_test and not ast.get_docstring(node):
                yield f"{place.as_posix()}:{node.lineno}: {node.name} has no docstring"
    if place.is_relative_to(TESTS) and not _mirrors(root, place):
        yield f"{place.as_posix()}: no module of {CORE.as_posix()} to test by this name"


def _mirrors(root: Path, place: Path) -> bool:
    """Tell whether `tests/core/a/test_b_c.py` stands for `a/b_c.py`, `a/b.py` or a folder.

    A test of a whole package stands inside it and bears its name: `a/test_a_topic.py`.
    """
    folder = root / CORE / place.relative_to(TESTS).parent
    words = place.stem.removeprefix("test_").split("_")
    names = ("_".join(words[:count]) for count in range(len(words), 0, -1))
    places = (folder / place for name in names for place in (name, f"{name}.py", f"__{name}__.py"))
    return words[0] == folder.name or any(place.exists() for place in places)
