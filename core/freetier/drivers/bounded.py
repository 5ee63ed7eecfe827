"""Reads and writes of a thread that end in time, however slowly bytes drip in.

The HTTP library bounds each single read; a bound for a whole answer's head has to be
kept underneath it. One thread does one thing on the wire at a time, so the bound is the
thread's.
"""

from __future__ import annotations

import ssl
import threading
import time
from typing import Any


class Until(threading.local):
    """The instant by which this thread's work on the wire must be done."""

    at: float | None = None

    def within(self, timeout: float | None) -> None:
        """Set the bound `timeout` seconds from now; None lifts it."""
        self.at = None if timeout is None else time.monotonic() + timeout

    def left(self, timeout: float | None) -> float | None:
        """Return the smaller of a timeout and what is left; raises `TimeoutError`."""
        if self.at is None:
            return timeout
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("out of time")
        return left if timeout is None else min(left, timeout)


class BoundedStream:
    """A connection of the HTTP library, every read and write of which ends in time."""

    def __init__(self, stream: Any, until: Until) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        """Read what has come."""
        return self._stream.read(max_bytes, self._until.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything."""
        self._stream.write(buffer, self._until.left(timeout))

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str, timeout: float | None = None
    ) -> BoundedStream:
        """Go on in secret."""
        inner = self._stream.start_tls(ssl_context, server_hostname, self._until.left(timeout))
        return BoundedStream(inner, self._until)

    def get_extra_info(self, info: str) -> Any:
        """Tell about the connection."""
        return self._stream.get_extra_info(info)


class BoundedBackend:
    """Makes such connections out of those of another backend."""

    def __init__(self, backend: Any, until: Until) -> None:
        self._backend = backend
        self._until = until

    def connect_tcp(self, *args: Any, **kwargs: Any) -> BoundedStream:
        """Connect."""
        return BoundedStream(self._backend.connect_tcp(*args, **kwargs), self._until)

    def sleep(self, seconds: float) -> None:
        """Rest between retries, of which there are none."""
        self._backend.sleep(seconds)
