"""Connections through a proxy: `httpcore`, the engine of `httpx`, knows how."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import httpcore

from freetier.drivers.bounded import BoundedBackend, Until
from freetier.drivers.http.answers import Malformed, text
from freetier.drivers.http.heads import Head
from freetier.drivers.http.outcome import Connecting, HungUp, broken
from freetier.drivers.inflate import Inflate
from freetier.drivers.sent import Progress
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts

POOL = {"max_connections": 1000, "max_keepalive_connections": 100, "keepalive_expiry": 30.0}
"""Per origin: a bound against leaks, no throttle; seconds below the usual minute of servers."""

_until = Until()
_BACKEND: Any = BoundedBackend(httpcore.SyncBackend(), _until)


_ours: ContextVar[bool] = ContextVar("ours", default=False)


def _is_not_ours(_: logging.LogRecord) -> bool:
    """Tell whether what the library logs is of somebody else's request.

    To those who debug it tells all headers of an answer, and an answer may repeat the key.
    """
    return not _ours.get()


for _name in ("httpcore.http11", "httpcore.proxy"):
    logging.getLogger(_name).addFilter(_is_not_ours)


@contextmanager
def _unlogged() -> Iterator[None]:
    before = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(before)


def _options(proxy: str, context: ssl.SSLContext | None) -> dict[str, Any]:
    parts = urlsplit(proxy)
    auth = (parts.username or "", parts.password or "") if parts.username else None
    bare = f"{parts.scheme}://{parts.hostname}:{parts.port or 8080}"
    plain = context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return {**POOL, "ssl_context": plain, "proxy": httpcore.Proxy(bare, auth=auth)}


class Lines:
    """The connections of threads to one origin."""

    def __init__(self, proxy: str, context: ssl.SSLContext | None) -> None:
        self._pool = httpcore.ConnectionPool(network_backend=_BACKEND, **_options(proxy, context))

    def send(self, head: Head, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request and return at the headers."""
        _until.within(timeouts.head)
        progress, response = Progress(), None
        try:
            with _unlogged():
                asked = _native(head, request, timeouts, progress.note)
                response = self._pool.handle_request(asked)
            headers = text(response.headers)
            body = Body(response, Inflate.named_in(headers))
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            if response is not None:
                response.close()
            return _broken(error, progress)
        except BaseException as error:
            progress.broke_off(error)
            raise
        status, after = response.status, progress.written_after
        return Answer(status=status, headers=headers, body=body, written_after=after)

    def close(self) -> None:
        """Close them."""
        self._pool.close()


class TaskLines:
    """The connections of one loop to one origin."""

    def __init__(self, proxy: str, context: ssl.SSLContext | None) -> None:
        backend = httpcore.AnyIOBackend()
        options = _options(proxy, context)
        self._pool = httpcore.AsyncConnectionPool(network_backend=backend, **options)

    async def send(self, head: Head, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request and return at the headers."""
        progress, response = Progress(), None
        try:
            asked = _native(head, request, timeouts, progress.anote)
            with _unlogged():
                async with asyncio.timeout(timeouts.head):
                    response = await self._pool.handle_async_request(asked)
            headers = text(response.headers)
            body = TaskBody(response, Inflate.named_in(headers))
        except Exception as error:  # noqa: BLE001 - turned into a value, whatever it is
            if response is not None:
                await response.aclose()
            return _broken(error, progress)
        except BaseException as error:
            progress.broke_off(error)
            raise
        status, after = response.status, progress.written_after
        return Answer(status=status, headers=headers, body=body, written_after=after)

    async def aclose(self) -> None:
        """Close them."""
        await self._pool.aclose()


class Body:
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


class TaskBody:
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


def _native(head: Head, request: HttpRequest, timeouts: Timeouts, trace: Any) -> httpcore.Request:
    bounds = [bound for bound in (timeouts.connect, timeouts.head) if bound is not None]
    connect = min(bounds, default=None)
    lines = head.start.decode("latin-1").split("\r\n")[1:-1]
    pairs = [line.encode("latin-1").split(b": ", 1) for line in lines]
    headers = [(name, value) for name, value in pairs]
    headers.append((b"content-length", str(len(request.body)).encode("ascii")))
    return httpcore.Request(
        request.method,
        request.url,
        headers=headers,
        content=request.body,
        extensions={"timeout": {"connect": connect, "pool": connect}, "trace": trace},
    )


_CONNECTING = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


def _broken(error: Exception, progress: Progress | None = None) -> Broken:
    """Say in our own words what the library's exceptions mean."""
    ours: Exception = error
    if isinstance(error, httpcore.TimeoutException):
        ours = TimeoutError(str(error))
    elif isinstance(error, _CONNECTING):
        ours = Connecting(str(error))
    elif isinstance(error, httpcore.ProtocolError):
        hung_up = any(word in str(error) for word in ("disconnected", "closed connection"))
        ours = HungUp(str(error)) if hung_up else Malformed(str(error))
    elif isinstance(error, httpcore.NetworkError):
        ours = HungUp(str(error))
    if ours is not error and isinstance(error.__cause__, Exception):
        ours.__cause__ = error.__cause__
    if progress is None:
        return broken(ours)
    return broken(ours, sent=progress.sent, written_after=progress.written_after)
