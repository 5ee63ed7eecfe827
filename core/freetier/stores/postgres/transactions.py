"""Operations as batches of statements; who sends them, and in which colour, is not known here.

A transaction takes two journeys: one that locks and reads, one that writes and commits.
All rows are locked in the order of their names, in one pass that also makes the missing
ones, so that two transactions never wait for each other.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, TypeVar

from freetier.errors import StoreError
from freetier.stores.operations import Forget, Operation, Row
from freetier.stores.scripts import script
from freetier.stores.written import Change, perform

T = TypeVar("T")

Statement = tuple[str, Sequence[Any]]
Rows = list[tuple[Any, ...]]
Steps = Generator[list[Statement], Rows, T]
"""Yields batches, and is sent the rows of each batch's last statement."""

VERSION = 2
"""1: all of a window is JSON. 2: the entries of a log are packed behind it; both are read."""

BEGIN: Statement = ("begin isolation level read committed", ())
COMMIT: Statement = ("commit", ())
ROLLBACK: Statement = ("rollback", ())

LOCK = """
insert into freetier_rows (name)
select name from unnest(%s::text[]) as wanted (name) order by name collate "C"
on conflict (name) do update set state = excluded.state where false
"""
NOW = "coalesce(%s, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)"
READ = """
select clock.now, held.name, held.state, held.seen
from (select {now} as now) as clock
left join freetier_rows as held on held.name = any(%s) and held.state <> ''
""".replace("{now}", NOW)
HIGHEST = "select greatest({now}, (select max(seen) from freetier_rows))".replace("{now}", NOW)
WRITE = """
update freetier_rows as held set state = new.state, until = new.until, seen = %s
from unnest(%s::text[], %s::text[], %s::bigint[]) as new (name, state, until)
where held.name = new.name
"""
DELETE = "delete from freetier_rows where name = any(%s)"
FORGET = """
delete from freetier_rows where name in (
    select name from freetier_rows
    where split_part(name, ':', 1) = any(%s) and (%s::text[] is null or name = any(%s))
    order by name for update
)
"""
SWEEP = """
delete from freetier_rows where name in (
    select name from freetier_rows where until <= {now} for update skip locked
)
""".replace("{now}", NOW)
FIND = "select to_regclass('freetier_facts') is not null"
ALONE = "select pg_advisory_xact_lock(7310279611)"  # any number; held while the tables are made
RAISE = "update freetier_facts set value = %s where name = 'version' and value < %s"
READ_VERSION = "select value from freetier_facts where name = 'version'"


def run(operation: Operation[T], instant: int | None) -> Steps[T]:
    """Load the rows of an operation, perform it and write what it changed.

    Args:
        operation: What to do.
        instant: The caller's instant in simulations; `None` for the server's.
    """
    rows = {_name(row): row for row in (*operation.writes, *operation.reads)}
    read: Statement = (READ, (instant, list(rows)))
    if operation.writes:
        lock: Statement = (LOCK, ([_name(row) for row in operation.writes],))
        answer = yield [BEGIN, lock, read]
    else:
        answer = yield [read]
    now = max(at for clock, _, _, seen in answer for at in (clock, seen or 0))
    found = {rows[name]: state for _, name, state, _ in answer if name is not None}
    result, changes = perform(operation, found, now)
    if operation.writes:
        yield [*_written(changes, now), COMMIT] if changes else [ROLLBACK]
    return result


def _written(changes: Sequence[Change], now: int) -> list[Statement]:
    statements: list[Statement] = []
    kept = [(_name(c.row), c.state, c.until) for c in changes if c.state is not None]
    if kept:
        names, states, untils = (list(column) for column in zip(*kept, strict=True))
        statements.append((WRITE, (now, names, states, untils)))
    gone = [_name(change.row) for change in changes if change.state is None]
    if gone:
        statements.append((DELETE, (gone,)))
    return statements


def highest(instant: int | None) -> Steps[int]:
    """Return the highest instant that anything was judged by, or the clock's if it is later."""
    answer = yield [(HIGHEST, (instant,))]
    return int(answer[0][0])


def forget(rows: Forget) -> Steps[None]:
    """Delete rows of some keys, or whole sorts."""
    names = None
    if rows.keys is not None:
        names = [_name(Row(sort, key)) for sort in rows.sorts for key in rows.keys]
    yield [(FORGET, (list(rows.sorts), names, names))]


def sweep(instant: int | None) -> Steps[None]:
    """Delete what is over; rows that somebody is at are left for the next time."""
    yield [(SWEEP, (instant,))]


def prepare() -> Steps[None]:
    """Make the tables if they are not there, by one of many who come at once.

    Raises:
        StoreError: They are of a newer version; nothing was touched.
    """
    found = yield [(FIND, ())]
    if not found[0][0]:
        yield [BEGIN, (ALONE, ()), *_making(), COMMIT]
    answer = yield [(READ_VERSION, ())]
    version = answer[0][0] if answer else 0
    if version > VERSION:
        raise StoreError(
            f"the tables of this database were written by a newer release: their version is "
            f"{version}, this release knows versions up to {VERSION}"
        )
    if version < VERSION:  # nothing has to be rewritten, but older releases must keep away
        yield [(RAISE, (VERSION, VERSION))]


def _making() -> list[Statement]:
    without_comments = "\n".join(
        line.partition("--")[0] for line in script("postgres.sql").splitlines()
    )
    return [(made, ()) for made in without_comments.split(";") if made.strip()]


def _name(row: Row) -> str:
    return f"{row.sort}:{row.key}"
