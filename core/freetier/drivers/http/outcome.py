"""Failures on the wire as values, without the exceptions and what hangs on them."""

from __future__ import annotations

import ssl

from freetier.drivers.http.answers import Malformed
from freetier.drivers.inflate import TooLarge
from freetier.drivers.sent import detail_of
from freetier.values.wire import Broken, BrokenKind


class Connecting(Exception):
    """There is no connection, hence nothing was sent; the cause says why."""


class HungUp(Exception):
    """The other side closed the connection within an answer."""


def broken(error: Exception, *, sent: bool = True, written_after: float = 0.0) -> Broken:
    """Return a failure as a value.

    Args:
        error: What was raised.
        sent: Whether a byte of the request may be out.
        written_after: Seconds from the call until all of it was out, if it may be.
    """
    cause: BaseException = error
    while isinstance(cause.__cause__, Exception):  # asyncio's time-outs have a cancellation there
        cause = cause.__cause__
    kind = _kind(error, cause)
    words = TimeoutError() if kind == "timeout" else cause  # sockets and loops have their own
    return Broken(kind=kind, detail=detail_of(words), sent=sent, written_after=written_after)


def _kind(error: Exception, cause: BaseException) -> BrokenKind:
    if isinstance(cause, ssl.SSLError):
        return "tls"
    if isinstance(error, TooLarge):
        return "too_large"
    if isinstance(cause, TimeoutError):
        return "timeout"
    if isinstance(error, Connecting):
        return "connect"
    if isinstance(error, Malformed):
        return "garbage"
    return "cut" if isinstance(error, HungUp | OSError) else "garbage"
