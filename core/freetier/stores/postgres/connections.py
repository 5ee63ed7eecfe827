"""Connections that never wait for the server without end, in both colours."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from math import ceil, inf
from typing import Any, Self, TypeVar

import psycopg

from freetier.clock import SystemClock
from freetier.errors import StoreError, StoreUnavailable
from freetier.stores.postgres.transactions import Rows, Statement

T = TypeVar("T")

BOUNDS = """
select set_config('statement_timeout', %s, false),
    set_config('idle_in_transaction_session_timeout', %s, false)
"""

monotonic = SystemClock().monotonic


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection for threads.

    Attributes:
        until: The monotonic instant at which waiting for the server ends.
    """

    until = inf

    @classmethod
    def reach(cls, address: str, within: float) -> Self:
        """Return a new connection, bounded in all it waits for."""
        connection = cls.connect(address, **_settings(within))
        connection.ask([_session(within)])
        return connection

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:
        """Wait for the server, but not for ever."""
        return super().wait(_bounded(gen, self.until), *args, **kwargs)

    def ask(self, batch: list[Statement]) -> Rows:
        """Send some statements in one journey and return the rows of the last one."""
        with self.pipeline() if len(batch) > 1 else nullcontext():
            cursors = [self.execute(text, values) for text, values in batch]
        return cursors[-1].fetchall() if cursors[-1].description else []

    def end(self) -> None:
        """Close at once, whatever is under way; needs no loop."""
        self.pgconn.finish()


class AsyncConnection(psycopg.AsyncConnection[tuple[Any, ...]]):
    """A connection for tasks; see `Connection`."""

    until = inf

    @classmethod
    async def reach(cls, address: str, within: float) -> Self:
        """Return a new connection, bounded in all it waits for."""
        connection = await cls.connect(address, **_settings(within))
        await connection.ask([_session(within)])
        return connection

    async def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:
        """Wait for the server, but not for ever."""
        return await super().wait(_bounded(gen, self.until), *args, **kwargs)

    async def ask(self, batch: list[Statement]) -> Rows:
        """Send some statements in one journey and return the rows of the last one."""
        async with self.pipeline() if len(batch) > 1 else nullcontext():
            cursors = [await self.execute(text, values) for text, values in batch]
        return await cursors[-1].fetchall() if cursors[-1].description else []

    def end(self) -> None:
        """Close at once, whatever is under way; needs no loop."""
        self.pgconn.finish()


def _bounded(gen: Generator[Any, Any, T], until: float) -> Generator[Any, Any, T]:
    """Pass on what psycopg waits for; it asks again at least every tenth of a second."""
    ready = None
    while True:
        try:
            wanted = gen.send(ready)
        except StopIteration as end:
            value: T = end.value
            return value
        ready = yield wanted
        if monotonic() > until:
            gen.close()
            raise StoreUnavailable("PostgreSQL did not answer in time")


def _settings(within: float) -> dict[str, Any]:
    """Return what bounds reaching a server that is not there any more."""
    return {
        "autocommit": True,
        "connect_timeout": max(2, ceil(within)),  # seconds; libpq's own least
        "tcp_user_timeout": ceil(within * 1000),
        "application_name": "freetier",
    }


def _session(within: float) -> Statement:
    """Return what bounds waiting for others, and others' waiting for a machine that sleeps."""
    bounds = ceil(within * 1000), ceil(2 * within * 1000)
    return BOUNDS, [str(bound) for bound in bounds]


@contextmanager
def typed_errors() -> Iterator[None]:
    """Raise psycopg's errors as the store's own, without the frames that hold a password.

    Raises:
        StoreUnavailable: The server cannot be reached, or cannot serve now.
        StoreError: It does not let us.
    """
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StoreUnavailable(f"PostgreSQL cannot be used: {_words(error)}") from None
    except psycopg.errors.ReadOnlySqlTransaction:
        raise StoreUnavailable("PostgreSQL takes no changes now: it is read-only") from None
    except psycopg.Error as error:
        raise StoreError(f"PostgreSQL refuses: {_words(error)}") from None


def _words(error: Exception) -> str:
    return " ".join(str(error).split())
