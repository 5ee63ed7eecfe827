"""The store of a database, in both colours."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from itertools import count
from typing import TypeVar

import psycopg

from freetier.clock import Clock
from freetier.stores import operations as ops
from freetier.stores.colours import AsyncWrittenStore, WrittenStore
from freetier.stores.postgres import transactions
from freetier.stores.postgres.connections import (
    AsyncConnection,
    Connection,
    monotonic,
    typed_errors,
)
from freetier.stores.postgres.pools import LoopPool, Pool
from freetier.stores.postgres.transactions import COMMIT, Statement, Steps
from freetier.values.quota import Denied

T = TypeVar("T")

Plan = Callable[[], Steps[T]]

WITHIN = 5.0  # seconds
SWEEP_EVERY = 1024
LOST = (psycopg.OperationalError, psycopg.InterfaceError)


class PostgresStore(WrittenStore):
    """Quota in PostgreSQL, for threads.

    Args:
        address: The URL, `postgresql://user@host/database`; a schema of one's own is chosen
            with `?options=-csearch_path%3Dname`.
        clock: A caller's clock for simulations; otherwise the server's judges. An instant
            that a row was judged by is kept with it, so that a clock that jumps back never
            frees quota.
        within: Seconds until a server that does not answer counts as unavailable.
    """

    def __init__(self, address: str, clock: Clock | None = None, *, within: float = WITHIN) -> None:
        self.address = address
        self.clock = clock
        self.within = within
        self._pool = Pool(address, within)
        self._count = count(1)
        self.prepared = False
        self.looks_first = False  # after a no, the next answer is one as well, most likely
        weakref.finalize(self, self._pool.close)

    def aio(self) -> AsyncPostgresStore:
        """Return the same store for tasks."""
        return AsyncPostgresStore(self)

    def perform(self, operation: ops.Operation[T]) -> T:
        """Perform one operation.

        Raises:
            StoreUnavailable: The server cannot be reached, or does not answer in time.
            StoreError: It does not let us, or its tables are of a newer version.
        """
        self._sweep_now_and_then()
        if operation.deniable and self.looks_first:
            seen = self._ask(self.plan(operation.look()))
            if isinstance(seen, Denied):
                return seen
        result = self._ask(self.plan(operation), repeatable=operation.repeatable)
        if operation.deniable:
            self.looks_first = isinstance(result, Denied)
        return result

    def forget(self, rows: ops.Forget) -> None:
        """Delete rows."""
        self._ask(lambda: transactions.forget(rows))

    def close(self) -> None:
        """Close the idle connections; a later call opens new ones."""
        self._pool.close()

    def plan(self, operation: ops.Operation[T]) -> Plan[T]:
        """Return the steps of an operation, to be begun once or twice."""
        if operation is ops.NOW:
            return lambda: transactions.highest(self.instant())  # type: ignore[return-value]
        return lambda: transactions.run(operation, self.instant())

    def instant(self) -> int | None:
        """Return the caller's instant in milliseconds, or None if the server's clock judges."""
        return None if self.clock is None else int(self.clock.now() * 1000)

    def due(self) -> bool:
        """Tell whether it is time to sweep; true now and then."""
        return next(self._count) % SWEEP_EVERY == 0

    def _sweep_now_and_then(self) -> None:
        if self.due():
            self._ask(lambda: transactions.sweep(self.instant()))

    def _ask(self, plan: Plan[T], *, repeatable: bool = True) -> T:
        until = monotonic() + self.within
        with typed_errors():
            try:
                return self._once(plan, until)
            except LOST as error:
                if not _worth_repeating(error, until, repeatable=repeatable):
                    raise
            return self._once(plan, until)

    def _once(self, plan: Plan[T], until: float) -> T:
        connection, good = self._pool.take(until), False
        try:
            if not self.prepared:
                _drive(connection, transactions.prepare())
                self.prepared = True
            result = _drive(connection, plan())
            good = True
        finally:
            self._pool.give_back(connection, good=good)
        return result


class AsyncPostgresStore(AsyncWrittenStore):
    """Quota in PostgreSQL, for the tasks of any number of loops.

    Args:
        store: Whose settings are shared; its connections are its own.
    """

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._pools: dict[asyncio.AbstractEventLoop, LoopPool] = {}

    async def perform(self, operation: ops.Operation[T]) -> T:
        """Perform one operation.

        A task that is cancelled meanwhile waits for the end of the transaction, so that
        giving back comes after taking.

        Raises:
            StoreUnavailable: The server cannot be reached, or does not answer in time.
            StoreError: It does not let us, or its tables are of a newer version.
        """
        store = self._store
        if store.due():
            await self._ask(lambda: transactions.sweep(store.instant()))
        if operation.deniable and store.looks_first:
            seen = await self._ask(store.plan(operation.look()))
            if isinstance(seen, Denied):
                return seen
        work = asyncio.ensure_future(self._write(operation))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise

    async def _write(self, operation: ops.Operation[T]) -> T:
        result = await self._ask(self._store.plan(operation), repeatable=operation.repeatable)
        if operation.deniable:
            self._store.looks_first = isinstance(result, Denied)
        return result

    async def forget(self, rows: ops.Forget) -> None:
        """Delete rows."""
        await self._ask(lambda: transactions.forget(rows))

    async def close(self) -> None:
        """Close the idle connections of all loops; a later call opens new ones."""
        for pool in list(self._pools.values()):
            pool.close()
        self._store.close()

    async def _ask(self, plan: Plan[T], *, repeatable: bool = True) -> T:
        until = monotonic() + self._store.within
        with typed_errors():
            try:
                return await self._once(plan, until)
            except LOST as error:
                if not _worth_repeating(error, until, repeatable=repeatable):
                    raise
            return await self._once(plan, until)

    async def _once(self, plan: Plan[T], until: float) -> T:
        pool = await self._pool()
        connection, good = await pool.take(until), False
        try:
            if not self._store.prepared:
                await _adrive(connection, transactions.prepare())
                self._store.prepared = True
            result = await _adrive(connection, plan())
            good = True
        finally:
            pool.give_back(connection, good=good)
        return result

    async def _pool(self) -> LoopPool:
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            for ended in [other for other in list(self._pools) if other.is_closed()]:
                # Loops of several threads that begin at once find the same ended ones.
                if (over := self._pools.pop(ended, None)) is not None:
                    over.close()
            pool = self._pools[loop] = LoopPool(self._store.address, self._store.within)
            await pool.start()
        return pool


class AnswerLost(psycopg.OperationalError):
    """Nobody knows whether the transaction was committed."""


def _worth_repeating(error: Exception, until: float, *, repeatable: bool) -> bool:
    """Tell whether the second try is safe and has a chance."""
    if isinstance(error, AnswerLost) and not repeatable:
        return False
    return monotonic() < until


def _drive(connection: Connection, steps: Steps[T]) -> T:
    try:
        batch = next(steps)
        while True:
            try:
                rows = connection.ask(batch)
            except LOST as error:
                raise _lost(error, batch) from error
            batch = steps.send(rows)
    except StopIteration as end:
        result: T = end.value
        return result


async def _adrive(connection: AsyncConnection, steps: Steps[T]) -> T:
    try:
        batch = next(steps)
        while True:
            try:
                rows = await connection.ask(batch)
            except LOST as error:
                raise _lost(error, batch) from error
            batch = steps.send(rows)
    except StopIteration as end:
        result: T = end.value
        return result


def _lost(error: Exception, batch: list[Statement]) -> Exception:
    return AnswerLost(str(error)) if COMMIT in batch else error
