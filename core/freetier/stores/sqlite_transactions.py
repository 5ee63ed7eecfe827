"""Operations as transactions of one connection; whoever finds the file busy is told so at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from freetier.stores.operations import Forget, Operation, Row
from freetier.stores.written import Change, perform

T = TypeVar("T")

AT_ONCE = 500  # names in one question; SQLite's own bound may be as low as 999

Instant = Callable[[], int]


def run(
    connection: sqlite3.Connection, operation: Operation[T], instant: Instant, *, locked: bool
) -> T:
    """Load the rows of an operation, perform it and write what it changed.

    Args:
        connection: Without a transaction under way.
        operation: What to do.
        instant: Returns the clock's instant in milliseconds.
        locked: Whether to keep others from writing from the start. If not, they may be
            faster, which SQLite notices when we write; a no never keeps anybody waiting.
    """
    with _transaction(connection, "immediate" if locked and operation.writes else "deferred"):
        seen = _seen(connection)
        now = max(seen, instant())
        found = _read(connection, [*operation.writes, *operation.reads])
        result, changes = perform(operation, found, now)
        if changes:
            _write(connection, changes)
            if now > seen:
                connection.execute(
                    "update freetier_facts set value = ? where name = 'seen'", (now,)
                )
    return result


def forget(connection: sqlite3.Connection, rows: Forget) -> None:
    """Delete rows of some keys, or whole sorts."""
    with _transaction(connection, "immediate"):
        for sort in rows.sorts:
            if rows.keys is None:
                connection.execute(
                    "delete from freetier_rows where name >= ? and name < ?",
                    (f"{sort}:", f"{sort};"),
                )
            else:
                _delete(connection, [Row(sort, key) for key in rows.keys])


def sweep(connection: sqlite3.Connection, instant: Instant) -> None:
    """Delete what is over."""
    with _transaction(connection, "immediate"):
        now = max(_seen(connection), instant())
        connection.execute("delete from freetier_rows where until <= ?", (now,))


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    connection.execute(f"begin {kind}")
    try:
        yield
        connection.execute("commit")
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


def _seen(connection: sqlite3.Connection) -> int:
    found = connection.execute("select value from freetier_facts where name = 'seen'").fetchone()
    return int(found[0])


def _read(connection: sqlite3.Connection, rows: Sequence[Row]) -> dict[Row, str]:
    found = {}
    by_name = {_name(row): row for row in rows}
    names = list(by_name)
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        marks = ",".join("?" * len(some))
        asked = f"select name, state from freetier_rows where name in ({marks})"  # noqa: S608
        for name, state in connection.execute(asked, some):
            found[by_name[name]] = state
    return found


def _write(connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
    kept = [(_name(c.row), c.state, c.until) for c in changes if c.state is not None]
    connection.executemany("insert or replace into freetier_rows values (?, ?, ?)", kept)
    _delete(connection, [change.row for change in changes if change.state is None])


def _delete(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    if rows:
        names = [(_name(row),) for row in rows]
        connection.executemany("delete from freetier_rows where name = ?", names)


def _name(row: Row) -> str:
    return f"{row.sort}:{row.key}"
