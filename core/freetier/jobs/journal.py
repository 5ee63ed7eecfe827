"""The file that lets a job go on where it stopped: one line per finished item.

The first line says which job it is. An answer is written before it is given back, so that a
crash loses at most what was under way. A prompt is not written, only a mark of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import TypeAdapter, ValidationError

from freetier.errors import ConfigError, FreetierError, RequestRejected
from freetier.values.reports import Completion

FORMAT = 1
HEAD_AT_MOST = 4096
"""Bytes of a first line; a longer one is not ours, and may have no end."""

MARK = 16
"""Bytes of an item's mark: two of ten thousand items never share one."""


class Journal:
    """What is done of one job.

    Opening reads the marks of what is done, not the answers.

    Args:
        path: The file; made if it is not there, readable by its owner only.
        job: What every request of the job has in common; another job's file is refused.

    Raises:
        ConfigError: The file belongs to another job, is no journal, is in use by another
            process, or cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str], job: Mapping[str, Any]) -> None:
        self._path = Path(path)
        self._places: dict[str, int] = {}
        self._seen: Counter[str] = Counter()
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigError(f"cannot be opened: {error.strerror}", where=str(path)) from None
        self._file: BinaryIO = os.fdopen(handle, "r+b", buffering=0)
        try:
            self._lock()
            self._begin(_mark(json.dumps(job, sort_keys=True, default=str)))
        except BaseException:
            self._file.close()
            raise

    def _lock(self) -> None:
        with contextlib.suppress(ImportError):  # where there are no such locks, nobody is kept out
            import fcntl  # noqa: PLC0415 - not on every system

            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise self._wrong("another process is at work on this job") from None

    def _begin(self, job: str) -> None:
        self._file.seek(0)
        first = self._file.readline(HEAD_AT_MOST)
        if not first.endswith(b"\n"):
            if first and not first.startswith(b'{"freetier"'):
                raise self._wrong("this is no journal of a job; name another file")
            self._file.seek(0)
            self._file.truncate()
            self._append({"freetier": FORMAT, "job": job})
            return
        head = _read(first)
        if head is None or "freetier" not in head or "job" not in head:
            raise self._wrong("this is no journal of a job; name another file")
        if head["freetier"] != FORMAT:
            raise self._wrong("a newer version wrote this journal; update freetier")
        if head["job"] != job:
            raise self._wrong(
                "this journal is of another job (model or options differ); name another file, "
                "or delete this one to begin anew"
            )
        self._recover()

    def _recover(self) -> None:
        """Read the marks; a line that was cut by a crash is cut away."""
        place = self._file.tell()
        for number, line in enumerate(iter(self._file.readline, b""), 2):
            if not line.endswith(b"\n"):
                self._file.truncate(place)
                break
            entry = _read(line)
            if entry is None or not isinstance(entry.get("key"), str):
                raise self._wrong(f"line {number} cannot be read; repair or delete the file")
            if "completion" in entry or entry.get("final"):
                self._places[entry["key"]] = place
            place += len(line)

    def _wrong(self, message: str) -> ConfigError:
        return ConfigError(message, where=str(self._path))

    def __len__(self) -> int:
        return len(self._places)

    def key(self, request: object) -> str:
        """Return the mark of an item; the second of two equal items has another one."""
        mark = _mark(repr(request))
        self._seen[mark] += 1
        return f"{mark}.{self._seen[mark]}"

    def find(self, key: str) -> Completion | FreetierError | None:
        """Return what an earlier run had of an item, or `None` if it is to be asked."""
        place = self._places.get(key)
        if place is None:
            return None
        self._file.seek(place)
        entry = _read(self._file.readline()) or {}
        if "completion" not in entry:
            return FreetierError(str(entry.get("error", "")))
        try:
            return _completions().validate_python(entry["completion"])
        except ValidationError:
            return None  # of another version: it is asked again

    def note(self, key: str, outcome: Completion | Exception) -> None:
        """Write down what became of an item.

        Raises:
            ConfigError: The file cannot be written.
        """
        if isinstance(outcome, Completion):
            entry = {"key": key, "completion": _completions().dump_python(outcome, mode="json")}
        else:
            # What was refused for itself would be refused again; the rest is tried again.
            final = isinstance(outcome, RequestRejected | ConfigError)
            text = f"{type(outcome).__name__}: {outcome}"
            entry = {"key": key, "error": text, "final": final}
        self._append(entry)

    def _append(self, entry: Mapping[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            end = self._file.seek(0, os.SEEK_END)
            written = self._file.write(line)
        except OSError as error:
            raise self._wrong(f"cannot be written: {error.strerror}") from None
        if written != len(line):  # the disk is full; the line is cut away
            self._file.truncate(end)
            raise self._wrong("cannot be written: the disk is full")

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


@cache
def _completions() -> TypeAdapter[Completion]:
    return TypeAdapter(Completion)


def _mark(text: str) -> str:
    given = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(given, digest_size=MARK, person=b"freetier-job").hexdigest()


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
