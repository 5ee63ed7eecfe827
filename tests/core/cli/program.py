"""The command line as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import freetier

ROOT = Path(freetier.__file__).parents[2]


def environment(**variables: str) -> dict[str, str]:
    """Return an environment without any key, in which Python finds our packages."""
    kept = {
        name: value for name, value in os.environ.items() if not name.endswith(("KEY", "TOKEN"))
    }
    return {**kept, "PYTHONPATH": f"{ROOT / 'core'}{os.pathsep}{ROOT}", **variables}


def run(
    *words: str, code: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it with its output in pipes, from its module or from a line of code."""
    program = ["-c", code] if code else ["-m", "freetier"]
    return subprocess.run(
        [sys.executable, *program, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment() if env is None else env,
    )


def without(*modules: str) -> str:
    """Return the code of a command line on a machine where some modules are not installed."""
    gone = dict.fromkeys(modules)
    return f"import sys; sys.modules.update({gone!r}); from freetier.cli import main; main()"
