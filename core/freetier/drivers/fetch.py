"""Media at addresses that somebody else wrote: public hosts only, bounded in size and time.

Goes over connections of its own: no key, no cookie, no proxy (which would resolve names
itself, unseen), no compression. Redirects are followed by hand, each judged like the first.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin

import httpcore
import httpx

from freetier._version import __version__
from freetier.drivers.addresses import NotAllowed, checked, chosen, is_public
from freetier.drivers.bounded import BoundedBackend, Until
from freetier.drivers.sent import detail_of
from freetier.routing.effects import Fetch
from freetier.values.wire import Fetched

MOST = 20 * 1024 * 1024
"""Bytes of one part; Gemini takes 20 MB in a whole request, most others less."""

REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_OK = 200
_UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_KINDS = {
    "image": ("image/",),
    "audio": ("audio/", "application/ogg"),
    "video": ("video/",),
    "file": ("application/", "text/"),
}
"""What an answer must be for each kind of part; a page of a portal is none of them."""

Resolve = Callable[[str, int], Sequence[str]]
Judge = Callable[[str], bool]


def resolved(host: str, port: int) -> list[str]:
    """Return the numbers that a host's name stands for."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Gets media from public addresses, in both colours.

    Attributes:
        resolve: Turns a host's name into numbers.
        public: Judges a number; tests let this machine's own be one.
        most: Bytes at which it stops.
    """

    resolve: Resolve = resolved
    public: Judge = is_public
    most: int = MOST

    def fetch(self, wish: Fetch) -> Fetched | str:
        """Return what lies at an address, or why it was not fetched."""
        until = Until()
        until.within(wish.timeout)
        backend: Any = BoundedBackend(_Judged(httpcore.SyncBackend(), self), until)
        try:
            with httpcore.ConnectionPool(network_backend=backend, **_options()) as pool:
                url = wish.url
                for _ in range(REDIRECTS + 1):
                    with pool.stream("GET", url, headers=_asked(checked(url))) as answer:
                        moved = _moved(url, answer)
                        if moved is None:
                            mime = _mime(answer, wish.kind, self.most)
                            return Fetched(data=_all(answer.iter_stream(), self.most), mime=mime)
                    url = moved
        except Exception as error:  # noqa: BLE001 - turned into a sentence, whatever it is
            return _why(error)
        return f"more than {REDIRECTS} redirects"

    async def afetch(self, wish: Fetch) -> Fetched | str:
        """Return what lies at an address, or why it was not fetched."""
        backend: Any = _AsyncJudged(httpcore.AnyIOBackend(), self)
        try:
            async with (
                asyncio.timeout(wish.timeout),
                httpcore.AsyncConnectionPool(network_backend=backend, **_options()) as pool,
            ):
                url = wish.url
                for _ in range(REDIRECTS + 1):
                    async with pool.stream("GET", url, headers=_asked(checked(url))) as answer:
                        moved = _moved(url, answer)
                        if moved is None:
                            mime = _mime(answer, wish.kind, self.most)
                            data = await _all_async(answer.aiter_stream(), self.most)
                            return Fetched(data=data, mime=mime)
                    url = moved
        except Exception as error:  # noqa: BLE001 - turned into a sentence, whatever it is
            return _why(error)
        return f"more than {REDIRECTS} redirects"


class _Judged:
    """Connects to the number that was judged, for a thread."""

    def __init__(self, backend: Any, fetcher: Fetcher) -> None:
        self._backend = backend
        self._fetcher = fetcher

    def connect_tcp(self, host: str, port: int, **how: Any) -> Any:
        """Resolve, judge, connect."""
        numbers = self._fetcher.resolve(host, port)
        number = chosen(host, numbers, self._fetcher.public)
        return self._backend.connect_tcp(number, port, **how)

    def sleep(self, seconds: float) -> None:
        """Rest between retries, of which there are none."""
        self._backend.sleep(seconds)


class _AsyncJudged:
    """Connects to the number that was judged, for a task."""

    def __init__(self, backend: Any, fetcher: Fetcher) -> None:
        self._backend = backend
        self._fetcher = fetcher

    async def connect_tcp(self, host: str, port: int, **how: Any) -> Any:
        """Resolve in a thread, as loops do, judge, connect."""
        numbers = await asyncio.to_thread(self._fetcher.resolve, host, port)
        number = chosen(host, numbers, self._fetcher.public)
        return await self._backend.connect_tcp(number, port, **how)

    async def sleep(self, seconds: float) -> None:
        """Rest between retries, of which there are none."""
        await self._backend.sleep(seconds)


def _options() -> dict[str, Any]:
    return {"ssl_context": httpx.create_ssl_context(), "max_connections": 1}


def _asked(parts: SplitResult) -> list[tuple[bytes, bytes]]:
    return [
        (b"host", parts.netloc.encode("ascii")),
        (b"accept", b"*/*"),
        (b"accept-encoding", b"identity"),
        (b"user-agent", f"freetier/{__version__}".encode("ascii")),
    ]


def _header(answer: httpcore.Response, name: bytes) -> str:
    found = (value for key, value in answer.headers if key.lower() == name)
    return next(found, b"").decode("latin-1").strip()


def _moved(url: str, answer: httpcore.Response) -> str | None:
    """Return where a redirect leads; from a secret connection never to an open one."""
    if answer.status not in _MOVED:
        return None
    place = urljoin(url, _header(answer, b"location"))
    if checked(url).scheme.lower() == "https" and checked(place).scheme.lower() != "https":
        raise NotAllowed("a redirect leads from https to http")
    return place


def _mime(answer: httpcore.Response, kind: str, most: int) -> str:
    """Return the type that is told, empty if none is; raise for what is not wanted."""
    if answer.status != _OK:
        raise NotAllowed(f"the answer is {answer.status}")
    if _header(answer, b"content-encoding").lower() not in {"", "identity"}:
        raise NotAllowed("the answer is compressed")
    size = _header(answer, b"content-length")
    if size.isdigit() and int(size) > most:
        raise NotAllowed(_too_large(most))
    mime = _header(answer, b"content-type").partition(";")[0].strip().lower()
    if mime in _UNTOLD:
        return ""
    if not mime.startswith(_KINDS[kind]):
        raise NotAllowed(f"it is {mime[:60]}, and no {kind}")
    return mime


def _all(pieces: Any, most: int) -> bytes:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > most:
            raise NotAllowed(_too_large(most))
    return bytes(data)


async def _all_async(pieces: Any, most: int) -> bytes:
    data = bytearray()
    async for piece in pieces:
        data += piece
        if len(data) > most:
            raise NotAllowed(_too_large(most))
    return bytes(data)


def _too_large(most: int) -> str:
    return f"it is larger than {most // (1024 * 1024)} MB"


def _why(error: Exception) -> str:
    """Return a failure as a sentence."""
    if isinstance(error, NotAllowed):
        return str(error)
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return "it took too long"
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return detail_of(cause)
