"""Ten bugs planted on purpose, each in a copy of the package: the fuzzer must find them all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import freetier
from tests.fuzz.targets import folder_of_seeds, targets

CORE = Path(freetier.__file__).parent
MOST = 200_000
"""Inputs within which a bug must be found; most are found within a few thousand."""


@dataclass(frozen=True, kw_only=True)
class Bug:
    """One change to a copy of the package.

    Attributes:
        target: Who must find it.
        what: The mistake, in words.
        module: The file below the package.
        right, wrong: What stands there, and what is put in its place.
    """

    target: str
    what: str
    module: str
    right: str
    wrong: str


BUGS = (
    Bug(
        target="events",
        what="an event's end that is parted by a cut is missed",
        module="dialects/sse.py",
        right="start = len(buffer) - 1",
        wrong="start = len(buffer)",
    ),
    Bug(
        target="events",
        what="the bound of one event is not held",
        module="dialects/sse.py",
        right="if len(block) > self._limit:",
        wrong="if len(block) > self._limit * 9:",
    ),
    Bug(
        target="moments",
        what="a number too large for an integer",
        module="dialects/durations.py",
        right="int(max(0.0, value))",
        wrong="max(0, int(value))",
    ),
    Bug(
        target="moments",
        what="a day of the month that does not exist",
        module="dialects/durations.py",
        right="except (ValueError, OverflowError):",
        wrong="except OverflowError:",
    ),
    Bug(
        target="headers",
        what="a moment beyond every reset is believed",
        module="dialects/durations.py",
        right="return value if 0.0 <= value <= LONGEST else None",
        wrong="return value if 0.0 <= value else None",
    ),
    Bug(
        target="errors",
        what="an error that is no object is taken for one",
        module="dialects/jsontext.py",
        right="return value if isinstance(value, dict) else {}",
        wrong="return value",
    ),
    Bug(
        target="whole",
        what="a negative count of tokens",
        module="dialects/jsontext.py",
        right="return int(value) if 0 <= value <= COUNT_MAX else None",
        wrong="return int(value) if value <= COUNT_MAX else None",
    ),
    Bug(
        target="words",
        what="a line of any length",
        module="dialects/words.py",
        right="return line if len(line) <= LINE_MAX else",
        wrong="return line if len(line) <= LINE_MAX * 4 else",
    ),
    Bug(
        target="inflated",
        what="a compressed bomb is unpacked",
        module="drivers/inflate.py",
        right="if self._seen > self._bound:",
        wrong="if self._seen > self._bound * 100:",
    ),
    Bug(
        target="settings",
        what="a name that stands for nothing is looked up all the same",
        module="config/yaml_tree.py",
        right="if event.anchor not in self._anchors:",
        wrong="if event.anchor in ():",
    ),
)


def found_in(bug: Bug, most: int = MOST) -> int:
    """Plant a bug, fuzz its target, and return within how many inputs it was found; else 0."""
    with tempfile.TemporaryDirectory() as folder:
        core = Path(folder)
        shutil.copytree(CORE, core / "freetier", ignore=shutil.ignore_patterns("__pycache__"))
        place = core / "freetier" / bug.module
        text = place.read_text("utf-8")
        if text.count(bug.right) != 1:
            raise ValueError(f"{bug.module} has not this line once any more: {bug.right}")
        place.write_text(text.replace(bug.right, bug.wrong), "utf-8")
        corpus = folder_of_seeds(targets()[bug.target])
        paths = [str(core), str(Path(__file__).parents[2])]
        ran = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.child", bug.target, str(most), str(corpus)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    for leftover in (corpus, *corpus.parent.glob(f"{corpus.name}.*")):
        shutil.rmtree(leftover, ignore_errors=True)
    if "Uncaught Python exception" not in ran.stdout + ran.stderr:
        return 0
    counts = [line[1:].split()[0] for line in ran.stderr.splitlines() if line.startswith("#")]
    return max((int(count) for count in counts if count.isdigit()), default=1)
