"""The few connections that a process, or a loop, keeps.

A pool has no thread and no task of its own: a router may be used on one loop after
another, and nobody may be left behind on a loop that has ended.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator

from freetier.errors import StoreUnavailable
from freetier.stores.postgres.connections import AsyncConnection, Connection, monotonic

AT_MOST = 8  # connections of one process, or of one loop


class Pool:
    """The connections of the threads of a process.

    Args:
        address: The URL.
        within: Seconds until a server that does not answer counts as unavailable.
    """

    def __init__(self, address: str, within: float) -> None:
        self._address = address
        self._within = within
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._idle: list[Connection] = []
        self._free = threading.BoundedSemaphore(AT_MOST)

    def take(self, until: float) -> Connection:
        """Return a connection of one's own, made if none is idle.

        Args:
            until: The monotonic instant at which patience ends.

        Raises:
            StoreUnavailable: All are in use until then.
            psycopg.Error: The server cannot be reached.
        """
        if self._process != os.getpid():
            _ABANDONED.extend(self._idle)
            self._begin()
        if not self._free.acquire(timeout=max(0.0, until - monotonic())):
            raise _none_free()
        try:
            connection = self._idle.pop() if self._idle else self._reach()
        except BaseException:
            self._free.release()
            raise
        connection.until = until
        return connection

    def _reach(self) -> Connection:
        return Connection.reach(self._address, self._within)

    def give_back(self, connection: Connection, *, good: bool) -> None:
        """Take a connection back; after a bad one the idle ones are not trusted either."""
        if good:
            self._idle.append(connection)
        else:
            connection.end()
            self.close()
        self._free.release()

    def close(self) -> None:
        """Close the idle connections; those of a parent process are left alone."""
        if self._process == os.getpid():
            while self._idle:
                self._idle.pop().end()
        else:
            _ABANDONED.extend(self._idle)


class LoopPool:
    """The connections of the tasks of one loop; closed with its asynchronous generators."""

    def __init__(self, address: str, within: float) -> None:
        self._address = address
        self._within = within
        self._process = os.getpid()
        self._idle: list[AsyncConnection] = []
        self._free = asyncio.Semaphore(AT_MOST)
        self._keeper = self._keep()

    async def start(self) -> None:
        """Register with the loop: `asyncio.run` closes asynchronous generators at its end."""
        await anext(self._keeper)

    async def _keep(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self.close()

    async def take(self, until: float) -> AsyncConnection:
        """Return a connection of one's own; see `Pool.take`."""
        try:
            async with asyncio.timeout(max(0.0, until - monotonic())):
                await self._free.acquire()
        except TimeoutError:
            raise _none_free() from None
        try:
            connection = self._idle.pop() if self._idle else await self._reach()
        except BaseException:
            self._free.release()
            raise
        connection.until = until
        return connection

    async def _reach(self) -> AsyncConnection:
        return await AsyncConnection.reach(self._address, self._within)

    def give_back(self, connection: AsyncConnection, *, good: bool) -> None:
        """Take a connection back; after a bad one the idle ones are not trusted either."""
        if good:
            self._idle.append(connection)
        else:
            connection.end()
            self.close()
        self._free.release()

    def close(self) -> None:
        """Close the idle connections; needs no running loop."""
        if self._process == os.getpid():
            while self._idle:
                self._idle.pop().end()
        else:
            _ABANDONED.extend(self._idle)


def _none_free() -> StoreUnavailable:
    return StoreUnavailable(f"all {AT_MOST} connections to PostgreSQL are in use")


_ABANDONED: list[Connection | AsyncConnection] = []
"""Connections of a parent: kept, so that nothing says good-bye to the server in its name."""
