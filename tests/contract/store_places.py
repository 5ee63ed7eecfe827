"""Where a store under test lives, by its URL; each place is a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

KINDS = ("memory", "sqlite", "redis", "postgres")
SHARED = ("sqlite", "redis", "postgres")
COLOURS = ("sync", "async")


@contextmanager
def place(kind: str, request: Any) -> Iterator[str]:
    """Yield the URL of a store of this kind that holds nothing.

    Args:
        kind: One of `KINDS`.
        request: Pytest's, which starts the servers that are needed.
    """
    match kind:
        case "sqlite":
            folder: Path = request.getfixturevalue("tmp_path")
            yield f"sqlite:///{folder / uuid4().hex}.db"
        case "redis":
            yield f"{request.getfixturevalue('redis_url')}?timeout=20&prefix={uuid4().hex}:"
        case "postgres":
            yield from _schema(request.getfixturevalue("postgres_url"))
        case _:
            yield kind


def _schema(url: str) -> Iterator[str]:
    name = f"s{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create schema {name}")
        yield f"{url}?options=-csearch_path%3D{name}"
        connection.execute(f"drop schema {name} cascade")


class HandClock:
    """A clock that is set by hand, also backwards; resting moves it."""

    def __init__(self, ms: int = 1_800_000_000_000) -> None:
        self.ms = ms

    def now(self) -> float:
        """Return the instant in seconds since 1970 UTC."""
        return self.ms / 1000

    def monotonic(self) -> float:
        """Return the instant in seconds."""
        return self.ms / 1000

    def sleep(self, seconds: float) -> None:
        """Go on."""
        self.ms += round(seconds * 1000)

    async def asleep(self, seconds: float) -> None:
        """Go on."""
        self.sleep(seconds)
