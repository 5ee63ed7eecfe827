"""The file of the SQLite store: who may read it, and what happens when it is not well."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from freetier.errors import StoreError, StoreUnavailable
from freetier.stores.sqlite import SWEEP_EVERY, SqliteStore
from freetier.stores.sqlite_file import VERSION
from freetier.values.quota import Granted, Reservation
from tests.contract.store_desk import charge
from tests.contract.store_places import HandClock

ROOT = Path(__file__).parents[2]
ASKED = charge("{a}:w", 100)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file will be."""
    return tmp_path / "quota.db"


def take(store: Any, name: str = "r", asked: Any = ASKED) -> Any:
    """Reserve one."""
    return store.reserve(Reservation(id=name, charges=(asked,)))


def held(store: Any, asked: Any = ASKED) -> int:
    """Return what a window holds."""
    tally = store.survey([asked]).tallies[0]
    return int(tally.used + tally.reserved)


def run(code: str, *words: str) -> str:
    """Run some Python in a process of its own, and return what it prints."""
    words = (sys.executable, "-c", code, *words)
    return subprocess.check_output(words, cwd=ROOT, text=True, timeout=60)


def test_only_the_owner_may_read_the_files(path: Path) -> None:
    """The file and those beside it are 0600, whatever the mask says."""
    mask = os.umask(0)
    try:
        with closing(SqliteStore(path)) as store:
            take(store)
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(mask)

    assert modes == dict.fromkeys(["quota.db", "quota.db-wal", "quota.db-shm"], 0o600)


def test_a_file_of_the_first_version_is_read_and_made_this_one(path: Path) -> None:
    """What was used stays used, and the first release does not open it any more."""
    clock = HandClock()
    old = f'["rolling",[[{clock.ms + 500},3],[{clock.ms + 900},4]],[],0,[],0]'
    with closing(SqliteStore(path, clock)) as store:
        take(store)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update freetier_facts set value = 1 where name = 'version'")
        connection.execute(
            "update freetier_rows set state = ? where name = ?", (old, f"window:{ASKED.key}")
        )

    with closing(SqliteStore(path, clock)) as store:
        assert held(store) == 7
        take(store)
        clock.ms += 500
        assert held(store) == 5
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("select value from freetier_facts where name = 'version'")
        assert found.fetchone() == (VERSION,)


def test_a_file_of_a_newer_version_is_left_as_it_is(path: Path) -> None:
    """The error names both versions, and not a byte has changed."""
    SqliteStore(path).now()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update freetier_facts set value = 99 where name = 'version'")
        connection.commit()
        connection.execute("pragma wal_checkpoint(truncate)")
    before = path.read_bytes()

    with (
        closing(SqliteStore(path)) as store,
        pytest.raises(StoreError, match=rf"99.* up to {VERSION}"),
    ):
        take(store)

    assert path.read_bytes() == before


def test_another_programs_database_is_left_as_it_is(path: Path) -> None:
    """A wrong path in a configuration spoils nothing."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table theirs (x)")
    before = path.read_bytes()

    with closing(SqliteStore(path)) as store, pytest.raises(StoreError, match="another program"):
        take(store)

    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["quota.db"]


def _garbage(good: bytes) -> bytes:
    return b"x" * len(good)


def _half(good: bytes) -> bytes:
    return good[: len(good) // 2]


def _torn(good: bytes) -> bytes:
    return good[:4096] + b"\xff" * (len(good) - 4096)


def _nothing(good: bytes) -> bytes:
    return good[:0]


@pytest.mark.parametrize("spoil", [_garbage, _half, _torn, _nothing])
def test_a_broken_file_is_kept_aside_and_named(
    path: Path, spoil: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It is never emptied; the log says where it is, and the store goes on with a new one."""
    with closing(SqliteStore(path)) as store:
        take(store)
    broken = spoil(path.read_bytes())
    path.write_bytes(broken)

    with closing(SqliteStore(path)) as store, caplog.at_level(logging.WARNING, "freetier"):
        assert take(store) == Granted()
        assert held(store) == 1

    (kept,) = path.parent.glob("quota.db.corrupt-*")
    assert kept.read_bytes() == broken
    assert [str(kept) in record.getMessage() for record in caplog.records] == [True]


def test_a_file_that_breaks_while_it_is_used_is_kept_aside(path: Path) -> None:
    """Others' accidents are noticed with the next call."""
    with closing(SqliteStore(path)) as store:
        take(store)
        store.close()
        path.write_bytes(_torn(path.read_bytes()))
        assert take(store) == Granted()

    assert len(list(path.parent.glob("quota.db.corrupt-*"))) == 1


