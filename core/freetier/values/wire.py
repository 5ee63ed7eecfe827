"""What goes over the wire, as values: one request, one answer, or why there is none.

RULE: dialects write `HttpRequest`, transports turn it into `Answer` or `Broken`;
nothing else of HTTP is visible to the rest of the package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from freetier.values.quick import quick

Header = tuple[str, str]

BrokenKind = Literal["connect", "tls", "timeout", "cut", "garbage", "too_large"]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One HTTP request; its headers hold the key and are hidden from `repr`."""

    method: str
    url: str
    headers: tuple[Header, ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    stream: bool = False
    proxy: str | None = field(default=None, repr=False)
    ca_file: str | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Bounds in seconds for one attempt; `None` means no bound.

    `connect` ends with the connection, `head` with the status line and headers, both
    counted from the call. Every read is bounded by the flow itself.
    """

    connect: float | None = 5.0
    head: float | None = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What lies at a public address; `mime` is empty if nobody told its type."""

    data: bytes = field(repr=False)
    mime: str = ""


class Body(Protocol):
    """The body of an answer, read by a thread."""

    def read(self, timeout: float | None) -> bytes | Broken:
        """Return the next bytes, empty at the end, or why there are none within `timeout` s."""

    def close(self) -> None:
        """Let the connection go; safe to call twice."""


class AsyncBody(Protocol):
    """The body of an answer, read by a task."""

    async def read(self, timeout: float | None) -> bytes | Broken:
        """Return the next bytes, empty at the end, or why there are none within `timeout` s."""

    async def close(self) -> None:
        """Let the connection go; safe to call twice."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status and headers have come; the body waits. Header names are lower case.

    `written_after` is the seconds from the call until the last byte of the request was
    written: mostly what it took to open a connection.
    """

    status: int
    headers: tuple[Header, ...] = field(repr=False)
    body: Body | AsyncBody = field(repr=False, compare=False)
    written_after: float = field(default=0.0, repr=False, compare=False)

    def header(self, name: str) -> str | None:
        """Return the first value of a header named in lower case."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """No answer, or no more of it.

    `sent` is False only if no byte of the request can have reached the provider;
    `written_after` is as in `Answer`.
    """

    kind: BrokenKind
    detail: str
    sent: bool = True
    written_after: float = field(default=0.0, repr=False, compare=False)


@runtime_checkable
class Transport(Protocol):
    """Sends a request from a thread; expected trouble is a `Broken`, never an exception."""

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request, once, and return at the headers."""

    def close(self) -> None:
        """Close every connection."""


@runtime_checkable
class AsyncTransport(Protocol):
    """Sends a request from a task; expected trouble is a `Broken`, never an exception."""

    async def asend(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request, once, and return at the headers."""

    async def aclose(self) -> None:
        """Close every connection of the running loop."""


def never_sent(error: BaseException) -> None:
    """Mark what interrupted a sending: no byte of the request can have reached the provider."""
    error.__dict__[_MARK] = True


def was_never_sent(error: BaseException) -> bool:
    """Tell whether an interruption was marked so."""
    return _MARK in error.__dict__


_MARK = "_freetier_never_sent"
