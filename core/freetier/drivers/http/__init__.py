"""Requests over real connections: the only place that imports an HTTP library.

One call is one HTTP request: no retry, no redirect. Connections are kept per origin, for
all threads together and for each event loop by itself. What leaves is a value; exceptions,
which may hold requests and so keys, do not.

Connections are ours, because a pool for everything costs ten times what a request does;
reading HTTP is so only where it is plain: `h11` comes with `httpx`, `httptools` with the
extra `fast`. `httpx` knows about certificates, and `httpcore`, its engine, about proxies.
"""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
import threading
import warnings
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from freetier.drivers.http.answers import Reader, reader_class
from freetier.drivers.http.heads import Head, Heads, Origin
from freetier.drivers.http.outcome import broken
from freetier.drivers.http.tasks import Lines as TaskLines
from freetier.drivers.http.threads import Lines
from freetier.drivers.loops import LoopPools
from freetier.drivers.proxies import proxy_for
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts


class _Lines(Protocol):
    """Connections of threads to one origin, direct or through a proxy."""

    def send(self, head: Head, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request and return at the headers."""

    def close(self) -> None:
        """Close them."""


class _TaskLines(Protocol):
    """Connections of one loop to one origin, direct or through a proxy."""

    async def send(self, head: Head, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request and return at the headers."""


class HttpTransport:
    """Sends requests from threads and from tasks; safe to share, and after a fork.

    Args:
        environ: Holds the proxy variables; `.netrc` is not read.
        reader: Makes what reads answers, instead of the fastest that is installed.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        reader: Callable[[], Reader] | None = None,
    ) -> None:
        self._environ = environ or {}
        self._reader = reader or reader_class()
        self._finalizer: weakref.finalize[Any, HttpTransport] | None = None
        self._forget()

    def _forget(self) -> None:
        """Begin anew: in a forked child the parent's sockets are left alone, not closed."""
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._lines: dict[Origin, _Lines] = {}
        if self._finalizer is not None:
            self._finalizer.detach()
        self._finalizer = weakref.finalize(self, _close_all, self._lines)
        self._contexts: dict[str | None, ssl.SSLContext] = {}
        self._heads = Heads(lambda scheme, host: proxy_for(scheme, host, self._environ))
        self._loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopPools] = (
            weakref.WeakKeyDictionary()
        )

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request from this thread and return at the headers."""
        if self._pid != os.getpid():
            self._forget()
        try:
            head = self._heads.of(request)
            lines = self._lines.get(head.origin) or self._opened(head.origin)
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            return broken(error, sent=False)
        try:
            return lines.send(head, request, timeouts)
        except BaseException as error:  # noqa: BLE001 - the frames below have the key in variables
            raise error.with_traceback(None) from None

    async def asend(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request from this task and return at the headers."""
        if self._pid != os.getpid():
            self._forget()
        try:
            head = self._heads.of(request)
            lines = await self._loop_lines(head.origin)
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            return broken(error, sent=False)
        try:
            return await lines.send(head, request, timeouts)
        except BaseException as error:  # noqa: BLE001 - as above
            raise error.with_traceback(None) from None

    def _opened(self, origin: Origin) -> _Lines:
        with self._lock:
            if origin not in self._lines:
                self._lines[origin] = self._made(origin)
            return self._lines[origin]

    def _made(self, origin: Origin) -> _Lines:
        if origin.proxy is None:
            return Lines(origin, self._context(origin), self._reader)
        from freetier.drivers.http import proxied  # noqa: PLC0415 - 50 ms for those who need it

        return proxied.Lines(origin.proxy, self._context(origin))

    def _made_for_loop(self, origin: Origin) -> _TaskLines:
        if origin.proxy is None:
            return TaskLines(origin, self._context(origin), self._reader)
        from freetier.drivers.http import proxied  # noqa: PLC0415 - 50 ms for those who need it

        return proxied.TaskLines(origin.proxy, self._context(origin))

    async def _loop_lines(self, origin: Origin) -> _TaskLines:
        loop = asyncio.get_running_loop()
        mine = self._loops.get(loop)
        if mine is None:
            self._drop_dead_loops()
            mine = LoopPools()
            with self._lock:
                self._loops[loop] = mine
            await mine.start()
        lines: _TaskLines | None = mine.pools.get(origin)
        if lines is None:
            lines = mine.pools[origin] = self._made_for_loop(origin)
        return lines

    def _drop_dead_loops(self) -> None:
        """Let go of sockets whose loop was closed without its generators; nobody can await them."""
        with self._lock:  # loops of several threads that begin at once find the same dead ones
            dead = [self._loops.pop(loop) for loop in list(self._loops) if loop.is_closed()]
        if not dead:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            while dead:
                dead.pop().pools.clear()
            gc.collect()  # a socket and its loop hold each other

    def _context(self, origin: Origin) -> ssl.SSLContext | None:
        if origin.scheme != "https":
            return None
        context = self._contexts.get(origin.ca_file)
        if context is None:
            if origin.ca_file is not None:
                context = ssl.create_default_context(cafile=origin.ca_file)
            else:
                import httpx  # noqa: PLC0415 - 80 ms that plain http and the memory tests never pay

                context = httpx.create_ssl_context()
            context.set_alpn_protocols(["http/1.1"])
            self._contexts[origin.ca_file] = context
        return context

    def close(self) -> None:
        """Close the connections of all threads."""
        self._drop_dead_loops()
        with self._lock:
            _close_all(self._lines)

    async def aclose(self) -> None:
        """Close the connections of the running loop."""
        with self._lock:
            mine = self._loops.pop(asyncio.get_running_loop(), None)
        if mine is not None:
            await mine.close()


def _close_all(lines: dict[Origin, _Lines]) -> None:
    """Close the connections of all threads; also of a transport that nobody closed."""
    while lines:
        lines.popitem()[1].close()
