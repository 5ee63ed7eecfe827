"""One contender in a process of its own: takes orders by line, answers with figures.

`python -m tests.benchmarks.speed.worker NAME ORIGIN...` where an origin stands once per account.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.speed.contenders import prepared

Figures = dict[str, float]


def measured(work: Callable[[], Any]) -> Figures:
    """Return the seconds that some work takes: on the clock, and of this process's CPU."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def in_tasks(contender: Any, count: int, at_once: int, runner: asyncio.Runner) -> Figures:
    """Answer requests from so many tasks."""
    numbers = iter(range(count))

    async def work() -> None:
        for n in numbers:
            await contender.acall(n)

    async def all_of_them() -> None:
        await asyncio.gather(*(work() for _ in range(at_once)))

    return measured(lambda: runner.run(all_of_them()))


def in_threads(contender: Any, count: int, at_once: int, runner: asyncio.Runner) -> Figures:
    """Answer requests from so many threads."""
    del runner
    each = count // at_once

    def work() -> None:
        for n in range(each):
            contender.call(n)

    def all_of_them() -> None:
        threads = [threading.Thread(target=work) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return measured(work if at_once == 1 else all_of_them)


def in_streams(contender: Any, count: int, at_once: int, runner: asyncio.Runner) -> Figures:
    """Answer requests token by token; `first` is the median of the seconds to the first one."""
    del at_once
    firsts: list[float] = []
    tokens = 0

    async def work() -> None:
        nonlocal tokens
        for n in range(count):
            began, seen = time.perf_counter(), 0
            async for _ in contender.astream(n):
                if not seen:
                    firsts.append(time.perf_counter() - began)
                seen += 1
            tokens += seen

    found = measured(lambda: runner.run(work()))
    return found | {"first": statistics.median(firsts), "tokens": tokens}


HOW = {"tasks": in_tasks, "threads": in_threads, "streams": in_streams}


def main(name: str, origins: list[str]) -> None:
    """Be one contender until there are no more orders."""
    make = prepared(name)
    made: dict[int, Any] = {}
    with asyncio.Runner() as runner:
        print("ready", flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            how, count, at_once = order["how"], order["count"], order["at_once"]
            if at_once not in made:
                made[at_once] = make(origins, at_once)
            found = HOW[how](made[at_once], count, at_once, runner)
            failed = getattr(made[at_once], "failed", 0)
            print(json.dumps(found | {"count": count, "failed": failed}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
