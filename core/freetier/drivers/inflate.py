"""Undoing compression of a body we did not ask to be compressed, with a bound."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any, Self

from freetier.values.wire import Header

MAX_BODY = 64 * 1024 * 1024
"""Bytes of one body, after undoing compression; a whole embedding batch fits many times."""


class TooLarge(Exception):
    """A body passed the bound."""


class Inflate:
    """Counts the bytes of one body and undoes gzip or deflate if the headers name it.

    Args:
        encoding: The `content-encoding` header.
        bound: Bytes that may come out in all.
    """

    __slots__ = ("_bound", "_inflate", "_seen")

    def __init__(self, encoding: str | None, bound: int = MAX_BODY) -> None:
        name = (encoding or "identity").strip().lower()
        if name not in {"identity", "", "gzip", "x-gzip", "deflate"}:
            raise ValueError(f"unknown content encoding {name[:40]!r}")
        # 32 + 15 lets zlib see by itself whether gzip or zlib framing is used
        self._inflate = None if name in {"identity", ""} else zlib.decompressobj(47)
        self._bound = bound
        self._seen = 0

    @classmethod
    def named_in(cls, headers: Iterable[Header]) -> Self:
        """Return what the headers of an answer call for."""
        return cls(next((value for name, value in headers if name == "content-encoding"), None))

    def feed(self, data: bytes) -> bytes:
        """Return what some bytes stand for; raises `TooLarge`, or `ValueError` for garbage."""
        if self._inflate is not None:
            data = self._plain(data, self._inflate)
        self._seen += len(data)
        if self._seen > self._bound:
            raise TooLarge
        return data

    def _plain(self, data: bytes, inflate: Any) -> bytes:
        try:
            out: bytes = inflate.decompress(data, self._bound - self._seen + 1)
        except zlib.error as error:
            raise ValueError("the compressed body is damaged") from error
        if inflate.unconsumed_tail:
            raise TooLarge
        return out
