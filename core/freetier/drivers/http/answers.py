"""The bytes of one connection into answers: status, headers, body, and where each ends.

RULE: reads and never does I/O. What is plain is read here, the rest by `h11`, which comes with
`httpx`; with the extra `fast` a parser in C, `httptools`, takes the place of both. All raise
`Malformed` for what is no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from freetier.values.wire import Header

HEAD_MAX = 100 * 1024
"""Bytes of a head, and of what follows a body; as httpx has it."""


class Malformed(Exception):
    """What came is no HTTP, or too much of it at once."""


class Reader(Protocol):
    """Reads the answers of one connection, one after the other.

    Attributes:
        status: Of the answer's head; 0 until it has come.
        headers: Names in small letters.
        done: Whether the answer has ended.
        reusable: Whether another request may follow on the connection once it has.
    """

    status: int
    headers: tuple[Header, ...]
    done: bool

    @property
    def reusable(self) -> bool:
        """Tell whether another request may follow."""

    def begin(self) -> None:
        """Expect an answer."""

    def feed(self, data: bytes) -> bytes:
        """Take some bytes and return what of the body they hold; nothing is the end of all."""


def _plain() -> Callable[[], Reader]:
    from freetier.drivers.http.plain import PlainReader  # noqa: PLC0415 - where it is needed

    return PlainReader


def reader_class() -> Callable[[], Reader]:
    """Return the fastest reader that is installed."""
    try:
        from freetier.drivers.http.with_httptools import HttptoolsReader  # noqa: PLC0415
    except ImportError:
        return _plain()
    return HttptoolsReader


def text(pairs: list[tuple[bytes, bytes]]) -> tuple[Header, ...]:
    """Return raw headers as text."""
    return tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in pairs)
