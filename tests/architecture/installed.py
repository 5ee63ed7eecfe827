"""What an installed freetier imports: with each extra, and without any.

python -m tests.architecture.installed extras                  names of the extras
python -m tests.architecture.installed check PYTHON [EXTRA]    an environment with one of them
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence

# What must import when an extra is there.
WITH_EXTRA: Mapping[str, tuple[str, ...]] = {
    "langchain": ("freetier_langchain",),
    "llamaindex": ("freetier_llamaindex",),
    "redis": ("redis",),
    "postgres": ("psycopg", "psycopg_pool"),
    "cli": ("freetier.cli", "typer", "rich"),
    "local": ("freetier.local", "xllamacpp", "onnxruntime", "numpy"),
    "testing": ("freetier.testing", "aiohttp"),
    "fast": ("httptools", "orjson"),
    "plots": ("matplotlib",),
    "otel": ("opentelemetry",),
    "prometheus": ("prometheus_client",),
}

# What fails without an extra, and must then name it.
WITHOUT_EXTRA: Mapping[str, str] = {
    "import freetier_langchain": "langchain",
    "import freetier_llamaindex": "llamaindex",
    "import runpy; runpy.run_module('freetier', run_name='__main__')": "cli",
    "from freetier.local import embed; embed(['a text'])": "local",
    "from freetier.testing import FakeProvider, Fleet; Fleet(FakeProvider('groq')).__enter__()": (
        "testing"
    ),
}

# What an import must never load, with whatever is installed.
NEVER: Mapping[str, tuple[str, ...]] = {
    "freetier": (
        *("langchain_core", "llama_index", "freetier_langchain", "freetier_llamaindex"),
        *("redis", "psycopg", "typer", "rich", "aiohttp", "orjson", "numpy", "onnxruntime"),
        *("httpx", "httpcore", "h11", "httptools", "pydantic", "yaml"),
        *("xllamacpp", "opentelemetry", "prometheus_client"),
    ),
    "freetier_langchain": ("llama_index", "freetier_llamaindex"),
    "freetier_llamaindex": ("langchain_core", "langchain", "freetier_langchain"),
}


def loaded(python: str, module: str) -> frozenset[str]:
    """Import a module in a new process, and return the top-level names that came along.

    Raises:
        RuntimeError: It cannot be imported.
    """
    answer = _run(python, f"import sys, {module}; print(*sys.modules)")
    if answer.returncode:
        raise RuntimeError(f"import {module}: {answer.stderr}")
    return frozenset(name.partition(".")[0] for name in answer.stdout.split())


def unwanted(python: str, module: str) -> list[str]:
    """Find what an import loads and must not."""
    found = loaded(python, module) & frozenset(NEVER.get(module, ()))
    return [f"import {module} loads {name}" for name in sorted(found)]


def unhelpful(python: str, statements: Mapping[str, str] = WITHOUT_EXTRA) -> list[str]:
    """Find statements that do not fail with an ImportError, or an exit, naming the extra."""
    complaints = []
    for statement, extra in statements.items():
        answer = _run(python, _HELP.format(statement=statement))
        if not answer.returncode or f"freetier[{extra}]" not in answer.stderr:
            complaints.append(
                f"{statement} does not name freetier[{extra}]: {answer.stderr.strip()}"
            )
    return complaints


_HELP = """
try:
    {statement}
except ImportError as error:
    raise SystemExit(str(error))
"""


def check(python: str, extra: str | None = None) -> list[str]:
    """Find what is wrong with an environment that has one extra, or none."""
    complaints = unwanted(python, "freetier")
    if extra is None:
        return complaints + unhelpful(python)
    for module in WITH_EXTRA[extra]:
        complaints += unwanted(python, module)
    return complaints


def _run(python: str, program: str) -> subprocess.CompletedProcess[str]:
    # Isolated: neither the checkout nor the user's own packages can lend a module.
    words = [python, "-I", "-c", program]
    return subprocess.run(words, check=False, capture_output=True, text=True)


def main(arguments: Sequence[str]) -> int:
    """Print the extras, or what is wrong with an environment; return the exit status."""
    if arguments == ["extras"]:
        print(*WITH_EXTRA)
        return 0
    _, python, *extra = arguments
    complaints = check(python, *extra)
    print(*(complaints or [f"imports with {extra[0] if extra else 'no extra'}: right"]), sep="\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
