"""What counting quota costs: stores, decisions, memory.

`python tests/benchmarks/stores.py [--brief] [--json]` prints four tables:

- reservations a second (each with its settlement) per store, from one and four processes;
- a pair of reservation and settlement in memory, four charges, in µs of CPU;
- one decision over 8 and 2,048 accounts, up to the moment of sending, in µs of CPU;
- 100,000 live entries in the memory store, in MB.

Everything is measured side by side in one run, in turns, and the median counts. A store
whose server is not on this machine is left out, with the reason.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

from freetier import Router
from freetier.clock import SystemClock
from freetier.drivers.granting import Granting
from freetier.errors import RouteError
from freetier.routing import charges as ch
from freetier.routing import effects as fx
from freetier.routing.flow import travel
from freetier.stores import MemoryStore
from freetier.stores.open import open_store
from freetier.testing import FakeProvider, Fleet, Limit
from freetier.values.quota import Charge, Cost, Kind, Metric, Reservation, Settlement

ROOT = Path(__file__).parents[2]
PROCESSES = (1, 4)
ACCOUNTS = (8, 2048)
STATES = ("all free", "all but one exhausted", "all exhausted")
LIVE = 100_000
PLENTY = 10**9

Table = list[dict[str, Any]]


def charges(name: str, kinds: tuple[Kind, ...]) -> tuple[Charge, ...]:
    """Return requests and tokens, in a window of a minute and one of a day."""
    spans = (60_000, 86_400_000)
    return tuple(
        Charge(
            key=f"{{{name}}}|vendor/model|{metric}|{kind}:{span}",
            metric=metric,
            amount=amount,
            ceiling=PLENTY,
            kind=kind,
            span_ms=span,
        )
        for kind, span in zip(kinds, spans, strict=True)
        for metric, amount in ((Metric.REQUESTS, 1), (Metric.TOTAL, 600))
    )


MIXES = {
    "rolling minute, clock day": (Kind.ROLLING, Kind.FIXED),
    "bucket minute, clock day": (Kind.BUCKET, Kind.FIXED),
    "bucket minute, bucket day": (Kind.BUCKET, Kind.BUCKET),
}


def pair(kinds: tuple[Kind, ...], pairs: int) -> float:
    """Return µs of CPU of one reservation with its settlement, in memory."""
    store, four = MemoryStore(), charges("account", kinds)
    held = [Reservation(id=uuid4().hex, charges=four, far_ms=500) for _ in range(pairs)]
    done = Settlement(amounts=(1, 400, 1, 400), answered_ago_ms=0)
    began = time.process_time()
    for one in held:
        store.reserve(one)
        store.settle(one, done)
    return (time.process_time() - began) / pairs * 1e6


def pairs_table(rounds: int, pairs: int) -> Table:
    """Measure every mix of windows in turns."""
    taken: dict[str, list[float]] = {name: [] for name in MIXES}
    for _ in range(rounds):
        for name, kinds in MIXES.items():
            taken[name].append(pair(kinds, pairs))
    return [
        {"four charges": name, "µs of CPU a pair": round(statistics.median(found), 2)}
        for name, found in taken.items()
    ]


def work(url: str, seconds: float, name: str) -> tuple[int, float]:
    """Reserve and settle for some seconds; return how often, and in how many seconds."""
    store = open_store(url, SystemClock()).sync
    assert store is not None
    # windows of constant size: a log that is written down costs as much as it holds
    four, done = charges(name, MIXES["bucket minute, clock day"]), Settlement(answered_ago_ms=0)
    count, began = 0, time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        held = Reservation(id=uuid4().hex, charges=four, far_ms=500)
        store.reserve(held)
        store.settle(held, done)
        count += 1
    store.close()
    return count, now - began


def together(url: str, processes: int, seconds: float) -> float:
    """Return reservations a second of several processes on one account."""
    command = [sys.executable, __file__, "--work", url, str(seconds)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    found = [json.loads(one.communicate()[0]) for one in running]
    return float(sum(count / took for count, took in found))


def at_work(url: str, seconds: float) -> None:
    """Be one of several processes."""
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(work(url, seconds, "account")))


def places(stack: ExitStack) -> Iterator[tuple[str, str | None, str]]:
    """Yield each kind of store with its URL, or None and why there is none."""
    from tests import servers

    yield "memory (each process its own)", "memory", ""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    yield "sqlite", f"sqlite:///{folder}/quota.db", ""
    for name, server in (
        ("redis", servers.redis_server),
        ("postgresql", servers.postgres_server),
    ):
        try:
            yield name, stack.enter_context(server()), ""
        except servers.Unavailable as reason:
            yield name, None, str(reason)


def stores_table(rounds: int, seconds: float) -> Table:
    """Measure every store from one process and from four, in turns."""
    with ExitStack() as stack:
        found = list(places(stack))
        taken: dict[tuple[str, int], list[float]] = {}
        for _ in range(rounds):
            for name, url, _why in found:
                for processes in PROCESSES if url else ():
                    rate = together(str(url), processes, seconds)
                    taken.setdefault((name, processes), []).append(rate)
    table = []
    for name, url, why in found:
        row: dict[str, Any] = {"store": name}
        for processes in PROCESSES:
            rates = taken.get((name, processes))
            row[f"a second from {processes}"] = round(statistics.median(rates)) if rates else None
        table.append(row | ({} if url else {"left out": why}))
    return table


def decisions(accounts: int, state: str) -> Callable[[], float]:
    """Return a function that makes one decision and returns its µs of CPU.

    A decision is everything from the request to the wish to send, or to the error.
    """
    limits = [
        Limit(10**6, "minute", "requests", "rolling"),
        Limit(10**9, "day", "total_tokens", "calendar"),
    ]
    fleet = Fleet(FakeProvider("own", "generic", accounts=accounts, limits=limits))
    router = Router(fleet.config(limits=True), seed=1)
    engine, options = router._engine, router.options(max_wait=0)
    request = router._asked("Hello", None, {"model": "own/m"})[0]
    _exhaust(router, {STATES[0]: accounts, STATES[1]: 1, STATES[2]: 0}[state])
    store = engine.store.sync
    assert store is not None
    grants = Granting(store, engine.shared).grants() | {fx.Tell: engine.shared.tell}

    def once() -> float:
        began = time.process_time()
        flow = travel(router._trip(request, options, stream=False))
        try:
            wish = next(flow)
            while not isinstance(wish, fx.Send):
                wish = flow.send(grants[type(wish)](wish))
        except RouteError:
            return (time.process_time() - began) * 1e6
        took = (time.process_time() - began) * 1e6
        try:
            wish = flow.throw(fx.Abandoned())
            while True:
                wish = flow.send(grants[type(wish)](wish))
        except fx.Abandoned:
            return took

    return once


def _exhaust(router: Router, spare: int) -> None:
    """Use up every account but some."""
    engine = router._engine
    store = engine.store.sync
    assert store is not None
    request = router._asked("Hello", None, {"model": "own/m"})[0]
    lineup = router._trip(request, router.options(), stream=False).lineup
    now = int(engine.clock.now() * 1000)
    for seat in lineup.seats[spare:]:
        all_of_it = ch.charges(seat.entry.prepared, Cost(requests=10**6), now)
        held = Reservation(id=seat.candidate.key, charges=all_of_it[:1])
        store.reserve(held)
        store.settle(held, Settlement(answered_ago_ms=0))


def decisions_table(times: int) -> Table:
    """Measure decisions over few and many accounts in turns, warm."""
    table = []
    for state in STATES:
        made = {accounts: decisions(accounts, state) for accounts in ACCOUNTS}
        for accounts, once in made.items():
            for _ in range(accounts + 50):
                once()
        found: dict[int, list[float]] = {accounts: [] for accounts in ACCOUNTS}
        for _ in range(times):
            for accounts, once in made.items():
                found[accounts].append(once())
        few, many = (statistics.median(found[accounts]) for accounts in ACCOUNTS)
        row = {f"µs with {n:,}": round(m, 1) for n, m in zip(ACCOUNTS, (few, many), strict=True)}
        table.append({"accounts": state, **row, "ratio": round(many / few, 2)})
    return table


def memory_table() -> Table:
    """Measure live entries: four for each reservation under way."""
    four = charges("account", MIXES["rolling minute, clock day"])
    tracemalloc.start()
    store = MemoryStore()
    for _ in range(LIVE // len(four)):
        store.reserve(Reservation(id=uuid4().hex, charges=four, far_ms=500))
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return [{"live entries": f"{LIVE:,}", "MB": round(megabytes, 1)}]


def measured(*, brief: bool) -> dict[str, Table]:
    """Return all tables by title."""
    return {
        "Reservations with their settlements, a second": stores_table(
            1 if brief else 3, 0.2 if brief else 2.0
        ),
        "A reservation with its settlement, in memory": pairs_table(
            3 if brief else 15, 500 if brief else 20_000
        ),
        "One decision": decisions_table(50 if brief else 2000),
        "Memory": memory_table(),
    }


def printed(tables: dict[str, Table]) -> str:
    """Return tables as text."""
    out = []
    for title, rows in tables.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
        widths = [max(len(line[n]) for line in cells) for n in range(len(names))]
        out += ["", title]
        out += ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in cells]
    return "\n".join(out[1:])


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--brief", action="store_true", help="a look, not a measurement")
    parser.add_argument("--json", action="store_true", help="figures instead of tables")
    parser.add_argument("--work", nargs=2, metavar=("URL", "SECONDS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))  # run as a program, only its own folder is there
    if asked.work:
        at_work(asked.work[0], float(asked.work[1]))
        return
    tables = measured(brief=asked.brief)
    print(json.dumps(tables, ensure_ascii=False, indent=2) if asked.json else printed(tables))


if __name__ == "__main__":
    main()
