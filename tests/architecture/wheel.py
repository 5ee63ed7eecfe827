"""What the wheel holds: the three packages, all of each, and nothing else.

python -m tests.architecture.wheel dist/freetier-*.whl
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path

from tests.architecture.sources import PACKAGES

ROOT = Path(__file__).parents[2]
PROVIDERS = "freetier/catalog/providers/"


def wrong_content(names: Collection[str], root: Path = ROOT) -> list[str]:
    """Find what a wheel with these names holds too much or too little.

    Args:
        names: Paths in the wheel.
        root: The checkout it was built from.
    """
    tops = {name.partition("/")[0] for name in names}
    alien = [
        f"top level: {top}"
        for top in sorted(tops - PACKAGES.keys())
        if not (top.startswith("freetier-") and top.endswith(".dist-info"))
    ]
    missing = [f"missing: {name}" for name in sorted(set(_sources(root)) - set(names))]
    untyped = [f"no py.typed: {name}" for name in PACKAGES if f"{name}/py.typed" not in names]
    has_catalog = any(name.startswith(PROVIDERS) and name.endswith(".yaml") for name in names)
    return [*alien, *missing, *untyped, *([] if has_catalog else [f"no provider in {PROVIDERS}"])]


def _sources(root: Path) -> Iterator[str]:
    for package, folder in PACKAGES.items():
        base = root / folder
        for path in base.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{package}/{path.relative_to(base).as_posix()}"


def main(wheel: str) -> int:
    """Print what is wrong with a wheel; return the exit status."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    findings = wrong_content(names)
    print(*(findings or [f"{len(names)} files, as they should be"]), sep="\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
