"""A small catalog in a folder of its own, for tests that break one."""

from __future__ import annotations

import shutil
from pathlib import Path

import freetier.catalog
from freetier.catalog.shipped import Catalog

SHIPPED = Path(freetier.catalog.__file__).parent
FILES = sorted((SHIPPED / "providers").glob("*.yaml"))
NAMES = tuple(path.stem for path in FILES)


def copy_of_shipped(root: Path) -> Path:
    """Copy the shipped data to a folder that a test may spoil."""
    for name in ("index.yaml", "aliases.yaml", "faults.yaml", "sources.yaml"):
        shutil.copy(SHIPPED / name, root / name)
    shutil.copytree(SHIPPED / "providers", root / "providers")
    return root


def small(root: Path, **files: str) -> Catalog:
    """Return a catalog whose providers are these texts, by name."""
    copy_of_shipped(root)
    shutil.rmtree(root / "providers")
    (root / "providers").mkdir()
    for name, text in files.items():
        (root / "providers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    index = "".join(f"{name}: {{}}\n" for name in files)
    (root / "index.yaml").write_text(index, encoding="utf-8")
    return Catalog(root)
