"""Connections of tasks: one event loop's, kept by origin for the next request."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable

from freetier.drivers.http.answers import Reader
from freetier.drivers.http.body import Rest, heard
from freetier.drivers.http.heads import Head, Origin
from freetier.drivers.http.outcome import Connecting, broken
from freetier.drivers.http.threads import IDLE_MAX, IDLE_SECONDS
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts, never_sent

HELD = 256 * 1024
"""Bytes that wait to be read before the other side is asked to pause."""

HAPPY_EYEBALLS = 0.25
"""Seconds for an address before the next one is tried beside it (RFC 8305, 5)."""


class Line(asyncio.Protocol):
    """One connection, used by one task at a time."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.sent = False
        self.idle_since = 0.0
        self._pieces: list[bytes] = []
        self._held = 0
        self._is_paused = self._is_full = self._has_ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; called by the loop."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Take some bytes; called by the loop."""
        self._pieces.append(data)
        self._held += len(data)
        if self._held > HELD and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Take the end of what the other side sends; called by the loop."""
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the connection; called by the loop."""
        self._has_ended = True
        self._error = exc
        self._wake()

    def pause_writing(self) -> None:
        """Take that the other side is slow; called by the loop."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Take that there is room again; called by the loop."""
        self._is_full = False
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def _change(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    @property
    def is_fresh(self) -> bool:
        """Tell whether the other side has kept it as well: nothing may have come meanwhile."""
        is_young = time.monotonic() - self.idle_since <= IDLE_SECONDS
        return is_young and not (self._has_ended or self._pieces or self._transport.is_closing())

    @property
    def is_reusable(self) -> bool:
        """Tell whether another request may follow: this one is out, and its answer has ended."""
        return self.reader.reusable and not (self._is_full or self._has_ended or self._pieces)

    async def write(self, data: bytes) -> None:
        """Write everything, unless the other side answers or hangs up before."""
        self.sent = True
        self._transport.write(data)
        while self._is_full and not self._pieces and not self._has_ended:
            await self._change()

    async def read(self) -> bytes:
        """Read what has come; nothing is the end."""
        while not self._pieces:
            if self._error is not None:
                raise self._error
            if self._has_ended:
                return b""
            await self._change()
        pieces = self._pieces
        self._pieces, self._held = [], 0
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Close it, without waiting for what the other side says to that."""
        self._transport.abort()


class Lines:
    """The connections of one loop to one origin.

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
        # a name may stand for several addresses; a race of one would only get in the way
        self._is_address = origin.host.replace(".", "").isdigit() or ":" in origin.host
        self._idle: deque[Line] = deque()
        self._open: set[Line] = set()
        self._is_closed = False

    async def send(self, head: Head, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request and return at the headers."""
        line: Line | None = None
        began, after = time.monotonic(), None
        try:
            async with asyncio.timeout(timeouts.head):
                line = self._kept() or await self._connected(timeouts.connect)
                reader = line.reader
                reader.begin()
                await line.write(head.with_body(request.body))
                after = time.monotonic() - began
                begun = b""
                while not reader.status:
                    begun = heard(reader, await line.read())
            body = Body(self, line, Rest(reader, begun))
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
        status, headers = reader.status, reader.headers
        return Answer(status=status, headers=headers, body=body, written_after=after)

    def _kept(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()  # the last one first, so that the others may age
            if line.is_fresh:
                line.sent = False
                return line
            self._drop(line)
        return None

    def _drop(self, line: Line) -> None:
        self._open.discard(line)
        line.close()

    async def _connected(self, limit: float | None) -> Line:
        origin, context = self._origin, self._context
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(limit):
                _, line = await loop.create_connection(
                    lambda: Line(self._reader()),
                    origin.host,
                    origin.port,
                    ssl=context,
                    server_hostname=None if context is None else origin.host,
                    happy_eyeballs_delay=None if self._is_address else HAPPY_EYEBALLS,
                )
        except Exception as error:
            raise Connecting("no connection") from error
        self._open.add(line)
        return line

    def done(self, line: Line) -> None:
        """Take a connection back after an answer: keep it, or close it; the oldest may go."""
        if self._is_closed or not line.is_reusable or len(self._idle) >= IDLE_MAX:
            self._drop(line)
            return
        now = line.idle_since = time.monotonic()
        self._idle.append(line)
        if now - self._idle[0].idle_since > IDLE_SECONDS:
            self._drop(self._idle.popleft())

    async def aclose(self) -> None:
        """Close them all, also those in use."""
        self._is_closed = True
        self._idle.clear()
        while self._open:
            self._open.pop().close()
        await asyncio.sleep(0)  # the loop lets go of sockets in its next turn


class Body:
    """The body of an answer, read by one task at a time."""

    __slots__ = ("_line", "_lines", "_rest")

    def __init__(self, lines: Lines, line: Line, rest: Rest) -> None:
        self._lines = lines
        self._line: Line | None = line
        self._rest = rest

    async def read(self, timeout: float | None) -> bytes | Broken:
        """Return the next bytes, empty at the end, or why there are none within `timeout` s."""
        try:
            plain = self._rest.at_hand()
            if plain is not None:
                return plain
            if self._line is None:
                return b""
            async with asyncio.timeout(timeout):
                while not plain and not self._rest.reader.done:
                    plain = self._rest.take(await self._line.read())
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            return broken(error)
        return plain or b""

    async def close(self) -> None:
        """Let the connection go; safe to call twice."""
        line, self._line = self._line, None
        if line is not None:
            self._lines.done(line)
