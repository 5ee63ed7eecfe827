"""Answers in the plain form that nearly all have, read without a library.

RULE: what is not plain in every byte is read by `h11`, from the answer's first byte on if
its head is not, and from the chunk on that is not. Both see the same in every answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from freetier.drivers.http.answers import Malformed
from freetier.values.wire import Header

if TYPE_CHECKING:
    from freetier.drivers.http.with_h11 import H11Reader

_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: [\t\x20-\x7e\x80-\xff]*)?\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_BEGUN_SIZE = re.compile(rb"[0-9A-Fa-f]{0,8}\r?")

_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})
_KEPT = ("connection", "keep-alive")
_CHUNKED = ("transfer-encoding", "chunked")
_WITHOUT_BODY = frozenset({204, 304})
_DIGITS = 15
_END = b"\r\n"


class PlainReader:
    """See `Reader`."""

    __slots__ = (
        "_head", "_held", "_is_chunked", "_is_clean", "_is_within", "_left", "_other", "done",
        "headers", "status",
    )  # fmt: skip

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Expect an answer."""
        self.status = self._left = 0
        self.headers: tuple[Header, ...] = ()
        self.done = self._is_chunked = self._is_within = False
        self._is_clean = True
        self._head = self._held = b""
        self._other: H11Reader | None = None

    @property
    def reusable(self) -> bool:
        """Tell whether another request may follow."""
        return self._other.reusable if self._other is not None else self.done and self._is_clean

    def feed(self, data: bytes) -> bytes:
        """Take some bytes and return what of the body they hold; nothing is the end of all."""
        if self._other is not None:
            return self._handed(self._other, data)
        if not data or self.done:  # more than was asked for, or the end of the connection
            self._is_clean = False
            if not self.done:
                raise Malformed("the server closed the connection within an answer")
            return b""
        if self.status:
            return self._unchunked(data) if self._is_chunked else self._counted(data)
        begun = _HEAD.match(data)
        if begun is None or not self._is_plain(begun):
            return self._handed(self._handing_over(), data)
        body = data[begun.end() :]
        if self._is_chunked:
            self._head = begun[0]
            return self._unchunked(body) if body else b""
        return self._counted(body)

    def _is_plain(self, head: re.Match[bytes]) -> bool:
        """Take a head; tell whether it says once and plainly where the body ends."""
        headers: list[Header] = []
        framing: list[Header] = []
        for line in str(head[2], "latin-1").split("\r\n")[:-1]:
            name, _, value = line.partition(":")
            one = name.lower(), value.strip(" \t")
            headers.append(one)
            if one[0] in _FRAMING and (one[0], one[1].lower()) != _KEPT:
                framing.append(one)
        status = int(head[1])
        if len(framing) != 1 or status in _WITHOUT_BODY:
            return False
        name, value = framing[0]
        if name == "content-length" and value.isdecimal() and len(value) <= _DIGITS:
            self._left = int(value)
        elif framing[0] == _CHUNKED:
            self._is_chunked = True
        else:
            return False
        self.status, self.headers = status, tuple(headers)
        return True

    def _counted(self, data: bytes) -> bytes:
        """Take some of a body whose length is known."""
        self._left -= len(data)
        if self._left > 0:
            return data
        self.done = True
        if self._left < 0:
            self._is_clean = False
            return data[: self._left]
        return data

    def _unchunked(self, data: bytes) -> bytes:
        """Take some of a body that comes in chunks."""
        if self._held:
            data, self._held = self._held + data, b""
        pieces: list[bytes] = []
        at, size, left, is_within = 0, len(data), self._left, self._is_within
        while True:
            if is_within:
                end = at + left
                if data[end : end + 2] != _END:
                    pieces.append(data[at:end])
                    left, self._held = max(0, end - size), data[end:]
                    if self._held not in (b"", b"\r"):
                        raise Malformed("a chunk of the answer is longer than it says")
                    break
                pieces.append(data[at:end])
                at, left, is_within = end + 2, 0, False
            begun = _SIZE.match(data, at)
            if begun is None or not (left := int(begun[1], 16)):
                pieces.append(self._ended(data, at, begun))
                break
            at, is_within = begun.end(), True
        self._left, self._is_within = left, is_within
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _ended(self, data: bytes, at: int, last: re.Match[bytes] | None) -> bytes:
        """Take what stands where a chunk's size should: too little of it, the end, or neither."""
        rest = data[at:]
        if last is None:
            is_cut = _BEGUN_SIZE.fullmatch(rest) is not None
        else:
            end = data[last.end() : last.end() + 2]
            is_cut = end in (b"", b"\r")
            if end == _END:
                self.done, self._is_clean = True, last.end() + 2 == len(data)
                return b""
        if is_cut:
            self._held = rest
            return b""
        other = self._handing_over()
        other.feed(self._head)
        return self._handed(other, rest)

    def _handing_over(self) -> H11Reader:
        from freetier.drivers.http.with_h11 import H11Reader  # noqa: PLC0415 - 15 ms of loading

        other = self._other = H11Reader()
        other.begin()
        return other

    def _handed(self, other: H11Reader, data: bytes) -> bytes:
        body = other.feed(data)
        self.status, self.headers, self.done = other.status, other.headers, other.done
        return body
