"""Requests over real connections: the only module that imports the HTTP library.

One pool of connections per origin: one set for all threads, and one per running loop. One
call is one HTTP request: no retry, no redirect. What leaves this module is a value; the
library's exceptions, which hold requests and so keys, do not.

`httpcore` is the engine of `httpx` and comes with it; `httpx` knows about certificates.
"""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
import threading
import warnings
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpcore

from freetier.drivers.bounded import BoundedBackend, Until
from freetier.drivers.inflate import Inflate, TooLarge
from freetier.drivers.loops import LoopPools
from freetier.drivers.proxies import proxy_for
from freetier.drivers.sent import Progress, detail_of
from freetier.values.wire import Answer, Broken, BrokenKind, Header, HttpRequest, Timeouts

POOL = {"max_connections": 1000, "max_keepalive_connections": 100, "keepalive_expiry": 30.0}
"""Per origin: a bound against leaks, no throttle; seconds below the usual minute of servers."""

_Origin = tuple[str, str | None, str | None]  # origin, proxy, file of certificates


_until = Until()
_BACKEND: Any = BoundedBackend(httpcore.SyncBackend(), _until)


class _Body:
    """The body of an answer, read by one thread at a time."""

    def __init__(self, response: httpcore.Response, inflate: Inflate) -> None:
        self._response = response
        self._chunks: Iterator[bytes] = iter(response.iter_stream())
        self._inflate = inflate

    def read(self, timeout: float | None) -> bytes | Broken:
        """Return the next bytes, empty at the end, or why there are none within `timeout` s."""
        _until.within(timeout)
        try:
            for chunk in self._chunks:
                plain = self._inflate.feed(chunk)
                if plain:
                    return plain
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            return _broken(error)
        return b""

    def close(self) -> None:
        """Let the connection go; safe to call twice."""
        _until.within(1.0)
        with suppress(Exception):  # a connection that cannot be closed is gone
            self._response.close()


class _AsyncBody:
    """The body of an answer, read by one task at a time."""

    def __init__(self, response: httpcore.Response, inflate: Inflate) -> None:
        self._response = response
        self._chunks: AsyncIterator[bytes] = response.aiter_stream()
        self._inflate = inflate

    async def read(self, timeout: float | None) -> bytes | Broken:
        """Return the next bytes, empty at the end, or why there are none within `timeout` s."""
        try:
            async with asyncio.timeout(timeout):
                async for chunk in self._chunks:
                    plain = self._inflate.feed(chunk)
                    if plain:
                        return plain
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            return _broken(error)
        return b""

    async def close(self) -> None:
        """Let the connection go; safe to call twice."""
        with suppress(Exception):  # a connection that cannot be closed is gone
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()
            await self._response.aclose()