def test_many_who_find_a_broken_file_keep_it_aside_once(path: Path) -> None:
    """Nobody puts the others' new file aside, and nothing granted is lost."""
    path.write_bytes(b"not a database at all" * 999)
    stores = [SqliteStore(path) for _ in range(8)]
    threads = [
        threading.Thread(target=take, args=(store, f"r{n}")) for n, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert held(stores[0]) == 8
    assert len(list(path.parent.glob("quota.db.corrupt-*"))) == 1
    for store in stores:
        store.close()


def test_a_file_that_others_hold_is_unavailable_within_the_bound(path: Path) -> None:
    """Somebody's long transaction is a typed error, and no quota is lost to it."""
    with closing(SqliteStore(path, within=0.1)) as store:
        take(store)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(StoreUnavailable, match="busy for"):
                take(store, "r2")
            assert held(store) == 1
            with pytest.raises(StoreUnavailable, match="busy for"):
                asyncio.run(take(store.aio(), "r2"))
            other.execute("rollback")
        assert take(store, "r2") == Granted()


def test_a_loop_goes_on_while_others_hold_the_file(path: Path) -> None:
    """Waiting for the file is a sleep of the task, not of the loop."""

    async def main(store: SqliteStore, other: sqlite3.Connection) -> int:
        other.execute("begin immediate")
        asking = asyncio.create_task(take(store.aio(), "r2"))
        turns = 0
        while turns < 20:
            await asyncio.sleep(0.001)
            assert not asking.done()
            turns += 1
        other.execute("rollback")
        assert await asking == Granted()
        return turns

    with closing(SqliteStore(path)) as store:
        take(store)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            assert asyncio.run(main(store, other)) == 20


def test_a_missing_folder_is_a_typed_error(tmp_path: Path) -> None:
    """A disk that is not mounted does not make the store start from nothing elsewhere."""
    missing = SqliteStore(tmp_path / "none" / "quota.db")
    with closing(missing) as store, pytest.raises(StoreUnavailable, match="none"):
        take(store)


READ_ONLY = """
import os, sys
from pathlib import Path
from freetier.errors import StoreUnavailable
from freetier.stores.sqlite import SqliteStore
from freetier.values.quota import Reservation
from tests.contract.test_store_sqlite import ASKED, held, take
if os.geteuid() == 0:
    os.setuid(65534)  # nobody: root may write everywhere
store = SqliteStore(Path(sys.argv[1]))
try:
    take(store, "r2")
except StoreUnavailable as error:
    print(error)
"""


def test_a_read_only_file_is_a_typed_error(path: Path) -> None:
    """Nothing is granted that could not be written down."""
    with closing(SqliteStore(path)) as store:
        take(store)
    path.chmod(0o444)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        folder.chmod(0o555)

    try:
        said = run(READ_ONLY, str(path))
    finally:
        for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
            folder.chmod(0o700)

    assert "cannot be used" in said
    with closing(SqliteStore(path)) as store:
        assert held(store) == 1


FULL = """
import resource, sys
from pathlib import Path
from freetier.errors import StoreUnavailable
from freetier.stores.sqlite import SqliteStore
from freetier.values.quota import Granted
from tests.contract.store_desk import charge
from tests.contract.test_store_sqlite import take
store = SqliteStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
granted = 0
try:
    while granted < 10_000:
        take(store, f"r{granted}" + "x" * 500, charge("{a}:w", 10_000))
        granted += 1
except StoreUnavailable as error:
    print(granted, error)
"""


def test_a_full_disk_is_a_typed_error_and_loses_nothing(path: Path) -> None:
    """What was granted before is all there; what could not be written was not granted."""
    granted, _, said = run(FULL, str(path)).partition(" ")

    assert "cannot be used" in said
    assert int(granted) > 0
    with closing(SqliteStore(path)) as store:
        assert held(store, charge("{a}:w", 10_000)) == int(granted)


def test_a_file_that_was_removed_is_made_anew(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody counts in a file that no one else can see; the log tells."""
    with closing(SqliteStore(path)) as first, closing(SqliteStore(path)) as second:
        take(first)
        path.unlink()
        for beside in path.parent.glob("quota.db-*"):
            beside.unlink()

        take(second, "r2")
        take(first, "r3")

        assert (held(first), held(second)) == (2, 2)
    assert "removed or replaced" in caplog.text


FORK = """
import os, sys
from pathlib import Path
from freetier.stores.sqlite import SqliteStore
from tests.contract.test_store_sqlite import held, take
store = SqliteStore(Path(sys.argv[1]))
take(store, "before")
child = os.fork()
take(store, f"{bool(child)}")
if not child:
    store.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
take(store, "after")
print(held(store))
store.close()
"""


def test_a_child_opens_the_file_anew(path: Path) -> None:
    """Parent and child count in one file, and neither disturbs the other's connection."""
    assert run(FORK, str(path)) == "4\n"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a list of open files")
def test_threads_leave_no_open_files_behind(path: Path) -> None:
    """A hundred threads share one connection; after closing there is none."""

    def open_files() -> int:
        links = list(Path("/proc/self/fd").iterdir())
        return sum(str(path) in str(link.readlink()) for link in links if link.is_symlink())

    with closing(SqliteStore(path)) as store:
        for n in range(100):
            thread = threading.Thread(target=take, args=(store, f"r{n}"))
            thread.start()
            thread.join()
        assert held(store) == 100
        assert open_files() <= 3  # the file and the two beside it

    assert open_files() == 0


def test_what_is_over_leaves_by_itself(path: Path) -> None:
    """The file does not grow with accounts and ids that were; learned limits stay."""
    clock = HandClock()
    with closing(SqliteStore(path, clock)) as store:
        for n in range(50):
            take(store, f"r{n}", charge(f"{{old-{n}}}:w", 5))
        clock.ms += 3_600_000
        for n in range(SWEEP_EVERY):
            take(store, f"s{n}")

        with closing(sqlite3.connect(path)) as connection:
            names = [row[0] for row in connection.execute("select name from freetier_rows")]
    assert names == ["window:{a}:w"]
