"""What is the same for every request of an account to one path, made once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from freetier.values.wire import Header, HttpRequest

REMEMBERED = 4096
"""Heads kept; then the memory starts anew."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_TARGET = re.compile(r"[\x21-\x7e]+")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections lead: they are kept by origin, and never shared beyond it.

    `ca_file` is what certificates are checked by, instead of the system's.
    """

    scheme: str
    host: str
    port: int
    proxy: str | None = None
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request up to the length of its body, and where it goes.

    The bytes hold the key and are hidden from `repr`.
    """

    origin: Origin
    start: bytes = field(repr=False)

    def with_body(self, body: bytes) -> bytes:
        """Return a request as it goes over the wire."""
        return b"%b%d\r\n\r\n%b" % (self.start, len(body), body)


Key: TypeAlias = tuple[str, str, tuple[Header, ...], str | None, str | None]


class Heads:
    """Heads by what they are made of; `proxy_for` takes scheme and host."""

    __slots__ = ("_kept", "_proxy_for")

    def __init__(self, proxy_for: Callable[[str, str], str | None]) -> None:
        self._proxy_for = proxy_for
        self._kept: dict[Key, Head] = {}

    def of(self, request: HttpRequest) -> Head:
        """Return the head of a request; raises `ValueError` for what HTTP cannot carry."""
        key = (request.method, request.url, request.headers, request.proxy, request.ca_file)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= REMEMBERED:
                self._kept.clear()
            found = self._kept[key] = self._made(request)
        return found

    def _made(self, request: HttpRequest) -> Head:
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if parts.scheme not in _PORTS or not host:
            raise ValueError(f"no address that can be asked: {parts.scheme or 'without scheme'}")
        origin = Origin(
            parts.scheme,
            host,
            parts.port or _PORTS[parts.scheme],
            request.proxy or self._proxy_for(parts.scheme, host),
            request.ca_file,
        )
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not _TARGET.fullmatch(target):
            raise ValueError("the address holds letters that no request can carry")
        place = parts.netloc.rpartition("@")[2]
        headers = (("host", place), ("accept-encoding", "identity"), *request.headers)
        lines = [f"{request.method} {target} HTTP/1.1", *map(_line, headers), "content-length: "]
        return Head(origin, "\r\n".join(lines).encode("latin-1"))


def _line(header: Header) -> str:
    name, value = header
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise ValueError(f"the header {name[:40]!r} holds letters that no header can carry")
    return f"{name}: {value.strip()}"
