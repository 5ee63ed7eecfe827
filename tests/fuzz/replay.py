"""Run a corpus through its target once more, and count the branches it reaches.

python -m tests.fuzz.replay TARGET CORPUS DATA
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import coverage

from tests.fuzz.__main__ import REPLAYED


def main() -> None:
    """Print `reached of all (share)`."""
    name, corpus, data = sys.argv[1:4]
    counter = coverage.Coverage(data_file=data, branch=True, source_pkgs=["freetier"])
    counter.start()
    from tests.fuzz.targets import targets

    target = targets()[name]
    inputs = sorted(Path(corpus).iterdir(), key=lambda path: -path.stat().st_size)[:REPLAYED]
    for path in inputs:
        target.run(path.read_bytes())
    counter.stop()
    reached = all_ = 0
    for module in target.modules:
        spec = find_spec(module)
        assert spec is not None, module
        assert spec.origin is not None, module
        numbers = counter._analyze(spec.origin).numbers
        all_ += numbers.n_branches
        reached += numbers.n_branches - numbers.n_missing_branches
    print(f"{reached} of {all_} ({reached / max(1, all_):.0%})")


if __name__ == "__main__":
    main()
