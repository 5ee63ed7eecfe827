"""One of several machines' processes, and the book that it keeps.

Run as a program, `python -m tests.contract.machines_worker FILE OFFSET ACCOUNTS`, it says `ready`,
waits for a line, and asks for quota of each account in a thread, until its input ends. Each line
of its book is written at once, so that the book is whole when the process is killed.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from freetier.errors import StoreUnavailable
from freetier.stores.fallback import Fallback, Outage
from freetier.stores.memory import MemoryStore
from freetier.stores.open import open_store
from freetier.values.quota import Charge, Granted, Kind, Metric, Reservation, Settlement
from tests.contract.store_hammer import WrongClock

SPAN = 1200  # milliseconds; two seconds are no multiple, so that a wrong clock shows
LIMIT = 8  # requests in a span
PAUSE = 0.03  # seconds between two questions


@dataclass(frozen=True)
class Account:
    """One account of the workers.

    Attributes:
        name: What its quota is kept under.
        url: Its store.
        choice: The `on_store_failure` that is configured.
        within: The bound of the store's operations in seconds; None for its default.
        rest: Seconds for which a lost store is left alone; None for the default.
    """

    name: str
    url: str
    choice: str
    within: float | None = None
    rest: float | None = None

    def open(self, offset: float) -> Any:
        """Open its store as a router would, on a clock that is wrong by some seconds."""
        clock = WrongClock(offset)
        if self.url.startswith("careless:"):
            from tests.contract.store_careless import CarelessStore

            return CarelessStore(self.url.removeprefix("careless:"))
        if self.within is None:
            return open_store(self.url, clock, self.choice).sync  # type: ignore[arg-type]
        real: Any
        if self.url.startswith("redis:"):
            real = open_store(f"{self.url}?timeout={self.within}", clock).sync
        else:
            from freetier.stores.postgres import PostgresStore

            real = PostgresStore(self.url, within=self.within)
        if self.choice == "fail":
            return real
        return Fallback(real, MemoryStore(clock), Outage(clock, self.rest or 0.0))


class Book:
    """What a process saw, a line at a time."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, *row: object) -> None:
        """Write one line down."""
        os.write(self._file, (json.dumps(row) + "\n").encode())


class Warnings(logging.Handler):
    """Writes what is logged into the book."""

    def __init__(self, book: Book) -> None:
        super().__init__(logging.WARNING)
        self._book = book

    def emit(self, record: logging.LogRecord) -> None:
        """Write a warning down."""
        self._book.write("warned", record.threadName, time.time(), record.getMessage())


def ask(account: Account, store: Any, book: Book, stop: threading.Event) -> None:
    """Ask and settle until the end; the book tells what was answered, and by whom."""
    charge = Charge(
        key=f"{{{account.name}}}:requests",
        metric=Metric.REQUESTS,
        amount=1,
        ceiling=LIMIT,
        kind=Kind.FIXED,
        span_ms=SPAN,
    )
    while not stop.is_set():
        held = Reservation(id=uuid4().hex, charges=(charge,))
        before = time.time()
        book.write("asks", account.name, before)
        answer, fate = None, "away"
        try:
            answer = store.reserve(held)
        except StoreUnavailable:
            pass
        else:
            stood_in = isinstance(store, Fallback) and store._outage._lasts
            word = "sent" if isinstance(answer, Granted) else "no"
            fate = f"memory {word}" if stood_in else word
        book.write("told", account.name, before, time.time(), fate)
        if isinstance(answer, Granted):
            _settle(account, store, held, book)
        stop.wait(PAUSE)


def _settle(account: Account, store: Any, held: Reservation, book: Book) -> None:
    before, fate = time.time(), "settled"
    try:
        store.settle(held, Settlement(answered_ago_ms=0))
    except StoreUnavailable:
        fate = "settled away"  # the estimate counts, and it was one
    book.write("told", account.name, before, time.time(), fate)


def main(file: str, offset: str, accounts: str) -> None:
    """Be one of the processes."""
    book, stop = Book(file), threading.Event()
    logging.getLogger("freetier").addHandler(Warnings(book))
    asked = [Account(**each) for each in json.loads(accounts)]
    stores = [account.open(float(offset)) for account in asked]
    for store in stores:
        store.now()
    print("ready", flush=True)
    sys.stdin.readline()
    threads = [
        threading.Thread(target=ask, args=(account, store, book, stop), name=account.name)
        for account, store in zip(asked, stores, strict=True)
    ]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()


def words(accounts: list[Account]) -> str:
    """Return accounts as the program takes them."""
    return json.dumps([asdict(account) for account in accounts])


if __name__ == "__main__":
    main(*sys.argv[1:])
