"""The source tree as the rules see it: modules, read but never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {
    "freetier": "core/freetier",
    "freetier_langchain": "freetier_langchain",
    "freetier_llamaindex": "freetier_llamaindex",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of the packages.

    Attributes:
        name: As it is imported, for example `freetier.routing.flow`.
        place: Its path below the root, for messages.
        text: What it holds.
        tree: The same, parsed.
    """

    name: str
    place: str
    text: str
    tree: ast.Module

    def at(self, node: ast.AST, complaint: str) -> str:
        """Return a complaint with the line it is about."""
        return f"{self.place}:{getattr(node, 'lineno', 1)}: {complaint}"


def modules(root: Path) -> Iterator[Module]:
    """Read every module of the three packages below a root, in order."""
    for package, folder in PACKAGES.items():
        base = root / folder
        for path in sorted(base.rglob("*.py")):
            parts = path.relative_to(base).with_suffix("").parts
            own = parts[:-1] if parts[-1] == "__init__" else parts
            text = path.read_text(encoding="utf-8")
            yield Module(
                name=".".join((package, *own)),
                place=path.relative_to(root).as_posix(),
                text=text,
                tree=ast.parse(text),
            )
