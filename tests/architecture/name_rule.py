"""The name rule: few public names, each expected, each told."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from tests.architecture.import_rule import public_names
from tests.architecture.sources import Module, modules

AT_MOST = 30
SELF_EVIDENT = frozenset({"__version__"})


def wrong_names(root: Path, expected: Collection[str]) -> list[str]:
    """Find public names of the core that are unexpected, missing, untold or too many."""
    found = list(modules(root))
    public = public_names(found)
    told = {name for module in found for name in _told(module)} | SELF_EVIDENT
    return [
        *(f"public, but not expected: {name}" for name in sorted(public - set(expected))),
        *(f"expected, but not public: {name}" for name in sorted(set(expected) - public)),
        *(f"no docstring: {name}" for name in sorted(public - told)),
        *([f"{len(public)} public names; at most {AT_MOST}"] if len(public) > AT_MOST else []),
    ]


def _told(module: Module) -> Iterator[str]:
    """Yield the names that carry a docstring where they are defined, or right below."""
    for node, below in zip(module.tree.body, [*module.tree.body[1:], None], strict=True):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if ast.get_docstring(node):
                    yield node.name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                    yield name
