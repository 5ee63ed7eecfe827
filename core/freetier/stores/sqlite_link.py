"""The one connection of a process to the file, shared by its threads."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from freetier.errors import StoreUnavailable
from freetier.stores import sqlite_file as file

T = TypeVar("T")

Work = Callable[[sqlite3.Connection], T]

BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
BROKEN_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Done(Generic[T]):
    """What came of work that could be done."""

    __slots__ = ("result",)

    def __init__(self, result: T) -> None:
        self.result = result


class Link:
    """Opens the file when it is needed, and anew in a child, or when the file was replaced.

    SQLite forbids to use or to close a connection on the other side of a fork, so a child
    keeps its parent's unused.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._id: file.FileId | None = None

    def attempt(self, work: Work[T], patience: float) -> Done[T] | None:
        """Do some work, or return None if others are at it.

        Args:
            work: What is done with the connection, in one transaction.
            patience: Seconds to wait for other threads of this process; never for other
                processes.

        Raises:
            StoreUnavailable: The file cannot be opened, read or written.
            StoreError: It belongs to a newer release or to another program.
        """
        self._notice_fork()
        if not self._lock.acquire(timeout=patience):
            return None
        try:
            done = Done(work(self._opened()))
            self._want_the_same_file()
            return done
        except OSError as error:
            raise self._unusable(error) from error
        except sqlite3.Error as error:
            self._judge(error)
            return None
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close the file; it opens again when it is needed. Safe to call twice."""
        self._notice_fork()
        with self._lock:
            self._close()

    def _notice_fork(self) -> None:
        if self._process != os.getpid():
            if self._connection is not None:
                _ABANDONED.append(self._connection)
            self._begin()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        self._id = file.identity(self.path)
        if self._id is None:
            file.create(self.path)
            self._id = file.identity(self.path)
        self._connection = file.connect(self.path)
        self._want_the_same_file()
        return self._connection

    def _want_the_same_file(self) -> None:
        """What was done in a file that is not there any more, or only moved, is done again."""
        if file.identity(self.path) != self._id:
            file.log.warning("the quota file %s was removed or replaced", self.path)
            self._close()
            raise file.FileGone("it was removed or replaced")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _judge(self, error: sqlite3.Error) -> None:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in BUSY_CODES:
            return
        self._close()
        if code not in BROKEN_CODES or self._id is None:
            raise self._unusable(error) from error
        try:
            file.put_aside(self.path, self._id, error)
        except OSError as refused:
            raise self._unusable(refused) from error

    def _unusable(self, error: Exception) -> StoreUnavailable:
        return StoreUnavailable(f"the quota file {self.path} cannot be used: {error}")


_ABANDONED: list[sqlite3.Connection] = []
"""Connections of a parent: kept, so that nothing closes them in the child."""
