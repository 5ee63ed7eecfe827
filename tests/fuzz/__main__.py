"""`make fuzz`: every target for a million inputs, its branches counted, planted bugs found.

    python -m tests.fuzz [--inputs N] [--jobs N] [--only NAME ...] [--no-planted]

Prints a table: inputs, faults, and the share of branches of the target's modules that the
corpus reaches. Leaves with 1 if a promise was broken or a planted bug was not found.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.planted import BUGS, found_in
from tests.fuzz.targets import Target, folder_of_seeds, targets

DONE = re.compile(r"Done (\d+) runs in (\d+) second")
REPLAYED = 1500
"""Inputs of a corpus whose branches are counted; the largest are the most telling."""


@dataclass(frozen=True, kw_only=True)
class Fuzzed:
    """What came of one target."""

    name: str
    inputs: int
    seconds: float
    covered: str
    fault: str = ""

    def __str__(self) -> str:
        verdict = self.fault or "no fault"
        rate = self.inputs / max(1.0, self.seconds)
        return (
            f"{self.name:10} {self.inputs:>9,} inputs {self.seconds:6.0f} s {rate:>7,.0f}/s  "
            f"branches {self.covered:>18}  {verdict}"
        )


def fuzz(target: Target, inputs: int) -> Fuzzed:
    """Fuzz one target in a process of its own."""
    corpus = folder_of_seeds(target)
    began = time.monotonic()
    words = [sys.executable, "-m", "tests.fuzz.child", target.name, str(inputs), str(corpus)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    done = DONE.search(ran.stderr)
    fault = "" if ran.returncode == 0 and done else _fault(ran.stderr + ran.stdout, corpus)
    covered = _covered(target, corpus)
    for leftover in (corpus, Path(f"{corpus}.dict")):
        shutil.rmtree(leftover, ignore_errors=True)
    inputs = int(done[1]) if done else 0
    return Fuzzed(name=target.name, inputs=inputs, seconds=seconds, covered=covered, fault=fault)


def _fault(said: str, corpus: Path) -> str:
    """Return the traceback's last lines, and the input that did it."""
    place = said.find("Uncaught Python exception")
    lines = [line for line in said[max(0, place) :].splitlines() if line.strip()][:40]
    kept = [line.strip() for line in lines if "Error" in line or "assert" in line or "File" in line]
    inputs = [path.read_bytes()[:200] for path in corpus.parent.glob(f"{corpus.name}.crash-*")]
    return f"FAULT {' | '.join(kept[-4:])} by {inputs}"


def _covered(target: Target, corpus: Path) -> str:
    """Return how many branches of the target's modules its corpus reaches."""
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "coverage")
        words = [sys.executable, "-m", "tests.fuzz.replay", target.name, str(corpus), data]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
    return ran.stdout.strip().splitlines()[-1] if ran.returncode == 0 else ran.stderr[-200:]


def main(given: Sequence[str] | None = None) -> int:
    """Fuzz everything; return the status to leave with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=list(targets()))
    parser.add_argument("--no-planted", action="store_true")
    asked = parser.parse_args(given)
    wrong = total = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for one in pool.map(lambda name: fuzz(targets()[name], asked.inputs), asked.only):
            print(one, flush=True)
            total += one.inputs
            wrong += bool(one.fault)
        print(f"{total:,} inputs over {len(asked.only)} targets, {wrong} faults", flush=True)
        if not asked.no_planted:
            found = list(pool.map(found_in, BUGS))
            for bug, inputs in zip(BUGS, found, strict=True):
                after = f"found within {inputs:,} inputs" if inputs else "NOT FOUND"
                print(f"planted in {bug.target:10} {bug.what:60} {after}", flush=True)
            wrong += found.count(0)
            print(f"{len(found) - found.count(0)} of {len(found)} planted bugs found", flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
