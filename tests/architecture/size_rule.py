"""The size rule: what does not fit a screen or two is two things."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from tests.architecture.sources import modules

MODULE_LINES = 300
FUNCTION_LINES = 40

# Place or `place:function` -> why it may be longer.
EXCEPTIONS: Mapping[str, str] = {}


def too_long(root: Path, exceptions: Mapping[str, str] = EXCEPTIONS) -> list[str]:
    """Find modules and functions that are too long, and exceptions nobody needs."""
    sizes = _oversize(root)
    long = [f"{place}: {size}" for place, size in sizes.items() if place not in exceptions]
    stale = [f"{place}: an exception it does not need" for place in exceptions.keys() - sizes]
    silent = [
        f"{place}: an exception without a reason" for place in exceptions if not exceptions[place]
    ]
    return [*long, *stale, *silent]


def _oversize(root: Path) -> dict[str, str]:
    found = {}
    for module in modules(root):
        lines = module.text.count("\n")
        if lines > MODULE_LINES:
            found[module.place] = f"{lines} lines; at most {MODULE_LINES}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    place = f"{module.place}:{node.name}"
                    found[place] = f"{length} lines; at most {FUNCTION_LINES}"
    return found
