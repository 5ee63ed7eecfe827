"""Reading an answer: the whole of its body, bounded in size and time, and its date."""

from __future__ import annotations

from collections.abc import Callable

from freetier.routing.effects import Flow, Read, ask
from freetier.values.wire import AsyncBody, Body, Broken, Header


def read_all(
    body: Body | AsyncBody, left: Callable[[], float | None], bound: int | None = None
) -> Flow[bytes | Broken]:
    """Return what a body holds, or why not all of it came.

    Args:
        body: Of an answer whose headers have come.
        left: Tells the seconds that are left for the next piece.
        bound: Bytes after which it stops; the last piece may pass it.
    """
    pieces: list[bytes] = []
    size = 0
    while bound is None or size < bound:
        piece = yield from ask(Read(body, left()))
        if isinstance(piece, Broken):
            return piece
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def dated(headers: tuple[Header, ...], wall: float) -> tuple[Header, ...]:
    """Return the headers of a refusal with a date: that of its arrival if it has none.

    A moment told by a clock means nothing without one (RFC 9110, 6.6.1 asks the same of whoever
    passes an answer on).

    Args:
        headers: As they came.
        wall: Now, in seconds since 1970 UTC.
    """
    names = {name for name, _ in headers}
    if "retry-after" not in names or "date" in names:
        return headers
    from email.utils import formatdate  # noqa: PLC0415 - with the first that has none

    return (*headers, ("date", formatdate(wall, usegmt=True)))
