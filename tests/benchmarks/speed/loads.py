"""What it costs to load a module: CPU and memory above a bare interpreter."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterable

KEYS = (
    "CEREBRAS_API_KEY CHUTES_API_KEY COHERE_API_KEY GEMINI_API_KEY GROQ_API_KEY MISTRAL_API_KEY "
    "OPENROUTER_API_KEY SAMBANOVA_API_KEY"
)
"""Of eight free providers, for `Router.from_env()`."""

_PROGRAM = """
import resource, sys
{statement}
used = resource.getrusage(resource.RUSAGE_SELF)
try:  # not `ru_maxrss` where there is a choice: a child inherits it from who started it
    pages = int(open("/proc/self/statm").read().split()[1])
    memory = pages * resource.getpagesize()
except OSError:
    memory = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print("[%r, %r, %d]" % (used.ru_utime + used.ru_stime, memory, len(sys.modules)))
"""


def load(statement: str) -> list[float]:
    """Run a statement in a new process; return CPU seconds, bytes and modules at its end."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(statement=statement)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what freetier warns of these accounts
        env=dict.fromkeys(KEYS.split(), "a-key"),
    )
    found: list[float] = json.loads(done.stdout)
    return found


def loads(statements: Iterable[str], rounds: int) -> dict[str, dict[str, float]]:
    """Measure statements in turns; return CPU ms, MB and modules above a bare interpreter."""
    names = ("pass", *dict.fromkeys(statements))
    for name in names:
        load(name)  # so that everything is compiled
    taken: dict[str, list[list[float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            taken[name].append(load(name))
    middle = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)]
        for name, rows in taken.items()
    }
    bare = middle.pop("pass")
    return {
        name: {
            "ms": (cpu - bare[0]) * 1e3,
            "MB": (memory - bare[1]) / 1e6,
            "modules": modules - bare[2],
        }
        for name, (cpu, memory, modules) in middle.items()
    }
