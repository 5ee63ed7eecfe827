"""Answers read by `httptools`, the parser of uvicorn, in C."""

from __future__ import annotations

import httptools

from freetier.drivers.http.answers import HEAD_MAX, Malformed, text
from freetier.values.wire import Header

_FIRST_FINAL = 200


class HttptoolsReader:
    """See `Reader`."""

    __slots__ = (
        "_body", "_frame", "_headers", "_is_framed", "_may_stay", "_parser", "done", "headers",
        "status",
    )  # fmt: skip

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.begin()

    def begin(self) -> None:
        """Expect an answer."""
        self.status = 0
        self.headers: tuple[Header, ...] = ()
        self.done = False
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._frame = 0
        self._is_framed = self._may_stay = False

    @property
    def reusable(self) -> bool:
        """Tell whether another request may follow."""
        return self.done and self._may_stay and self._is_framed

    def feed(self, data: bytes) -> bytes:
        """Take some bytes and return what of the body they hold; nothing is the end of all."""
        if not data:
            self._end()
            return b""
        if self.done:  # more than was asked for
            self._may_stay = False
            return b""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise Malformed("the server changes the protocol") from None
        except httptools.HttpParserError as error:
            raise Malformed(str(error) or type(error).__name__) from None
        if not self._body:
            self._count(len(data))
            return b""
        pieces, self._body = self._body, []
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _count(self, size: int) -> None:
        self._frame += size
        if self._frame > HEAD_MAX:
            raise Malformed("the head is too large")

    def _end(self) -> None:
        if self.status and not self._is_framed:
            self.done = True
        elif not self.done:
            raise Malformed("the server closed the connection within an answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; called by the parser."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the end of the head; called by the parser."""
        status = self._parser.get_status_code()
        if status < _FIRST_FINAL or self.done:  # one before the answer proper, or after it
            return
        self.status = status
        self.headers = text(self._headers)
        self._is_framed = status in {204, 304} or any(
            name in {"content-length", "transfer-encoding"} for name, _ in self.headers
        )
        self._frame = 0

    def on_body(self, data: bytes) -> None:
        """Take some of the body; called by the parser."""
        if not self.done:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """Take the end of an answer; called by the parser."""
        if not self.status:
            self._headers.clear()
            return
        if self.done:  # a second answer to one request
            self._may_stay = False
            return
        self.done = True
        self._may_stay = self._parser.should_keep_alive()
