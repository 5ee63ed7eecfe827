"""The oldest versions that pyproject.toml allows, as constraints for pip.

    python -m tests.architecture.floors [base] [EXTRA...] > floors.txt

prints `name==floor` for the dependencies of the extras, and of the package itself if `base` is
among them: the frameworks want later ones. Tests that run with them (`make floors`) show
that what is declared is enough.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
REQUIREMENT = re.compile(r"([A-Za-z0-9_.-]+)(?:\[([^\]]*)\])?\s*(?:>=|==)\s*([0-9][0-9A-Za-z.]*)")


def floors(project: str, groups: Sequence[str]) -> list[str]:
    """Return the constraints of a `pyproject.toml`.

    Args:
        project: Its text.
        groups: `base`, and names of extras.

    Raises:
        ValueError: A dependency has no floor.
    """
    table = tomllib.loads(project)["project"]
    found: dict[str, str] = {}
    for line in _lines(table, groups):
        match = REQUIREMENT.match(line)
        if match is None:
            raise ValueError(f"no floor: {line}")
        found[match[1]] = match[3]
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _lines(table: dict[str, Any], groups: Sequence[str]) -> Iterator[str]:
    known = {"base": table["dependencies"], **table["optional-dependencies"]}
    for group in groups:
        yield from known[group]


if __name__ == "__main__":
    print("\n".join(floors((ROOT / "pyproject.toml").read_text("utf-8"), sys.argv[1:])))
