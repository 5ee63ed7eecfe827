"""Quota in one file, shared by the processes of one machine; in both colours."""

from __future__ import annotations

import random
import sqlite3
import weakref
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TypeVar

from freetier.clock import Clock, SystemClock
from freetier.errors import StoreUnavailable
from freetier.stores import sqlite_transactions as transactions
from freetier.stores.colours import AsyncWrittenStore, WrittenStore
from freetier.stores.operations import Forget, Operation
from freetier.stores.sqlite_link import Done, Link

T = TypeVar("T")

Work = Callable[[sqlite3.Connection], T]

WITHIN = 5.0  # seconds
BACK_OFF = (20e-6, 1e-3)  # seconds; SQLite's own handler lets some wait for seconds
SWEEP_EVERY = 1024


class SqliteStore(WrittenStore):
    """Quota in a file, for threads.

    Args:
        path: The file; it is made when it is not there, readable by its owner only.
        clock: Whose instants count. The highest instant that any process has judged by is
            kept in the file, so that a clock that jumps back never frees quota.
        within: Seconds until a file that others hold counts as unavailable.
    """

    def __init__(
        self, path: str | Path, clock: Clock | None = None, *, within: float = WITHIN
    ) -> None:
        self.link = Link(Path(path).expanduser())
        self.clock = clock or SystemClock()
        self.within = within
        self._waits = SystemClock()  # other processes hold the file in real time
        self._count = count(1)
        weakref.finalize(self, self.link.close)

    def aio(self) -> AsyncSqliteStore:
        """Return the same store for tasks."""
        return AsyncSqliteStore(self)

    def perform(self, operation: Operation[T]) -> T:
        """Perform one operation.

        Raises:
            StoreUnavailable: The file cannot be used, or others hold it for too long.
            StoreError: It belongs to a newer release or to another program.
        """
        self._sweep_now_and_then()
        return self._until_done(self.work(operation))

    def forget(self, rows: Forget) -> None:
        """Delete rows."""
        self._until_done(lambda connection: transactions.forget(connection, rows))

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self.link.close()

    def work(self, operation: Operation[T]) -> Work[T]:
        """Return an operation as work on a connection: without a lock first, then with one."""
        tries = count()

        def run(connection: sqlite3.Connection) -> T:
            locked = next(tries) > 0
            return transactions.run(connection, operation, self.instant, locked=locked)

        return run

    def instant(self) -> int:
        """Return the clock's instant in milliseconds since 1970 UTC."""
        return int(self.clock.now() * 1000)

    def due(self) -> bool:
        """Tell whether it is time to sweep; true now and then."""
        return next(self._count) % SWEEP_EVERY == 1

    def sweep(self, connection: sqlite3.Connection) -> None:
        """Delete what is over."""
        transactions.sweep(connection, self.instant)

    def unavailable(self) -> StoreUnavailable:
        """Return the error for a file that others held for too long."""
        return StoreUnavailable(f"the quota file {self.link.path} was busy for {self.within:g} s")

    def _sweep_now_and_then(self) -> None:
        if self.due():
            self._until_done(self.sweep)

    def _until_done(self, work: Work[T]) -> T:
        until = self._waits.monotonic() + self.within
        while True:
            left = until - self._waits.monotonic()
            done = self.link.attempt(work, max(left, 0.0))
            if done is not None:
                return done.result
            if left <= 0:
                raise self.unavailable()
            self._waits.sleep(pause())


class AsyncSqliteStore(AsyncWrittenStore):
    """Quota in a file, for tasks.

    It is tried on the loop's own thread, which takes less time than to change threads, and
    a file that others hold is waited for asleep.

    Args:
        store: Whose connection is shared.
    """

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._waits = SystemClock()

    async def perform(self, operation: Operation[T]) -> T:
        """Perform one operation.

        Raises:
            StoreUnavailable: The file cannot be used, or others hold it for too long.
            StoreError: It belongs to a newer release or to another program.
        """
        if self._store.due():
            await self._until_done(self._store.sweep)
        return await self._until_done(self._store.work(operation))

    async def forget(self, rows: Forget) -> None:
        """Delete rows."""
        await self._until_done(lambda connection: transactions.forget(connection, rows))

    async def close(self) -> None:
        """Close the file; safe to call twice."""
        self._store.close()

    async def _until_done(self, work: Work[T]) -> T:
        until = self._waits.monotonic() + self._store.within
        while True:
            done: Done[T] | None = self._store.link.attempt(work, 0.0)
            if done is not None:
                return done.result
            if self._waits.monotonic() >= until:
                raise self._store.unavailable()
            await self._waits.asleep(pause())


def pause() -> float:
    """Return how long to leave a busy file alone, in seconds."""
    return random.uniform(*BACK_OFF)  # noqa: S311 - chance keeps processes out of step
