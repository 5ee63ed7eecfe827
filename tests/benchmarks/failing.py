"""What failing over and waiting cost.

`python -m tests.benchmarks.failing [--brief] [--json]` prints two tables:

- a fail-over: CPU of the caller's thread between the last byte of a 429 and the first byte
  of the next request, in µs, over real connections (threads) and without any (tasks);
- waiters: 10,000 tasks that wait for quota, what they hold in memory, what it cost to let
  them in, and whether they were served in the order in which they came.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import socket
import statistics
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from freetier import Router
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from tests.benchmarks.stores import Table, printed

WAITERS = 10_000
MOST_MB = 100.0
"""What so many waiters may hold (issue 4, Speed)."""

READS = ("recv", "recv_into")
WRITES = ("send", "sendall")

REFUSED = faults.RateLimited(wait=0.001)
"""So short that the first provider is asked again by the next request."""


class Stopwatch:
    """CPU of this thread from the last thing that was read to the next thing written."""

    def __init__(self) -> None:
        self.laps: list[float] = []
        self._read: float | None = None

    def read(self) -> None:
        """Something came."""
        self._read = time.thread_time()

    def write(self) -> None:
        """Something is about to go; only the first after a read counts."""
        if self._read is not None:
            self.laps.append(time.thread_time() - self._read)
            self._read = None


def _fleet() -> Fleet:
    return Fleet(FakeProvider("alpha", "generic"), FakeProvider("beta", "generic"))


def _config(fleet: Fleet) -> dict[str, Any]:
    steps = [{"provider": name, "model": "m"} for name in ("alpha", "beta")]
    more = {"strategy": "declared", "aliases": [{"alias": "any", "models": steps}]}
    return fleet.config() | more


def over_connections(rounds: int) -> list[float]:
    """Return seconds of CPU of each fail-over over loopback HTTP, in a thread."""
    watch, mine = Stopwatch(), threading.get_ident()
    plain = {name: getattr(socket.socket, name) for name in (*READS, *WRITES)}

    def watched(name: str) -> Callable[..., Any]:
        """Return a method of sockets that this thread's stopwatch sees."""
        method = plain[name]

        def call(*given: Any) -> Any:
            seen = threading.get_ident() == mine
            if seen and name in WRITES:
                watch.write()
            found = method(*given)
            if seen and name in READS:
                watch.read()
            return found

        return call

    for name in plain:  # whatever sends the requests, it does so through these
        setattr(socket.socket, name, watched(name))
    try:
        with _fleet() as fleet, Router(_config(fleet)) as router:
            return _laps(fleet, watch, rounds, lambda: router.complete("Hello", model="any"))
    finally:
        for name, method in plain.items():
            setattr(socket.socket, name, method)


def without_connections(rounds: int) -> list[float]:
    """Return the same without HTTP, for a task: what the route alone costs."""
    watch, fleet, clock = Stopwatch(), _fleet(), VirtualClock()
    transport = fleet.transport(clock)
    send = transport.asend

    async def watched(request: Any, timeouts: Any) -> Any:
        watch.write()
        answer = await send(request, timeouts)
        body = getattr(answer, "body", None)
        if body is not None:
            read = body.read

            async def reading(timeout: float | None) -> Any:
                found = await read(timeout)
                watch.read()
                return found

            body.read = reading
        return answer

    transport.asend = watched  # type: ignore[method-assign]
    router = Router(_config(fleet), transport=transport, clock=clock)

    def one() -> object:
        clock.advance(1)
        return clock.run(router.acomplete("Hello", model="any"))

    return _laps(fleet, watch, rounds, one)


def _laps(fleet: Fleet, watch: Stopwatch, rounds: int, one: Callable[[], object]) -> list[float]:
    """Fail over so often, after connections are open and everything is loaded."""
    laps: list[float] = []
    for number in range(rounds + 5):
        fleet.script("alpha", [REFUSED])
        watch.laps.clear()
        one()
        time.sleep(0.002)  # so that the block of the first one is over
        if number >= 5:
            laps.append(watch.laps[-1])
    return laps


def failover_table(rounds: int) -> Table:
    """Measure fail-overs."""
    kinds = {
        "over loopback HTTP, a thread": over_connections,
        "the route alone, a task": without_connections,
    }
    rows: Table = []
    for name, measure in kinds.items():
        laps = sorted(1e6 * lap for lap in measure(rounds))
        tail = laps[int(0.95 * len(laps))]
        median = statistics.median(laps)
        rows.append({"fail-over": name, "median µs": round(median, 1), "p95 µs": round(tail, 1)})
    return rows


def waiting(count: int) -> dict[str, Any]:
    """Let so many tasks wait for quota of a quarter of them a minute, and be served."""
    limit = Limit(count // 4, "minute", "requests", "rolling")
    fleet = Fleet(FakeProvider("own", "generic", limits=[limit], latency=0.01))
    clock = VirtualClock()
    config = fleet.config(limits=True)
    router = Router(config, transport=fleet.transport(clock), clock=clock)
    order: list[int] = []

    async def ask(number: int) -> None:
        await router.acomplete(f"Question {number}", model="own/m", max_wait=None)
        order.append(number)

    async def crowd() -> dict[str, Any]:
        await asyncio.gather(*(ask(-1) for _ in range(count // 4)))
        order.clear()
        gc.collect()
        tracemalloc.start()
        before, began = tracemalloc.get_traced_memory()[0], time.process_time()
        tasks = [asyncio.ensure_future(ask(number)) for number in range(count)]
        for _ in range(9):  # turns of the loop until all have booked
            await asyncio.sleep(0)
        assert router._engine.world.waiting[0] == count
        cpu = time.process_time() - began
        gc.collect()
        megabytes = (tracemalloc.get_traced_memory()[0] - before) / 1e6
        tracemalloc.stop()
        await asyncio.gather(*tasks)
        return {
            "waiters": count,
            "MB": round(megabytes, 1),
            "kB each": round(1000 * megabytes / count, 2),
            "ms of CPU each, traced": round(1000 * cpu / count, 2),
            "in order": order == sorted(order),
        }

    return clock.run(crowd())


def measured(*, brief: bool) -> dict[str, Table]:
    """Return both tables by title."""
    return {
        "A fail-over: CPU from a 429's last byte to the next request's first": failover_table(
            10 if brief else 300
        ),
        "Waiters": [waiting(400 if brief else WAITERS)],
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--brief", action="store_true", help="a look, not a measurement")
    parser.add_argument("--json", action="store_true", help="figures instead of tables")
    asked = parser.parse_args()
    tables = measured(brief=asked.brief)
    print(json.dumps(tables, ensure_ascii=False, indent=2) if asked.json else printed(tables))


if __name__ == "__main__":
    main()
