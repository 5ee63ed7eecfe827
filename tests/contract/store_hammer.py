"""Many processes at one account, and what their own files say of it.

Run as a program it is one of the processes: `python store_hammer.py URL FILE SECONDS [OFFSET]`. It
says `ready`, reads the instant to begin at, and asks for quota in four lanes, a thread
each, until its time is over.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any
from uuid import uuid4

from freetier.clock import SystemClock
from freetier.stores.open import open_store
from freetier.values.quota import (
    NEVER_SENT,
    Charge,
    Granted,
    Kind,
    Metric,
    Reservation,
    Settlement,
)

ROOT = Path(__file__).parents[2]
PROCESSES = 8
SPAN = 1500  # milliseconds; a minute, scaled
TOKENS = 7  # per request
LIMITS = {"rolling": 15, "fixed": 15, "bucket": 10, "mixed": 8}  # requests in a span, by lane
PAUSE = 0.008  # seconds after a no
AGE = 10**12  # milliseconds; a fixed window that does not end before 2033


def charges(lane: str) -> tuple[Charge, ...]:
    """Return what a request of a lane takes: its own windows, and the account's."""
    kinds = ["rolling", "fixed", "bucket"] if lane == "mixed" else [lane]
    limit = LIMITS[lane]
    own = [
        Charge(
            key=f"{{account}}:{lane}:{kind}:{metric}",
            metric=metric,
            amount=amount,
            ceiling=limit * amount,
            kind=Kind(kind),
            span_ms=SPAN,
        )
        for kind in kinds
        for metric, amount in ((Metric.REQUESTS, 1), (Metric.TOTAL, TOKENS))
    ]
    return (*own, account_wide())


def account_wide() -> Charge:
    """Return the window that all requests of all lanes count in."""
    return Charge(
        key="{account}:all",
        metric=Metric.REQUESTS,
        amount=1,
        ceiling=10**9,
        kind=Kind.FIXED,
        span_ms=AGE,
    )


@dataclass(frozen=True)
class Asked:
    """One question: between which instants it was answered, in seconds, and how.

    Attributes:
        lane: Which windows.
        before, after: The caller's instants around the call.
        fate: `no`, `sent` or `given back`.
    """

    lane: str
    before: float
    after: float
    fate: str


def hammer(url: str, folder: Path, seconds: float) -> list[Asked]:
    """Let eight processes of four threads ask for some seconds, and return their files."""
    files = [folder / f"{uuid4().hex}.json" for _ in range(PROCESSES)]
    running = [_start(url, file, seconds) for file in files]
    try:
        for process in running:
            assert process.stdout.readline() == "ready\n"
        begin = beginning(time.time() + 0.2)
        for process in running:
            print(begin, file=process.stdin, flush=True)
        assert [process.wait(60) for process in running] == [0] * PROCESSES
    finally:
        for process in running:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
    return [Asked(*each) for file in files for each in json.loads(file.read_text())]


def beginning(at: float) -> float:
    """Return an instant soon after the next edge of the clock, so that no window is cut off."""
    return (floor(at * 1000 / SPAN) + 1) * SPAN / 1000 + 0.1


def _start(url: str, file: Path, seconds: float) -> Any:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.contract.store_hammer", url, str(file), str(seconds)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(store: Any, lane: str, until: float, asked: list[tuple[Any, ...]]) -> None:
    """Ask and settle until the time is over; in the mixed lane some is given back.

    Where something is given back late, nobody can take it in time: the other lanes show
    that each window is used up.
    """
    wanted = charges(lane)
    while (before := time.time()) < until:
        held = Reservation(id=uuid4().hex, charges=wanted)
        answer = store.reserve(held)
        after = time.time()
        if not isinstance(answer, Granted):
            asked.append((lane, before, after, "no"))
            time.sleep(PAUSE)
        elif lane == "mixed" and held.id[0] in "07":
            store.settle(held, NEVER_SENT)
            asked.append((lane, before, after, "given back"))
        else:
            if held.id[0] != "3":  # some never hear of it again
                store.settle(held, Settlement(answered_ago_ms=0))
            asked.append((lane, before, after, "sent"))


class WrongClock(SystemClock):
    """A machine's clock that is wrong by some seconds."""

    def __init__(self, offset: float) -> None:
        self._offset = offset

    def now(self) -> float:
        """Return the instant as this machine believes it to be."""
        return super().now() + self._offset


def opened(url: str, offset: float = 0.0) -> Any:
    """Open a store, or the one that is wrong on purpose."""
    if url.startswith("careless:"):
        from tests.contract.store_careless import CarelessStore

        return CarelessStore(url.removeprefix("careless:"))
    return open_store(url, WrongClock(offset)).sync


def main(url: str, file: str, seconds: str, offset: str = "0") -> None:
    """Be one of the processes."""
    store = opened(url, float(offset))
    store.now()
    print("ready", flush=True)
    begin = float(sys.stdin.readline())
    time.sleep(max(0.0, begin - time.time()))
    asked: list[tuple[Any, ...]] = []
    until = begin + float(seconds)
    threads = [threading.Thread(target=ask, args=(store, lane, until, asked)) for lane in LIMITS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    Path(file).write_text(json.dumps(asked))


if __name__ == "__main__":
    main(*sys.argv[1:])
