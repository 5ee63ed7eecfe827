"""The file itself: made whole, checked before it is touched, kept aside when it is broken."""

from __future__ import annotations

import logging
import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from freetier.errors import StoreError
from freetier.stores.scripts import script

log = logging.getLogger("freetier")

VERSION = 2
"""1: all of a window is JSON. 2: the entries of a log are packed behind it; both are read."""

FileId = tuple[int, int]


class EmptyFile(sqlite3.DatabaseError):
    """The file holds nothing, which no file of ours ever does."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


class FileGone(sqlite3.OperationalError):
    """Another file has taken its place; worth another try."""

    sqlite_errorcode = sqlite3.SQLITE_BUSY


def identity(path: Path) -> FileId | None:
    """Return what tells a file from another one of the same name, or None if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def create(path: Path) -> None:
    """Make the file, readable by its owner only, unless somebody else is faster.

    It is made under another name and linked into place, so that nobody ever sees it half
    made and an empty file is known to be a broken one.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}; make it first")
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(descriptor)
    made = Path(name)
    try:
        with closing(sqlite3.connect(made, isolation_level=None)) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(f"begin; {script('sqlite.sql')} commit;")
        with suppress(FileExistsError):
            _link(made, path)
    finally:
        made.unlink(missing_ok=True)


def connect(path: Path) -> sqlite3.Connection:
    """Open a file of this version.

    Raises:
        StoreError: It is of a newer version, or another program's; nothing was touched.
        sqlite3.DatabaseError: It is no database, or broken.
    """
    try:
        if path.stat().st_size == 0:
            raise EmptyFile("it is empty")
        connection = _opened(path)
    except (FileNotFoundError, sqlite3.OperationalError) as error:
        if identity(path) is None:
            raise FileGone("it was removed meanwhile") from error
        raise
    try:
        _check(connection, path)
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma journal_size_limit = 1048576")
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(path: Path) -> sqlite3.Connection:
    """Open a file that is there; SQLite would make one that is not."""
    there = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(
        there, timeout=0, isolation_level=None, check_same_thread=False, uri=True
    )


def _check(connection: sqlite3.Connection, path: Path) -> None:
    ours = "select count(*) from sqlite_master where name = 'freetier_facts'"
    if not connection.execute(ours).fetchone()[0]:
        raise StoreError(f"{path} is a database of another program")
    found = connection.execute("select value from freetier_facts where name = 'version'").fetchone()
    version = found[0] if found else 0
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer release: its version is {version}, "
            f"this release knows versions up to {VERSION}"
        )
    if version < VERSION:  # nothing has to be rewritten, but older releases must keep away
        connection.execute(
            "update freetier_facts set value = ? where name = 'version' and value < ?",
            (VERSION, VERSION),
        )


def put_aside(path: Path, broken: FileId, why: Exception) -> None:
    """Move a broken file out of the way under a name of its own, once among many processes.

    Args:
        path: Where it is.
        broken: Which file is meant; another one of the same name is left alone.
        why: What is wrong with it.
    """
    if identity(path) != broken:
        return  # somebody else has done it
    kept = path.with_name(f"{path.name}.corrupt-{broken[1]}")
    try:
        _link(path, kept)
    except FileExistsError:
        return  # somebody else is doing it
    with suppress(FileNotFoundError):
        _beside(path, "-wal").replace(_beside(kept, "-wal"))
    _beside(path, "-shm").unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    log.warning(
        "the quota file %s is broken (%s); it is kept as %s, and what was used before is not known",
        path,
        why,
        kept,
    )


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _link(old: Path, new: Path) -> None:
    """Give a file a second name; never over a file that is there."""
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:  # a file system without second names
        if new.exists():
            raise FileExistsError(new) from None
        old.rename(new)