class HttpTransport:
    """Sends requests from threads and from tasks; safe to share, and after a fork.

    `environ` holds the proxy variables; `.netrc` is not read.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = environ or {}
        self._finalizer: weakref.finalize[Any, HttpTransport] | None = None
        self._forget()

    def _forget(self) -> None:
        """Begin anew: in a forked child the parent's sockets are left alone, not closed."""
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._pools: dict[_Origin, httpcore.ConnectionPool] = {}
        if self._finalizer is not None:
            self._finalizer.detach()
        self._finalizer = weakref.finalize(self, _close_all, self._pools)
        self._contexts: dict[str | None, ssl.SSLContext] = {}
        self._loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopPools] = (
            weakref.WeakKeyDictionary()
        )

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request from this thread and return at the headers."""
        _until.within(timeouts.head)
        progress, response = Progress(), None
        try:
            asked = _native(request, timeouts, progress.note)
            response = self._pool(request).handle_request(asked)
            headers = _headers(response)
            body = _Body(response, Inflate.named_in(headers))
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            if response is not None:
                response.close()
            return _broken(error, sent=progress.sent)
        except BaseException as error:
            progress.broke_off(error)
            raise
        return Answer(status=response.status, headers=headers, body=body)

    async def asend(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request from this task and return at the headers."""
        progress, response = Progress(), None
        try:
            pool = await self._loop_pool(request)
            asked = _native(request, timeouts, progress.anote)
            async with asyncio.timeout(timeouts.head):
                response = await pool.handle_async_request(asked)
            headers = _headers(response)
            body = _AsyncBody(response, Inflate.named_in(headers))
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            if response is not None:
                await response.aclose()
            return _broken(error, sent=progress.sent)
        except BaseException as error:
            progress.broke_off(error)
            raise
        return Answer(status=response.status, headers=headers, body=body)

    def _pool(self, request: HttpRequest) -> httpcore.ConnectionPool:
        if self._pid != os.getpid():
            self._forget()
        key = self._origin(request)
        pool = self._pools.get(key)
        if pool is None:
            with self._lock:
                if key not in self._pools:
                    made = httpcore.ConnectionPool(network_backend=_BACKEND, **self._options(key))
                    self._pools[key] = made
                pool = self._pools[key]
        return pool

    async def _loop_pool(self, request: HttpRequest) -> httpcore.AsyncConnectionPool:
        if self._pid != os.getpid():
            self._forget()
        loop = asyncio.get_running_loop()
        mine = self._loops.get(loop)
        if mine is None:
            self._drop_dead_loops()
            mine = self._loops[loop] = LoopPools()
            await mine.start()
        key = self._origin(request)
        pool = mine.pools.get(key)
        if pool is None:
            backend = httpcore.AnyIOBackend()
            pool = httpcore.AsyncConnectionPool(network_backend=backend, **self._options(key))
            mine.pools[key] = pool
        return pool

    def _drop_dead_loops(self) -> None:
        """Let go of sockets whose loop was closed without its generators; nobody can await them."""
        dead = [loop for loop in list(self._loops) if loop.is_closed()]
        with self._lock, warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            for loop in dead:
                self._loops.pop(loop).pools.clear()
            if dead:
                gc.collect()  # a socket and its loop hold each other

    def _origin(self, request: HttpRequest) -> _Origin:
        parts = urlsplit(request.url)
        proxy = request.proxy or proxy_for(parts.scheme, parts.hostname or "", self._environ)
        return f"{parts.scheme}://{parts.netloc}", proxy, request.ca_file

    def _options(self, key: _Origin) -> dict[str, Any]:
        origin, proxy, ca_file = key
        secure = origin.startswith("https:")
        context = self._context(ca_file) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        options: dict[str, Any] = {**POOL, "ssl_context": context}
        if proxy is not None:
            parts = urlsplit(proxy)
            auth = (parts.username or "", parts.password or "") if parts.username else None
            bare = f"{parts.scheme}://{parts.hostname}:{parts.port or 8080}"
            options["proxy"] = httpcore.Proxy(bare, auth=auth)
        return options

    def _context(self, ca_file: str | None) -> ssl.SSLContext:
        context = self._contexts.get(ca_file)
        if context is None:
            if ca_file is not None:
                context = ssl.create_default_context(cafile=ca_file)
            else:
                import httpx  # noqa: PLC0415 - 80 ms that plain http and the memory tests never pay

                context = httpx.create_ssl_context()
            self._contexts[ca_file] = context
        return context

    def close(self) -> None:
        """Close the connections of all threads."""
        self._drop_dead_loops()
        with self._lock:
            _close_all(self._pools)

    async def aclose(self) -> None:
        """Close the connections of the running loop."""
        mine = self._loops.pop(asyncio.get_running_loop(), None)
        if mine is not None:
            await mine.close()


def _close_all(pools: dict[_Origin, httpcore.ConnectionPool]) -> None:
    """Close the connections of all threads; also of a transport that nobody closed."""
    while pools:
        pools.popitem()[1].close()


def _native(request: HttpRequest, timeouts: Timeouts, trace: Any) -> httpcore.Request:
    parts = urlsplit(request.url)
    connect = timeouts.connect
    if timeouts.head is not None:
        connect = timeouts.head if connect is None else min(connect, timeouts.head)
    headers = [(b"host", parts.netloc.rpartition("@")[2].encode("ascii"))]
    headers.append((b"content-length", str(len(request.body)).encode("ascii")))
    headers.append((b"accept-encoding", b"identity"))
    headers.extend((k.encode("ascii"), v.encode("latin-1")) for k, v in request.headers)
    return httpcore.Request(
        request.method,
        request.url,
        headers=headers,
        content=request.body,
        extensions={"timeout": {"connect": connect, "pool": connect}, "trace": trace},
    )


def _headers(response: httpcore.Response) -> tuple[Header, ...]:
    return tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in response.headers)


CONNECTING = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    OSError,
)


def _broken(error: Exception, *, sent: bool = True) -> Broken:
    """Return a failure as a value, without the library's exception and what hangs on it."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return Broken(kind=_kind(error, cause), detail=detail_of(cause), sent=sent)


def _kind(error: Exception, cause: BaseException) -> BrokenKind:
    if isinstance(cause, ssl.SSLError):
        return "tls"
    if isinstance(error, TooLarge):
        return "too_large"
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return "timeout"
    if isinstance(error, CONNECTING):
        return "connect"
    hung_up = any(word in str(error) for word in ("disconnected", "closed connection"))
    if isinstance(error, httpcore.NetworkError) or hung_up:
        return "cut"
    return "garbage"
