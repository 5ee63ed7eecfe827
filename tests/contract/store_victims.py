"""Processes that are killed in the middle of reservations, and the files they leave.

Run as a program, `python store_victims.py URL FILE KILLS`, it starts one child after
another and kills each with no warning, a few grants after its start. A child writes down
what it is about to ask and what it was granted, and tells its parent through a pipe, so
that nobody waits for a time.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from typing import Any

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

LEASE = 30_000  # milliseconds
HOUR = 3_600_000
PLENTY = 10**6


def charges(ceiling: int = PLENTY) -> tuple[Charge, ...]:
    """Return what each request takes: an hour's requests and tokens, and a place."""
    return (
        Charge(
            key="{a}:requests",
            metric=Metric.REQUESTS,
            amount=1,
            ceiling=ceiling,
            kind=Kind.ROLLING,
            span_ms=HOUR,
        ),
        Charge(
            key="{a}:tokens",
            metric=Metric.TOTAL,
            amount=9,
            ceiling=9 * PLENTY,
            kind=Kind.ROLLING,
            span_ms=HOUR,
        ),
        Charge(
            key="{a}:places",
            metric=Metric.CONCURRENT,
            amount=1,
            ceiling=PLENTY,
            kind=Kind.CONCURRENT,
            span_ms=1,
        ),
    )


def live(url: str, file: str, told: int) -> None:
    """Reserve, settle and give back, until death."""
    store: Any = open_store(url, SystemClock()).sync
    book = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    number = 0
    while True:
        number += 1
        held = Reservation(id=f"{os.getpid()}-{number}", charges=charges(), lease_ms=LEASE)
        os.write(book, f"asks {held.id}\n".encode())
        answer = store.reserve(held)
        assert isinstance(answer, Granted)
        os.write(book, f"got {held.id}\n".encode())
        os.write(told, b".")
        if number % 3 == 1:
            store.settle(held, Settlement(amounts=(1, 9, 1), answered_ago_ms=0))
        elif number % 3 == 2:
            os.write(book, f"gives {held.id}\n".encode())
            store.settle(held, NEVER_SENT)
            os.write(book, f"gave {held.id}\n".encode())


def main(url: str, file: str, kills: str) -> None:
    """Start and kill them."""
    open_store(url, SystemClock())  # what it takes is imported once, before there are children
    chance = random.Random(1)
    for _ in range(int(kills)):
        hears, tells = os.pipe()
        child = os.fork()
        if not child:
            os.close(hears)
            live(url, file, tells)
        os.close(tells)
        for _ in range(chance.randint(1, 6)):
            os.read(hears, 1)
        for _ in range(chance.randint(0, 2000)):
            pass  # somewhere in the middle of the next one
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(hears)


if __name__ == "__main__":
    main(*sys.argv[1:])
