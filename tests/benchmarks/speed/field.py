"""The server and the contenders as processes, and rounds in which everybody takes a turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.speed.targets import Scenario

ROOT = Path(__file__).parents[3]
ACCOUNTS = 8
LAYOUTS = {"eight origins": ACCOUNTS, "one origin": 1}
"""Where the eight accounts are."""

Samples = dict[tuple[str, str, str], list[dict[str, float]]]
"""Figures of each round, by layout, scenario and contender."""


def pin(process: subprocess.Popen[Any], cpu: int) -> None:
    """Keep a process on one core, where that is possible: servers and clients apart."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(process.pid, {cores[cpu % len(cores)]})


@contextmanager
def server() -> Iterator[list[str]]:
    """Run the server; yield the URLs of eight origins."""
    program = [sys.executable, str(Path(__file__).with_name("server.py")), str(ACCOUNTS)]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        pin(running, 1)
        assert running.stdout is not None
        yield running.stdout.readline().split()
        running.communicate("")


class Worker:
    """One contender in a process of its own."""

    def __init__(self, name: str, origins: Iterable[str]) -> None:
        self.name = name
        program = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.speed.worker"]
        self._process = subprocess.Popen(
            [*program, name, *origins],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        pin(self._process, 0)
        self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} cannot take part; what it said stands above")
        return line

    def sample(self, scenario: Scenario, count: int) -> dict[str, float]:
        """Let it answer some requests; return its figures."""
        order = {"how": scenario.how, "at_once": scenario.at_once, "count": count}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._line())
        return found

    def close(self) -> None:
        """Send it home."""
        self._process.communicate()


def rounds(plan: dict[tuple[str, Scenario], list[str]], times: int, share: float) -> Samples:
    """Let contenders take turns, and return their figures.

    Args:
        plan: Who takes part, by layout and scenario.
        times: Rounds, after one that only warms up.
        share: Of each scenario's requests.
    """
    samples: Samples = {}
    with ExitStack() as stack:
        origins = stack.enter_context(server())
        workers: dict[tuple[str, str], Worker] = {}
        for layout, names in ((layout, names) for (layout, _), names in plan.items()):
            for name in names:
                if (layout, name) not in workers:
                    where = [origins[n % LAYOUTS[layout]] for n in range(ACCOUNTS)]
                    workers[layout, name] = Worker(name, where)
                    stack.callback(workers[layout, name].close)
        for number in range(times + 1):
            for (layout, scenario), names in plan.items():
                count = max(scenario.at_once, int(scenario.count * share))
                for name in names:
                    found = workers[layout, name].sample(scenario, count)
                    if number:
                        samples.setdefault((layout, scenario.name, name), []).append(found)
            print(f"round {number} of {times}", file=sys.stderr, flush=True)
    return samples
