"""Connections of threads: sockets, kept by origin for the next request."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from freetier.drivers.http.answers import Reader
from freetier.drivers.http.body import Rest, heard
from freetier.drivers.http.heads import Head, Origin
from freetier.drivers.http.outcome import Connecting, broken
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts, never_sent

PIECE = 64 * 1024
"""Bytes of one read."""

IDLE_MAX = 100
IDLE_SECONDS = 30.0
"""Kept per origin, and how long: less than the usual minute of servers."""


class Line:
    """One connection, used by one thread at a time."""

    __slots__ = ("_has_failed", "_socket", "idle_since", "reader", "sent")

    def __init__(self, opened: socket.socket, reader: Reader) -> None:
        self._socket = opened
        self.reader = reader
        self.sent = False
        self.idle_since = 0.0
        self._has_failed = False

    @property
    def is_reusable(self) -> bool:
        """Tell whether another request may follow: this one is out, and its answer has ended."""
        return self.reader.reusable and not self._has_failed

    @property
    def is_fresh(self) -> bool:
        """Tell whether the other side has kept it as well: nothing may have come meanwhile."""
        if time.monotonic() - self.idle_since > IDLE_SECONDS:
            return False
        if not hasattr(select, "poll"):  # Windows
            return not select.select([self._socket], [], [], 0)[0]
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def write(self, data: bytes, until: float | None) -> None:
        """Write everything by an instant of the monotonic clock."""
        self._within(until)
        self.sent = True
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise
        except OSError:  # it may have answered before it hung up: that it will not read so much
            self._has_failed = True

    def read(self, until: float | None) -> bytes:
        """Read what has come, by an instant of the monotonic clock; nothing is the end."""
        self._within(until)
        return self._socket.recv(PIECE)

    def _within(self, until: float | None) -> None:
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError("out of time")
        self._socket.settimeout(left)

    def close(self) -> None:
        """Close it."""
        with suppress(OSError):
            self._socket.close()


class Lines:
    """The connections to one origin.

    Args:
        origin: Whom to connect to.
        context: What checks certificates, for `https`.
        reader: Makes a reader of answers.
    """

    def __init__(
        self, origin: Origin, context: ssl.SSLContext | None, reader: Callable[[], Reader]
    ) -> None:
        self._origin = origin
        self._context = context
        self._reader = reader
        self._idle: deque[Line] = deque()
        self._open: set[Line] = set()
        self._is_closed = False

    def send(self, head: Head, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request and return at the headers."""
        began = time.monotonic()
        until = None if timeouts.head is None else began + timeouts.head
        line = after = None
        try:
            line = self._kept() or self._connected(timeouts)
            line.reader.begin()
            line.write(head.with_body(request.body), until)
            after = time.monotonic() - began
            begun = b""
            while not line.reader.status:
                begun = heard(line.reader, line.read(until))
            body = Body(self, line, Rest(line.reader, begun))
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            if line is None:
                return broken(error, sent=False)
            self._drop(line)
            after = time.monotonic() - began if after is None else after
            return broken(error, sent=line.sent, written_after=after)
        except BaseException as error:
            if line is not None:
                self._drop(line)
            if line is None or not line.sent:
                never_sent(error)
            raise
        status, headers = line.reader.status, line.reader.headers
        return Answer(status=status, headers=headers, body=body, written_after=after)

    def _kept(self) -> Line | None:
        while self._idle:
            try:
                line = self._idle.pop()  # the last one first, so that the others may age
            except IndexError:  # another thread was faster
                return None
            if line.is_fresh:
                line.sent = False
                return line
            self._drop(line)
        return None

    def _drop(self, line: Line) -> None:
        self._open.discard(line)
        line.close()

    def _connected(self, timeouts: Timeouts) -> Line:
        bounds = [bound for bound in (timeouts.connect, timeouts.head) if bound is not None]
        limit = min(bounds, default=None)
        until = None if limit is None else time.monotonic() + limit
        origin = self._origin
        try:
            opened = socket.create_connection((origin.host, origin.port), limit)
            try:
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._context is not None:
                    if until is not None:
                        opened.settimeout(max(0.001, until - time.monotonic()))
                    opened = self._context.wrap_socket(opened, server_hostname=origin.host)
            except BaseException:
                opened.close()
                raise
        except Exception as error:
            raise Connecting("no connection") from error
        line = Line(opened, self._reader())
        self._open.add(line)
        return line

    def done(self, line: Line) -> None:
        """Take a connection back after an answer: keep it, or close it; the oldest may go."""
        if self._is_closed or not line.is_reusable or len(self._idle) >= IDLE_MAX:
            self._drop(line)
            return
        now = line.idle_since = time.monotonic()
        self._idle.append(line)
        with suppress(IndexError):  # another thread may be faster
            if now - self._idle[0].idle_since > IDLE_SECONDS:
                self._drop(self._idle.popleft())

    def close(self) -> None:
        """Close them all, also those in use."""
        self._is_closed = True
        self._idle.clear()
        while self._open:
            with suppress(KeyError):
                self._open.pop().close()


class Body:
    """The body of an answer, read by one thread at a time."""

    __slots__ = ("_line", "_lines", "_rest")

    def __init__(self, lines: Lines, line: Line, rest: Rest) -> None:
        self._lines = lines
        self._line: Line | None = line
        self._rest = rest

    def read(self, timeout: float | None) -> bytes | Broken:
        """Return the next bytes, empty at the end, or why there are none within `timeout` s."""
        try:
            plain = self._rest.at_hand()
            if plain is not None:
                return plain
            if self._line is None:
                return b""
            until = None if timeout is None else time.monotonic() + timeout
            while not plain and not self._rest.reader.done:
                plain = self._rest.take(self._line.read(until))
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            return broken(error)
        return plain or b""

    def close(self) -> None:
        """Let the connection go; safe to call twice."""
        line, self._line = self._line, None
        if line is not None:
            self._lines.done(line)
